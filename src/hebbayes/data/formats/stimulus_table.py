"""The stimuli of each trial as a CSV table, for recordings that do not hold them.

Columns ``session`` and ``trial``, one ``channel_K`` per channel; if known ``onset_s``,
``decision``, ``risk``, ``source_K``, ``window_start_s``, ``window_end_s``; for others see
`column_roles`.  Text has no checksum: an altered digit goes unnoticed, a missing end does not.
"""

import csv
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, ValueRangeError, shown_names, shown_text
from hebbayes.data.evoked import Trials, session_numbers
from hebbayes.data.formats.column_roles import (
    CHANNEL,
    REWARD,
    SOURCE,
    assign_roles,
    check_channels,
    is_channel,
    label_of,
)
from hebbayes.data.limits import check_regular

_WHOLE = re.compile(r"([+-]?[0-9]+)\.0*")
_NUMBER = re.compile(r"0|-?[1-9][0-9]*")
_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*")


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


def read_stimulus_table(path: Path, columns: Mapping[str, str] | None = None) -> StimulusTable:
    """Return the trials of a stimulus table.  Raises `FormatError`, with the line at fault.

    ``columns`` states the roles of columns that their names do not, as in `column_roles`.

    Example:
        >>> read_stimulus_table(Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    lines = csv_rows(Path(path))
    header = next(lines)
    roles, warnings = assign_roles(header, columns or {}, str(path))
    if missing := [name for name in ("session", "trial") if name not in roles.values()]:
        raise FormatError(
            f"{path} lacks the column {missing[0]}; a stimulus table has session, trial, and one "
            f"column per channel; it has {shown_names(header)}."
        )
    rows = list(lines)
    if not rows:
        raise FormatError(f"{path} has no trial; wanted one row per trial.")
    table = _Table(path, dict(zip(header, zip(*rows))), roles)
    keys = [
        (whole(session), whole(trial))
        for session, trial in zip(table.text("session"), table.text("trial"))
    ]
    if len(set(keys)) < len(keys):
        first: dict[tuple[str, str], int] = {}
        twice = next(k for k, key in enumerate(keys) if first.setdefault(key, k) != k)
        raise FormatError(
            f"{path} has session {keys[twice][0]}, trial {keys[twice][1]} twice, at "
            f"line {twice + 2}; wanted one row per trial."
        )
    window = _window(table)
    check_channels(roles, str(path))
    return StimulusTable(_trials(table, keys, warnings), keys, window)


def has_layout(path: Path) -> bool:
    """Return whether a table has the columns of a stimulus table: session, trial and channels.

    Example:
        >>> has_layout(Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    lines = csv_rows(Path(path))
    header = [name.casefold() for name in next(lines)]
    lines.close()
    return {"session", "trial"} <= set(header) and any(map(is_channel, header))


@dataclass(frozen=True, eq=False)
class _Table:
    """Cells of a stimulus table by column, and the role of each column."""

    path: Path
    columns: Mapping[str, Sequence[str]]
    roles: Mapping[str, str]

    def having(self, role: str) -> list[str]:
        return [name for name, its in self.roles.items() if its == role]

    def text(self, role: str) -> Sequence[str]:
        return self.columns[self.having(role)[0]]

    def numbers(self, name: str) -> NDArray[Any]:
        return as_numbers(self.columns[name], f"{self.path}, column {name}")

    def matrix(self, role: str) -> NDArray[Any]:
        return np.stack([self.numbers(name) for name in self.having(role)], axis=1)


def _trials(table: _Table, keys: Sequence[tuple[str, str]], warnings: tuple[str, ...]) -> Trials:
    extra: dict[str, Any] = {}
    if table.having(SOURCE):
        extra["sources"] = table.matrix(SOURCE)
    for role, field in (("decision", "decisions"), ("risk", "risk")):
        for name in table.having(role):
            extra[field] = table.numbers(name)
    for name in table.having(REWARD):
        extra["risk"] = 1 - table.numbers(name)
    onset = [table.numbers(name) for name in table.having("onset_s")]
    session, renamed = session_numbers(labels([key[0] for key in keys]))
    return Trials(
        onset[0] if onset else np.full(len(keys), np.nan),
        table.matrix(CHANNEL),
        session,
        labels([label_of(name) for name in table.having(CHANNEL)]),
        extra,
        (*renamed, *warnings),
    )


def _window(table: _Table) -> tuple[float, float] | None:
    """Return the counting window, which must be one and the same in every row."""
    edges = []
    for role in ("window_start_s", "window_end_s"):
        for name in table.having(role):
            values = table.numbers(name)
            if (other := ~(values == values[0])).any():
                line = int(other.argmax()) + 2
                raise FormatError(
                    f"{table.path}, column {name} must hold one number in all rows; got "
                    f"{values[0]} and, at line {line}, {values[line - 2]}."
                )
            edges.append(float(values[0]))
    return (edges[0], edges[1]) if len(edges) == 2 else None


def whole(text: str) -> str:
    """Return the text of a whole float, such as 3.0, without its decimals; others unchanged.

    Example:
        >>> whole("3.0"), whole("-2.00"), whole("3.5"), whole("day 1")
        ('3', '-2', '3.5', 'day 1')
    """
    match = _WHOLE.fullmatch(text)
    return match[1] if match else text


def labels(names: Sequence[str]) -> NDArray[Any]:
    """Return names as whole numbers if all are, else unchanged.

    Raises `ValueRangeError` for whole numbers that int64 cannot hold.

    Example:
        >>> labels(["3", "1"]).tolist(), labels(["3", "b"]).tolist()
        ([3, 1], ['3', 'b'])
    """
    if not all(_NUMBER.fullmatch(name) for name in names):
        return np.array(names)
    if too_large := [name for name in names if len(name) > 20 or not -(2**63) <= int(name) < 2**63]:
        raise ValueRangeError(
            f"the number {too_large[0][:40]} of a unit, channel or session is not below 2^63; "
            "use a smaller one, or a name."
        )
    return np.array([int(name) for name in names])


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
    values = [number_in(text, place, line) for line, text in enumerate(texts, start=2)]
    is_whole = all(isinstance(value, int) for value in values)
    return np.array(values, np.int64 if is_whole else np.float64)


def number_in(text: str, place: str, line: int) -> int | float:
    """Return a cell as a number; NaN if it is empty.  Raises `FormatError`.

    Example:
        >>> number_in("1_000", "a.csv, column count", 7)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.csv, column count must hold numbers; got '1_000' at line
        7.
    """
    if not text:
        return np.nan
    if _INTEGER.fullmatch(text):
        if len(text) < 20 and abs(number := int(text)) <= 2**53:
            return number
        raise FormatError(
            f"{place} must hold numbers up to 2^53, which float64 holds exactly; got "
            f"{text[:40]} at line {line}."
        )
    try:
        return float("" if "_" in text else text)  # Python would read 1_0 as 10
    except ValueError as error:
        raise FormatError(
            f"{place} must hold numbers; got {text[:40]!r} at line {line}."
        ) from error


def csv_rows(path: Path) -> Generator[list[str]]:
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
            header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
            if twice := [name for name in header if name and header.count(name) > 1]:
                raise FormatError(
                    f"{path} has the column {twice[0]} twice; give each its own name."
                )
            yield header
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
        raise FormatError(
            f"{path} is no CSV text in UTF-8 ({shown_text(error)}); write it again."
        ) from error
