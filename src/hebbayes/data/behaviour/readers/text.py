"""Tables as text (CSV, TSV, semicolons, blanks) and parquet, through pandas.

Cells stay text until somebody says what a column means, so that labels such as 007 survive.  A byte
order mark, a missing final line break and row names as R writes them are understood, and so are the
empty columns, empty last rows and ``sep=;`` line of Excel; rows of another length than the header,
a column name that is there twice, and a header in the middle are refused.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hebbayes.core.errors import FormatError, MissingDependencyError, shown_text
from hebbayes.data.behaviour.table import Table, check_names, table_of_frame
from hebbayes.data.files import fingerprint, read_bytes

if TYPE_CHECKING:
    from hebbayes.data.behaviour.mapping import Mapping

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NAMELESS = "Unnamed: "
_ROW_NAMES = f"{_NAMELESS}0"
_SEPARATOR_LINE = re.compile(r'"?sep=.?"?\n', re.IGNORECASE)
_LONGEST_HEADER = 2**20
_QUOTED = re.compile(r'(?:^|(?<=[\t;,| ]))"[^"]*"')


def read_text(path: Path, mapping: Mapping) -> Table:
    """Return the table of a text file.  Raises `FormatError` with the line at fault.

    Example:
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> read_text(Path("no-such.csv"), Mapping())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    del mapping  # every column is read
    content, sha256 = read_bytes(path)
    text = _decoded(path, content)
    header, n_lines, separator = _header(path, text)
    header = _checked_rows(path, text, header, n_lines, separator)
    frame = _frame(path, text, header, n_lines, separator)
    _check_headers(path, frame, header)
    frame, n_empty = _without_empty_edges(frame)
    provenance: dict[str, Any] = {
        "file": str(path),
        "sha256": sha256,
        "format": _FORMATS[separator],
    }
    if n_empty:
        rows = "1 empty row" if n_empty == 1 else f"{n_empty} empty rows"
        provenance |= {"warnings": [f"{rows} at the end of the file were left out."]}
    return table_of_frame(frame, str(path), provenance=provenance)


_FORMATS = {
    ",": "text (commas)",
    ";": "text (semicolons)",
    "\t": "text (tabs)",
    "|": "text (bars)",
    r"\s+": "text (blanks)",
}


def _decoded(path: Path, content: bytes) -> str:
    encoding = "utf-16" if content.startswith(_UTF16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path} is no text in UTF-8 (byte {error.start}); save it as CSV with the encoding "
            "UTF-8."
        ) from error
    if (at := text.find("\0")) >= 0:
        raise FormatError(
            f"{path} holds a NUL character in line {text.count(chr(10), 0, at) + 1}; it is damaged "
            "or no text: export it again."
        )
    if not text.strip():
        raise FormatError(f"{path} is empty; wanted a table with a header and one row per trial.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _header(path: Path, text: str) -> tuple[list[str], int, str]:
    """Return the names of columns, the lines before the first row, and what separates cells."""
    blank = len(text) - len(text.lstrip("\n"))
    if stated := _SEPARATOR_LINE.match(text, blank):
        blank = stated.end()
    first = _QUOTED.sub("name", text[blank : blank + _LONGEST_HEADER]).split("\n", 1)[0]
    separator = max("\t;,|", key=first.count)
    if not first.count(separator):
        separator = r"\s+" if len(first.split()) > 1 else ","
    n_blank = text.count("\n", 0, blank)
    stream = io.StringIO(text[blank : blank + _LONGEST_HEADER], newline="")
    delimiter = " " if separator == r"\s+" else separator
    reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True)
    try:
        names = [name.strip() for name in next(reader)]
    except csv.Error as error:
        raise FormatError(
            f"the header of {path} is no CSV ({shown_text(error)}); write it again."
        ) from error
    if separator == r"\s+":
        names = [name for name in names if name]
    names = [name or f"{_NAMELESS}{k}" for k, name in enumerate(names)]
    check_names(names, str(path))
    return names, n_blank + reader.line_num, separator


