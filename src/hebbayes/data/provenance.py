"""Provenance of a recording: dropped responses, warnings, versions, digest.

The digest covers the arrays, not the file, and so reveals damage in formats without a checksum
(MATLAB v5, NWB) if this package wrote the file.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from importlib.metadata import version
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.recording import Recording

_OLD_TYPES = {
    "i": ("?", "i1", "i2", "i4", ">i2", ">i4", ">i8", "u8"),  # unsigned types have one digest
    "f": ("f2", "f4", ">f2", ">f4", ">f8"),
}


def notes(*dropped: Mapping[str, int], warnings: Iterable[str] = ()) -> dict[str, Any]:
    """Return the part of a provenance that lists dropped responses by reason, and warnings.

    Example:
        >>> notes({"responses": 2}, {"responses": 1}, warnings=["one session."])
        {'dropped': {'responses': 3}, 'warnings': ['one session.']}
    """
    return {"dropped": total(dropped), "warnings": list(dict.fromkeys(warnings))}


def total(dropped: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sum of counts by reason.

    Example:
        >>> total([{"a": 1}, {"a": 2, "b": 1}])
        {'a': 3, 'b': 1}
    """
    counts: Counter[str] = Counter()
    for each in dropped:
        counts.update(each)
    return dict(counts)


def with_provenance(recording: Recording, provenance: Mapping[str, Any]) -> Recording:
    """Return the recording with entries added to its provenance.

    Example:
        >>> recording = Recording(np.eye(2), np.ones((2, 3)), [0, 1])
        >>> with_provenance(recording, {"file": "a.npz"}).provenance["file"]
        'a.npz'
    """
    both = (recording.provenance, provenance)
    warnings = [sentence for each in both for sentence in each.get("warnings", ())]
    merged = notes(*(each.get("dropped", {}) for each in both), warnings=warnings)
    return replace(recording, provenance={**recording.provenance, **provenance, **merged})


def versions(*packages: str) -> dict[str, str]:
    """Return the installed version of each package, hebbayes among them.

    Example:
        >>> sorted(versions("numpy"))
        ['hebbayes', 'numpy']
    """
    return {name: version(name) for name in ("hebbayes", *packages)}


def digest(recording: Recording) -> str:
    """Return the SHA-256 of a recording without its provenance; unobserved responses count as 0.

    Example:
        >>> one, other = (Recording(np.eye(2), np.ones((2, 3)), k) for k in ([0, 0], [0, 1]))
        >>> len(digest(one)), digest(one) == digest(other)
        (64, False)
    """
    return _whole(recording, recording.unit_ids, recording.channel_ids)


def _whole(recording: Recording, unit_ids: NDArray[Any], channel_ids: NDArray[Any]) -> str:
    whole = hashlib.sha256()
    for name in (field.name for field in fields(Recording) if field.name != "provenance"):
        replaced = {"unit_ids": unit_ids, "channel_ids": channel_ids}
        values = replaced.get(name, getattr(recording, name))
        if values is None:
            continue
        array = np.asarray(values)
        if name == "responses":
            array = np.where(recording.valid, array, 0)
        is_text = array.dtype.kind not in "bif"
        content = json.dumps(array.tolist()).encode() if is_text else array.tobytes()
        whole.update(f"{name} {array.shape} {'text' if is_text else array.dtype}\n".encode())
        whole.update(content)
    return whole.hexdigest()


def is_digest(text: str) -> bool:
    """Whether a text looks like a SHA-256 in hexadecimal.

    Example:
        >>> is_digest("0" * 64), is_digest("sha256")
        (True, False)
    """
    return bool(re.fullmatch("[0-9a-f]{64}", text))


def _types_of_old_files(ids: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield ids in every type that files of version 0.1.0 may have kept them in."""
    yield ids
    if ids.dtype.kind == "U" and all(text.isdecimal() and len(text) < 20 for text in ids.tolist()):
        yield np.array([int(text) for text in ids.tolist()], "u8")  # numbers in a cell
    for kind in _OLD_TYPES.get(ids.dtype.kind, ()):
        with np.errstate(over="ignore"):
            cast = ids.astype(kind)
        if np.array_equal(cast, ids):
            yield cast


def check_digest(recording: Recording, written: str | None) -> None:
    """Raise `FormatError` if a recording does not have the ``written`` digest.

    Example:
        >>> recording = Recording(np.eye(2), np.ones((2, 3)), [0, 1])
        >>> check_digest(recording, digest(recording))
        >>> check_digest(recording, "0")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the arrays are not those that were written (their SHA-256
        differs); the file is damaged or was edited: take it from its backup, or write it again.
    """
    if written is None or written == digest(recording):
        return
    for units, channels in product(
        _types_of_old_files(recording.unit_ids), list(_types_of_old_files(recording.channel_ids))
    ):
        if written == _whole(recording, units, channels):
            return
    raise FormatError(
        "the arrays are not those that were written (their SHA-256 differs); the file is "
        "damaged or was edited: take it from its backup, or write it again."
    )
