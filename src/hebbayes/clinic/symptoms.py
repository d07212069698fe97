"""Symptoms: what an impaired element does to perception, beliefs, learning and decisions.

Each symptom is one number of a simulated subject in a designed task whose hidden states are known.
Doses are compared in pairs: subject k meets the same trials and the same luck at every dose, so
that an interval is that of the change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.impairments import Impairment, impair
from hebbayes.clinic.subject import Simulated, Subject, simulate
from hebbayes.core.checks import check_at_least
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate

if TYPE_CHECKING:
    from hebbayes.clinic.task import Task

Floats = NDArray[np.float64]

SYMPTOM_TASK = Design(
    trials=600,
    states=2,
    channels=3,
    reliability=0.85,
    ambiguous=0.2,
    ambiguous_reliability=0.5,
    stay=0.7,
    block=300,
    reversal=200,
    silent=0.1,
    reward=0.9,
)
"""Symptoms are measured here: new stimuli twice, a reversal after 200 trials of each, and a fifth
of the trials without a stimulus that says anything."""


@dataclass(frozen=True)
class Symptom:
    """A symptom.

    Attributes:
        name: Key in results.
        meaning: In words.
        is_worse_if: 1 if more is worse, -1 if less is.
    """

    name: str
    meaning: str
    is_worse_if: int


SYMPTOMS = (
    Symptom("false_percepts", "belief in states while the stimuli say nothing", 1),
    Symptom("misses", "disbelief in states that are on and shown", 1),
    Symptom("miscalibration", "mean distance of beliefs from how often they are true", 1),
    Symptom("learning", "success in the second fifty trials with new stimuli", -1),
    Symptom("persistence", "choices by the old rule in the hundred trials after a reversal", 1),
    Symptom("perseveration", "wrong choices repeated when the same state comes again", 1),
    Symptom("success", "right choices in all trials", -1),
)
"""All symptoms; each is a share, 0 to 1."""

HEALTHY_SUBJECT = Subject()
"""A typical healthy subject."""

NAMES = tuple(one.name for one in SYMPTOMS)
_BINS = 10
_AFTER_REVERSAL = 100
_BLANK = 0.5  # reliability of a stimulus that says nothing


def draw_symptom_task(design: Design, rng: np.random.Generator) -> tuple["Task", NDArray[np.bool_]]:
    """Return a task, and in which trials its stimuli say nothing.

    Example:
        >>> task, is_blank = draw_symptom_task(SYMPTOM_TASK, np.random.default_rng(0))
        >>> bool(0.1 < is_blank.mean() < 0.3), task.n_trials
        (True, 600)
    """
    task = draw_task(replace(design, ambiguous=0.0), rng)
    is_blank = rng.random(task.n_trials) < design.ambiguous
    noise = (rng.random(task.stimuli.shape) < _BLANK).astype(float)
    stimuli = np.where(is_blank[:, None], noise, task.stimuli)
    return replace(task, stimuli=stimuli), is_blank


def measure_symptoms(
    did: Simulated, task: "Task", is_blank: NDArray[np.bool_], reversal: int
) -> Floats:
    """Return the symptoms of one subject, in the order of `NAMES`; NaN if none can be measured.

    ``reversal`` is the number of trials from new stimuli to the reversal, 0 for none.

    Example:
        >>> task, is_blank = draw_symptom_task(SYMPTOM_TASK, np.random.default_rng(0))
        >>> did = simulate(Subject(phi=2.0), task, np.random.default_rng(1))
        >>> shown = dict(zip(NAMES, measure_symptoms(did, task, is_blank, 200)))
        >>> bool(shown["false_percepts"] > 0.7), bool(shown["misses"] < 0.1)
        (True, True)
    """
    assert task.hidden is not None
    hidden = task.hidden > 0.5
    is_right = did.choices.choice == task.right
    starts = np.flatnonzero(task.begins)
    within = np.arange(task.n_trials) - starts[task.block]
    clear = ~is_blank
    after = (within >= reversal) & (within < reversal + _AFTER_REVERSAL) if reversal else within < 0
    return np.array(
        [
            _share(did.states[is_blank]),
            _share(1 - did.states[clear][hidden[clear]]),
            _miscalibration(did.states, hidden),
            _share(is_right[clear & (within >= 50) & (within < 100)]),
            _share(~is_right[after & clear]),
            _perseveration(did.choices.choice, is_right, hidden[:, 0]),
            _share(is_right),
        ]
    )


def _share(flags: "Floats | NDArray[np.bool_]") -> float:
    return float(flags.mean()) if flags.size else float("nan")


def _miscalibration(believed: Floats, hidden: NDArray[np.bool_]) -> float:
    """Mean distance of the mean belief from the frequency, over bins of the belief."""
    x, s = believed.ravel(), hidden.ravel()
    place = np.minimum((x * _BINS).astype(int), _BINS - 1)
    n = np.bincount(place, minlength=_BINS)
    gap = np.bincount(place, x - s, minlength=_BINS)
    return float(np.abs(gap).sum() / max(n.sum(), 1))


def _perseveration(
    choice: NDArray[np.int64], is_right: NDArray[np.bool_], state: NDArray[np.bool_]
) -> float:
    """Share of wrong choices that are made again when the same state comes next."""
    again = []
    for value in (False, True):
        trials = np.flatnonzero(state == value)
        wrong = trials[:-1][~is_right[trials[:-1]]]
        following = trials[1:][~is_right[trials[:-1]]]
        again.append(choice[following] == choice[wrong])
    return _share(np.concatenate(again))


def symptoms_of(
    subjects: Sequence[Subject], *, n: int, seed: int = 0, design: Design = SYMPTOM_TASK
) -> Floats:
    """Return the symptoms of every subject in ``n`` tasks, (subjects, tasks, symptoms).

    Task k and its luck are the same for every subject.

    Example:
        >>> symptoms_of([Subject(), Subject(lapse=0.5)], n=2).shape
        (2, 2, 7)
    """
    check_at_least("n", n, 1)
    found = np.empty((len(subjects), n, len(NAMES)))
    for k in range(n):
        task, is_blank = draw_symptom_task(design, np.random.default_rng((seed, k, 0)))
        for i, subject in enumerate(subjects):
            did = simulate(subject, task, np.random.default_rng((seed, k, 1)))
            found[i, k] = measure_symptoms(did, task, is_blank, design.reversal)
    return found


@dataclass(frozen=True, eq=False)
class DoseResponse:
    """Symptoms against the dose of one impairment.

    Attributes:
        doses: (doses,).
        values: Symptom to its mean at every dose, with the interval over tasks.
        changes: Symptom to its change from dose 0 in the same tasks.
    """

    doses: Floats
    values: Mapping[str, Estimate[Floats]]
    changes: Mapping[str, Estimate[Floats]]


def dose_response(
    element: str,
    doses: Sequence[float],
    *,
    healthy: Subject = HEALTHY_SUBJECT,
    n: int = 40,
    seed: int = 0,
    design: Design = SYMPTOM_TASK,
) -> DoseResponse:
    """Return the symptoms of an impaired element at every dose, over ``n`` tasks.

    Raises `ValueRangeError` for an unknown element or a dose that it cannot have.

    Example:
        >>> response = dose_response("phi", (-3.0, 3.0), n=4)
        >>> response.changes["false_percepts"].value.round(1).tolist()
        [-0.3, 0.3]
    """
    ill = [impair(healthy, [Impairment(element, float(dose))]) for dose in doses]
    found = symptoms_of([healthy, *ill], n=n, seed=seed, design=design)
    values = {name: _over_tasks(found[1:, :, i]) for i, name in enumerate(NAMES)}
    changes = {name: _over_tasks(found[1:, :, i] - found[:1, :, i]) for i, name in enumerate(NAMES)}
    return DoseResponse(np.asarray(doses, float), values, changes)


def _over_tasks(values: Floats) -> Estimate[Floats]:
    """Mean over tasks with its interval, one for each row; NaN entries are left out."""
    parts = [mean_estimate(row[np.isfinite(row)]).as_tuple() for row in values]
    return Estimate(*np.array(parts).T)
