"""One simulated culture and its analysis, reduced to numbers that can be pooled over cultures.

The analysis is that of `analyze`: perception fitted on the training sessions, and all default
forecasts of the later sessions.  The ensemble of each unit is taken as known.
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
    from hebbayes.reverse_engineering.experimental_design.plan import Plan
    from hebbayes.reverse_engineering.forecasting.contract import Models

Floats = NDArray[np.float64]
Measures = Mapping[str, Floats]


@dataclass(frozen=True)
class CultureTask:
    """One culture to simulate and measure.

    Attributes:
        plan: Design of the experiment.
        entropy: Seed of its random numbers.
        is_perceived: Whether to fit perception.
        is_forecast: Whether to forecast the sessions after training.
    """

    plan: "Plan"
    entropy: tuple[int, ...]
    is_perceived: bool = True
    is_forecast: bool = True


def forecast_models(plan: "Plan") -> "Models":
    """Return the models that forecast cultures of this plan.

    Example:
        >>> from hebbayes.reverse_engineering.experimental_design.plan import Plan
        >>> plan = Plan(CultureDesign(is_repeated=False), cultures=6, train_sessions=10)
        >>> next(iter(forecast_models(plan).nulls))
        'kernel'
    """
    return default_models(plan.culture.is_repeated)


def measure_culture(task: CultureTask) -> Measures:
    """Simulate one culture; return its estimates beside the truth, and products of forecasts.

    phi, ln_prior_count: (4, sources): value, low, high, truth.  weights: mean squared error and
    coverage over the identified synapses of all sessions, and the share that is identified.
    gram: mean products of forecasts.  NaN marks what is not identified or not measured.

    Example:
        >>> from hebbayes.reverse_engineering.experimental_design.plan import Plan
        >>> from hebbayes.simulators import AffineReadout
        >>> culture = CultureDesign(n_sessions=4, n_trials=40, n_units=4, readout=AffineReadout())
        >>> plan = Plan(culture, cultures=6, train_sessions=1)
        >>> measures = measure_culture(CultureTask(plan, (0, 0)))
        >>> measures["phi"].shape, measures["weights"].shape, measures["gram"].ndim
        ((4, 2), (3,), 2)
    """
    rng = np.random.default_rng(task.entropy)
    design, seed = _own_truth(task.plan, rng), int(rng.integers(2**32))
    culture = simulate_culture(design, seed=seed, expected_log=np.log)
    K, n = design.n_sources, 1 + len(forecast_models(task.plan).all)
    measures: dict[str, Floats] = {
        "phi": np.full((4, K), np.nan),
        "ln_prior_count": np.full((4, K), np.nan),
        "weights": np.full(3, np.nan),
        "gram": np.full((n, n), np.nan),
    }
    if task.is_perceived and (perception := _perceive(culture, task.plan)) is not None:
        measures |= _errors(culture, perception)
    if task.is_forecast and task.plan.is_forecast:
        measures["gram"] = _gram(culture, task.plan, measures["gram"])
    return measures


def _own_truth(plan: "Plan", rng: np.random.Generator) -> CultureDesign:
    """The design of one culture: phi and ln lambda of the plan plus random deviations."""
    phi, ln_lambda = rng.normal(size=2) * (plan.phi_spread, plan.lambda_spread)
    prior = np.asarray(expit(logit(plan.culture.state_prior) + phi))
    count = np.asarray(plan.culture.prior_count) * np.exp(ln_lambda)
    return replace(plan.culture, state_prior=float(prior), prior_count=float(count))


def _perceive(culture: SimulatedCulture, plan: "Plan") -> Perception | None:
    recording = culture.recording
    means = np.stack([recording.responses[:, units].mean(1) for units in culture.members], axis=1)
    options = Options(
        plan.train_sessions, has_gain_drift=plan.fits_gain, curvature=0.0, can_forget=False
    )
    try:
        with np.errstate(
            invalid="ignore"
        ):  # noise can make counts negative; they have no logarithm
            return fit_perception(means, recording.stimuli, recording.session_index, options)
    except (HebbayesError, np.linalg.LinAlgError):  # few trials leave the fit without a curvature
        return None  # counts as a culture that identifies nothing


def _errors(culture: SimulatedCulture, perception: Perception) -> dict[str, Floats]:
    factors = culture.threshold_factors
    weights, truth = perception.weights, culture.session_weights
    is_identified = np.isfinite(weights.value)
    error = np.where(is_identified, weights.value - truth, 0.0)
    is_covered = (weights.low <= truth) & (truth <= weights.high)
    n = max(int(is_identified.sum()), 1)
    shares = (error**2).sum() / n, (is_covered & is_identified).sum() / n
    summary = np.array([*shares, is_identified.mean()])
    with np.errstate(divide="ignore"):
        count = Estimate(*(np.log(getattr(perception.prior_count, end)) for end in _ENDS))
    return {
        "phi": _beside(perception.log_odds, factors[ON] - factors[OFF]),
        "ln_prior_count": _beside(count, np.log(culture.prior_count)),
        "weights": summary if is_identified.any() else np.array([np.nan, np.nan, 0.0]),
    }


_ENDS = ("value", "low", "high")


def _beside(estimate: Estimate, truth: Floats) -> Floats:
    return np.stack([*(np.asarray(getattr(estimate, end), float) for end in _ENDS), truth])


def _gram(culture: SimulatedCulture, plan: "Plan", unknown: Floats) -> Floats:
    try:
        split = split_sessions(culture.recording, plan.train_sessions)
        return score(split, forecast_models(plan).all).gram
    except HebbayesError:
        return unknown  # no unit is active enough to be forecast
