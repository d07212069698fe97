"""The few statistics that experiments report: means with errors, correlations, agreement."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def mean_and_error(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return mean and standard error over the last axis; NaN for the error of a single value.

    Example:
        >>> mean, error = mean_and_error(np.array([1.0, 3.0]))
        >>> float(mean), float(error)
        (2.0, 1.0)
    """
    n = values.shape[-1]
    spread = values.std(-1, ddof=1) if n > 1 else np.full(values.shape[:-1], np.nan)
    return values.mean(-1), spread / np.sqrt(n)


def correlations(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    """Return the correlation of each column of ``first`` with each of ``second``.

    NaN if a column is constant.

    Example:
        >>> time = np.array([[0.0], [1.0], [2.0]])
        >>> correlations(time, np.hstack([3 - time, np.ones((3, 1))])).tolist()
        [[-1.0, nan]]
    """
    a, b = first - first.mean(0), second - second.mean(0)
    scale = np.sqrt(np.outer((a**2).sum(0), (b**2).sum(0)))
    return np.divide(a.T @ b, scale, out=np.full(scale.shape, np.nan), where=scale > 0)


def is_consistent(ours: float, published: float, *errors: float, n_errors: float = 3.0) -> bool:
    """Return whether two numbers differ by no more than ``n_errors`` joint standard errors.

    Example:
        >>> is_consistent(1.0, 1.5, 0.1, 0.1), is_consistent(1.0, 1.4, 0.1, 0.1)
        (False, True)
    """
    return bool(abs(ours - published) <= n_errors * math.hypot(*errors))
