"""One simulated culture, and what an analysis makes of it: numbers to be pooled, nothing more.

The analysis is that of `analyze`: perception fitted on the training sessions, and all default
forecasts of the sessions after them.  Which unit belongs to which ensemble is taken as known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.errors import HebbayesError
from hebbayes.reverse_engineering.forecasting.catalogue import default_models
from hebbayes.reverse_engineering.forecasting.scoring import score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.perception import Options, Perception, fit_perception
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.simulators import CultureDesign, SimulatedCulture, simulate_culture

if TYPE_CHECKING:
    from hebbayes.commands.design.plan import Plan
    from hebbayes.reverse_engineering.forecasting.contract import Models

Floats = NDArray[np.float64]
Measures = Mapping[str, Floats]


@dataclass(frozen=True)
class Job:
    """One culture to simulate and measure.

    entropy: what its randomness comes from.  is_perceived, is_forecast: which parts to measure.
    """

    plan: "Plan"
    entropy: tuple[int, ...]
    is_perceived: bool = True
    is_forecast: bool = True


def models_of(plan: "Plan") -> "Models":
    """Return the models that forecast cultures of this plan.

    Example:
        >>> from hebbayes.commands.design.plan import plan_of
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> next(iter(models_of(plan_of(DesignConfig(stimulation="fresh"), {})).nulls))
        'kernel'
    """
    return default_models(plan.culture.is_repeated)


def measure_culture(job: Job) -> Measures:
    """Return what one simulated culture says, and how far that is from its truth.

    phi, ln_prior_count: (4, sources), value, low, high, truth.  weights: squared error and share
    covered, over sessions, channels and sources that can be told, and the share that can.  gram:
    mean products of forecasts.  NaN where something cannot be told or was not measured.

    Example:
        >>> from hebbayes.commands.design.plan import plan_of
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> plan = plan_of(DesignConfig(sessions=4, trials=40, units=4), {})
        >>> found = measure_culture(Job(plan, (0, 0)))
        >>> found["phi"].shape, found["weights"].shape, found["gram"].ndim
        ((4, 2), (3,), 2)
    """
    rng = np.random.default_rng(job.entropy)
    design, seed = _own_truth(job.plan, rng), int(rng.integers(2**32))
    culture = simulate_culture(design, seed=seed, expected_log=np.log)
    K, n = design.n_sources, 1 + len(models_of(job.plan).all)
    found: dict[str, Floats] = {
        "phi": np.full((4, K), np.nan),
        "ln_prior_count": np.full((4, K), np.nan),
        "weights": np.full(3, np.nan),
        "gram": np.full((n, n), np.nan),
    }
    if job.is_perceived and (perception := _perceive(culture, job.plan)) is not None:
        found |= _errors(culture, perception)
    if job.is_forecast and job.plan.is_forecast:
        found["gram"] = _gram(culture, job.plan, found["gram"])
    return found


def _own_truth(plan: "Plan", rng: np.random.Generator) -> CultureDesign:
    """The design of one culture: its phi and ln lambda are those of the plan and its own share."""
    phi, ln_lambda = rng.normal(size=2) * (plan.phi_spread, plan.lambda_spread)
    prior = np.asarray(expit(logit(plan.culture.state_prior) + phi))
    count = np.asarray(plan.culture.prior_count) * np.exp(ln_lambda)
    return replace(plan.culture, state_prior=float(prior), prior_count=float(count))


def _perceive(culture: SimulatedCulture, plan: "Plan") -> Perception | None:
    recording = culture.recording
    means = np.stack([recording.responses[:, units].mean(1) for units in culture.members], axis=1)
    options = Options(plan.train_sessions, has_gain_drift=plan.fits_gain)
    try:
        with np.errstate(invalid="ignore"):  # counts that noise drives below 0 have no logarithm
            return fit_perception(means, recording.stimuli, recording.session_index, options)
    except (HebbayesError, np.linalg.LinAlgError):  # few trials leave the fit without a curvature
        return None  # counted as a culture that tells nothing


def _errors(culture: SimulatedCulture, perception: Perception) -> dict[str, Floats]:
    factors = culture.threshold_factors
    weights, truth = perception.weights, culture.session_weights
    is_told = np.isfinite(weights.value)
    error = np.where(is_told, weights.value - truth, 0.0)
    is_covered = (weights.low <= truth) & (truth <= weights.high)
    n = max(int(is_told.sum()), 1)
    shares = (error**2).sum() / n, (is_covered & is_told).sum() / n
    told = np.array([*shares, is_told.mean()])
    with np.errstate(divide="ignore"):
        count = Estimate(*(np.log(getattr(perception.prior_count, end)) for end in _ENDS))
    return {
        "phi": _beside(perception.log_odds, factors[ON] - factors[OFF]),
        "ln_prior_count": _beside(count, np.log(culture.prior_count)),
        "weights": told if is_told.any() else np.array([np.nan, np.nan, 0.0]),
    }


_ENDS = ("value", "low", "high")


def _beside(estimate: Estimate, truth: Floats) -> Floats:
    return np.stack([*(np.asarray(getattr(estimate, end), float) for end in _ENDS), truth])


def _gram(culture: SimulatedCulture, plan: "Plan", unknown: Floats) -> Floats:
    try:
        split = split_sessions(culture.recording, plan.train_sessions)
        return score(split, models_of(plan).all).gram
    except HebbayesError:
        return unknown  # no unit is active enough to be forecast
