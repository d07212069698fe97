"""Every subject of a table: its verdict, its held-out sessions, and what it will do in others.

States are the stimuli of the table, or what the caller makes of them.  The models of `rivals` are
fitted to each subject; `draws` says how much each counts in forecasts (docs/recordings.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.behaviour.choices import Choices, basis_of
from hebbayes.reverse_engineering.behaviour.decision_basis import (
    PREVIOUS,
    SAME,
    DecisionBasis,
    decide_basis,
)
from hebbayes.reverse_engineering.behaviour.prediction.held_out import HeldOut, hold_out, past_of
from hebbayes.reverse_engineering.behaviour.prediction.sessions import (
    SessionForecast,
    forecast_sessions,
)
from hebbayes.reverse_engineering.behaviour.prediction.tasks import StatedTask, recorded_task

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Comparison
    from hebbayes.simulators.lives import Future

Floats = NDArray[np.float64]

_HELD_SHARE = 4  # one session of so many is held out by default
_MOST_SCORED = 20  # subjects by which the trial that decisions rest on is chosen


@dataclass(frozen=True)
class ForecastOptions:
    """What is forecast of every subject, and how its table is read.

    Attributes:
        reward_delay: Trials between a decision and learning from it.
        has_new_stimuli: Whether stimuli are new in every session, so that learning begins anew.
        n_held: Last sessions to hold out and compare; None for a quarter, 0 for none.
        n_sessions: Sessions to come.
        n_trials: Trials of each; None for the median of the subject's sessions.
        reversals: Sessions to come, from 0, at whose start right and wrong change places.
        task: Another task than the recorded one; None for more of the same.
        n_draws: Subjects drawn from the estimates of each.
    """

    reward_delay: int = 0
    has_new_stimuli: bool = False
    n_held: int | None = None
    n_sessions: int = 3
    n_trials: int | None = None
    reversals: tuple[int, ...] = ()
    task: StatedTask | None = None
    n_draws: int = 400


@dataclass(frozen=True, eq=False)
class SubjectForecast:
    """One subject: how it decides, and what it will do.

    Attributes:
        subject: Its name.
        group: Its group, or None.
        n_trials: Its trials.
        n_used: Trials with a choice.
        comparison: Models beside all its choices, and the verdict.
        to_come: Sessions to come.
        held_out: Sessions that were held out, beside their forecast; None if there are none.
        no_held_out: Why there are none.
    """

    subject: str
    group: str | None
    n_trials: int
    n_used: int
    comparison: "Comparison"
    to_come: SessionForecast
    held_out: HeldOut | None
    no_held_out: str = ""


def states_of_table(behaviour: "Behaviour") -> tuple[str, Floats]:
    """Return where states come from and the state (trials, states) of every trial, in [0, 1].

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> states_of_table(Behaviour([0, 1], np.eye(2)))[1].tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    if behaviour.n_channels == 0:
        return "none", np.ones((behaviour.n_trials, 1))
    stimuli = np.asarray(behaviour.stimuli, float)
    if stimuli.min() < 0 or stimuli.max() > 1:
        raise ValueRangeError(
            f"stimuli lie between {stimuli.min():g} and {stimuli.max():g}; states need 0 to 1. "
            "Pass --coding COLUMN=signed for one channel per side, or graded to rescale."
        )
    return "stimuli", stimuli


def choices_of_subjects(
    behaviour: "Behaviour", states: Floats, rests_on: str, subjects: Sequence[int] | None = None
) -> list[Choices]:
    """Return the choices of every subject and the states (trials, states) that they rest on.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> behaviour = Behaviour([0, 1], np.eye(2), subject=[0, 1])
        >>> [one.decision.tolist() for one in choices_of_subjects(behaviour, np.eye(2), SAME)]
        [[0], [1]]
    """
    bounds = np.searchsorted(behaviour.subject, np.arange(behaviour.n_subjects + 1))
    session, found = behaviour.session_index, []
    for k in range(behaviour.n_subjects) if subjects is None else subjects:
        rows = slice(int(bounds[k]), int(bounds[k + 1]))
        x = states[rows]
        found.append(
            Choices(
                decision=np.asarray(behaviour.choice[rows]),
                activity=basis_of(x, session[rows], SAME if rests_on == SAME else PREVIOUS),
                risk=None if behaviour.risk is None else np.asarray(behaviour.risk[rows]),
                session_index=session[rows],
                n_decisions=behaviour.n_choices,
            )
        )
    return found


def basis_of_table(
    behaviour: "Behaviour", states: Floats, asked: str, reward_delay: int = 0
) -> DecisionBasis:
    """Return the trial that choices of a table rest on: as asked, or the better one for "auto".

    The first 20 subjects are scored; where both explain them alike, it is the same trial.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> x = np.random.default_rng(0).integers(0, 2, (90, 1)).astype(float)
        >>> behaviour = Behaviour(x[:, 0].astype(int), x, risk=np.zeros(90))
        >>> basis_of_table(behaviour, x, "auto").chosen
        'same'
    """
    scored = range(min(behaviour.n_subjects, _MOST_SCORED))
    both = {
        str(one): choices_of_subjects(behaviour, states, one, scored) for one in (SAME, PREVIOUS)
    }
    return decide_basis(asked, both, default=SAME, reward_delay=reward_delay)


