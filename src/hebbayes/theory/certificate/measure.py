"""How far two routes to one quantity differ."""

import jax.numpy as jnp
from jax import Array


def discrepancy(first: Array, second: Array) -> Array:
    """Return max|a - b| / max(|a|, |b|); entries that are the same infinity agree.

    Example:
        >>> float(discrepancy(jnp.array([1.0, jnp.inf]), jnp.array([2.0, jnp.inf])))
        0.5
    """
    a, b = jnp.asarray(first), jnp.asarray(second)
    is_same = a == b
    gap = jnp.max(jnp.where(is_same, 0, jnp.abs(a - b)), initial=0)
    both = jnp.abs(jnp.stack([a, b]))
    scale = jnp.max(jnp.where(jnp.isposinf(both) & is_same, 0, both), initial=0)
    return jnp.where(gap == 0, 0.0, gap / scale)


def worst(*discrepancies: Array) -> Array:
    """Return the largest discrepancy; NaN if any is NaN.

    Example:
        >>> float(worst(jnp.array(0.1), jnp.array(0.3)))
        0.3...
    """
    return jnp.max(jnp.stack(discrepancies))
