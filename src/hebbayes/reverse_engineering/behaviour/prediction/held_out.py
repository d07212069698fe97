"""Forecasts checked on what they have not seen: the last sessions of a subject, held out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.choices import trials_kept
from hebbayes.reverse_engineering.behaviour.prediction.sessions import (
    SessionForecast,
    forecast_sessions,
)
from hebbayes.reverse_engineering.behaviour.prediction.tasks import recorded_task
from hebbayes.simulators.lives import Future, Past

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Rival

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Sessions that were held out, beside their forecast.

    Attributes:
        forecast: What was expected of them, from earlier sessions alone.
        success: What the subject did: mean reward, 1 - risk, (sessions,); NaN if unknown.
        sessions: Which sessions, counted from 0, (sessions,).
        n_trials: Answered trials, (sessions,).
    """

    forecast: SessionForecast
    success: Floats
    sessions: NDArray[np.int64]
    n_trials: NDArray[np.int64]

    @property
    def is_inside(self) -> NDArray[np.bool_]:
        """Whether success lies inside its interval, (sessions,)."""
        forecast = self.forecast.success
        return np.asarray((forecast.low <= self.success) & (self.success <= forecast.high))


def hold_out(
    choices: "Choices",
    stimuli: Floats,
    n_held: int,
    fit: "Callable[[Choices], Sequence[Rival]]",
    *,
    rng: np.random.Generator,
    n_draws: int = 400,
    reward_delay: int = 0,
    has_new_stimuli: bool = False,
    chance: Floats | None = None,
) -> HeldOut:
    """Return the last ``n_held`` sessions of a subject beside their forecast.

    ``fit`` returns the models of decisions that are known; ``stimuli`` (trials, channels) are those
    that decisions rest on.  Stimuli of the held-out sessions are given, and so is the rule behind
    their rewards: ``chance`` (trials, choices), or else as far as outcomes show it, so that the
    forecast follows the luck of these sessions a little.  What the subject did is not given.
    Raises `ValueRangeError` if no session is left to learn from, or none of them was answered.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals
        >>> rng, session = np.random.default_rng(0), np.repeat(np.arange(4), 50)
        >>> x = rng.integers(0, 2, (200, 1)).astype(float)
        >>> taken = np.where(rng.random(200) < 0.8, x[:, 0], 1 - x[:, 0]).astype(int)
        >>> choices = Choices(taken, x, (taken != x[:, 0]).astype(float), session, 2)
        >>> held = hold_out(choices, x, 1, lambda c: compare_rivals(c, 0).rivals, rng=rng)
        >>> held.sessions.tolist(), held.is_inside.tolist()
        ([3], [True])
    """
    session = choices.session_index
    n_sessions = int(session.max()) + 1
    if not 1 <= n_held < n_sessions:
        raise ValueRangeError(
            f"{n_held} sessions cannot be held out of {n_sessions}: 1 to {n_sessions - 1} can."
        )
    is_held = session >= n_sessions - n_held
    if not (is_held & choices.is_used).any():
        raise ValueRangeError("no trial of the sessions that are held out was answered.")
    known = trials_kept(choices, ~is_held)
    task = recorded_task(choices, stimuli)

    def futures(n_animals: int) -> Future:
        future = task.held_out(is_held, n_animals, rng)
        if chance is not None:
            future = replace(future, chance=chance[is_held & choices.is_used])
        is_new = np.diff(future.session_index, prepend=-1) != 0
        return replace(future, is_new=is_new) if has_new_stimuli else future

    forecast = forecast_sessions(
        fit(known),
        past_of(known, has_new_stimuli=has_new_stimuli, forgets_missed=True),
        futures,
        choices.n_decisions,
        rng=rng,
        n_draws=n_draws,
        reward_delay=reward_delay,
    )
    rows = np.flatnonzero(is_held & choices.is_used)
    numbers, place = np.unique(session[rows], return_inverse=True)
    assert choices.risk is not None  # else there is no rule
    with np.errstate(invalid="ignore"):
        success = [np.nanmean(1 - choices.risk[rows][place == k]) for k in range(len(numbers))]
    return HeldOut(forecast, np.array(success), numbers, np.bincount(place))


def past_of(
    choices: "Choices", *, has_new_stimuli: bool = False, forgets_missed: bool = False
) -> Past:
    """Return choices as trials that happened; with new stimuli, each session is learnt anew.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> choices = Choices(np.array([0, -1]), np.ones((2, 1)), None, np.zeros(2, int), 2)
        >>> past_of(choices).worth
        array([nan, nan])
    """
    used = choices.is_used
    risk = np.full(used.size, np.nan) if choices.risk is None else choices.risk
    is_new = np.diff(choices.session_index, prepend=-1) != 0
    return Past(
        x=np.where(used[:, None], choices.activity, 0.5),
        decision=np.where(used, choices.decision, -1),
        worth=1 - 2 * risk,
        session_index=choices.session_index,
        is_new=is_new if has_new_stimuli else None,
        forgets_missed=forgets_missed,
    )
