"""Sampling by cumulative sums, from uniform numbers that were drawn outside the time loop."""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

ODDS_GUARD = 1e-6
"""Added to 1 - y in the odds y / (1 - y) that decisions are drawn by, as in the published
implementation: it bounds the odds of a certain decision."""


def draw_index(weights: Float[Array, " n"], uniform: Float[Array, ""]) -> Int[Array, ""]:
    """Return an index drawn with probability proportional to ``weights``.

    ``uniform`` lies in [0, 1); entries of weight 0 are never drawn.

    Example:
        >>> weights = jnp.array([0.0, 1.0, 3.0])
        >>> [int(draw_index(weights, jnp.array(u))) for u in (0.0, 0.24, 0.26)]
        [1, 1, 2]
    """
    cumulative = jnp.cumsum(weights)
    return jnp.sum(cumulative <= uniform * cumulative[-1])
