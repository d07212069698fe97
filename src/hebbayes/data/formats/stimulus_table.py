"""The stimuli of each trial as a CSV table, for recordings that do not hold them.

Columns ``session`` and ``trial``; if known ``onset_s``, ``decision``, ``risk``, ``source_K``,
``window_start_s`` and ``window_end_s``; every other column is a stimulus channel (``channel_K`` is
channel K).  Text has no checksum: an altered digit goes unnoticed, a missing end does not.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.evoked import Trials, session_numbers
from hebbayes.data.limits import check_regular

KNOWN = ("session", "trial", "onset_s", "decision", "risk", "window_start_s", "window_end_s")


@dataclass(frozen=True, eq=False)
class StimulusTable:
    """Trials of a stimulus table.

    Attributes:
        trials: Trials in the order of the rows.
        keys: Text of session and trial in each row.
        window_s: Counting window, if stated.
    """

    trials: Trials
    keys: Sequence[tuple[str, str]]
    window_s: tuple[float, float] | None = None


def read_stimulus_table(path: Path) -> StimulusTable:
    """Return the trials of a stimulus table.  Raises `FormatError`, with the line at fault.

    Example:
        >>> read_stimulus_table(Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    lines = csv_rows(Path(path))
    header = next(lines)
    if missing := [name for name in ("session", "trial") if name not in header]:
        raise FormatError(
            f"{path} lacks the column {missing[0]}; a stimulus table has session, trial, and one "
            f"column per channel; it has {', '.join(header)}."
        )
    rows = list(lines)
    if not rows:
        raise FormatError(f"{path} has no trial; wanted one row per trial.")
    columns = dict(zip(header, zip(*rows)))
    keys = list(zip(columns["session"], columns["trial"]))
    if len(first := dict(zip(reversed(keys), reversed(range(len(keys)))))) < len(keys):
        twice = next(k for k, key in enumerate(keys) if first[key] < k)
        raise FormatError(
            f"{path} has session {keys[twice][0]}, trial {keys[twice][1]} twice, at "
            f"line {twice + 2}; wanted one row per trial."
        )
    sources = [name for name in header if name.startswith("source_")]
    channels = [name for name in header if name not in KNOWN and name not in sources]
    if not channels:
        raise FormatError(
            f"{path} has no stimulus; wanted one column per channel, such as "
            f"channel_0; it has {', '.join(header)}."
        )
    return _table(path, columns, keys, sources, channels)


def _table(
    path: Path,
    columns: dict[str, tuple[str, ...]],
    keys: list[tuple[str, str]],
    sources: list[str],
    channels: list[str],
) -> StimulusTable:
    def numbers(name: str) -> NDArray[Any]:
        return as_numbers(columns[name], f"{path}, column {name}")

    extra: dict[str, Any] = {}
    if sources:
        extra["sources"] = np.stack([numbers(name) for name in sources], axis=1)
    if "decision" in columns:
        extra["decisions"] = numbers("decision")
    if "risk" in columns:
        extra["risk"] = numbers("risk")
    session, warnings = session_numbers(labels(columns["session"]))
    window = None
    if {"window_start_s", "window_end_s"} <= set(columns):
        window = (float(numbers("window_start_s")[0]), float(numbers("window_end_s")[0]))
    onset = numbers("onset_s") if "onset_s" in columns else np.full(len(keys), np.nan)
    trials = Trials(
        onset,
        np.stack([numbers(name) for name in channels], axis=1),
        session,
        labels([name.removeprefix("channel_") for name in channels]),
        extra,
        warnings,
    )
    return StimulusTable(trials, keys, window)


def labels(names: Sequence[str]) -> NDArray[Any]:
    """Return names as whole numbers if all are, else unchanged.

    Example:
        >>> labels(["3", "1"]).tolist(), labels(["3", "b"]).tolist()
        ([3, 1], ['3', 'b'])
    """
    if all(name.isascii() and name.isdecimal() and str(int(name)) == name for name in names):
        return np.array([int(name) for name in names])
    return np.array(names)


def as_numbers(texts: Sequence[str], place: str) -> NDArray[Any]:
    """Return a column as integers if all are whole, else as floats; an empty cell is NaN.

    Raises `FormatError`.

    Example:
        >>> as_numbers(["1", "two"], "a.csv, column count")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.csv, column count must hold numbers; got 'two' at line
        3.
    """
    try:
        return np.array([int(text) for text in texts], np.int64)
    except (ValueError, OverflowError):
        pass
    values = np.empty(len(texts))
    for k, text in enumerate(texts):
        try:
            values[k] = float(text) if text else np.nan
        except ValueError as error:
            raise FormatError(
                f"{place} must hold numbers; got {text!r} at line {k + 2}."
            ) from error
    return values


def csv_rows(path: Path) -> Iterator[list[str]]:
    """Yield the header, then the rows, of a CSV file with commas, semicolons or tabs.

    Raises `FormatError` for a file that is missing, no UTF-8 text, cut off, or ragged.

    Example:
        >>> next(csv_rows(Path("no-such.csv")))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    check_regular(path)
    try:
        with path.open("rb") as stream:
            stream.seek(0, 2)
            if not stream.tell():
                raise FormatError(f"{path} is empty; wanted a table with a header.")
            stream.seek(-1, 2)
            if stream.read(1) not in (b"\n", b"\r"):
                raise FormatError(
                    f"{path} does not end with the end of a line, so it may be cut "
                    "off; write it again, or end its last line."
                )
        with path.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            delimiter = max(",;\t", key=first.count)
            header = next(csv.reader([first], delimiter=delimiter))
            yield [name.strip() for name in header]
            for number, row in enumerate(csv.reader(lines, delimiter=delimiter, strict=True)):
                if len(row) != len(header):
                    raise FormatError(
                        f"{path} has {len(row)} cells at line {number + 2} and {len(header)} in "
                        "its header; write it again."
                    )
                yield row
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"{path} is no CSV text in UTF-8 ({error}); write it again.") from error
