"""Logistic regression on soft or hard choices, by Newton's method.

    P(choice k) = softmax_k(offset_k + design . coefficients_k),  the last choice's coefficients 0

Targets are shares that sum to 1 (noise may take them out of [0, 1]): one-hot for decisions,
(x, 1 - x) for an activity.  Both the
output layer (docs/theory.md section 7: odds of decisions) and the middle layer (eq. 4) have this
form, so that the coefficients are the network's own weights.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError

Floats = NDArray[np.float64]

_N_STEPS = 100
TOLERANCE = 1e-9  # nats that the last step of a fit may still gain, twice
_LEAST_INFORMATION = 1e-6  # an error of 1,000 nats: on the way to infinity


@dataclass(frozen=True, eq=False)
class Regression:
    """Fitted coefficients and their information.

    Attributes:
        coefficients: (inputs, choices - 1), relative to the last choice.
        log_likelihood: Nats, without the ridge.
        scores: (trials, inputs x (choices - 1)), of the flattened coefficients, choice last.
        information: Square, of the same coefficients, ridge included.
    """

    coefficients: Floats
    log_likelihood: float
    scores: Floats
    information: Floats


class _Data(NamedTuple):
    design: Floats
    target: Floats
    offset: Floats
    ridge: float


def fit_choices(
    design: Floats,
    target: Floats,
    *,
    offset: Floats | None = None,
    ridge: float = 0.0,
    start: Floats | None = None,
) -> Regression:
    """Return the most likely coefficients of ``target`` (trials, choices) on ``design``.

    ``offset`` (trials, choices) is added to the log odds; ``ridge`` is the precision of a normal
    prior around 0, which keeps coefficients finite if choices are separable; ``start`` is a
    first guess.  Raises `ValueRangeError` if the inputs depend on each other or the fit diverges.

    Example:
        >>> target = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> fit = fit_choices(np.ones((4, 1)), target)
        >>> np.exp(fit.coefficients).round(6).tolist()
        [[3.0]]
    """
    n_inputs, n_free = design.shape[1], target.shape[1] - 1
    _check_inputs(design, ridge)
    data = _Data(design, target, np.zeros_like(target) if offset is None else offset, ridge)
    coefficients = np.zeros((n_inputs, n_free)) if start is None else start
    height = _height(data, coefficients)
    for _ in range(_N_STEPS):
        scores, information = _derivatives(data, coefficients)
        slope = scores.sum(0) - ridge * coefficients.ravel()
        step = _solve(information, slope).reshape(n_inputs, n_free)
        coefficients, height = _climb(data, coefficients, step, height)
        if float(slope @ step.ravel()) < TOLERANCE:
            break
    scores, information = _derivatives(data, coefficients)
    if n_free and np.linalg.eigvalsh(information)[0] < _LEAST_INFORMATION:
        raise ValueRangeError(
            "the regression has no finite coefficients: the inputs separate the choices "
            "completely; give more trials, or a ridge above 0."
        )
    likelihood = height + ridge * float((coefficients**2).sum()) / 2
    return Regression(coefficients, likelihood, scores, information)


def predicted_shares(design: Floats, coefficients: Floats, offset: Floats | None = None) -> Floats:
    """Return the probability of each choice, (trials, choices).

    Example:
        >>> predicted_shares(np.ones((1, 1)), np.array([[0.0]])).tolist()
        [[0.5, 0.5]]
    """
    return np.exp(_log_shares(design, coefficients, 0.0 if offset is None else offset))


def _check_inputs(design: Floats, ridge: float) -> None:
    if len(design) == 0:
        raise ValueRangeError("no trial is left for the regression; see left_out.")
    if ridge > 0:
        return
    diagonal = np.abs(np.diag(np.linalg.qr(design, mode="r")))
    scale = np.sqrt((design**2).sum(0))[: diagonal.size]
    if design.shape[0] < design.shape[1] or (weak := diagonal <= 1e-9 * scale).any():
        place = diagonal.size if design.shape[0] < design.shape[1] else int(np.argmax(weak))
        raise ValueRangeError(
            f"input {place} of the regression (0 is the constant) follows from those before it in "
            f"these {len(design)} trials; leave it out, or record trials in which it varies."
        )


def _log_shares(design: Floats, coefficients: Floats, offset: Floats | float) -> Floats:
    odds = np.pad(design @ coefficients, ((0, 0), (0, 1))) + offset
    odds -= odds.max(1, keepdims=True)
    return np.asarray(odds - np.log(np.exp(odds).sum(1, keepdims=True)))


def _height(data: _Data, coefficients: Floats) -> float:
    logs = _log_shares(data.design, coefficients, data.offset)
    fit = data.target * np.where(data.target != 0, logs, 0)
    with np.errstate(over="ignore", invalid="ignore"):  # the caller refuses what is not finite
        return float(fit.sum() - data.ridge * (coefficients**2).sum() / 2)


def _derivatives(data: _Data, coefficients: Floats) -> tuple[Floats, Floats]:
    """Scores of every trial, and the information (prior included)."""
    design = data.design
    shares = np.exp(_log_shares(design, coefficients, data.offset))
    surprise, free = (data.target - shares)[:, :-1], shares[:, :-1]
    n_free = free.shape[1]
    n_inputs = design.shape[1]
    information = np.empty((n_inputs, n_free, n_inputs, n_free))
    for k in range(n_free):
        for other in range(k, n_free):
            spread = free[:, k] * ((k == other) - free[:, other])
            information[:, k, :, other] = design.T @ (spread[:, None] * design)
            information[:, other, :, k] = information[:, k, :, other]
    size = n_inputs * n_free
    scores = (design[:, :, None] * surprise[:, None]).reshape(len(design), size)
    return scores, information.reshape(size, size) + data.ridge * np.eye(size)


def _solve(information: Floats, slope: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(information, slope))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(information, slope, rcond=None)[0])


def _climb(data: _Data, start: Floats, step: Floats, height: float) -> tuple[Floats, float]:
    """The end of ``step`` or of the first half, quarter, ... of it that climbs."""
    for share in 0.5 ** np.arange(30):
        end = start + share * step
        if (reached := _height(data, end)) >= height:
            return end, reached
    return start, height
