"""Counts with prior and evidence apart, and the two logarithmic ratios read from them.

The same sufficient statistics seen from two sides: the generative model reads ratios of counts as
expected log probabilities, the network reads them as synaptic weights and thresholds.  Which
logarithm is taken is the only difference between a neural network (`log_ratio`) and exact
variational Bayes (`digamma_ratio`).  Prior and evidence are never added before the logarithm:
beside a prior of 1e9 float32 moves in steps of 64.  A prior of exactly 0 is a structural zero: it
is legal, it gives ln 0, and no evidence ever makes it positive.
"""

from collections.abc import Callable
from typing import TypeAlias

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.errors import ShapeError

_ASYMPTOTIC_FROM = 16.0  # above this the Stirling series is exact to float64
_SHIFT = 16  # whole steps that carry a small argument there


class Counts(eqx.Module):
    """Dirichlet counts of any shape.

    Attributes:
        prior: Counts before any observation.
        evidence: Counts that learning has added.
    """

    prior: Float[Array, "*shape"]
    evidence: Float[Array, "*shape"]

    def __check_init__(self) -> None:
        """Prior and evidence have one shape."""
        if jnp.shape(self.prior) != jnp.shape(self.evidence):
            raise ShapeError(
                f"evidence has shape {jnp.shape(self.evidence)}; "
                f"wanted that of the prior, {jnp.shape(self.prior)}."
            )


Ratio: TypeAlias = Callable[[Counts, Counts], Array]
"""(numerator, denominator) -> logarithm of their ratio, element-wise: `log_ratio` or
`digamma_ratio`."""


def without_evidence(prior: Array) -> Counts:
    """Return counts that hold ``prior`` and nothing seen yet.

    Example:
        >>> without_evidence(jnp.array([1.0, 2.0])).evidence.tolist()
        [0.0, 0.0]
    """
    return Counts(prior=prior, evidence=jnp.zeros_like(prior))


def total(counts: Counts) -> Array:
    """Return prior plus evidence (rounded to the dtype: for display, not for logarithms).

    Example:
        >>> total(Counts(jnp.array([1.0]), jnp.array([0.5]))).tolist()
        [1.5]
    """
    return counts.prior + counts.evidence


def combine(first: Counts, second: Counts, sign: int = 1) -> Counts:
    """Return ``first + sign * second``, prior and evidence each on their own.

    Example:
        >>> one = without_evidence(jnp.array([3.0]))
        >>> total(combine(one, one, -1)).tolist()
        [0.0]
    """
    return Counts(first.prior + sign * second.prior, first.evidence + sign * second.evidence)


def over_values(counts: Counts) -> Counts:
    """Return the counts summed over the leading axis (the two values), which keeps length 1.

    Example:
        >>> over_values(without_evidence(jnp.array([1.0, 3.0]))).prior.tolist()
        [4.0]
    """
    return Counts(counts.prior.sum(0, keepdims=True), counts.evidence.sum(0, keepdims=True))


def add_evidence(counts: Counts, increment: Array, floor: float | None = None) -> Counts:
    """Return ``counts`` with ``increment`` added to the evidence, entry by entry.

    ``floor`` is the smallest count that forgetting may leave.  Structural zeros of the prior stay
    zero.

    Example:
        >>> c = without_evidence(jnp.array([3.0, 0.0]))
        >>> total(add_evidence(c, jnp.array([-5.0, 5.0]), floor=1.0)).tolist()
        [1.0, 0.0]
    """
    evidence = counts.evidence + increment
    if floor is not None:
        evidence = jnp.maximum(evidence, floor - counts.prior)
    return Counts(counts.prior, jnp.where(counts.prior > 0, evidence, 0))


def log_ratio(numerator: Counts, denominator: Counts) -> Array:
    """Return ln(numerator / denominator), exact in float32 beside a prior of 1e9.

    Example:
        >>> one, three = (without_evidence(jnp.array(c)) for c in (1.0, 3.0))
        >>> round(float(log_ratio(one, three)), 4)
        -1.0986
    """
    return (
        _log_quotient(numerator.prior, denominator.prior)
        + _log_growth(numerator)
        - _log_growth(denominator)
    )


def digamma_ratio(numerator: Counts, denominator: Counts) -> Array:
    """Return digamma(numerator) - digamma(denominator), exact in float32 beside a prior of 1e9.

    Example:
        >>> one, two = (without_evidence(jnp.array(c)) for c in (1.0, 2.0))
        >>> round(float(digamma_ratio(one, two)), 4)
        -1.0
    """
    correction = _digamma_minus_log(total(numerator)) - _digamma_minus_log(total(denominator))
    return log_ratio(numerator, denominator) + correction


