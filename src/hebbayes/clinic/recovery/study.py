"""Tasks of a recovery study that processes share, and the tables they end in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.diagnosis.odds import (
    CLASS_PRIOR,
    EMBEDDED,
    OUTCOMES,
    TOLD_BY,
    calibration_error,
    class_odds,
    class_scores,
    evidence_vector,
    model_odds,
    recalibrated,
)
from hebbayes.clinic.diagnosis.subjects import intervals
from hebbayes.clinic.elements import CANNOT_TELL, HEALTHY
from hebbayes.clinic.estimation.models import fit_models
from hebbayes.clinic.estimation.sampling import draw_posteriors
from hebbayes.clinic.recovery.cohort import Source, draw_member, kind_of

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.climbing import Prior
    from hebbayes.clinic.estimation.layout import Layout

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Record = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Case:
    """One simulated subject to be diagnosed; picklable.

    Attributes:
        source: Draws tasks.
        layout: Parameters of fits.
        population: Of healthy subjects.
        element: Impaired element; empty if healthy.
        dose: On the scale without bounds.
        seed: Of everything random.
        typical: Mean and spread of simulated healthy subjects; None for the table's.
    """

    source: Source
    layout: "Layout"
    population: "Prior"
    element: str
    dose: float
    seed: tuple[int, ...]
    typical: tuple[Floats, Floats] | None = None


def run_case(case: Case) -> Record:
    """Return the log evidence and the intervals of one case beside its truth.

    Example:
        >>> from hebbayes.clinic.designs import Design
        >>> from hebbayes.clinic.estimation.layout import Layout
        >>> from hebbayes.clinic.estimation.population import typical_population
        >>> from hebbayes.clinic.recovery.cohort import Designed
        >>> layout = Layout(2)
        >>> source = Designed(Design(trials=20))
        >>> case = Case(source, layout, typical_population(layout), "phi", 2.0, (0,))
        >>> run_case(case)["truth"]
        'phi'
    """
    rng = np.random.default_rng(case.seed)
    impairment = (case.element, case.dose) if case.element else None
    member = draw_member(case.source, case.layout, rng, impairment, case.typical)
    draws = draw_posteriors(member.observed, fit_models(member.observed, case.population), rng)
    evidence = evidence_vector({name: one.log_evidence for name, one in draws.items()})
    bounds, effective = intervals(
        case.layout, case.population, draws, model_odds(evidence, EMBEDDED)
    )
    places = {name: case.layout.places(name)[0] for name in bounds}
    own = {name: draws[name].weight @ draws[name].theta[:, place] for name, place in places.items()}
    ends = {name: [*bounds[name][0], member.theta[place]] for name, place in places.items()}
    return {
        "truth": kind_of(case.element) if case.element else HEALTHY,
        "element": case.element,
        "dose": case.dose,
        "evidence": evidence.round(3).tolist(),
        "estimates": {name: round(float(value), 4) for name, value in own.items()},
        "inside": {name: bool(low <= true <= high) for name, (low, _, high, true) in ends.items()},
        "intervals": {name: np.round(values, 4).tolist() for name, values in ends.items()},
        "effective": {name: round(value, 1) for name, value in effective.items()},
    }


def cross_fitted(records: Sequence[Record]) -> tuple[Floats, Floats]:
    """Return class odds (subjects, outcomes) and whether each is flagged (subjects,).

    Each half of the subjects, by pairs, is judged by the recalibration that the other half gives.

    Example:
        >>> row = {"evidence": [0.0] * 11, "truth": "healthy"}
        >>> odds, flagged = cross_fitted([row] * 4)
        >>> odds.shape, flagged.shape
        ((4, 9), (4,))
    """
    values = np.array([one["evidence"] for one in records], float)
    truth = truths(records)
    odds, flagged = np.empty((len(records), len(OUTCOMES))), np.zeros(len(records))
    for half in range(2):
        rows = (np.arange(len(records)) // 2) % 2 == half
        found = recalibrated(values[~rows], truth[~rows])
        odds[rows] = class_odds(model_odds(values[rows], found))
        flagged[rows] = odds[rows, 0] < found.healthy_above
    return odds, flagged


def truths(records: Sequence[Record]) -> Integers:
    """Return the place of each subject's truth in `OUTCOMES`.

    Example:
        >>> truths([{"truth": "phi"}]).tolist()
        [1]
    """
    return np.array([OUTCOMES.index(one["truth"]) for one in records], np.int64)


def accuracy(odds: Floats, flagged: Floats, truth: Integers) -> dict[str, float]:
    """Return shares of right classes among patients, of flags, and the calibration error.

    Example:
        >>> odds = np.array([[0.9, 0.1, *[0.0] * 7], [0.05, 0.95, *[0.0] * 7]])
        >>> accuracy(odds, np.array([0, 1]), np.array([0, 1]))["right_of_all"]
        1.0
    """
    sick, caught = truth > 0, flagged > 0
    best = odds[:, 1:].argmax(1) + 1
    right = best == truth
    told = caught & (odds[:, 1:].max(1) > TOLD_BY)
    return {
        "n_patients": int(sick.sum()),
        "n_healthy": int((~sick).sum()),
        "right_of_all": _mean((right & caught)[sick]),
        "right_of_flagged": _mean(right[sick & caught]),
        "flagged": _mean(caught[sick]),
        "healthy_flagged": _mean(caught[~sick]),
        "told": _mean(told[sick]),
        "right_of_told": _mean(right[sick & told]),
        "right_class_regardless_of_flag": _mean(right[sick]),
        "calibration_error": calibration_error(odds, truth),
    }


def confusion(odds: Floats, flagged: Floats, truth: Integers) -> dict[str, dict[str, float]]:
    """Return the share of each verdict by truth: healthy, a class, cannot tell.

    Example:
        >>> confusion(np.eye(9)[[1]], np.ones(1), np.array([1]))["phi"]["phi"]
        1.0
    """
    best = odds[:, 1:].argmax(1) + 1
    sure = odds[:, 1:].max(1) > TOLD_BY
    verdict = np.where(flagged == 0, 0, np.where(sure, best, len(OUTCOMES)))
    names = (*OUTCOMES, CANNOT_TELL)
    return {
        OUTCOMES[k]: {name: _mean(verdict[truth == k] == place) for place, name in enumerate(names)}
        for k in np.unique(truth)
    }


def coverage(records: Sequence[Record]) -> dict[str, float]:
    """Return the share of 95 % intervals that hold the truth, by element, in patients.

    Example:
        >>> coverage([{"truth": "phi", "inside": {"phi": True}}])
        {'phi': 1.0}
    """
    sick = [one for one in records if one["truth"] != HEALTHY]
    names = sick[0]["inside"] if sick else {}
    return {name: _mean(np.array([one["inside"][name] for one in sick])) for name in names}


def own_coverage(records: Sequence[Record]) -> dict[str, float]:
    """Return the same for the impaired element itself.

    Example:
        >>> own_coverage([{"element": "phi", "inside": {"phi": True, "psi": False}}])
        {'phi': 1.0}
    """
    names = dict.fromkeys(one["element"] for one in records if one["element"])
    return {
        name: _mean(np.array([one["inside"][name] for one in records if one["element"] == name]))
        for name in names
    }


def group_accuracy(records: Sequence[Record], size: int = 10, repeats: int = 20) -> float:
    """Return how often groups that share one element, or are healthy, are told right.

    Groups of ``size`` are drawn from the subjects of each element and side, and overlap; odds are
    recalibrated by all subjects.

    Example:
        >>> rows = [{"truth": "phi", "element": "phi", "dose": 1.0,
        ...          "evidence": [0.0, 3.0, *[0.0] * 9]}] * 10
        >>> group_accuracy(rows, repeats=2)
        1.0
    """
    rng = np.random.default_rng(0)
    hits = []
    evidence = np.array([one["evidence"] for one in records], float)
    scores = class_scores(evidence, recalibrated(evidence, truths(records)))
    keys = [(one["element"], one["dose"] > 0) for one in records]
    for key in sorted(set(keys)):
        mine = np.flatnonzero([one == key for one in keys])
        for _ in range(repeats if len(mine) >= size else 0):
            together = scores[rng.choice(mine, size, replace=False)].sum(0) + CLASS_PRIOR
            hits.append(OUTCOMES[int(together.argmax())] == records[mine[0]]["truth"])
    return _mean(np.array(hits))


def _mean(values: NDArray[Any]) -> float:
    return float(np.mean(values)) if values.size else float("nan")
