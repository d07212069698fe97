"""The only time loop of the package."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax

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
