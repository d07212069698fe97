"""NumPy archives: the fields of a recording by name, or spike times with onsets.

Keys are the fields of `Recording`; several cultures have a number after the key
(``responses_0``, ``responses_1``).  If an archive holds ``spike_times`` and ``spike_units`` instead
of ``responses``, the spikes are counted.  Every member carries a CRC-32, so damaged data are
refused.  The docs describe the layout under file formats.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, HebbayesError, shown_names
from hebbayes.data.binning import WINDOW_S, TimeUnit
from hebbayes.data.casting import names
from hebbayes.data.evoked import Trials
from hebbayes.data.files import array_names, fingerprint, load_arrays, save_arrays
from hebbayes.data.formats.arrays import from_arrays
from hebbayes.data.formats.fields import FIELDS, checked_fields, recording_of
from hebbayes.data.provenance import notes, versions, with_provenance
from hebbayes.data.recording import Cultures, Recording

if TYPE_CHECKING:
    from hebbayes.data.readers import ReadingOptions

Arrays = Mapping[str, NDArray[Any]]

_SPIKES = ("spike_times", "spike_units", "spike_trials")
_LAYOUT = "wanted the fields of a recording: stimuli, responses, session, ..., or spike_times"
_NUMBERED = re.compile(r"(\w+)_([0-9]+)")


def to_npz(held: Recording | Cultures, path: Path) -> None:
    """Write a recording, or all cultures of a file, as ``.npz``; equal ones give equal bytes.

    Raises `OutputError`.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     to_npz(Recording(np.eye(2), np.ones((2, 3)), [0, 1]), Path(folder, "a.npz"))
        ...     read_npz(Path(folder, "a.npz")).recordings[0].n_units
        3
    """
    if isinstance(held, Recording):
        return save_arrays(Path(path), as_arrays(held))
    arrays: dict[str, Any] = {"condition": np.array(held.condition)}
    for k, recording in held.recordings.items():
        arrays |= {f"{name}_{k}": values for name, values in as_arrays(recording).items()}
    return save_arrays(Path(path), arrays)


def as_arrays(recording: Recording) -> dict[str, Any]:
    """Return the fields that a recording has as arrays, its provenance as JSON.

    Example:
        >>> sorted(as_arrays(Recording(np.eye(2), np.ones((2, 3)), [0, 1])))
        ['channel_ids', 'provenance', 'responses', 'session', 'stimuli', 'unit_ids', 'valid']
    """
    values = {name: getattr(recording, name) for name in FIELDS}
    values["provenance"] = json.dumps(dict(recording.provenance), default=str)
    return {name: np.asarray(value) for name, value in values.items() if value is not None}


def read_npz(
    path: Path,
    *,
    condition: str | None = None,
    window: tuple[float, float] = WINDOW_S,
    time_unit: TimeUnit | None = None,
    rate_hz: float | None = None,
) -> Cultures:
    """Return the cultures of an ``.npz`` archive, and the reason for each that cannot be read.

    ``window``, ``time_unit`` and ``rate_hz`` are for archives of spike times, as in `from_arrays`.
    Raises `FormatError` if the archive as a whole is missing, damaged, or has another layout.

    Example:
        >>> read_npz(Path("no-such.npz"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.npz: No such file or directory.
    """
    path = Path(path)
    arrays = load_arrays(path, is_read=_is_field)
    cultures, unknown = _cultures(path, arrays)
    unknown += [name for name in array_names(path) if not _is_field(name)]
    warned = [f"{path} holds {shown_names(unknown)}, not fields of a recording; ignored."]
    origin = {
        "file": str(path),
        "sha256": fingerprint(path),
        "format": "npz",
        "versions": versions("numpy"),
    }
    counting = {"window": window, "time_unit": time_unit, "rate_hz": rate_hz}
    recordings, failures = {}, {}
    for k, held in cultures.items():
        try:
            provenance = {**origin, "culture": k, **notes(warnings=warned if unknown else ())}
            recordings[k] = _recording(held, provenance, counting)
        except HebbayesError as error:
            failures[k] = str(error)
    return Cultures(condition or _label(path, arrays), recordings, failures)


def read_named_npz(path: Path, options: "ReadingOptions") -> Recording:
    """Return the recording of an archive whose arrays have names of their own.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> read_named_npz(Path("no-such.npz"), ReadingOptions())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.npz: No such file or directory.
    """
    from hebbayes.data.formats.named_arrays import named_recording

    arrays = load_arrays(path)
    origin = {"file": str(path), "sha256": fingerprint(path), "format": "npz"}
    made = named_recording(arrays, str(path), options)
    return with_provenance(made, {**origin, "versions": versions("numpy")})


def _label(path: Path, arrays: Arrays) -> str:
    if "condition" not in arrays:
        return path.stem
    held = names("condition", arrays["condition"])
    if held.size != 1:
        raise FormatError(f"condition must be one name; got {held.size}; pass --condition.")
    return str(held.ravel()[0])


def _is_field(name: str) -> bool:
    """Whether a name is a field of a recording, perhaps numbered; others are never unpacked."""
    match = _NUMBERED.fullmatch(name)
    return name == "condition" or (match[1] if match else name) in (*FIELDS, *_SPIKES)


def _cultures(path: Path, arrays: Arrays) -> tuple[dict[int, dict[str, NDArray]], list[str]]:
    """Return arrays by culture, and the names of those that belong to none."""
    known = {*FIELDS, *_SPIKES}
    if {"responses", "spike_times"} & set(arrays):
        unknown = [name for name in arrays if name not in {*known, "condition"}]
        return {0: {name: arrays[name] for name in arrays if name in known}}, unknown
    cultures: dict[int, dict[str, NDArray]] = {}
    spelled: dict[int, str] = {}
    unknown = []
    for name, values in arrays.items():
        match = _NUMBERED.fullmatch(name)
        if match and match[1] in known:
            number = _culture_number(path, match[2])
            if spelled.setdefault(number, match[2]) != match[2]:
                raise FormatError(
                    f"{path} has two names for culture {number}, _{spelled[number]} and "
                    f"_{match[2]}; write one."
                )
            cultures.setdefault(number, {})[match[1]] = values
        elif name != "condition":
            unknown.append(name)
    if not any({"responses", "spike_times"} & set(held) for held in cultures.values()):
        held = shown_names(array_names(path))
        raise FormatError(f"{path} has no recording: {_LAYOUT}; it holds {held}.")
    return dict(sorted(cultures.items())), unknown


def _culture_number(path: Path, text: str) -> int:
    if len(text) > 18:
        raise FormatError(f"{path} has a culture number of {len(text)} digits; number them from 0.")
    return int(text)


def _recording(
    arrays: Arrays, provenance: Mapping[str, Any], counting: Mapping[str, Any]
) -> Recording:
    if "spike_times" not in arrays:
        return recording_of(arrays, provenance)
    parts, origin = checked_fields(arrays, ("stimuli", "onset_s", "session"))
    return with_provenance(_counted(arrays, parts, counting), {**provenance, **origin})


def _counted(held: Arrays, parts: dict[str, Any], counting: Mapping[str, Any]) -> Recording:
    if "spike_units" not in held:
        raise FormatError(
            f"this culture lacks spike_units, the unit of each spike; it holds {shown_names(held)}."
        )
    extra: dict[str, Any] = {
        name: parts[name] for name in ("sources", "decisions", "risk") if name in parts
    }
    trials = Trials(
        parts["onset_s"], parts["stimuli"], parts["session"], parts.get("channel_ids"), extra
    )
    return from_arrays(
        held["spike_times"],
        trials,
        spike_units=held["spike_units"],
        spike_trials=held.get("spike_trials"),
        unit_ids=held.get("unit_ids"),
        **counting,
    )
