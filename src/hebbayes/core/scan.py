"""The only time loop of the package, and the delay line beside it."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax import Array

from hebbayes.core.checks import check_at_least

Carry = TypeVar("Carry")


def scan_time(
    step: Callable[[Carry, Any], tuple[Carry, Any]],
    start: Carry,
    inputs: Any = None,
    *,
    n_steps: int | None = None,
    unroll: int = 1,
) -> tuple[Carry, Any]:
    """Return the last carry and the records of every step, stacked time-first.

    ``step(carry, input) -> (carry, record)`` is run once per leading index of ``inputs``, or
    ``n_steps`` times with ``None`` if there are no inputs.  ``unroll`` repeats the body
    inside one iteration: four suits a step of a few microseconds.

    Example:
        >>> import jax.numpy as jnp
        >>> last, record = scan_time(lambda c, u: (c + u, c), 0, jnp.arange(4))
        >>> int(last), record.tolist()
        (6, [0, 0, 1, 3])
    """
    return jax.lax.scan(step, start, inputs, length=n_steps, unroll=unroll)


def delayed(rows: Array, before: Array, delay: int = 1) -> Array:
    """Return time-first ``rows`` as they stood ``delay`` steps earlier, ``before`` at first.

    Example:
        >>> delayed(jnp.array([[1.0], [2.0], [3.0]]), jnp.array([0.5]), delay=2).tolist()
        [[0.5], [0.5], [1.0]]
    """
    check_at_least("delay", delay, 1)
    first = jnp.broadcast_to(before, (delay, *rows.shape[1:]))
    return jnp.concatenate([first, rows])[: rows.shape[0]]
