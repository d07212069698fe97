"""Posterior predictive checks: does the likeliest model do what the subject did?"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.subject import simulate
from hebbayes.clinic.task import Choices

if TYPE_CHECKING:
    from hebbayes.clinic.diagnosis.subjects import Diagnosis
    from hebbayes.clinic.estimation.likelihood import Observed

Floats = NDArray[np.float64]

N_REPLICAS = 40


def _rewards(did: Choices) -> float:
    known = np.isfinite(did.outcome)
    return float(did.outcome[known].mean()) if known.any() else np.nan


def _repeats(did: Choices, outcome: float | None = None) -> float:
    made = (did.choice[1:] >= 0) & (did.choice[:-1] >= 0)
    if outcome is not None:
        made &= np.where(np.isfinite(did.outcome[:-1]), did.outcome[:-1] > 0.5, -1) == outcome
    return float((did.choice[1:] == did.choice[:-1])[made].mean()) if made.any() else np.nan


def _first_share(did: Choices) -> float:
    made = did.choice[did.choice >= 0]
    return float((made == 0).mean()) if made.size else np.nan


STATISTICS: dict[str, Callable[[Choices], float]] = {
    "reward": _rewards,
    "repeats": _repeats,
    "repeats_after_reward": lambda did: _repeats(did, 1),
    "repeats_after_none": lambda did: _repeats(did, 0),
    "share_of_first_choice": _first_share,
}
"""What is compared."""


def predictive_checks(
    observed: "Observed", found: "Diagnosis", seed: int = 0
) -> dict[str, tuple[float, float, float, float]]:
    """Return each statistic's observed value, the 95 % range of replicas, and a two-sided p.

    Example:
        >>> from hebbayes.clinic.diagnosis.subjects import diagnose_subject
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, population = example(60)
        >>> sorted(predictive_checks(one, diagnose_subject(one, population)))[0]
        'repeats'
    """
    rng = np.random.default_rng(seed)
    layout, draws = observed.layout, found.draws
    chosen = rng.choice(len(draws.weight), N_REPLICAS, p=draws.weight)
    missed = observed.choices.choice < 0
    replicas = []
    for theta in draws.theta[chosen]:
        did = simulate(layout.subject(theta), observed.task, rng)
        hidden = Choices(
            np.where(missed, -1, did.choices.choice), np.where(missed, np.nan, did.choices.outcome)
        )
        replicas.append({name: one(hidden) for name, one in STATISTICS.items()})
    return {
        name: _compare(one(observed.choices), np.array([r[name] for r in replicas]))
        for name, one in STATISTICS.items()
    }


def _compare(seen: float, replicas: Floats) -> tuple[float, float, float, float]:
    replicas = replicas[np.isfinite(replicas)]
    if not replicas.size or np.isnan(seen):
        return seen, np.nan, np.nan, np.nan
    low, high = np.quantile(replicas, [0.025, 0.975])
    above, below = (replicas >= seen).sum(), (replicas <= seen).sum()
    p = min(1.0, 2 * (1 + min(above, below)) / (1 + replicas.size))
    return seen, float(low), float(high), float(p)
