"""Reads MATLAB files, v5 and v7.3, in the culture layout.

A cell holds one struct per culture (`layout`).  Cultures are read independently: one that cannot
be read is reported in ``failures``, and the others stay.  v5 files carry no checksum; those written
by this package carry a digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat

from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import FormatError, HebbayesError, shown_names
from hebbayes.data.files import HDF5_MAGIC, read_bytes
from hebbayes.data.formats.matlab.layout import LAYOUT, NAMES, Struct, Variable, recording_of_struct
from hebbayes.data.formats.matlab.structure import unpacked
from hebbayes.data.limits import MemoryBudget, memory_budget
from hebbayes.data.provenance import notes, versions
from hebbayes.data.recording import Cultures


class NoLayoutError(FormatError):
    """A file has no variable in the layout of cultures."""


def read_mat(path: Path, *, session_length: int = 256, condition: str | None = None) -> Cultures:
    """Return the cultures of a MATLAB file, and the reason for each that cannot be read.

    ``condition`` names the variable to read if a file holds several, and is only a label if it
    holds one; by default the label is the variable's name.  Raises `FormatError` if the file as a
    whole is missing, damaged, or has another layout, and `MissingDependencyError` for v7.3 without
    h5py.

    Example:
        >>> read_mat(Path("no-such.mat"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.mat: No such file or directory.
    """
    check_at_least("session_length", session_length, 1)
    path = Path(path)
    content, sha256 = read_bytes(path)
    is_hdf5 = content.startswith(HDF5_MAGIC) or content[512:520] == HDF5_MAGIC
    if is_hdf5:
        from hebbayes.data.formats.matlab.hdf5 import opened  # needs h5py
    else:
        opened = _opened_v5
    budget = memory_budget(path)
    with opened(path, content, budget) as variables:
        del content  # as large as the file
        name = _variable(path, variables, condition)
        provenance = {
            "file": str(path),
            "sha256": sha256,
            "format": "MATLAB v7.3" if is_hdf5 else "MATLAB v5",
            "versions": versions("h5py" if is_hdf5 else "scipy"),
            "variable": name,
            "session_length": session_length,
            **notes(),
        }
        recordings, failures = {}, {}
        for k, load in enumerate(variables[name].loaders):
            try:
                recordings[k] = recording_of_struct(
                    load(), session_length, {**provenance, "culture": k}, budget
                )
            except HebbayesError as error:
                failures[k] = str(error)
    return Cultures(condition or name.removeprefix("data_"), recordings, failures)


@contextmanager
def _opened_v5(path: Path, content: bytes, budget: MemoryBudget) -> Iterator[dict[str, Variable]]:
    if not content:
        raise FormatError(f"{path} is empty; wanted a MATLAB file.")
    try:
        held = loadmat(BytesIO(unpacked(content, budget)))
        del content
    except HebbayesError:
        raise
    except Exception as error:  # scipy raises any of seven kinds for a damaged file
        raise FormatError(
            f"{path} is not a readable MATLAB file: it is truncated, damaged or of another "
            "format; save it again in MATLAB with `save(..., '-v7')`."
        ) from error
    variables = {}
    for name, values in held.items():
        if not name.startswith("__"):
            structs = [_as_mapping(entry) for entry in _entries(values)]
            loaders = [partial(dict[str, Any], struct) for struct in structs]
            variables[name] = Variable([tuple(struct) for struct in structs], loaders)
    yield variables


def _entries(variable: Any) -> Iterator[Any]:
    """Yield the entries, one per culture, of a cell or a struct array; none of other variables."""
    if isinstance(variable, np.ndarray) and variable.dtype.kind in "OV":
        for entry in variable.ravel(order="F"):
            is_boxed = isinstance(entry, np.ndarray) and entry.dtype.names and entry.size == 1
            yield entry.ravel()[0] if is_boxed else entry


def _as_mapping(entry: Any) -> Struct:
    names = getattr(getattr(entry, "dtype", None), "names", None) or ()
    return {name: entry[name] for name in names}


def _variable(path: Path, variables: dict[str, Variable], condition: str | None) -> str:
    fitting = [
        name
        for name, variable in variables.items()
        if any(set(held) & set(NAMES) for held in variable.fields)
    ]
    if not fitting:
        held = f"it holds {shown_names(variables)}" if variables else "it holds no variables"
        raise NoLayoutError(f"{path} has no recordings: {LAYOUT}; {held}.")
    if len(fitting) == 1:
        return fitting[0]
    chosen = [name for name in fitting if condition in (name, name.removeprefix("data_"))]
    if not chosen:
        raise FormatError(
            f"{path} holds several conditions; choose one of {shown_names(fitting)} as the "
            "condition."
        )
    return chosen[0]
