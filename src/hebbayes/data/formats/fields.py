"""Recordings from named arrays: what archives and MATLAB structs have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.casting import floats
from hebbayes.data.limits import parse_json
from hebbayes.data.recording import Recording

FIELDS = tuple(field.name for field in fields(Recording))
"""Names of the fields of a `Recording`."""

_MAY_BE_TEXT = ("unit_ids", "channel_ids", "provenance")


def recording_of(arrays: Mapping[str, NDArray[Any]], provenance: Mapping[str, Any]) -> Recording:
    """Return the recording in named arrays.

    Raises `FormatError` if one is missing, and the errors of `Recording`.

    Example:
        >>> recording_of({"stimuli": np.eye(2)}, {})
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: this culture lacks responses, session; it holds stimuli.
    """
    parts, origin = checked_fields(arrays, ("stimuli", "responses", "session"))
    return Recording(**parts, provenance={**provenance, **origin})


def checked_fields(
    arrays: Mapping[str, NDArray[Any]], required: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a recording but its provenance, and the ``origin`` that it states.

    Raises `FormatError` if a required field is missing, or window or provenance is malformed.

    Example:
        >>> checked_fields({"session": np.zeros(2), "provenance": '{"file": "a"}'}, ("session",))
        ({'session': array([0., 0.])}, {'origin': {'file': 'a'}})
    """
    if missing := [name for name in required if name not in arrays]:
        raise FormatError(
            f"this culture lacks {', '.join(missing)}; it holds {shown_names(arrays)}."
        )
    parts: dict[str, Any] = {name: arrays[name] for name in FIELDS if name in arrays}
    for name, values in parts.items():
        dtype, may_be_text = np.asarray(values).dtype, name in _MAY_BE_TEXT
        if dtype.kind not in ("buifUSM" if may_be_text else "buif"):
            wanted = "numbers or text" if may_be_text else "real numbers"
            raise FormatError(f"{name} must hold {wanted}; got type {dtype}.")
    text = parts.pop("provenance", None)
    earlier = None if text is None else parse_json(str(text), "provenance")
    if (window := parts.pop("window_s", None)) is not None:
        if np.shape(window) != (2,):
            raise FormatError(f"window_s has shape {np.shape(window)}; wanted start and end.")
        start, end = floats("window_s", window).tolist()
        parts["window_s"] = (start, end)
    return parts, {"origin": earlier} if earlier else {}
