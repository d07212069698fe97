"""The beliefs encoded in weights: prior, likelihood table and entropy of every unit.

phi = h - sum ln(1 - sig(W1)) + sum ln(1 - sig(W0)) needs W1 and W0.  From W = W1 - W0 alone,
W1 = W/2 + c and W0 = c - W/2 give the same activity for every c: the prior has a range.  The mean
of each input settles c: D1 sig(W1) + D0 sig(W0) = mean (docs/theory.md section 5).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, xlogy

from hebbayes.core.errors import ShapeError

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.weights.layers import InputStatistics, LayerWeights

Array = NDArray[np.float64]
EXACT, ESTIMATED, RANGE, FAMILY = "exact", "estimated", "range", "family only"
EXTREME = 0.05
_ROUNDS = 200


@dataclass(frozen=True)
class Beliefs:
    """The beliefs of one layer.

    Attributes:
        name: The layer.
        activation: Its activation.
        how: exact, estimated, range or family only.
        log_odds: phi of each unit; the symmetric choice if only a range is known.
        low: Smallest phi that the weights allow.
        high: Largest phi that the weights allow.
        error: Standard error of an estimate, else None.
        table_on: P(input on | state on), (units, inputs); of the choice if there is a range.
        table_off: P(input on | state off).
        entropy: Entropy of each unit's prior, nats.
        undetermined: What the weights leave open, in sentences.
    """

    name: str
    activation: str
    how: str
    log_odds: Array
    low: Array
    high: Array
    error: Array | None
    table_on: Array | None
    table_off: Array | None
    entropy: Array
    undetermined: tuple[str, ...]

    @property
    def prior(self) -> Array:
        """P(state on) before any input."""
        return np.asarray(expit(self.log_odds))

    def extreme(self, certain: bool = True) -> NDArray[np.intp]:
        """Return the units whose prior is certainly, or possibly, below 0.05 or above 0.95."""
        bound = logit(1 - EXTREME)
        below, above = (self.high, self.low) if certain else (self.low, self.high)
        is_extreme: NDArray[np.bool_] = (below < -bound) | (above > bound)
        return is_extreme.nonzero()[0]


def beliefs_of(layer: "LayerWeights", statistics: "InputStatistics | None" = None) -> Beliefs:
    """Return the beliefs that the weights of a layer encode.

    Raises `ShapeError` if the statistics do not match the inputs.

    Example:
        >>> from hebbayes.reverse_engineering.weights.layers import LayerWeights
        >>> W = np.array([[1.0, -2.0]])
        >>> layer = LayerWeights("x", W, None, None, None, np.zeros(1), None, "sig")
        >>> beliefs = beliefs_of(layer)
        >>> beliefs.low.tolist(), beliefs.high.tolist(), beliefs.log_odds.tolist()
        ([-2.0], [1.0], [-0.5])
    """
    if layer.activation not in ("sig", "tanh"):
        return _family_only(layer)
    pair, threshold = _binary(layer)
    if pair is not None and layer.prior is not None:
        return _known(layer, pair, layer.prior)
    if pair is not None:
        assert threshold is not None
        return _known(layer, pair, threshold - _normaliser(*pair))
    difference, threshold = _differences(layer)
    if statistics is None:
        return _bounded(layer, difference, threshold)
    if statistics.mean.shape != (layer.n_inputs,):
        raise ShapeError(
            f"the input statistics have {statistics.mean.size} entries; layer {layer.name} has "
            f"{layer.n_inputs} inputs."
        )
    return _estimated(layer, difference, threshold, statistics)


def _binary(layer: "LayerWeights") -> tuple[tuple[Array, Array] | None, Array | None]:
    """Return on and off weights of all that a layer reads, if all are given as pairs."""
    if layer.pair is None or layer.recurrent is not None:
        return None, None
    on, off = layer.pair
    if layer.recurrent_pair is not None:
        on = np.hstack([on, layer.recurrent_pair[0]])
        off = np.hstack([off, layer.recurrent_pair[1]])
    return (on, off), layer.threshold


def _differences(layer: "LayerWeights") -> tuple[Array, Array]:
    """Return W = W1 - W0 and h of the binary network that a layer is.

    A tanh unit is a state of +1 and -1, s = 2 x - 1: its log odds are twice its drive, and what
    reads s reads x with twice the weight and a shifted threshold.
    """
    weights, recurrent = layer.difference, layer.recurrent
    if recurrent is None and layer.recurrent_pair is not None:
        recurrent = layer.recurrent_pair[0] - layer.recurrent_pair[1]
    threshold = np.zeros(layer.n_units) if layer.threshold is None else layer.threshold
    if layer.activation == "tanh":
        weights, threshold = 2 * weights, 2 * threshold
        if recurrent is not None:
            threshold = threshold - 2 * recurrent.sum(1)
            recurrent = 4 * recurrent
    if recurrent is not None:
        weights = np.hstack([weights, recurrent])
    return weights, threshold


def _normaliser(on: Array, off: Array) -> Array:
    """sum ln(1 - sig(on)) - ln(1 - sig(off)) over inputs."""
    return np.asarray((np.logaddexp(0, off) - np.logaddexp(0, on)).sum(1))


def _entropy(log_odds: Array) -> Array:
    on = expit(log_odds)
    return np.asarray(-(xlogy(on, on) + xlogy(1 - on, 1 - on)))


def _known(layer: "LayerWeights", pair: tuple[Array, Array], log_odds: Array) -> Beliefs:
    return Beliefs(
        name=layer.name,
        activation=layer.activation,
        how=EXACT,
        log_odds=log_odds,
        low=log_odds,
        high=log_odds,
        error=None,
        table_on=expit(pair[0]),
        table_off=expit(pair[1]),
        entropy=_entropy(log_odds),
        undetermined=("nothing, if inputs are binary: W1 and W0 are given",),
    )


def _bounded(layer: "LayerWeights", weights: Array, threshold: Array) -> Beliefs:
    """Return the range of priors over all c, and the symmetric choice c = 0."""
    low = threshold + np.minimum(weights, 0).sum(1)
    high = threshold + np.maximum(weights, 0).sum(1)
    chosen = threshold + weights.sum(1) / 2
    lacking = (
        "the prior: W1 = W/2 + c and W0 = c - W/2 give the same activity for every c; the value "
        "shown is the symmetric choice c = 0",
        "the likelihood table, beyond its log odds ratios W",
    )
    return Beliefs(
        name=layer.name,
        activation=layer.activation,
        how=RANGE,
        log_odds=chosen,
        low=low,
        high=high,
        error=None,
        table_on=expit(weights / 2),
        table_off=expit(-weights / 2),
        entropy=_entropy(chosen),
        undetermined=lacking,
    )


def offsets(weights: Array, on: Array, mean: Array) -> Array:
    """Return c with on sig(W/2 + c) + (1 - on) sig(c - W/2) = mean, for every synapse.

    ``weights`` (units, inputs), ``on`` (units,) the priors, ``mean`` (inputs,).  The root of a
    quadratic in exp(c), in the form that keeps its digits.

    Example:
        >>> c = offsets(np.array([[2.0]]), np.array([0.3]), np.array([0.4]))
        >>> float(np.round(0.3 * expit(1 + c) + 0.7 * expit(c - 1), 12)[0, 0])
        0.4
    """
    on = on[:, None]
    a = np.exp(weights / 2)
    b = (on - mean) * a + (1 - on - mean) / a
    root = np.sqrt(b**2 + 4 * mean * (1 - mean))
    with np.errstate(divide="ignore"):
        small = 2 * mean / (b + root)
        large = (root - b) / (2 * (1 - mean))
        return np.asarray(np.log(np.where(b > 0, small, large)))


def _estimated(
    layer: "LayerWeights", weights: Array, threshold: Array, statistics: "InputStatistics"
) -> Beliefs:
    """Return the prior under which inputs have the given means.

    What a layer reads of its own past has the prior as its mean, in a stationary state.
    """
    low = threshold + np.minimum(weights, 0).sum(1)
    high = threshold + np.maximum(weights, 0).sum(1)
    log_odds = (low + high) / 2
    reads_past = weights.shape[1] > layer.n_inputs
    for _ in range(_ROUNDS if reads_past else 1):
        mean = _all_means(statistics.mean, log_odds, reads_past)
        before, log_odds = log_odds, _root(weights, threshold, mean, (low, high))
        if np.max(np.abs(before - log_odds)) < 1e-12:
            break
    mean = _all_means(statistics.mean, log_odds, reads_past)
    c = offsets(weights, expit(log_odds), mean)
    on, off = expit(weights / 2 + c), expit(c - weights / 2)
    error = None
    if statistics.covariance_of_mean is not None:
        slope = _slope(expit(log_odds), on, off)[:, : layer.n_inputs]
        error = np.sqrt(np.einsum("ij,jk,ik->i", slope, statistics.covariance_of_mean, slope))
    return Beliefs(
        name=layer.name,
        activation=layer.activation,
        how=ESTIMATED,
        log_odds=log_odds,
        low=log_odds if error is None else log_odds - 2 * error,
        high=log_odds if error is None else log_odds + 2 * error,
        error=error,
        table_on=on,
        table_off=off,
        entropy=_entropy(log_odds),
        undetermined=(
            "nothing, if inputs are binary and the likelihood tables explain their means; "
            "the estimate of the prior assumes this",
        ),
    )


def _all_means(inputs: Array, log_odds: Array, reads_past: bool) -> Array:
    """Return the mean of everything a layer reads.

    An input that never changes carries no evidence; it is moved off 0 and 1 to keep its offset
    finite, which changes no prior.
    """
    tiny = 1e-12
    means = np.clip(inputs, tiny, 1 - tiny)
    return np.concatenate([means, expit(log_odds)]) if reads_past else means


def _root(weights: Array, threshold: Array, mean: Array, within: tuple[Array, Array]) -> Array:
    """Return phi with phi + normaliser(phi) = h, by bisection.

    The left side grows with phi, so there is one root, and it lies in the range of W alone.
    """
    bottom, top = within[0] - 1e-9, within[1] + 1e-9
    for _ in range(100):
        middle = (bottom + top) / 2
        c = offsets(weights, expit(middle), mean)
        excess = middle + _normaliser(weights / 2 + c, c - weights / 2) - threshold
        bottom, top = np.where(excess < 0, middle, bottom), np.where(excess < 0, top, middle)
    return np.asarray((bottom + top) / 2)


def _slope(prior: Array, on: Array, off: Array) -> Array:
    """Return d(phi)/d(mean of an input), (units, inputs), from the implicit equations."""
    spread = prior[:, None] * on * (1 - on) + (1 - prior[:, None]) * off * (1 - off)
    gap = on - off
    own = (prior * (1 - prior))[:, None] * gap**2 / spread
    return np.asarray(gap / spread / (1 + own.sum(1, keepdims=True)))


def _family_only(layer: "LayerWeights") -> Beliefs:
    threshold = np.zeros(layer.n_units) if layer.threshold is None else layer.threshold
    nothing = np.full(layer.n_units, np.nan)
    return Beliefs(
        name=layer.name,
        activation=layer.activation,
        how=FAMILY,
        log_odds=threshold,
        low=nothing,
        high=nothing,
        error=None,
        table_on=None,
        table_off=None,
        entropy=nothing,
        undetermined=(
            "the likelihood: this activation does not imply binary states; the value shown is the "
            "threshold, which is normaliser plus prior",
        ),
    )
