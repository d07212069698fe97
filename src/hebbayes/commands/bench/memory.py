"""The bound set by memory: the fastest possible read of the parameters of a step.

A step multiplies a matrix once with a vector, so each parameter is read once and used once.  The
bytes stay in a cache near the core.  The bound is the time that the faster of two BLAS routines
needs to read an array of the same size, in the same rounds as the step.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray
from scipy.linalg import blas

from hebbayes.commands.bench.timing import Candidate, Samples, repeated, row_of
from hebbayes.core.scan import scan_time

if TYPE_CHECKING:
    from hebbayes.commands.bench.present import Row

_READS = ("read: sum of sizes", "read: dot of halves", "read: nothing, only the call")
_BLAS_PRODUCT = "bare product, BLAS called from Python"
_XLA_PRODUCT = "bare product, compiled loop"
_FLOAT = np.dtype(np.float32)


def product_bytes(rows: int, columns: int) -> int:
    """Return the bytes of a float32 matrix, read once by a product with a vector.

    Example:
        >>> product_bytes(121 + 256, 121)
        182468
    """
    return rows * columns * _FLOAT.itemsize


def read_candidates(n_bytes: int, times: int) -> list[Candidate]:
    """Return passes over ``n_bytes`` that only read, and the call alone, ``times`` per round.

    Example:
        >>> [candidate.steps for candidate in read_candidates(1024, times=3)]
        [3, 3, 3]
    """
    flat, tiny = np.ones(n_bytes // _FLOAT.itemsize, _FLOAT), np.ones(8, _FLOAT)
    half = flat.size // 2
    left, right = flat[:half].copy(), flat[half : 2 * half].copy()
    calls: tuple[Callable[[], object], ...] = (
        lambda: blas.sasum(flat),
        lambda: blas.sdot(left, right),
        lambda: blas.sasum(tiny),
    )
    return [Candidate(what, repeated(call, times), times) for what, call in zip(_READS, calls)]


def memory_candidates(rows: int, columns: int, times: int) -> list[Candidate]:
    """Return reads and bare products of a matrix of that shape, each ``times`` per round.

    ``rows`` must be at least ``columns`` for the loop to feed itself.

    Example:
        >>> [candidate.steps for candidate in memory_candidates(8, 4, times=3)]
        [3, 3, 3, 3, 3]
    """
    matrix = np.random.default_rng(0).standard_normal((rows, columns)).astype(_FLOAT)
    column_major, vector = np.asfortranarray(matrix), np.ones(columns, _FLOAT)
    by_blas = repeated(lambda: blas.sgemv(1.0, column_major, vector), times)
    return [
        *read_candidates(matrix.nbytes, times),
        Candidate(_BLAS_PRODUCT, by_blas, times),
        Candidate(_XLA_PRODUCT, _product_loop(matrix, times), times),
    ]


def reading_time(samples: Samples) -> NDArray[np.float64]:
    """Return the microseconds of one pass over the bytes, per round, minus those of the call.

    Example:
        >>> from hebbayes.commands.bench.timing import alternate
        >>> bool((reading_time(alternate(memory_candidates(8, 4, 3), rounds=2)) > 0).all())
        True
    """
    fastest = np.minimum(samples.of(_READS[0]), samples.of(_READS[1]))
    net = fastest - samples.of(_READS[2])
    return np.where(net > 0, net, fastest)  # so few bytes that the call dominates


def bound_row(samples: Samples, n_bytes: int, shared_by: int = 1) -> "Row":
    """Return the row of the read, the bound: fraction 1.  ``shared_by`` steps share one read.

    Example:
        >>> from hebbayes.commands.bench.timing import alternate
        >>> bound_row(alternate(read_candidates(1024, 3), rounds=2), 1024).what
        'bound: only reading 1.0 kB'
    """
    share = n_bytes // shared_by
    return row_of(
        f"bound: only reading {share / 1e3:.1f} kB",
        reading_time(samples) / shared_by,
        samples.row(_READS[0]).steps * shared_by,
        bytes_per_step=share,
        fraction_of_bandwidth=1.0,
    )


def memory_rows(samples: Samples, n_bytes: int) -> list["Row"]:
    """Return the rows of the bound and of both bare products.

    Example:
        >>> from hebbayes.commands.bench.timing import alternate
        >>> samples = alternate(memory_candidates(8, 4, 3), rounds=2)
        >>> [row.bytes_per_step for row in memory_rows(samples, product_bytes(8, 4))]
        [128, 128, 128]
    """
    products = [
        samples.row(what, bytes_per_step=n_bytes, fraction_of_bandwidth=fraction(samples, what))
        for what in (_BLAS_PRODUCT, _XLA_PRODUCT)
    ]
    return [bound_row(samples, n_bytes), *products]


def fraction(samples: Samples, what: str) -> float:
    """Return the time of only reading over the time of a step of ``what``.

    Example:
        >>> from hebbayes.commands.bench.timing import alternate
        >>> samples = alternate(memory_candidates(8, 4, 3), rounds=2)
        >>> fraction(samples, samples.candidates[-1].what) > 0
        True
    """
    return samples.ratio(reading_time(samples), what)


def _product_loop(matrix: NDArray[np.float32], times: int) -> Callable[[], object]:
    columns = matrix.shape[1]
    table = jnp.asarray(matrix / np.abs(matrix).sum(1, keepdims=True))  # keeps the vector bounded
    vector = jnp.ones(columns, table.dtype)

    @jax.jit
    def loop(table: Array, vector: Array) -> Array:
        return scan_time(lambda v, _: ((table @ v)[:columns], None), vector, n_steps=times)[0]

    return lambda: loop(table, vector).block_until_ready()
