"""A recording as an NWB file (HDF5): one row of ``trials`` per trial, counts and stimuli in it.

For recordings of counts: results and simulated cultures, which have no spike times.  Names, window,
provenance and a digest, for which NWB has no field, are JSON in the file's notes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.optional import require
from hebbayes.data.files import write_atomic
from hebbayes.data.provenance import digest

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

UNKNOWN_SUBJECT = {
    "subject_id": "unknown",
    "species": "http://purl.obolibrary.org/obo/NCBITaxon_32644",  # "unidentified"
    "sex": "U",
    "age": "P0D/",
}
"""Fields that NWB requires and a recording does not hold: the subject is unknown."""

DESCRIPTIONS = {
    "session": "Session of the trial.",
    "stimuli": "Stimuli, (trials, channels).",
    "responses": "Evoked spike counts or rates, (trials, units).",
    "observed": "Whether the response was observed, (trials, units).",
    "sources": "Hidden causes of the stimuli, (trials, sources).",
    "decision": "Index of the decision taken.",
    "risk": "Risk that followed the decision, 0 to 1.",
    "onset_s": "Time of the stimulus in seconds; NaN if there is none.",
}


def to_nwb(
    recording: Recording,
    path: Path,
    *,
    session_start_time: datetime | None = None,
    subject: Mapping[str, str] = UNKNOWN_SUBJECT,
    description: str = "Evoked responses of a neuronal population to stimuli.",
) -> None:
    """Write a recording as an NWB file, from which `read_nwb` returns the same recording.

    ``session_start_time`` is the beginning of the recording, which NWB requires; now by default.
    ``subject`` has the fields of ``pynwb.file.Subject``.  Trials without known onsets are written
    as if one second apart.  Raises `MissingDependencyError` without pynwb, and `OutputError`.

    Example:
        >>> import tempfile
        >>> from hebbayes.data.formats.nwb.reading import read_nwb
        >>> from hebbayes.data.recording import Recording
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     to_nwb(Recording(np.eye(2), np.ones((2, 3)), [0, 1]), Path(folder, "a.nwb"))
        ...     read_nwb(Path(folder, "a.nwb")).n_units
        3
    """
    pynwb, h5py = require("pynwb", "nwb"), require("h5py", "nwb")
    file = pynwb.NWBFile(
        session_description=description,
        identifier=digest(recording),
        session_start_time=session_start_time or datetime.now(UTC),
        notes=json.dumps({"hebbayes": _metadata(recording)}, default=str),
    )
    file.subject = pynwb.file.Subject(**subject)
    _add_trials(pynwb, file, recording)
    content = BytesIO()
    with h5py.File(content, "w") as opened, pynwb.NWBHDF5IO(file=opened, mode="w") as io:
        io.write(file)
    write_atomic(Path(path), lambda stream: stream.write(content.getbuffer()))


def _metadata(recording: Recording) -> dict[str, Any]:
    return {
        "sha256": digest(recording),
        "window_s": recording.window_s,
        "unit_ids": recording.unit_ids.tolist(),
        "channel_ids": recording.channel_ids.tolist(),
        "provenance": dict(recording.provenance),
    }


def _add_trials(pynwb: Any, file: Any, recording: Recording) -> None:
    starts = _starts(recording)
    length = 1.0 if recording.window_s is None else max(recording.window_s[1], 1e-3)
    stops = np.minimum(starts + length, np.append(starts[1:], np.inf))
    columns: dict[str, NDArray | None] = {
        "session": recording.session,
        "stimuli": recording.stimuli,
        "responses": recording.responses,
        "observed": None if recording.valid.all() else recording.valid,
        "sources": recording.sources,
        "decision": recording.decisions,
        "risk": recording.risk,
        "onset_s": _onsets(recording),
    }
    file.trials = pynwb.epoch.TimeIntervals(
        name="trials",
        description="One row per trial.",
        columns=[
            _vector(pynwb, "start_time", "Start of the trial in seconds.", starts),
            _vector(pynwb, "stop_time", "End of the trial in seconds.", stops),
            *(
                _vector(pynwb, name, DESCRIPTIONS[name], values)
                for name, values in columns.items()
                if values is not None
            ),
        ],
    )


def _vector(pynwb: Any, name: str, description: str, values: NDArray) -> Any:
    return pynwb.core.VectorData(name=name, description=description, data=np.array(values))


def _starts(recording: Recording) -> NDArray[np.float64]:
    """Return onsets; those of trials without one are interpolated."""
    onset = recording.onset_s
    if onset is None:
        return np.arange(recording.n_trials, dtype=float)
    known = np.flatnonzero(np.isfinite(onset))
    if not known.size:
        return np.arange(recording.n_trials, dtype=float)
    return np.interp(np.arange(recording.n_trials), known, onset[known])


def _onsets(recording: Recording) -> NDArray[np.float64] | None:
    if recording.onset_s is None:
        return np.full(recording.n_trials, np.nan)
    has_all = np.isfinite(recording.onset_s).all() and (np.diff(recording.onset_s) >= 0).all()
    return None if has_all else recording.onset_s
