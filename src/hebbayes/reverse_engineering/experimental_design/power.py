"""How often studies of a design claim that the theory adds to the nulls.

Every study is judged on its own cultures; the cultures are then dealt out anew, twice.  Standard
errors are those of the independent studies alone, so they overestimate the true error.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nct
from scipy.stats import t as student

from hebbayes.reverse_engineering.experimental_design.culture import forecast_models
from hebbayes.reverse_engineering.experimental_design.precision import (
    MonteCarloEstimate,
    proportion,
)
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster, Models
from hebbayes.reverse_engineering.forecasting.judging.verdict import LEAST, Verdict, judge
from hebbayes.reverse_engineering.forecasting.scoring import Scores

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.experimental_design.plan import Plan
    from hebbayes.reverse_engineering.experimental_design.precision import Pool

Floats = NDArray[np.float64]

FEWEST_TO_JUDGE = 3
DEALS = 3
"""How often the cultures of a pool are dealt out to studies."""


@dataclass(frozen=True)
class Claims:
    """Verdicts of the simulated studies of one pool.

    Attributes:
        share: Share of studies that claim that the theory adds.
        adds: Mean gain by the theory, as a share of the best null's loss.
        smallest_detectable: Median over studies of the smallest gain that each could detect.
        effect: Mean gain of a culture beyond the claimed minimum, over its standard deviation
            among cultures.
    """

    share: MonteCarloEstimate
    adds: MonteCarloEstimate
    smallest_detectable: MonteCarloEstimate
    effect: float


def judge_studies(pool: "Pool", plan: "Plan", *, seed: int) -> Claims:
    """Return the claims of studies of ``plan.cultures`` cultures each, drawn from the pool.

    Example:
        >>> from hebbayes.reverse_engineering.experimental_design.plan import Plan
        >>> from hebbayes.simulators import CultureDesign
        >>> plan = Plan(CultureDesign(), cultures=3, train_sessions=10)
        >>> pool = {"gram": np.full((6, 25, 25), np.nan)}
        >>> judge_studies(pool, plan, seed=0).share.value
        0.0
    """
    grams, n = pool["gram"], plan.cultures
    n_studies = len(grams) // n
    order = np.arange(n_studies * n)
    rng = np.random.default_rng(seed)
    models = forecast_models(plan)
    deals = [order, *(rng.permutation(len(grams))[: n_studies * n] for _ in range(DEALS - 1))]
    verdicts = [
        [_judged(grams[study], models) for study in deal.reshape(n_studies, n)] for deal in deals
    ]
    adds = np.array([[v is not None and v.adds for v in row] for row in verdicts])
    own = proportion(adds[0])
    first = [v for v in verdicts[0] if v is not None]
    values = np.array([v.gain.value for v in first])
    gains = np.array([fold.unrestricted_gain for v in first for fold in v.folds])
    return Claims(
        MonteCarloEstimate(float(adds.mean()), own.error),
        _mean_of(values),
        _median_of(np.array([v.smallest_detectable for v in first])),
        effect_of(gains),
    )


def effect_of(gains: Floats) -> float:
    """Return the mean gain beyond the claimed minimum, in standard deviations.

    Example:
        >>> round(effect_of(np.array([LEAST, LEAST + 0.02])), 3)
        0.707
    """
    if len(gains) < 2 or not gains.std() > 0:
        return 0.0
    return float((gains.mean() - LEAST) / gains.std(ddof=1))


def power_of_effect(effect: float, n: int) -> float:
    """Return how often Student's interval over ``n`` such gains lies above the claimed minimum.

    Example:
        >>> power_of_effect(0.0, 8), power_of_effect(1.2, 8) > 0.8
        (0.025, True)
    """
    if effect == 0:
        return 0.025
    return float(nct.sf(student.ppf(0.975, n - 1), n - 1, effect * np.sqrt(n)))


def _judged(grams: Floats, models: Models) -> Verdict | None:
    names = tuple(models.all)
    is_change = tuple(isinstance(m, ChangeForecaster) for m in models.all.values())
    known = [g for g in grams if np.isfinite(g).all()]
    if len(known) < FEWEST_TO_JUDGE:
        return None
    return judge([Scores(names, is_change, g[None], np.ones(1)) for g in known], models)


def _mean_of(values: Floats) -> MonteCarloEstimate:
    n = len(values)
    if n < 2:
        return MonteCarloEstimate(float(values.mean()) if n else float("nan"), float("nan"))
    return MonteCarloEstimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(n)))


def _median_of(values: Floats) -> MonteCarloEstimate:
    """Median, with its standard error for normal values with the same interquartile range."""
    if len(values) < 4:
        return MonteCarloEstimate(
            float(np.median(values)) if len(values) else float("nan"), float("nan")
        )
    middle = float(np.median(values))
    low, high = np.quantile(values, [0.25, 0.75], method="nearest")
    error = 1.2533 * (high - low) / 1.349 / np.sqrt(len(values)) if np.isfinite(high) else np.nan
    return MonteCarloEstimate(middle, float(error))
