"""One-hot groups side by side on one axis: softmax, sums and copies within each group.

A factor with m values is a group of m neighbouring entries; ``sizes`` holds the m of every group.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from hebbayes.core.errors import ShapeError


def check_groups(name: str, sizes: tuple[int, ...], length: int) -> None:
    """Raise `ShapeError` unless groups of ``sizes``, each of 2 or more, fill ``length`` entries.

    Example:
        >>> check_groups("states", (2, 3), 5)
        >>> check_groups("states", (2, 1), 3)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ShapeError: groups of states are (2, 1); each needs 2 or more values.
    """
    if any(size < 2 for size in sizes):
        raise ShapeError(f"groups of {name} are {sizes}; each needs 2 or more values.")
    if sum(sizes) != length:
        raise ShapeError(f"groups of {name} {sizes} fill {sum(sizes)} entries; got {length}.")


def split(values: Array, sizes: tuple[int, ...]) -> list[Array]:
    """Return the entries of each group, along the last axis.

    Example:
        >>> [part.tolist() for part in split(jnp.arange(5), (2, 3))]
        [[0, 1], [2, 3, 4]]
    """
    return jnp.split(values, np.cumsum(sizes)[:-1].tolist(), axis=-1)


def sum_groups(
    values: Float[Array, "*batch units"], sizes: tuple[int, ...]
) -> Float[Array, "*batch groups"]:
    """Return the sum over each group.

    Example:
        >>> sum_groups(jnp.ones(5), (2, 3)).tolist()
        [2.0, 3.0]
    """
    return jnp.stack([part.sum(-1) for part in split(values, sizes)], axis=-1)


def copy_to_groups(
    values: Float[Array, "*batch groups"], sizes: tuple[int, ...]
) -> Float[Array, "*batch units"]:
    """Return each group's value at every entry of the group.

    Example:
        >>> copy_to_groups(jnp.array([1.0, 2.0]), (2, 3)).tolist()
        [1.0, 1.0, 2.0, 2.0, 2.0]
    """
    return jnp.repeat(values, np.array(sizes), axis=-1, total_repeat_length=sum(sizes))


def log_sum_groups(
    values: Float[Array, "*batch units"], sizes: tuple[int, ...]
) -> Float[Array, "*batch groups"]:
    """Return the logarithm of the sum of exponentials over each group.

    Example:
        >>> log_sum_groups(jnp.zeros(5), (2, 3)).round(4).tolist()
        [0.693..., 1.098...]
    """
    parts = [jax.nn.logsumexp(part, axis=-1) for part in split(values, sizes)]
    return jnp.stack(parts, axis=-1)


def log_softmax_groups(
    values: Float[Array, "*batch units"], sizes: tuple[int, ...]
) -> Float[Array, "*batch units"]:
    """Return the logarithm of a softmax over each group.

    Example:
        >>> jnp.exp(log_softmax_groups(jnp.zeros(4), (2, 2))).tolist()
        [0.5, 0.5, 0.5, 0.5]
    """
    return values - copy_to_groups(log_sum_groups(values, sizes), sizes)


def one_hot_groups(values: Array, sizes: tuple[int, ...]) -> Array:
    """Return the one-hot code of ``values`` (..., groups), one number per group, from 0.

    Example:
        >>> one_hot_groups(jnp.array([1, 0]), (2, 3)).tolist()
        [0.0, 1.0, 1.0, 0.0, 0.0]
    """
    codes = [jax.nn.one_hot(values[..., g], size) for g, size in enumerate(sizes)]
    return jnp.concatenate(codes, axis=-1)
