"""Every subject of a table: its verdict, its held-out sessions, and what it will do in others.

States are those of `subjects.states`.  The models of `rivals` are fitted to all subjects as a
population (`population_fits`); `draws` says how much each model counts (docs/recordings.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.behaviour.decision_basis import PREVIOUS
from hebbayes.reverse_engineering.behaviour.prediction.held_out import HeldOut, hold_out, past_of
from hebbayes.reverse_engineering.behaviour.prediction.known import (
    held_out_trials,
    trials_of_table,
)
from hebbayes.reverse_engineering.behaviour.prediction.population_fits import (
    Share,
    SubjectFit,
    fit_subjects,
)
from hebbayes.reverse_engineering.behaviour.prediction.sessions import (
    SessionForecast,
    forecast_sessions,
)
from hebbayes.reverse_engineering.behaviour.prediction.tasks import StatedTask, recorded_task
from hebbayes.reverse_engineering.behaviour.subjects.trials import (
    choices_of_subjects,
    subjects_of,
)

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour
    from hebbayes.reverse_engineering.behaviour.choices import Choices
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Comparison
    from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, SubjectTrials
    from hebbayes.simulators.lives import Future

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ForecastOptions:
    """What is forecast of every subject.

    Attributes:
        n_held: Last sessions to hold out and compare; None for a quarter, 0 for none.
        n_sessions: Sessions to come.
        n_trials: Trials of each; None for the median of the subject's sessions.
        reversals: Sessions to come, from 0, at whose start right and wrong change places.
        task: Another task than the recorded one; None for more of the same.
        n_draws: Subjects drawn from the estimates of each.
    """

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


def forecast_subjects(
    behaviour: "Behaviour",
    states: Floats,
    read_as: "ReadAs",
    options: ForecastOptions,
    *,
    seed: int = 0,
    share: Share = map,
) -> Iterator[tuple[str, "SubjectForecast | str"]]:
    """Yield the name of every subject, and its forecast or why there is none.

    ``share`` applies a function to tasks, as `map` does.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs
        >>> rng = np.random.default_rng(0)
        >>> x = rng.integers(0, 2, (120, 1)).astype(float)
        >>> taken = np.where(rng.random(120) < 0.8, x[:, 0], 1 - x[:, 0]).astype(int)
        >>> behaviour = Behaviour(taken, x, risk=(taken != x[:, 0]).astype(float),
        ...                       session=np.repeat(np.arange(4), 30))
        >>> found = forecast_subjects(behaviour, x, ReadAs(), ForecastOptions(n_draws=50))
        >>> [(name, one.to_come.success.value.shape, one.held_out.sessions.tolist())
        ...  for name, one in found]
        [('0', (3,), [3])]
    """
    choices = choices_of_subjects(behaviour, states, read_as.rests_on)
    trials = subjects_of(behaviour, states, read_as)
    able = [k for k, one in enumerate(choices) if _has_outcomes(one)]
    fits = dict(zip(able, _fitted([trials[k] for k in able], share)))
    is_held = held_out_trials(behaviour, options.n_held)
    n_held = _sessions(behaviour, is_held)
    again = [k for k in able if n_held[k]]
    known = subjects_of(trials_of_table(behaviour, ~is_held), states[~is_held], read_as)
    if known[0].trials.n_decisions < 2:
        again = []  # one choice before the held-out sessions
    held = dict(zip(again, _fitted([known[k] for k in again], share)))
    for k, one in enumerate(choices):
        name = str(behaviour.subject_ids[k])
        if k not in fits:
            yield name, _NO_OUTCOME
            continue
        rng = np.random.default_rng((seed, k))
        try:
            own = replace(options, n_held=n_held[k]) if n_held[k] else options
            forecast = _forecast(one, (fits[k], held.get(k)), read_as, own, rng)
        except HebbayesError as error:
            yield name, str(error)
            continue
        group = None if behaviour.group is None else str(behaviour.group[k])
        yield name, replace(forecast, subject=name, group=group)


_NO_OUTCOME = (
    "no outcome of its choices is known, so success cannot be forecast; name the column with "
    "--outcome, --reward, --feedback or --risk."
)


def _has_outcomes(choices: "Choices") -> bool:
    return choices.risk is not None and bool(np.isfinite(choices.risk[choices.is_used]).any())


def _fitted(subjects: "Sequence[SubjectTrials]", share: Share) -> list[SubjectFit]:
    from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS  # Numba

    return fit_subjects(subjects, [one.name for one in MODELS], share) if subjects else []


def _sessions(behaviour: "Behaviour", is_chosen: NDArray[np.bool_]) -> list[int]:
    """Number of sessions of each subject that these trials belong to."""
    chosen = behaviour.session_index[is_chosen], behaviour.subject[is_chosen]
    of = np.unique(np.stack(chosen), axis=1)[1]
    return np.bincount(of, minlength=behaviour.n_subjects).tolist()


def _forecast(
    choices: "Choices",
    fits: tuple[SubjectFit, SubjectFit | None],
    read_as: "ReadAs",
    options: ForecastOptions,
    rng: np.random.Generator,
) -> SubjectForecast:
    fit, known = fits
    held_out, why = _held_out(choices, known, read_as, options, rng)
    to_come = forecast_sessions(
        fit.shared,
        past_of(choices, has_new_stimuli=read_as.has_new_stimuli, forgets_missed=True),
        lambda n: _future(choices, read_as, options, n, rng),
        choices.n_decisions,
        rng=rng,
        n_draws=options.n_draws,
        reward_delay=read_as.reward_delay,
    )
    n_used = int(choices.is_used.sum())
    return SubjectForecast(
        "", None, len(choices.decision), n_used, fit.alone, to_come, held_out, why
    )


def _future(
    choices: "Choices",
    read_as: "ReadAs",
    options: ForecastOptions,
    n_animals: int,
    rng: np.random.Generator,
) -> "Future":
    if options.task is not None:
        is_previous = read_as.rests_on == PREVIOUS
        future = options.task.future(n_animals, rng=rng, rests_on_previous=is_previous)
    else:
        answered = np.bincount(choices.session_index[choices.is_used])
        n_trials = options.n_trials or max(int(np.median(answered[answered > 0])), 1)
        future = recorded_task(choices, choices.activity).more(
            options.n_sessions, n_trials, n_animals, rng=rng, reversals=options.reversals
        )
    is_new = np.diff(future.session_index, prepend=-1) != 0
    return replace(future, is_new=is_new) if read_as.has_new_stimuli else future


def _held_out(
    choices: "Choices",
    known: SubjectFit | None,
    read_as: "ReadAs",
    options: ForecastOptions,
    rng: np.random.Generator,
) -> tuple[HeldOut | None, str]:
    if known is None:
        return None, _why_none(choices, options)
    try:
        held = hold_out(
            choices,
            choices.activity,
            options.n_held or 0,
            lambda _: known.shared,
            rng=rng,
            n_draws=options.n_draws,
            reward_delay=read_as.reward_delay,
            has_new_stimuli=read_as.has_new_stimuli,
        )
    except ValueRangeError as error:
        return None, str(error)
    return held, ""


def _why_none(choices: "Choices", options: ForecastOptions) -> str:
    n_sessions = int(choices.session_index.max()) + 1
    if options.n_held == 0:
        return "no session was held out, as requested."
    if n_sessions == 1:
        return "there is one session; none is left to learn from if it is held out."
    if options.n_held and options.n_held < n_sessions:
        return "the sessions before those held out show one choice only."
    return (
        f"{options.n_held} sessions cannot be held out of {n_sessions}: 1 to {n_sessions - 1} can."
    )
