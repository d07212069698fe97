"""Writes recordings as MATLAB v5 files in the culture layout, with a digest of the arrays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import savemat

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.files import write_atomic
from hebbayes.data.formats.matlab.layout import NAMES, OTHER_FIELDS
from hebbayes.data.provenance import digest
from hebbayes.data.recording import Cultures, Recording


def to_mat(content: Recording | Cultures, path: Path) -> None:
    """Write a recording, or all cultures of a file, as MATLAB v5 in the culture layout.

    Every field is kept, and a digest that reveals damage is added.  Raises `ValueRangeError` for
    empty names, and stimuli or sources other than 0 and 1, which the layout does not take, and
    `OutputError`.

    Example:
        >>> import tempfile
        >>> from hebbayes.data.formats.matlab.reading import read_mat
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     to_mat(Recording(np.eye(2), np.ones((2, 3)), [0, 1]), Path(folder, "a.mat"))
        ...     read_mat(Path(folder, "a.mat")).recordings[0].n_units
        3
    """
    cultures = Cultures("recording", {0: content}) if isinstance(content, Recording) else content
    if sorted(cultures.recordings) != list(range(len(cultures.recordings))):
        raise ValueRangeError(
            f"cultures are numbered {', '.join(map(str, cultures.recordings))}; a cell holds them "
            "from 0 without gaps: number them anew, or use to_npz."
        )
    cell = np.empty((len(cultures.recordings), 1), object)
    for k, recording in cultures.recordings.items():
        cell[k, 0] = _struct(recording)
    name = (
        cultures.condition
        if cultures.condition.startswith("data_")
        else "data_" + cultures.condition
    )
    if not name.isidentifier() or not name.isascii() or len(name) > 31:
        raise ValueRangeError(
            f"the condition {cultures.condition!r} is no name of a MATLAB "
            "variable; use letters, digits and _, 26 at most."
        )
    write_atomic(Path(path), lambda stream: savemat(stream, {name: cell}))


def _struct(recording: Recording) -> dict[str, Any]:
    struct: dict[str, Any] = {"sha256": digest(recording)}
    for letter, name in NAMES.items():
        if (values := getattr(recording, name)) is not None:
            if letter != "r" and not np.isin(values, (0, 1)).all():
                raise ValueRangeError(
                    f"{name} hold other values than 0 and 1, which the culture "
                    "layout does not take; use to_npz."
                )
            struct[letter] = values.astype("u1") if letter == "o" else values
    for name in OTHER_FIELDS:
        values = getattr(recording, name)
        if name == "provenance":
            struct[name] = json.dumps(dict(values), default=str)
        elif values is not None:
            array = np.asarray(values)
            if array.dtype.kind == "U" and (array == "").any():
                raise ValueRangeError(
                    f"{name} hold an empty name, which would not come back from MATLAB; rename it, "
                    "or use to_npz."
                )
            struct[name] = array if array.dtype.kind in "bif" else array.astype(object)
    return struct