def beta_divergence(counts: Counts) -> Array:
    """Return KL[Beta(prior + evidence) || Beta(prior)] in nats, summed over everything.

    ``counts`` has the two values on its leading axis.  Zero without evidence; structural zeros
    contribute nothing (both sides are the same point mass).

    Example:
        >>> beta_divergence(Counts(jnp.array([1.0, 1.0]), jnp.array([1.0, 0.0]))).round(4).tolist()
        0.1931...
    """
    is_free = jnp.all(counts.prior > 0, axis=0)
    per_value = _divergence_term(counts).sum(0)
    per_pair = per_value - _divergence_term(over_values(counts))[0]
    return jnp.sum(jnp.where(is_free, per_pair, 0))


def _log_quotient(numerator: Array, denominator: Array) -> Array:
    # 0/0 (a structural zero over a structural zero) is left as NaN for the checks to name
    return jnp.log(numerator / denominator)


def _log_growth(counts: Counts) -> Array:
    is_free = counts.prior > 0
    return jnp.log1p(jnp.where(is_free, counts.evidence, 0) / jnp.where(is_free, counts.prior, 1))


def _digamma_minus_log(z: Array) -> Array:
    """digamma(z) - ln z, from its asymptotic series; 0 at structural zeros.

    Small z is first shifted up, digamma(z) = digamma(z + 16) - sum of 1/(z + k): library digammas
    take minutes to compile under automatic differentiation.
    """
    is_large = z > _ASYMPTOTIC_FROM
    inverse = 1 / jnp.where(is_large, z, jnp.where(z > 0, z, 1) + _SHIFT)
    square = inverse * inverse
    series = -inverse / 2 - square * (
        1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132)))
    )
    small = jnp.where(is_large | (z <= 0), 1.0, z)
    steps = jnp.sum(1 / _ladder(small), axis=-1)
    shifted = series + jnp.log1p(_SHIFT / small) - steps
    return jnp.where(is_large, series, jnp.where(z > 0, shifted, 0))


def _ladder(z: Array) -> Array:
    """z, z + 1, ... z + 15 on a new last axis (a reduction, which compiles fast)."""
    return z[..., None] + jnp.arange(_SHIFT, dtype=z.dtype)


def _log_gamma_small(z: Array) -> Array:
    """lnGamma(z) for 0 < z <= 16, shifted up into Stirling's range."""
    up = z + _SHIFT
    stirling = (up - 0.5) * jnp.log(up) - up + 0.5 * jnp.log(2 * jnp.pi) + _stirling_rest(up)
    return stirling - jnp.sum(jnp.log(_ladder(z)), axis=-1)


def _divergence_term(counts: Counts) -> Array:
    """e digamma(p+e) - lnGamma(p+e) + lnGamma(p) for prior p and evidence e, without
    cancellation for large p (lnGamma(1e9) = 2e10 would swamp it)."""
    p, e = counts.prior, counts.evidence
    is_large = (p > _ASYMPTOTIC_FROM) & (p + e > _ASYMPTOTIC_FROM)
    p_large, e_large = jnp.where(is_large, p, 32.0), jnp.where(is_large, e, 0.0)
    r = e_large / p_large
    large = (
        p_large * _excess(r)
        + jnp.log1p(r) / 2
        + e_large * _digamma_minus_log(p_large + e_large)
        + _stirling_rest(p_large)
        - _stirling_rest(p_large + e_large)
    )
    is_small = ~is_large & (p > 0)
    p_small, e_small = jnp.where(is_small, p, 1.0), jnp.where(is_small, e, 0.0)
    q = p_small + e_small
    small = e_small * (jnp.log(q) + _digamma_minus_log(q)) - _log_gamma(q) + _log_gamma(p_small)
    return jnp.where(is_large, large, jnp.where(is_small, small, 0))


def _log_gamma(z: Array) -> Array:
    """lnGamma(z) for z > 0."""
    is_large = z > _ASYMPTOTIC_FROM
    big = jnp.where(is_large, z, 32.0)
    stirling = (big - 0.5) * jnp.log(big) - big + 0.5 * jnp.log(2 * jnp.pi) + _stirling_rest(big)
    return jnp.where(is_large, stirling, _log_gamma_small(jnp.where(is_large, 1.0, z)))


def _excess(r: Array) -> Array:
    """r - ln(1 + r), by the series in t = r / (2 + r) for small r, where the difference cancels."""
    is_near = jnp.abs(r) < 0.3
    t = jnp.where(is_near, r, 0) / (2 + jnp.where(is_near, r, 0))
    square = t * t
    tail = jnp.zeros_like(t)
    for odd in range(21, 1, -2):
        tail = tail * square + 1 / odd
    far = jnp.where(is_near, 1.0, r)
    return jnp.where(is_near, r * t - 2 * t * square * tail, far - jnp.log1p(far))


def _stirling_rest(z: Array) -> Array:
    """lnGamma(z) - (z - 1/2) ln z + z - ln(2 pi)/2 for large z."""
    inverse = 1 / z
    square = inverse * inverse
    return inverse * (
        1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    )
