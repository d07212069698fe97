"""The time loop against a loop in Python."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.scan import scan_time


def step(carry, value):
    return 0.5 * carry + value, (carry, carry * value)


@pytest.mark.parametrize("unroll", [1, 4])
def test_a_scan_equals_a_loop(unroll: int) -> None:
    inputs, carry, records = np.random.default_rng(0).normal(size=7), 1.0, []
    for value in inputs:
        carry, record = step(carry, value)
        records.append(record)
    last, recorded = scan_time(step, jnp.array(1.0), jnp.array(inputs), unroll=unroll)
    np.testing.assert_allclose(last, carry, rtol=1e-14)
    np.testing.assert_allclose(np.stack(recorded, axis=1), records, rtol=1e-14)


def test_steps_without_inputs_are_counted() -> None:
    last, recorded = scan_time(lambda c, _: (2 * c, c), jnp.array(1), n_steps=5)
    assert (int(last), recorded.tolist()) == (32, [1, 2, 4, 8, 16])


def test_it_can_be_differentiated_and_mapped() -> None:
    def final(start):
        return scan_time(step, start, jnp.zeros(3))[0]

    np.testing.assert_allclose(jax.vmap(jax.grad(final))(jnp.arange(2.0)), [0.125, 0.125])
