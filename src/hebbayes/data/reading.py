"""Reads any recording file: the installed reader that recognises it does the work.

Plug-ins are tried first, then the built-in readers; see `hebbayes.data.readers`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hebbayes.core.errors import FormatError, HebbayesError, shown_text
from hebbayes.data.files import fingerprint
from hebbayes.data.formats.builtin import BUILT_IN
from hebbayes.data.formats.vendors import vendor_of
from hebbayes.data.limits import check_regular
from hebbayes.data.provenance import notes, with_provenance
from hebbayes.data.readers import HEAD_BYTES, Reader, ReadingOptions, plug_in_readers
from hebbayes.data.recording import Cultures, Recording


def read_recording(path: Path, **options: Any) -> Cultures:
    """Return the cultures that a file holds, and the reason for each that cannot be read.

    Options, by keyword, are the fields of `ReadingOptions`.

    Args:
        path: MATLAB (v5, v7.3), npz, NWB (HDF5 or Zarr), CSV, or the file of a plug-in.
        condition: Label; in MATLAB files with several variables, the one to read.
        session_length: Trials per session, in MATLAB files that do not state it.
        window: Counting window after the onset in seconds, for files of spike times.
        time_unit: Unit of spike times: s, ms or samples; None takes seconds if plausible.
        rate_hz: Sampling rate of spike times, if known.
        trials: NWB: table of trials, ``TABLE`` or ``TABLE/COLUMN``.
        session_column: NWB: column with the session; ``none`` for a single session.
        stimuli: Stimulus table (a path that ends in .csv); NWB: or the name of what holds stimuli.
        columns: Roles of columns of a stimulus table, such as ``choice=decision,block=none``.

    An option that the file's reader does not take adds a warning to the provenance.  Raises
    `HebbayesError` if the file as a whole cannot be read.

    Example:
        >>> read_recording(Path("no-such-file"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such-file: No such file or directory.
    """
    chosen = ReadingOptions(**options)
    path = Path(path)
    reader = reader_of(path)
    if reader in BUILT_IN:
        cultures = reader.read(path, chosen)
    else:
        cultures = _read_by_plug_in(reader, path, chosen)
    ignored = sorted(chosen.changed() - reader.options)
    return _with_warning(cultures, reader, ignored) if ignored else cultures


def reader_of(path: Path) -> Reader:
    """Return the reader that recognises a file.  Raises `FormatError` if none does.

    Example:
        >>> reader_of(Path(__file__))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: ...reading.py is not a recording in a known format; wanted
        ...MATLAB v7.3 (.mat), MATLAB v5 (.mat), NumPy (.npz), NWB (.nwb, .zarr) or tables
        (.csv, .tsv, .parquet; suite2p folders).
    """
    plug_ins = plug_in_readers()
    *first, last = (reader.files for reader in (*plug_ins, *BUILT_IN))
    wanted = f"wanted {', '.join(first)} or {last}"
    head = _head(path)
    if not head and not path.is_dir():
        raise FormatError(f"{path} is empty; {wanted}.")
    claims = [reader for reader in plug_ins if _recognises(reader, path, head)]
    if len(claims) > 1:
        names = " and ".join(reader.name for reader in claims)
        raise FormatError(f"the reader plug-ins {names} both claim {path}; uninstall one of them.")
    if not claims and (vendor := vendor_of(path, head)) is not None:
        raise FormatError(f"{path} is {vendor.kind}; {vendor.remedy}.")
    for reader in (*claims, *BUILT_IN):
        if reader in claims or reader.recognises(path, head):
            return reader
    if path.is_dir():
        raise FormatError(f"{path} is a folder and not a recording in a known format; {wanted}.")
    if head.startswith(b"\x80") and path.suffix.lower() in (".pkl", ".pickle"):
        raise FormatError(
            f"{path} is a pickle, which can run code when opened, so it is refused; save its "
            "arrays with numpy.savez."
        )
    raise FormatError(f"{path} is not a recording in a known format; {wanted}.")


def _head(path: Path) -> bytes:
    if path.is_dir():
        return b""
    check_regular(path)
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error


def _recognises(reader: Reader, path: Path, head: bytes) -> bool:
    try:
        return bool(reader.recognises(path, head))
    except Exception as error:  # code of somebody else
        raise _failure(reader, path, error) from error


def _read_by_plug_in(reader: Reader, path: Path, options: ReadingOptions) -> Cultures:
    """Return what a plug-in reads, checked, with the provenance that every recording has."""
    try:
        cultures = reader.read(path, options)
    except HebbayesError:
        raise
    except Exception as error:  # code of somebody else
        raise _failure(reader, path, error) from error
    _check_cultures(reader, cultures)
    origin = {"file": str(path), "sha256": fingerprint(path), "format": reader.name}
    recordings = {
        k: replace(
            recording, provenance={**origin, **notes(), **recording.provenance, "culture": k}
        )
        for k, recording in cultures.recordings.items()
    }
    return replace(cultures, recordings=recordings)


def _failure(reader: Reader, path: Path, error: Exception) -> FormatError:
    return FormatError(
        f"the reader plug-in {reader.name} failed on {path} ({type(error).__name__}: "
        f"{shown_text(error)}); "
        "report this to its authors."
    )


def _check_cultures(reader: Reader, cultures: object) -> None:
    wrong = cultures
    if isinstance(cultures, Cultures):
        strangers = [r for r in cultures.recordings.values() if not isinstance(r, Recording)]
        if not strangers:
            return
        wrong = strangers[0]
    raise FormatError(
        f"the reader plug-in {reader.name} returned a {type(wrong).__name__}; wanted Cultures of "
        "Recordings; report this to its authors."
    )


def _with_warning(cultures: Cultures, reader: Reader, ignored: list[str]) -> Cultures:
    warning = f"the {reader.name} reader takes no {', '.join(ignored)}; ignored."
    recordings = {
        k: with_provenance(recording, notes(warnings=[warning]))
        for k, recording in cultures.recordings.items()
    }
    return replace(cultures, recordings=recordings)
