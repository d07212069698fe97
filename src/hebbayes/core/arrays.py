"""Conventions that every array in the package follows.

Paired quantities (a value and its complement: W1 and W0, state on and off) live on a leading
axis of length two, indexed by ``ON`` and ``OFF``.  Arrays are time-first.  Indices are 0-based.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from jax import Array

ON: int = 0
OFF: int = 1

ArrayLike: TypeAlias = "Array | np.ndarray[Any, Any] | float | int"
"""Anything that `jax.numpy.asarray` takes without guessing."""


def sizes(name: str, **arrays: Any) -> str:
    """Return a short text of a record: its name and the shapes of its arrays, without values.

    Arrays that are None are left out.

    Example:
        >>> import numpy as np
        >>> sizes("Beliefs", states=np.zeros((5, 2)), decisions=None)
        'Beliefs(states (5, 2))'
    """
    shapes = (f"{key} {tuple(a.shape)}" for key, a in arrays.items() if a is not None)
    return f"{name}({', '.join(shapes)})"
