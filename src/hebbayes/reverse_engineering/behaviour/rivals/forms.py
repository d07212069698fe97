"""Forms of each model on given trials: how its log odds follow, and an animal that learns so.

Values may be read from several sets of cues, and learnt from risk or from its sign alone; a fixed
read-out has a prior of several widths.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.rivals.kernels import (
    actor_log_odds,
    count_log_odds,
    value_log_odds,
)
from hebbayes.reverse_engineering.behaviour.rivals.models import Form, LogOdds, Trials
from hebbayes.simulators.learners import (
    ActorCritic,
    FixedReadout,
    HebbianLearner,
    Number,
    RescorlaWagner,
    WinStayLoseShift,
    active_cues,
    both_cues,
)

Floats = NDArray[np.float64]
Forms: TypeAlias = Callable[[Trials], Sequence[Form]]

READOUT_SPREADS = (0.5, 1.0, 2.0, 4.0)
"""Candidate standard deviations of the weights of a fixed read-out, in log odds."""

_LEAST_RATIO = 2.001  # in floors: half of it is a naive count, above the floor
_SAME_WORTH = 0.05  # spread of |worth| below which risk says only what was won and lost


@dataclass(frozen=True, eq=False)
class _Cues:
    """Cues of all trials and how they follow from x; squares sum to at most ``scale`` squared."""

    name: str
    values: Floats
    function: Callable[[Floats], Floats]
    scale: float = 1.0


def hebbian_forms(
    *,
    is_leaky: bool = False,
    is_modulated: bool = True,
    reads_both: bool = True,
    extra: Literal["", "precision", "modulator bias"] = "",
) -> Forms:
    """Return the forms of Hebbian counts; parameters: lambda / gain, if leaky the leak, an extra.

    The theory's own precision is 1 and its modulator has no bias; ``extra`` frees one of them.

    Example:
        >>> callable(hebbian_forms(is_leaky=True))
        True
    """
    free = [0, *[1] * is_leaky, *({"precision": [2], "modulator bias": [3]}.get(extra, []))]
    n = len(free)

    def forms(trials: Trials) -> Sequence[Form]:
        def log_odds(parameters: Floats) -> Floats:
            own = np.tile([0.0, 0.0, 1.0, 0.0], (len(parameters), 1))
            own[:, free] = parameters[:, :n]
            own[:, 0] = np.maximum(own[:, 0], _LEAST_RATIO * trials.floor)
            whole = np.hstack([own, parameters[:, n:]])
            return count_log_odds(whole, trials.counted, trials.arrays, is_modulated, reads_both)

        def learner(own: Floats) -> HebbianLearner:
            return HebbianLearner(
                ratio=_number(np.maximum(own[..., 0], _LEAST_RATIO * trials.floor)),
                leak=_number(own[..., 1]) if is_leaky else 0.0,
                reads_active_only=not reads_both,
                is_modulated=is_modulated,
                floor=trials.floor,
            )

        return [Form("", log_odds, learner)]

    return forms


def value_forms(n_rates: int) -> Forms:
    """Return the forms of Rescorla-Wagner; parameters: rates, inverse temperature, initial value.

    Example:
        >>> callable(value_forms(2))
        True
    """

    def form(outcome: str, one: Trials, cues: _Cues) -> Form:
        def log_odds(parameters: Floats) -> Floats:
            whole = np.hstack([parameters[:, :1], parameters[:, n_rates - 1 :]])
            return value_log_odds(whole, cues.values, one.arrays)

        def learner(own: Floats) -> RescorlaWagner:
            rates = own[..., :n_rates] / cues.scale**2
            return RescorlaWagner(
                rate=_number(rates[..., 0]),
                rate_of_losses=_number(rates[..., -1]),
                inverse_temperature=_number(own[..., n_rates]),
                initial_value=_number(own[..., n_rates + 1]),
                cues=cues.function,
                learns_outcome=outcome == "outcome",
            )

        return Form(f"{cues.name}, learns from {outcome}", log_odds, learner)

    return lambda trials: [
        form(outcome, one, cues)
        for outcome, one in _outcomes(trials).items()
        for cues in _cue_sets(trials.x)
    ]


def actor_forms(trials: Trials) -> Sequence[Form]:
    """Return the forms of an actor-critic; parameters: rates of actor and critic.

    Example:
        >>> x, none = np.ones((2, 1)), np.full(2, -1)
        >>> trials = Trials(x, x, none, none, np.ones(2), np.arange(2), 0, 1.0)
        >>> [form.name for form in actor_forms(trials)][:2]
        ['cues on and off, learns from risk', 'cues on and off, learns from risk, by gradient']
    """

    def form(outcome: str, one: Trials, cues: _Cues, is_gradient: bool) -> Form:
        def log_odds(parameters: Floats) -> Floats:
            return actor_log_odds(parameters, cues.values, one.arrays, is_gradient)

        def learner(own: Floats) -> ActorCritic:
            return ActorCritic(
                actor_rate=_number(own[..., 0]) / cues.scale**2,
                critic_rate=_number(own[..., 1]) / cues.scale**2,
                is_gradient=is_gradient,
                cues=cues.function,
                learns_outcome=outcome == "outcome",
            )

        name = f"{cues.name}, learns from {outcome}" + ", by gradient" * is_gradient
        return Form(name, log_odds, learner)

    return [
        form(outcome, one, cues, is_gradient)
        for outcome, one in _outcomes(trials).items()
        for cues in _cue_sets(trials.x)
        for is_gradient in (False, True)
    ]


def shift_forms(trials: Trials) -> Sequence[Form]:
    """Return win-stay-lose-shift, on the last decision whose outcome is known.

    Example:
        >>> x, decision = np.ones((3, 1)), np.array([0, 1, 0])
        >>> trials = Trials(x, x, decision, decision - 2, np.array([1.0, -1.0, 1.0]),
        ...                 np.arange(2), 0, 1.0)
        >>> shift_forms(trials)[0].log_odds(np.array([[2.0, 3.0, 0.0, 0.0]]))[0].tolist()
        [[0.0, 0.0], [2.0, 0.0], [0.0, -3.0]]
    """
    known = np.flatnonzero((trials.decision >= 0) & np.isfinite(trials.worth))
    columns = np.zeros((2, len(trials.decision), trials.n_decisions))
    last = np.searchsorted(known, np.arange(len(trials.decision)) - trials.delay) - 1
    at = np.flatnonzero(last >= 0)
    at = at[known[last[at]] >= trials.starts[at]]
    then = known[last[at]]
    worth, decision = trials.worth[then], trials.decision[then]
    columns[0, at, decision] = np.maximum(worth, 0)
    columns[1, at, decision] = np.minimum(worth, 0)
    log_odds = _linear(np.concatenate([columns, _stickiness(trials)]), trials)

    def learner(own: Floats) -> WinStayLoseShift:
        return WinStayLoseShift(win=_number(own[..., 0]), lose=_number(own[..., 1]))

    return [Form("", log_odds, learner)]


def readout_forms(trials: Trials) -> Sequence[Form]:
    """Return fixed weights of 2 x - 1, states first, with priors of several widths.

    Example:
        >>> x, decision = np.ones((2, 1)), np.array([0, 1])
        >>> trials = Trials(x, x, decision, decision - 2, np.ones(2), np.arange(2), 0, 1.0)
        >>> len(readout_forms(trials)), readout_forms(trials)[0].learner(np.array([3.0])).weights
        (4, ((3.0,), (0.0,)))
    """
    z, n_free = 2 * trials.x - 1, trials.n_decisions - 1
    columns = np.zeros((z.shape[1], n_free, len(z), trials.n_decisions))
    for k in range(n_free):
        columns[:, k, :, k] = z.T
    log_odds = _linear(columns.reshape(-1, *columns.shape[2:]), trials)

    def learner(own: Floats) -> FixedReadout:
        free = np.swapaxes(own.reshape(*own.shape[:-1], z.shape[1], n_free), -1, -2)
        weights = np.concatenate([free, np.zeros((*own.shape[:-1], 1, z.shape[1]))], axis=-2)
        return FixedReadout(
            weights=weights if own.ndim > 1 else tuple(map(tuple, weights.tolist()))
        )

    return [Form(f"prior spread {s:g}", log_odds, learner, s) for s in READOUT_SPREADS]


def constant_forms(trials: Trials) -> Sequence[Form]:
    """Return the same log odds in every trial.

    Example:
        >>> x, decision = np.ones((2, 1)), np.array([0, 1])
        >>> trials = Trials(x, x, decision, decision - 2, np.ones(2), np.arange(2), 0, 1.0)
        >>> constant_forms(trials)[0].log_odds(np.array([[0.5]]))[0].tolist()
        [[0.5, 0.0], [0.5, 0.0]]
    """
    none = np.zeros((0, len(trials.decision), trials.n_decisions))
    return [Form("", _linear(none, trials), lambda own: FixedReadout())]


def _number(values: Floats) -> Number:
    return float(values) if values.ndim == 0 else values


def _outcomes(trials: Trials) -> dict[str, Trials]:
    """Worth as risk says, and as won or lost alone, unless they are proportional."""
    size = np.abs(trials.worth[np.isfinite(trials.worth)])
    if size.size == 0 or np.ptp(size) < _SAME_WORTH:
        return {"risk": trials}
    return {"risk": trials, "outcome": replace(trials, worth=np.sign(trials.worth))}


def _cue_sets(x: Floats) -> list[_Cues]:
    both = np.hstack([x, 1 - x]) / np.sqrt(x.shape[1])
    scale = float(np.sqrt(max((x**2).sum(1).max(), 1e-12)))
    sets = (
        _Cues("cues on and off", both, both_cues),
        _Cues("cues on", x / scale, active_cues, scale),
    )
    return [replace(one, values=np.ascontiguousarray(one.values)) for one in sets]


def _stickiness(trials: Trials) -> Floats:
    sticky = np.zeros((1, len(trials.decision), trials.n_decisions))
    at = np.flatnonzero(trials.previous >= 0)
    sticky[0, at, trials.previous[at]] = 1.0
    return sticky


def _linear(columns: Floats, trials: Trials) -> LogOdds:
    """Log odds that are linear in parameters: columns (parameters, trials, decisions) and bias."""
    n = trials.n_decisions
    bias = np.zeros((n - 1, len(trials.decision), n))
    bias[np.arange(n - 1), :, np.arange(n - 1)] = 1.0
    everything = np.concatenate([columns, bias])
    return lambda parameters: np.tensordot(parameters, everything, 1)
