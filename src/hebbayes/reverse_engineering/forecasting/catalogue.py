"""The nulls and the models with the theory that a study compares by default.

Every entry is one setting, and every setting is counted.  The network fitted by gradient is left
out for its cost unless requested.
"""

from typing import Any

from hebbayes.reverse_engineering.forecasting.contract import Forecaster, Models
from hebbayes.reverse_engineering.forecasting.nulls.drift import DriftingGain, KalmanGain
from hebbayes.reverse_engineering.forecasting.nulls.hebbian import PlainHebb
from hebbayes.reverse_engineering.forecasting.nulls.level import KalmanLevel
from hebbayes.reverse_engineering.forecasting.nulls.smoothing import SLOPES, SmoothedGain
from hebbayes.reverse_engineering.forecasting.nulls.static import (
    Constant,
    Kernel,
    Linear,
    LogLinear,
    Saturated,
)
from hebbayes.reverse_engineering.forecasting.theory.canonical import CanonicalChange
from hebbayes.reverse_engineering.forecasting.theory.hierarchical import HierarchicalCount
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import IdealObserver
from hebbayes.reverse_engineering.forecasting.theory.latent_network import LatentNetwork
from hebbayes.reverse_engineering.forecasting.theory.published_protocol import PublishedProtocol


def compulsory_nulls(
    is_repeated: bool = True, *, is_signed: bool = False
) -> dict[str, Forecaster[Any]]:
    """Return every null by name, the reference first.

    The reference is the mean per pattern if stimuli repeat and the kernel read-out if they
    are fresh (``is_repeated`` False); saturated nulls do not apply then and are left out.  Signals
    of any sign (``is_signed``) have levels that drift beside gains, and no logarithm.

    Example:
        >>> list(compulsory_nulls())[:3], list(compulsory_nulls(False))[:2]
        (['saturated', 'constant', 'linear'], ['kernel', 'constant'])
    """
    simple: dict[str, Forecaster[Any]] = {
        "constant": Constant(),
        "linear": Linear(),
        "loglinear": LogLinear(),
    }
    if is_signed:
        del simple["loglinear"]
    saturated: dict[str, Forecaster[Any]] = {"saturated": Saturated()}
    shrunk: dict[str, Forecaster[Any]] = {"saturated_shrunk": Saturated(is_shrunk=True)}
    drifting: dict[str, Forecaster[Any]] = {
        "kalman_gain": KalmanGain(),
        "kernel_gain": KalmanGain(evoked=Kernel()),
        "gain_smoothing": SmoothedGain(),
        "shape_drift_0.8": SmoothedGain(slopes=SLOPES, damping=0.8),
        "shape_drift_1": SmoothedGain(slopes=SLOPES, damping=1.0),
        "drift_0.5": DriftingGain(damping=0.5),
        "drift_0.8": DriftingGain(damping=0.8),
        "hebb": PlainHebb(),
        "hebb_decay_0.02": PlainHebb(decays=(0.02,)),
        "hebb_decay_0.1": PlainHebb(decays=(0.1,)),
        "hebb_fitted": PlainHebb(decays=(0.0, 0.01, 0.02, 0.04, 0.07, 0.1, 0.2)),
    }
    if is_signed:
        drifting |= {"kalman_level": KalmanLevel(), "kernel_level": KalmanLevel(evoked=Kernel())}
    if is_repeated:
        return {**saturated, **simple, **shrunk, **drifting}
    return {"kernel": Kernel(), **simple, **drifting}


def models_with_theory(
    has_latent: bool = False, *, is_signed: bool = False
) -> dict[str, Forecaster[Any]]:
    """Return every model with the theory by name; ``has_latent`` adds the `LatentNetwork`.

    The published protocol is defined for counts, and left out for signals of any sign.

    Example:
        >>> list(models_with_theory())[0]
        'canonical_300'
    """
    counts = (300.0, 3000.0, 30000.0)
    models: dict[str, Forecaster[Any]] = {
        f"canonical_{count:.0f}": CanonicalChange(prior_count=count) for count in counts
    }
    models["canonical_forgetting"] = CanonicalChange(forgetting=0.05)
    models["canonical_gain"] = CanonicalChange(is_gain_dependent=True)
    models |= {f"observer_{count:.0f}": IdealObserver(prior_counts=(count,)) for count in counts}
    models["observer_fitted"] = IdealObserver(prior_counts=(1000.0, 1700.0, 3000.0, 5000.0, 9000.0))
    models["observer_forgetting"] = IdealObserver(forgetting=0.05)
    models["observer_hierarchical"] = HierarchicalCount()
    if not is_signed:
        models["published_protocol"] = PublishedProtocol()
    if has_latent:
        models["latent_network"] = LatentNetwork()
    return models


def default_models(
    is_repeated: bool = True, *, has_latent: bool = False, is_signed: bool = False
) -> Models:
    """Return the models that a study compares by default, and the latent network if asked for.

    ``is_signed`` is for responses of any sign.

    Example:
        >>> models = default_models()
        >>> len(models.nulls), len(models.theory)
        (16, 12)
    """
    return Models(
        compulsory_nulls(is_repeated, is_signed=is_signed),
        models_with_theory(has_latent, is_signed=is_signed),
    )
