"""The order of paired values: on first, everywhere."""

import jax.numpy as jnp
import numpy as np

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import Counts, over_values


def test_on_and_off_are_the_two_places_of_a_pair() -> None:
    assert (ON, OFF) == (0, 1)
    pair = np.stack([np.array([0.8]), np.array([0.2])])
    assert (pair[ON], pair[OFF]) == (0.8, 0.2)


def test_the_sum_over_values_runs_over_that_axis() -> None:
    counts = Counts(jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.zeros((2, 2)))
    assert over_values(counts).prior.tolist() == [[4.0, 6.0]]
