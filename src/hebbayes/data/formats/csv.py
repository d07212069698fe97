"""Counts as a long CSV table (session, trial, unit, count), stimuli as a table beside it.

Every unit has a row in every trial: an empty count is a response that was not observed, and a
missing row is an error, since it could also mean zero.  Text has no checksum: an altered digit
goes unnoticed.
"""

import csv
import io
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, ValueRangeError, shown_names
from hebbayes.data.evoked import UNOBSERVED_COUNT
from hebbayes.data.files import fingerprint, write_text
from hebbayes.data.formats.stimulus_table import (
    StimulusTable,
    csv_rows,
    labels,
    number_in,
    read_stimulus_table,
    whole,
)
from hebbayes.data.provenance import notes, versions
from hebbayes.data.recording import Recording

_COLUMNS = ("session", "trial", "unit", "count")


def stimuli_beside(path: Path) -> Path:
    """Return the default path of the stimulus table of a table of counts.

    Example:
        >>> stimuli_beside(Path("culture.csv")).name
        'culture-stimuli.csv'
    """
    return path.with_name(f"{path.stem}-stimuli.csv")


def read_csv(
    path: Path,
    *,
    stimuli: Path | None = None,
    columns: Mapping[str, str] | None = None,
    table: StimulusTable | None = None,
) -> Recording:
    """Return the recording of a table of counts and its stimulus table.

    ``stimuli`` is the path of the stimulus table; ``NAME-stimuli.csv`` beside ``NAME.csv`` by
    default.  ``columns`` states roles of its columns, as in `column_roles`; ``table`` is what it
    holds, if it has been read.  Raises `FormatError` with the line at fault.

    Example:
        >>> read_csv(Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    path = Path(path)
    lines = csv_rows(path)
    header = next(lines)
    known = [name.casefold() for name in header]
    if missing := [name for name in _COLUMNS[1:] if name not in known]:
        raise FormatError(
            f"{path} lacks the column {missing[0]}; wanted a table of counts with "
            f"{', '.join(_COLUMNS)}; it has {shown_names(header)}."
        )
    beside = Path(stimuli) if stimuli else stimuli_beside(path)
    table = table or read_stimulus_table(beside, columns)
    places = [known.index(c) if c in known else None for c in _COLUMNS]
    responses, valid, units = _counts(path, lines, places, table)
    trials = table.trials
    provenance = {
        "file": str(path),
        "sha256": fingerprint(path),
        "stimuli": str(beside),
        "stimuli_sha256": fingerprint(beside),
        "format": "csv",
        "versions": versions(),
        **trials.origin,
        **notes(
            {UNOBSERVED_COUNT: int((~valid).sum())} if not valid.all() else {},
            warnings=[*trials.warnings, *_unused(path, header)],
        ),
    }
    onset = np.asarray(trials.onset_s, float)
    return Recording(
        stimuli=trials.stimuli,  # type: ignore[arg-type]
        responses=responses,
        session=trials.session,  # type: ignore[arg-type]
        valid=valid,
        onset_s=None if np.isnan(onset).all() else onset,
        unit_ids=labels(units),
        channel_ids=trials.channel_ids,  # type: ignore[arg-type]
        window_s=table.window_s,
        provenance=provenance,
        **trials.extra,
    )


def _unused(path: Path, header: list[str]) -> list[str]:
    unused = [name for name in header if name.casefold() not in _COLUMNS]
    return [f"{path} has columns that are not used: {shown_names(unused)}."] if unused else []


def _counts(
    path: Path, lines: Any, places: list[int | None], table: StimulusTable
) -> tuple[NDArray, NDArray[np.bool_], list[str]]:
    """Return responses, validity and the units in order of appearance."""
    trial_of = {key: k for k, key in enumerate(table.keys)}
    unit_of: dict[str, int] = {}
    rows, columns, counts = array("i"), array("i"), array("d")
    is_whole = True
    in_session, *others = places
    in_trial, in_unit, in_count = (int(k) for k in others if k is not None)
    for number, cells in enumerate(lines, start=2):
        session = "0" if in_session is None else whole(cells[in_session])
        key, text = (session, whole(cells[in_trial])), cells[in_count]
        if key not in trial_of:
            raise FormatError(
                f"{path} has session {key[0]}, trial {key[1]} at line {number}, which"
                " the stimulus table lacks."
            )
        rows.append(trial_of[key])
        columns.append(unit_of.setdefault(cells[in_unit], len(unit_of)))
        counts.append(number_in(text, f"{path}, column count", number))
        is_whole = is_whole and (not text or text.isdecimal())
    return *_placed(path, (rows, columns, counts), table, list(unit_of), is_whole), list(unit_of)


def _placed(
    path: Path,
    entries: tuple[array, array, array],
    table: StimulusTable,
    units: list[str],
    is_whole: bool,
) -> tuple[NDArray, NDArray[np.bool_]]:
    trial, unit, counts = (np.frombuffer(one, one.typecode) for one in entries)
    shape = (len(table.keys), len(units))
    place = trial.astype(np.int64)
    place *= shape[1]
    place += unit
    if (at := _first_gap(place, shape[0] * shape[1])) is not None:
        k, column = divmod(at, shape[1])
        session, name = table.keys[k]
        n_rows = int((place == at).sum())
        how = "no row" if n_rows == 0 else f"{n_rows} rows"
        raise FormatError(
            f"{path} has {how} for unit {units[column]} in session {session}, trial {name}; wanted "
            "one: write 0 for a silent unit, and leave the count empty if it was not observed."
        )
    responses = np.empty(shape)
    responses.ravel()[place] = counts
    valid = ~np.isnan(responses)
    responses[~valid] = 0
    return (responses.astype(np.int64) if is_whole else responses), valid


def _first_gap(place: NDArray[np.int64], n: int) -> int | None:
    """Return the first of ``n`` places without exactly one row, in memory of the rows alone."""
    ordered = np.sort(place)
    wrong = np.flatnonzero(ordered != np.arange(len(ordered)))
    if wrong.size:
        return min(int(wrong[0]), int(ordered[wrong[0]]))
    return len(ordered) if len(ordered) < n else None


def to_csv(recording: Recording, path: Path) -> None:
    """Write a recording as a table of counts and, beside it, ``NAME-stimuli.csv``.

    Everything but provenance, and values of unobserved responses, comes back.  Raises
    `ValueRangeError` for names that would not, and `OutputError`.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     to_csv(Recording(np.eye(2), np.ones((2, 3)), [0, 1]), Path(folder, "a.csv"))
        ...     read_csv(Path(folder, "a.csv")).n_units
        3
    """
    path = Path(path)
    for name in ("unit_ids", "channel_ids"):
        ids = getattr(recording, name)
        texts = [str(one) for one in ids.tolist()]
        wrong = [text for text in texts if text != text.strip() or set("\r\n") & set(text)]
        if wrong or ids.dtype.kind == "f" or labels(texts).tolist() != ids.tolist():
            raise ValueRangeError(
                f"{name} would not come back from CSV as they are, such as {(wrong or texts)[0]!r};"
                " rename them, or use to_npz."
            )
    trial = range(recording.n_trials)
    sessions = recording.session.tolist()
    units = recording.unit_ids.tolist()
    counts = recording.responses.tolist()
    rows = (
        (sessions[k], k, unit, count if observed else "")
        for k in trial
        for unit, count, observed in zip(units, counts[k], recording.valid[k].tolist())
    )
    write_text(stimuli_beside(path), _text(_stimulus_columns(recording)))
    write_text(path, _lines(_COLUMNS, rows))


def _stimulus_columns(recording: Recording) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "session": recording.session.tolist(),
        "trial": list(range(recording.n_trials)),
    }
    for name, values in (
        ("onset_s", recording.onset_s),
        ("decision", recording.decisions),
        ("risk", recording.risk),
    ):
        if values is not None:
            columns[name] = ["" if value != value else value for value in values.tolist()]
    if recording.window_s is not None:
        for name, edge in zip(("window_start_s", "window_end_s"), recording.window_s):
            columns[name] = [edge] * recording.n_trials
    if recording.sources is not None:
        for k, values in enumerate(recording.sources.T):
            columns[f"source_{k}"] = values.tolist()
    for name, values in zip(recording.channel_ids.tolist(), recording.stimuli.T):
        columns[f"channel_{name}"] = values.tolist()
    return columns


def _text(columns: dict[str, list[Any]]) -> str:
    return _lines(tuple(columns), zip(*columns.values()))


def _lines(header: tuple[str, ...], rows: Any) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()
