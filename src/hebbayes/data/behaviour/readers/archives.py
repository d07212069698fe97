"""Columns in a NumPy archive: one array per column, with as many entries as there are trials.

A matrix with a row per trial becomes the columns ``NAME_0``, ``NAME_1``, ...; with psytrack's names
(``inputs_s1`` or a matrix of lags) it becomes the column of the current trial.  A short array
called ``dayLength`` holds the lengths of sessions.  Pickled objects are refused.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.behaviour.readers.matrices import columns_of_matrices
from hebbayes.data.behaviour.readers.registry import pickle_remedy
from hebbayes.data.behaviour.table import MOST_COLUMNS, Table, table_of_frame
from hebbayes.data.files import fingerprint, load_arrays

if TYPE_CHECKING:
    from hebbayes.data.behaviour.mapping import Mapping

_LENGTHS = "dayLength"


def read_npz_table(path: Path, mapping: Mapping) -> Table:
    """Return the table of an archive of columns.  Raises `FormatError`.

    Example:
        >>> import tempfile
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(Path(folder, "a.npz"), choice=[0, 1], reward=[1, 0])
        ...     read_npz_table(Path(folder, "a.npz"), Mapping()).names
        ('choice', 'reward')
    """
    import pandas

    try:
        arrays = load_arrays(path)
    except FormatError as error:
        if "holds objects" in str(error):
            raise FormatError(f"{path} holds a pickle; {pickle_remedy(path)}.") from error
        raise
    columns, unread = columns_of(arrays, str(path), mapping.subject)
    provenance = {"file": str(path), "sha256": fingerprint(path), "format": "npz"}
    return table_of_frame(
        pandas.DataFrame(columns),
        str(path),
        unread=unread,
        provenance=provenance,
    )


def columns_of(
    arrays: dict[str, NDArray[Any]], source: str, subject: str | None = None
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """Return the arrays that have an entry per trial as columns, and the names of the others.

    The number of trials is the length that most arrays have.  Matrices of subjects and trials
    become columns (`matrices`); ``subject`` may say where subjects are.  Raises `FormatError` if no
    array has a length.

    Example:
        >>> columns_of({"a": np.zeros(3), "b": np.ones((3, 2)), "c": np.array(1)}, "a.npz")
        ({'a': array([0., 0., 0.]), 'b_0': array([1., 1., 1.]), 'b_1': array([1., 1., 1.])}, ('c',))
    """
    held = {name: _vector(values) for name, values in arrays.items()}
    strange = tuple(name for name, values in held.items() if values.dtype.kind not in "buifUSO")
    held = {name: values for name, values in held.items() if name not in strange}
    held = columns_of_matrices(held, source, subject)
    lengths = Counter(len(values) for values in held.values() if values.ndim >= 1 and len(values))
    if not lengths:
        raise FormatError(f"{source} holds no columns of trials; it has {shown_names(held)}.")
    n_rows = max(lengths, key=lambda n: (lengths[n], n))
    columns: dict[str, NDArray[Any]] = {}
    unread: list[str] = []
    for name, values in held.items():
        if name == _LENGTHS and values.ndim == 1 and len(values) < n_rows:
            columns[name] = _padded(values, n_rows)
        elif values.ndim == 1 and len(values) == n_rows:
            columns[name] = values
        elif values.ndim == 2 and len(values) == n_rows and values.shape[1] <= MOST_COLUMNS:
            columns |= {f"{name}_{k}": column for k, column in enumerate(values.T)}
        else:
            unread.append(name)
    return columns, (*unread, *strange)


def _vector(values: NDArray[Any]) -> NDArray[Any]:
    """Return a matrix of one row or column as a vector, dates as text, bytes in native order."""
    array = np.asarray(values)
    if array.dtype.kind in "mM":
        array = array.astype(str) if np.datetime_data(array.dtype)[0] != "generic" else array
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array.ravel() if array.ndim == 2 and 1 in array.shape else array


def _padded(lengths: NDArray[Any], n_rows: int) -> NDArray[np.float64]:
    padded = np.full(n_rows, np.nan)
    if lengths.dtype.kind in "buif":
        padded[: len(lengths)] = lengths
    return padded