def _frame(path: Path, text: str, header: list[str], n_lines: int, separator: str) -> Any:
    import pandas

    options: dict[str, Any] = {
        "sep": separator,
        "header": None,
        "names": header,
        "skiprows": n_lines,
        "dtype": object,
        "keep_default_na": False,
        "na_values": [],
        "skipinitialspace": True,
        "engine": "c",
        "low_memory": False,
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            frame = pandas.read_csv(io.StringIO(text, newline=""), **options)
    except (pandas.errors.ParserError, pandas.errors.ParserWarning, ValueError) as error:
        reason = shown_text(error, 120)
        raise FormatError(f"{path} is no readable table ({reason}); write it again.") from error
    if not isinstance(frame.index, pandas.RangeIndex):  # row names
        name = next(
            n for n in (_ROW_NAMES, *map("Row names {}".format, range(9))) if n not in header
        )
        frame = frame.reset_index(names=name)
    return frame


def _checked_rows(
    path: Path, text: str, header: list[str], n_lines: int, separator: str
) -> list[str]:
    """Return the header with a name for every cell beyond it that is empty in all rows.

    Refuses rows of another length than the header, but for empty cells without a name at their end,
    and one more cell for row names as R has them.
    """
    wanted = widest = len(header)
    least = max((k + 1 for k, one in enumerate(header) if not one.startswith(_NAMELESS)), default=1)
    for line, n_cells, n_filled in _lengths(text, n_lines, separator):
        if line == 0 and n_filled == n_cells == wanted + 1:
            wanted, least = wanted + 1, least + 1
        if n_filled > wanted or n_cells < least:
            raise FormatError(
                f"{path} has {n_cells} cells in row {line + 1} (about line {n_lines + line + 1}) "
                f"and {len(header)} names in its header; write it again, every column with a name."
            )
        widest = max(widest, n_cells)
    n_cells = len(header) + widest - wanted
    return [*header, *(f"{_NAMELESS}{k}" for k in range(len(header), n_cells))]


def _lengths(text: str, n_lines: int, separator: str) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each row, its number of cells, and that without empty ones at its end."""
    blank = separator == r"\s+"
    if '"' not in text:
        lines = (line for line in text.split("\n")[n_lines:] if line.strip())
        for number, line in enumerate(lines):
            if blank:
                yield number, len(line.split()), len(line.split())
                continue
            n_cells = line.count(separator) + 1
            filled = line.rstrip(f"{separator} ") if line[-1:] in f"{separator} " else line
            yield number, n_cells, filled.count(separator) + 1 if filled else 0
        return
    stream = io.StringIO(text, newline="")
    for _ in range(n_lines):
        stream.readline()
    rows = csv.reader(stream, delimiter=" " if blank else separator, skipinitialspace=True)
    for number, row in enumerate(row for row in rows if row):
        cells = [cell for cell in row if cell] if blank else row
        n_filled = len(cells)
        while n_filled and not cells[n_filled - 1].strip():
            n_filled -= 1
        yield number, len(cells), n_filled


def _without_empty_edges(frame: Any) -> tuple[Any, int]:
    """Return a table without nameless columns that are empty, and its number of empty last rows.

    A last row without any entry is no trial; one in the middle may be a missed one.
    """
    is_empty = frame.isin(["", " "]) | frame.isna()
    nameless = [name for name in frame.columns if str(name).startswith(_NAMELESS)]
    frame = frame.drop(columns=[name for name in nameless if is_empty[name].all()])
    held = (~is_empty.all(axis=1)).to_numpy().nonzero()[0]
    n_rows = int(held[-1]) + 1 if held.size else 0
    return frame.iloc[:n_rows], len(frame) - n_rows


def _check_headers(path: Path, frame: Any, header: list[str]) -> None:
    """Refuse a header in the middle, as files have that were joined."""
    if len(header) < 2:
        return
    again = (frame[header[0]] == header[0]) & (frame[header[1]] == header[1])
    if again.any():
        row = int(again.to_numpy().argmax())
        raise FormatError(
            f"{path} repeats its header in row {row + 1}; leave it out, and name the files that "
            "were joined in a column."
        )


def read_parquet(path: Path, mapping: Mapping) -> Table:
    """Return the table of a parquet file.  Raises `FormatError`, `MissingDependencyError`.

    Example:
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> read_parquet(Path("no-such.parquet"), Mapping())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.parquet: No such file or directory.
    """
    import pandas

    del mapping
    sha256 = fingerprint(path)
    try:
        frame = pandas.read_parquet(path)
    except ImportError as error:
        raise MissingDependencyError(
            'pyarrow is not installed; install it with: pip install "hebbayes[parquet]".'
        ) from error
    except Exception as error:  # pyarrow raises errors of many kinds for a damaged file
        reason = str(error).strip().partition("\n")[0][:80]
        raise FormatError(
            f"{path} is not a readable parquet file ({reason}); export it again."
        ) from error
    provenance = {"file": str(path), "sha256": sha256, "format": "parquet"}
    return table_of_frame(frame.reset_index(drop=True), str(path), provenance=provenance)