def forecast_subjects(
    behaviour: "Behaviour",
    states: Floats,
    basis: DecisionBasis,
    options: ForecastOptions,
    *,
    seed: int = 0,
) -> Iterator[tuple[str, "SubjectForecast | str"]]:
    """Yield the name of every subject, and its forecast or why there is none.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> rng = np.random.default_rng(0)
        >>> x = rng.integers(0, 2, (120, 1)).astype(float)
        >>> taken = np.where(rng.random(120) < 0.8, x[:, 0], 1 - x[:, 0]).astype(int)
        >>> behaviour = Behaviour(taken, x, risk=(taken != x[:, 0]).astype(float),
        ...                       session=np.repeat(np.arange(4), 30))
        >>> options = ForecastOptions(n_draws=50)
        >>> found = forecast_subjects(behaviour, x, DecisionBasis(SAME, True), options)
        >>> [(name, one.to_come.success.value.shape, one.held_out.sessions.tolist())
        ...  for name, one in found]
        [('0', (3,), [3])]
    """
    for k in range(behaviour.n_subjects):
        name = str(behaviour.subject_ids[k])
        group = None if behaviour.group is None else str(behaviour.group[k])
        try:
            (choices,) = choices_of_subjects(behaviour, states, basis.chosen, [k])
            rng = np.random.default_rng((seed, k))
            one = _forecast(choices, basis, options, rng)
        except HebbayesError as error:
            yield name, str(error)
        else:
            yield name, replace(one, subject=name, group=group)


def compare_subject(choices: Choices, options: ForecastOptions) -> "Comparison":
    """Return the models beside the choices of one subject, and the verdict.

    Raises `ValueRangeError` if the choices cannot be compared (`compare_rivals`).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> choices = Choices(rng.integers(0, 2, 200), rng.random((200, 1)), rng.random(200),
        ...                   np.repeat(np.arange(2), 100), 2)
        >>> compare_subject(choices, ForecastOptions(has_new_stimuli=True)).verdict
        'does not learn'
    """
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_trials
    from hebbayes.reverse_engineering.behaviour.rivals.models import trials_of  # Numba above

    trials = trials_of(choices, options.reward_delay, 1.0)
    trials = replace(
        trials,
        start=_starts(choices) if options.has_new_stimuli else None,
        forgets_missed=True,
    )
    return compare_trials(trials)


def _starts(choices: Choices) -> NDArray[np.int64]:
    """First trial of the session of each trial."""
    is_first = np.diff(choices.session_index, prepend=-1) != 0
    return np.asarray(np.maximum.accumulate(np.where(is_first, np.arange(is_first.size), 0)))


def _forecast(
    choices: Choices, basis: DecisionBasis, options: ForecastOptions, rng: np.random.Generator
) -> SubjectForecast:
    if choices.risk is None or not np.isfinite(choices.risk[choices.is_used]).any():
        raise ValueRangeError(
            "no outcome of its choices is known, so success cannot be forecast; name the column "
            "with --outcome, --reward, --feedback or --risk."
        )
    comparison = compare_subject(choices, options)
    held_out, why = _held_out(choices, options, rng)
    past = past_of(choices, has_new_stimuli=options.has_new_stimuli, forgets_missed=True)
    to_come = forecast_sessions(
        comparison.rivals,
        past,
        lambda n: _future(choices, basis, options, n, rng),
        choices.n_decisions,
        rng=rng,
        n_draws=options.n_draws,
        reward_delay=options.reward_delay,
    )
    n_used = int(choices.is_used.sum())
    return SubjectForecast(
        "", None, len(choices.decision), n_used, comparison, to_come, held_out, why
    )


def _future(
    choices: Choices,
    basis: DecisionBasis,
    options: ForecastOptions,
    n_animals: int,
    rng: np.random.Generator,
) -> "Future":
    if options.task is not None:
        future = options.task.future(n_animals, rng=rng, rests_on_previous=basis.chosen == PREVIOUS)
    else:
        answered = np.bincount(choices.session_index[choices.is_used])
        n_trials = options.n_trials or max(int(np.median(answered[answered > 0])), 1)
        future = recorded_task(choices, choices.activity).more(
            options.n_sessions, n_trials, n_animals, rng=rng, reversals=options.reversals
        )
    is_new = np.diff(future.session_index, prepend=-1) != 0
    return replace(future, is_new=is_new) if options.has_new_stimuli else future


def _held_out(
    choices: Choices, options: ForecastOptions, rng: np.random.Generator
) -> tuple[HeldOut | None, str]:
    n_sessions = int(choices.session_index.max()) + 1
    n_held = max(n_sessions // _HELD_SHARE, 1) if options.n_held is None else options.n_held
    if n_held == 0:
        return None, "no session was held out, as requested."
    if n_sessions == 1:
        return None, "there is one session; none is left to learn from if it is held out."
    try:
        held = hold_out(
            choices,
            choices.activity,
            n_held,
            lambda known: compare_subject(known, options).rivals,
            rng=rng,
            n_draws=options.n_draws,
            reward_delay=options.reward_delay,
            has_new_stimuli=options.has_new_stimuli,
        )
    except HebbayesError as error:
        return None, str(error)
    return held, ""
