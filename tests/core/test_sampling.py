"""Draws from given uniform numbers: their proportions and their edges."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.sampling import draw_index


def test_evenly_spread_uniforms_give_the_exact_proportions() -> None:
    weights = jnp.array([1.0, 0.0, 3.0, 4.0])
    drawn = jax.vmap(lambda u: draw_index(weights, u))((jnp.arange(800) + 0.5) / 800)
    assert np.bincount(drawn, minlength=4).tolist() == [100, 0, 300, 400]


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_only_proportions_count(scale: float) -> None:
    weights = scale * jnp.array([1.0, 3.0])
    assert [int(draw_index(weights, jnp.array(u))) for u in (0.0, 0.2499, 0.2501)] == [0, 0, 1]


@pytest.mark.parametrize("uniform", [0.0, 0.5, np.nextafter(1.0, 0.0)])
def test_a_weight_of_zero_at_either_end_is_never_drawn(uniform: float) -> None:
    assert int(draw_index(jnp.array([0.0, 2.0, 0.0]), jnp.array(uniform))) == 1
