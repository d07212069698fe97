"""Success by session of one subject, in sessions that its estimates have not seen.

Subjects like it are drawn (`draws`), live through what it did, and go on by themselves: intervals
hold the uncertainty of its parameters and of the model, that of the task, and the chance in its
choices and rewards.  Success is the reward of a session as a share of trials, 1 - mean risk.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.prediction.draws import draw_learners, evidence_shares
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate
from hebbayes.simulators.lives import live

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Rival
    from hebbayes.simulators.lives import Future, Past

Floats = NDArray[np.float64]

_N_WITHIN = 10  # places within a step of a share

Futures: TypeAlias = Callable[[int], "Future"]
"""From a number of animals to the trials that await them, drawn anew."""


@dataclass(frozen=True, eq=False)
class SessionForecast:
    """What one subject will do, by session; intervals include chance.

    Attributes:
        success: Mean reward, 1 - risk, (sessions,).
        taken: How often each choice is taken, (sessions, choices).
        shares: Model to the share of draws that it got by its evidence.
    """

    success: Estimate
    taken: Estimate
    shares: Mapping[str, float]


def forecast_sessions(
    rivals: "Sequence[Rival]",
    past: "Past | None",
    futures: Futures,
    n_choices: int,
    *,
    rng: np.random.Generator,
    n_draws: int = 400,
    reward_delay: int = 0,
) -> SessionForecast:
    """Return the success and the choices of a subject in sessions to come.

    ``rivals`` are the models fitted to its past, each drawn by its evidence.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals
        >>> from hebbayes.simulators.lives import Future, Past
        >>> rng, session = np.random.default_rng(0), np.zeros(200, int)
        >>> x = rng.integers(0, 2, (200, 1)).astype(float)
        >>> taken = np.where(rng.random(200) < 0.9, 1 - x[:, 0], x[:, 0]).astype(int)
        >>> risk = np.where(taken == 1 - x[:, 0], 0.0, 1.0)
        >>> past = Past(x, taken, 1 - 2 * risk, session)
        >>> rivals = compare_rivals(Choices(taken, x, risk, session, 2), 0).rivals
        >>> future = Future(x, np.hstack([x, 1 - x]), session)
        >>> forecast = forecast_sessions(rivals, past, lambda n: future, 2, rng=rng, n_draws=50)
        >>> forecast.success.value.shape, forecast.success.low[0] < 0.9 < forecast.success.high[0]
        ((1,), np.True_)
    """
    success, taken, step = [], [], np.ones(1)
    for drawn in draw_learners(rivals, n_choices, n_draws, rng=rng):
        future = futures(drawn.n_animals)
        lives = live(
            drawn.learner,
            n_choices,
            past,
            future,
            rng=rng,
            n_animals=drawn.n_animals,
            reward_delay=reward_delay,
        )
        success.append(_by_session((1 + lives.worth) / 2, future.session_index))
        step = np.diff(future.worth).min() / 2 / np.bincount(future.session_index)
        one_hot = (lives.taken[..., None] == np.arange(n_choices)).astype(float)
        taken.append(_by_session(one_hot, future.session_index))
    shares = {r.model.name: float(s) for r, s in zip(rivals, evidence_shares(rivals))}
    return SessionForecast(
        _between(np.concatenate(success), step),
        _between(np.concatenate(taken), step[:, None]),
        shares,
    )


def _by_session(values: Floats, session: NDArray[np.int64]) -> Floats:
    """Mean of values (animals, trials, ...) in each session, (animals, sessions, ...)."""
    return np.stack([values[:, session == k].mean(1) for k in range(session.max() + 1)], axis=1)


def _between(values: Floats, step: Floats) -> Estimate:
    """Mean and central interval over animals (animals, sessions, ...) of shares that move in steps.

    Each share is spread over the step around it: ends of whole steps would hold too many.
    """
    within = np.linspace(-0.5, 0.5, _N_WITHIN + 1)[1:] - 0.5 / _N_WITHIN
    spread = values[..., None] + np.multiply.outer(step, within)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(np.moveaxis(spread, -1, 0).reshape(-1, *values.shape[1:]),
                            [tail, 1 - tail], axis=0)  # fmt: skip
    return Estimate(values.mean(0), np.maximum(low, 0.0), np.minimum(high, 1.0))
