"""From a table of choices to what the clinic's fits read.

Every stimulus channel informs one state, with an assumed reliability.  Which choice is right, and
how often each is rewarded, is what outcomes say for each stimulus within a block.  What a table
cannot say is stated as an assumption in `Reading.notes`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from hebbayes.clinic.estimation.layout import THEORY, Extensions, Layout
from hebbayes.clinic.estimation.likelihood import Observed
from hebbayes.clinic.task import UNKNOWN, Choices, Task
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour

Floats = NDArray[np.float64]
Answer: TypeAlias = Literal["auto", "yes", "no"]

MOST_STATES, MOST_CHOICES = 64, 16
_LEAST_STAY = 0.6  # healthy subjects expect states to last at least so often
_N_SCORED = 10  # subjects on which "auto" is decided


@dataclass(frozen=True)
class ReadAs:
    """How a table is read.

    Attributes:
        reliability: Assumed probability that a channel agrees with its state.
        new_stimuli: Whether learning begins anew in every session; auto scores both.
        extensions: Of the theory.
    """

    reliability: float = 0.95
    new_stimuli: Answer = "auto"
    extensions: Extensions = THEORY


@dataclass(frozen=True, eq=False)
class Reading:
    """A table as the clinic reads it.

    Attributes:
        subjects: Task and choices of every subject.
        choice_names: Names of the choices ever made, in order.
        is_anew: Whether learning begins anew in every session.
        notes: What was assumed, and what the table cannot say.
    """

    subjects: tuple[Observed, ...]
    choice_names: tuple[str, ...]
    is_anew: bool
    notes: tuple[str, ...]


def read_subjects(behaviour: "Behaviour", read_as: ReadAs | None = None) -> Reading:
    """Return the subjects of a table.

    Raises `ValueRangeError` if fewer than two different choices were made, or there are too many
    choices or stimuli.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> table = Behaviour([0, 1, 1], np.eye(3)[:, :2], risk=[0.0, 1.0, 0.0])
        >>> read_subjects(table).choice_names
        ('0', '1')
    """
    read_as = read_as or ReadAs()
    taken = np.unique(behaviour.choice[behaviour.choice >= 0])
    _check(behaviour, taken, read_as)
    layout = Layout(len(taken), read_as.extensions)
    anew = read_as.new_stimuli == "yes"
    has_sessions = int(behaviour.session_index.max()) > 0
    if read_as.new_stimuli == "auto" and has_sessions:
        ways = [
            _subjects(behaviour, taken, layout, (read_as.reliability, w)) for w in (True, False)
        ]
        start = layout.of("healthy")[None]
        fits = [
            sum(float(one.log_likelihoods(start)[0]) for one in way[:_N_SCORED]) for way in ways
        ]
        anew = fits[0] > fits[1]
    subjects = _subjects(behaviour, taken, layout, (read_as.reliability, anew))
    return Reading(
        subjects=tuple(subjects),
        choice_names=tuple(str(behaviour.choice_ids[k]) for k in taken),
        is_anew=anew and has_sessions,
        notes=tuple(_notes(subjects, read_as, anew and has_sessions)),
    )


def _check(behaviour: "Behaviour", taken: NDArray[np.int64], read_as: ReadAs) -> None:
    if taken.size < 2:
        raise ValueRangeError(
            f"the table has {'only one choice' if taken.size else 'no choice'}; diagnosis needs at "
            "least two. Check --choice and --missed."
        )
    if taken.size > MOST_CHOICES or behaviour.n_channels > MOST_STATES:
        raise ValueRangeError(
            f"{taken.size} choices and {behaviour.n_channels} stimulus channels are too many: at "
            f"most {MOST_CHOICES} and {MOST_STATES}; merge rare ones, or select with --where or "
            "--stimulus."
        )
    if not 0.5 < read_as.reliability < 1:
        raise ValueRangeError(
            f"--reliability must be above 0.5 and below 1; got {read_as.reliability:g}."
        )


def _subjects(
    behaviour: "Behaviour", taken: NDArray[np.int64], layout: Layout, ways: tuple[float, bool]
) -> list[Observed]:
    reliability, is_anew = ways
    place = np.full(behaviour.n_choices + 1, UNKNOWN)
    place[taken] = np.arange(taken.size)
    choice = place[behaviour.choice]
    worth = np.full(choice.shape, np.nan) if behaviour.risk is None else 1 - behaviour.risk
    stimuli = _scaled(behaviour.stimuli)
    session = behaviour.session_index
    bounds = np.searchsorted(behaviour.subject, np.arange(behaviour.n_subjects + 1))
    found = []
    for k, (a, b) in enumerate(itertools.pairwise(bounds.tolist())):
        begins = np.diff(session[a:b], prepend=-1) != 0 if is_anew else np.arange(b - a) == 0
        did = Choices(choice[a:b], np.where(choice[a:b] >= 0, worth[a:b], np.nan))
        task = task_of(stimuli[a:b], did, begins, (layout.n_choices, reliability))
        group = "" if behaviour.group is None else str(behaviour.group[k])
        found.append(Observed(task, did, layout, str(behaviour.subject_ids[k]), group))
    return found


def _scaled(stimuli: Floats) -> Floats:
    """Graded channels beyond 0 to 1 are scaled to it."""
    low, high = np.minimum(stimuli.min(0), 0.0), np.maximum(stimuli.max(0), 1.0)
    return np.asarray((stimuli - low) / (high - low))


def task_of(
    stimuli: Floats, did: Choices, begins: NDArray[np.bool_], settings: tuple[int, float]
) -> Task:
    """Return the task behind one subject's trials; settings: choices and reliability.

    Example:
        >>> did = Choices(np.array([0, 1, 0]), np.array([1.0, 0.0, 1.0]))
        >>> task = task_of(np.ones((3, 1)), did, np.array([True, False, False]), (2, 0.9))
        >>> task.right.tolist(), task.reward_probability[0].round(2).tolist()
        ([0, 0, 0], [0.83, 0.25])
    """
    n_choices, reliability = settings
    n_trials, n_states = stimuli.shape
    block = np.cumsum(begins) - 1
    reward, right = np.full((n_trials, n_choices), 0.5), np.full(n_trials, UNKNOWN)
    _, pattern = np.unique(np.c_[block, stimuli], axis=0, return_inverse=True)
    for one in range(int(pattern.max()) + 1):
        rows = np.flatnonzero(pattern.ravel() == one)
        known = rows[np.isfinite(did.outcome[rows])]
        n = np.bincount(did.choice[known], minlength=n_choices)
        gained = np.bincount(did.choice[known], did.outcome[known], minlength=n_choices)
        reward[rows] = (gained + 0.5) / (n + 1)
        if n.sum() and reward[rows[0]].max() > 0.5:
            right[rows] = int(reward[rows[0]].argmax())
    belief = np.zeros((int(block.max()) + 1, n_states, n_choices))
    for b, one in itertools.product(range(len(belief)), range(n_states)):
        rows = np.flatnonzero((block == b) & (stimuli[:, one] > 0.5) & (right >= 0))
        if rows.size:
            belief[b, one] = 1.0
            belief[b, one, np.bincount(right[rows]).argmax()] = -1.0
    same = np.clip((stimuli[1:] == stimuli[:-1]).mean(), 0.02, 0.98) if n_trials > 1 else 0.5
    by_chance = np.clip((stimuli.mean(0) ** 2 + (1 - stimuli.mean(0)) ** 2).mean(), 0.02, 0.98)
    return Task(
        stimuli=stimuli,
        weights=np.eye(n_states) * logit(reliability),
        reward_probability=reward,
        has_feedback=np.isfinite(did.outcome) | (did.choice < 0),
        right=right,
        begins=np.asarray(begins, bool),
        false_belief=belief,
        stay=float(max(logit(same) - logit(by_chance), logit(_LEAST_STAY))),
        prior=logit(np.clip(stimuli.mean(0), 0.05, 0.95)),
    )


def _notes(subjects: Sequence[Observed], read_as: ReadAs, is_anew: bool) -> list[str]:
    outcome = np.concatenate([one.choices.outcome for one in subjects])
    known = outcome[np.isfinite(outcome)]
    notes = [
        f"Stimuli are taken to agree with their states with probability {read_as.reliability:g} "
        "(--reliability).",
    ]
    if is_anew:
        notes.append("Learning begins anew in every session (--new-stimuli).")
    if known.size == 0:
        notes.append("No outcome is known: what rests on learning from outcomes cannot be told.")
    elif np.ptp(known) == 0:
        notes.append(
            "Every outcome is the same: what rests on learning from outcomes cannot be told."
        )
    for name in read_as.extensions.names:
        notes.append(f"Extension of the theory: {name}.")
    if read_as.extensions.active_only:
        notes.append("Extension of the theory: states that are off say nothing about decisions.")
    if read_as.extensions.absolute_reward:
        notes.append(
            "Extension of the theory: the modulator follows the reward itself, not its difference "
            "from the mean."
        )
    return notes
