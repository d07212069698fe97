"""Numerical helpers that keep probabilities of exactly 0 and 1 legal.

Everything works with log odds: a rounded probability x is never turned into ln(1 - x).
The convention throughout is 0 ln 0 = 0, hence `product_or_zero` for expectations of logarithms.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

FULL_PRECISION = jax.lax.Precision.HIGHEST
"""Of matrix products: without it, GPUs round factors in float32 to 10 bits."""

einsum = partial(jnp.einsum, precision=FULL_PRECISION)
"""`jax.numpy.einsum` with all digits of its factors."""

matmul = partial(jnp.matmul, precision=FULL_PRECISION)
"""`jax.numpy.matmul` with all digits of its factors."""


def product_or_zero(weight: Array, value: Array) -> Array:
    """Return ``weight * value``, and 0 for a ``weight`` of exactly 0, even beside an infinity.

    The derivatives are finite there too.

    Example:
        >>> float(product_or_zero(jnp.array(0.0), jnp.array(-jnp.inf)))
        0.0
    """
    is_used = weight != 0
    return jnp.where(is_used, weight, 0) * jnp.where(is_used, value, 0)


def contract_or_zero(spec: str, table: Array, weights: Array) -> Array:
    """Return ``einsum(spec, table, weights)`` in which a weight of 0 silences an infinite entry.

    An infinity of ``table`` that is used makes the result infinite, two opposing ones make it NaN
    (which the checks of results report by name).  ``weights`` must not be negative.

    Example:
        >>> table = jnp.array([[1.0, -jnp.inf]])
        >>> contract_or_zero("nm,m->n", table, jnp.array([2.0, 0.0])).tolist()
        [2.0]
    """
    is_used = (weights != 0).astype(weights.dtype)
    finite = einsum(spec, jnp.where(jnp.isfinite(table), table, 0), weights)
    up = einsum(spec, (table == jnp.inf).astype(weights.dtype), is_used)
    down = einsum(spec, (table == -jnp.inf).astype(weights.dtype), is_used)
    undefined = einsum(spec, jnp.isnan(table).astype(weights.dtype), is_used)
    infinite = jnp.where(up > 0, jnp.inf, 0.0) + jnp.where(down > 0, -jnp.inf, 0.0)
    return finite + jnp.where(undefined > 0, jnp.nan, infinite).astype(finite.dtype)


def log_sigmoid(log_odds: Array) -> Array:
    """Return ln sig(log_odds) without forming the probability; exact at both infinities.

    Example:
        >>> log_sigmoid(jnp.array([-jnp.inf, -40.0, 0.0, jnp.inf])).tolist()
        [-inf, -40.0, -0.69314718..., -0.0]
    """
    return -jax.nn.softplus(-log_odds)
