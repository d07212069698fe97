"""Tables as text (CSV, TSV, semicolons, blanks) and parquet, through pandas.

Cells stay text until somebody says what a column means, so that labels such as 007 survive.  A byte
order mark, a missing final line break and row names as R writes them are understood; rows of
another length than the header, a column name that is there twice, and a header in the middle
are refused.
"""

from __future__ import annotations

import csv
import io
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
_ROW_NAMES = "Unnamed: 0"
_LONGEST_HEADER = 2**20


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
    _check_rows(path, text, header, n_lines, separator)
    frame = _frame(path, text, header, n_lines, separator)
    _check_headers(path, frame, header)
    provenance = {"file": str(path), "sha256": sha256, "format": _FORMATS[separator]}
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
    first = text[blank : blank + _LONGEST_HEADER].split("\n", 1)[0]
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
    while len(names) > 1 and names[-1] == "" and names.count("") > 1:
        names.pop()
    names = [name or (_ROW_NAMES if k == 0 else f"Unnamed: {k}") for k, name in enumerate(names)]
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


def _check_rows(path: Path, text: str, header: list[str], n_lines: int, separator: str) -> None:
    """Refuse rows of another length than the header, or one more for row names as R has them."""
    wanted = len(header)
    for line, n_cells, ends_empty in _lengths(text, n_lines, separator):
        if line == 0 and n_cells == wanted + 1 and not ends_empty:
            wanted += 1
        if n_cells != wanted:
            raise FormatError(
                f"{path} has {n_cells} cells in row {line + 1} (about line {n_lines + line + 1}) "
                f"and {len(header)} names in its header; write it again, every column with a name."
            )


def _lengths(text: str, n_lines: int, separator: str) -> Iterator[tuple[int, int, bool]]:
    """Yield the number of each row, its number of cells, and whether the last one is empty."""
    blank = separator == r"\s+"
    if '"' not in text:
        lines = (line for line in text.split("\n")[n_lines:] if line.strip())
        for number, line in enumerate(lines):
            n_cells = len(line.split()) if blank else line.count(separator) + 1
            yield number, n_cells, not blank and line.endswith(separator)
        return
    stream = io.StringIO(text, newline="")
    for _ in range(n_lines):
        stream.readline()
    rows = csv.reader(stream, delimiter=" " if blank else separator, skipinitialspace=True)
    for number, row in enumerate(row for row in rows if any(row)):
        cells = [cell for cell in row if cell] if blank else row
        yield number, len(cells), cells[-1] == ""


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
