"""Inference and learning after every step from binary stimuli, compiled (docs/theory.md section 6).

Exact variational Bayes: a stimulus adds digamma(count) - digamma(sum over its values) to the log
odds of a state.  Both digammas are a logarithm and a series in 1 / z, so that the logarithms of up
to `N_FACTORS` stimuli are one logarithm of a product of ratios; counts up to `SERIES_FROM` first
climb there by digamma(z) = digamma(z + 1) - 1 / z.  `agents.separation` does the same in JAX.

Numba's cache keeps a compiled caller when only what it calls has changed: keep all kernels here.
"""

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit

from hebbayes.core.checks import check_binary, check_shape
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

N_FACTORS = 16
"""Ratios of counts in one product: 16 ratios of 1e-19 are still a normal number."""

SERIES_FROM = 16.0
"""Above this the series is exact to float64."""


Function = TypeVar("Function")


def _compiled(function: Function, inline: str = "never") -> Function:
    decorate = cast("Any", njit)(cache=True, error_model="numpy", inline=inline)
    return cast("Function", decorate(function))


def _inlined(function: Function) -> Function:
    return _compiled(function, "always")


class Separation(NamedTuple):
    """What a run leaves behind.

    Attributes:
        posterior: (sessions, steps, states), P(state is on).
        free_energy: (sessions,), nats, under the synapses of each step.
        counts: (sessions, 2, 2, stimuli, states), prior and evidence at a session's end.
    """

    posterior: "Floats"
    free_energy: "Floats"
    counts: "Floats"


def separate_sources(prior: "Floats", state_prior: "Floats", stimuli: "NDArray[Any]") -> Separation:
    """Return the run of a model of likelihood counts ``prior`` and P(value of a state).

    ``prior`` (2, 2, stimuli, states), ``state_prior`` (2, states), ``stimuli`` (sessions, steps,
    stimuli) of 0 and 1.  Raises `ShapeError`, and `ValueRangeError` for other stimuli and for
    counts that are not positive.

    Example:
        >>> run = separate_sources(np.full((2, 2, 3, 1), 20.0), np.full((2, 1), 0.5),
        ...                        np.ones((1, 2, 3)))
        >>> run.posterior.round(9).tolist(), run.counts[0, :, 0, 0, 0].tolist()
        ([[[0.5], [0.5]]], [21.0, 20.0])
    """
    check_shape("prior", prior, (2, 2, None, None))
    n_stimuli, n_states = prior.shape[2:]
    check_shape("state_prior", state_prior, (2, n_states))
    check_shape("stimuli", stimuli, ("sessions", "steps", n_stimuli))
    check_binary("stimuli", stimuli)
    if not (prior > 0).all():
        raise ValueRangeError("likelihood counts must be positive; use `separate` for zeros.")
    table = np.array(np.moveaxis(prior, 2, 3), np.float64, order="C")  # stimuli side by side
    with np.errstate(divide="ignore"):
        log_prior = np.log(np.asarray(state_prior, np.float64))
    seen = np.ascontiguousarray(stimuli, np.float64)
    posterior, nats, counts = _run(table, log_prior, seen)
    return Separation(posterior, nats, np.moveaxis(counts, 4, 3))


@_compiled
def _run(
    counts: "Floats", log_prior: "Floats", stimuli: "Floats"
) -> "tuple[Floats, Floats, Floats]":
    """Counts (2, 2, states, stimuli), changed in place."""
    n_sessions, n_steps, n_stimuli = stimuli.shape
    n_states = counts.shape[2]
    posterior = np.empty((n_sessions, n_steps, n_states))
    nats, after = np.zeros(n_sessions), np.empty((n_sessions, *counts.shape))
    ratio, rest = np.empty(n_stimuli), np.empty(n_stimuli)
    is_large = counts.min() > SERIES_FROM  # counts only grow
    for session in range(n_sessions):
        for t in range(n_steps):
            seen = stimuli[session, t]
            for j in range(n_states):
                on = log_prior[0, j] + _evidence(counts, (0, j), seen, is_large, (ratio, rest))
                off = log_prior[1, j] + _evidence(counts, (1, j), seen, is_large, (ratio, rest))
                largest = max(on, off)
                total = largest + np.log(np.exp(on - largest) + np.exp(off - largest))
                nats[session] -= total
                posterior[session, t, j] = np.exp(on - total)
                _learn(counts, j, seen, np.exp(on - total), np.exp(off - total))
        after[session] = counts
    return posterior, nats, after


@_inlined
def _evidence(
    counts: "Floats", which: tuple[int, int], seen: "Floats", is_large: bool, work: tuple
) -> float:
    """Sum over stimuli of E[ln P(stimulus | value u of state j)]."""
    u, j = which
    ratio, rest = work
    n_stimuli = seen.shape[0]
    for i in range(n_stimuli):
        on, off = counts[0, u, j, i], counts[1, u, j, i]
        z, total = on if seen[i] > 0.0 else off, on + off
        inverse, inverse_total = 1.0 / z, 1.0 / total
        ratio[i] = z * inverse_total
        rest[i] = _series(inverse) - _series(inverse_total)
    if not is_large:
        for i in range(n_stimuli):
            on, off = counts[0, u, j, i], counts[1, u, j, i]
            rest[i] = _climbed(on if seen[i] > 0.0 else off) - _climbed(on + off)
    result = 0.0
    for start in range(0, n_stimuli, N_FACTORS):
        product = 1.0
        for i in range(start, min(start + N_FACTORS, n_stimuli)):
            product *= ratio[i]
            result += rest[i]
        result += np.log(product)
    return result


@_inlined
def _series(inverse: float) -> float:
    """digamma(z) - ln z of a large z = 1 / ``inverse``."""
    square = inverse * inverse
    tail = 1 / 252 - square * (1 / 240 - square * (1 / 132))
    return -0.5 * inverse - square * (1 / 12 - square * (1 / 120 - square * tail))


@_compiled
def _climbed(z: float) -> float:
    """digamma(z) - ln z of any z > 0."""
    top, steps = z, 0.0
    while top <= SERIES_FROM:
        steps += 1.0 / top
        top += 1.0
    return _series(1.0 / top) + np.log(top / z) - steps


@_inlined
def _learn(counts: "Floats", j: int, seen: "Floats", on: float, off: float) -> None:
    for i in range(seen.shape[0]):
        counts[0, 0, j, i] += on * seen[i]
        counts[1, 0, j, i] += on * (1.0 - seen[i])
        counts[0, 1, j, i] += off * seen[i]
        counts[1, 1, j, i] += off * (1.0 - seen[i])
