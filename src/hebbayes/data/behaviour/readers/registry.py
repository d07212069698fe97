"""Which reader takes which table of trials, and what files of other software are.

Recognition looks at the first bytes, then at the name; it imports no format library.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.core.errors import FormatError
from hebbayes.data.files import HDF5_MAGIC
from hebbayes.data.formats.vendors import vendor_of
from hebbayes.data.limits import check_regular

if TYPE_CHECKING:
    from hebbayes.data.behaviour.mapping import Mapping
    from hebbayes.data.behaviour.table import Table

    ReadTable = Callable[[Path, Mapping], Table]

_HEAD_BYTES = 2048
_HOME = "hebbayes.data.behaviour.readers"
_ZARR = (".zgroup", "zarr.json", ".zmetadata", ".zattrs")
_WANTED = "wanted a table of trials: CSV, TSV, parquet, MATLAB, NWB or npz"

PICKLED = "pickle"
"""In a message: what a file is or holds that stays closed."""

_EXPORT = (
    "import numpy, pandas; d = {load}; n = 0 if hasattr(d, 'to_csv') else max(numpy.size(v) for "
    "k, v in d.items() if k != 'inputs'); t = d if not n else pandas.DataFrame({{k: v for k, v in "
    "d.items() if numpy.shape(v) == (n,)}} | {{k: numpy.reshape(v, (n, -1))[:, 0] for k, v in "
    "d.get('inputs', {{}}).items()}} | ({{'session': numpy.repeat(range(len(d['dayLength'])), "
    "d['dayLength'])}} if numpy.sum(d.get('dayLength', 0)) == n else {{}})); "
    "t.to_csv('trials.csv', index=False)"
)


def pickle_remedy(path: Path) -> str:
    """Return why a pickle is refused, and the line of Python that exports its table.

    The line takes a table, or a dictionary as psytrack has: one value per trial, ``inputs``, and
    ``dayLength``, which becomes the column session.

    Example:
        >>> pickle_remedy(Path("rat.pkl"))[:72]
        'it can run code when opened, so it is refused; where it was made, export'
    """
    names = zipfile.ZipFile(path).namelist() if path.suffix == ".npz" else []
    loaded = f"numpy.load({path.name!r}, allow_pickle=True)"
    if path.suffix == ".npy":
        load = f"{loaded}.item()"
    elif len(names) == 1:
        load = f"{loaded}[{names[0].removesuffix('.npy')!r}].item()"
    elif names:
        load = f"{{k: v if v.shape else v.item() for k, v in {loaded}.items()}}"
    else:
        load = f"pandas.read_pickle({path.name!r})"
    return (
        "it can run code when opened, so it is refused; where it was made, export it: "
        + _EXPORT.format(load=load)
    )


_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook (.xls)", "save the sheet as CSV"),
    (b"RDX", "an R workspace", "write the table with write.csv(data, 'trials.csv')"),
    (b"\x1f\x8b", "compressed with gzip (an R .rds or .RData file may be)", "unpack it first"),
    (b"$FL2", "an SPSS file (.sav)", "export it as CSV"),
    (b"$FL3", "an SPSS file (.zsav)", "export it as CSV"),
    (b"SQLite format 3", "an SQLite database", "export the table as CSV"),
    (b"ARROW1", "a feather file", "write it as CSV or parquet"),
    (b"%PDF", "a PDF", "export the table behind it as CSV"),
    (b"<!DOCTYPE", "a web page", "download the file itself"),
    (b"<html", "a web page", "download the file itself"),
)


def reader_of_table(path: Path) -> ReadTable:
    """Return the function that reads a file's table.  Raises `FormatError` if there is none.

    Example:
        >>> reader_of_table(Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    head, suffix = _head(path), path.suffix.lower()
    if path.is_dir():
        if any((path / name).exists() for name in _ZARR):
            return _lazily("nwb", "read_nwb_trials")
        _refuse_foreign(path, head, suffix)
        raise FormatError(f"{path} is a folder; {_WANTED}.")
    if not head:
        raise FormatError(f"{path} is empty; {_WANTED}.")
    if head[512:520] == HDF5_MAGIC or (head.startswith(HDF5_MAGIC) and suffix == ".mat"):
        return _lazily("matlab", "read_mat_table")
    if head.startswith(HDF5_MAGIC):
        return _lazily("nwb", "read_nwb_trials")
    if head.startswith(b"MATLAB") or suffix == ".mat":
        return _lazily("matlab", "read_mat_table")
    if head.startswith(b"PAR1") or suffix in (".parquet", ".pqt"):
        return _lazily("text", "read_parquet")
    _refuse_foreign(path, head, suffix)
    if head.startswith(b"PK\x03\x04") or suffix == ".npz":
        return _lazily("archives", "read_npz_table")
    return _lazily("text", "read_text")


def is_foreign(path: Path) -> bool:
    """Whether a file is known to be of other software, and no table or recording.

    Example:
        >>> is_foreign(Path("a.xlsx")), is_foreign(Path("no-such.csv"))
        (True, False)
    """
    try:
        _refuse_foreign(path, _head(path) if path.exists() else b"", path.suffix.lower())
    except FormatError:
        return True
    return False


def _lazily(module: str, function: str) -> ReadTable:
    def read(path: Path, mapping: Mapping) -> Table:
        table: Table = getattr(import_module(f"{_HOME}.{module}"), function)(path, mapping)
        return table

    return read


def _refuse_foreign(path: Path, head: bytes, suffix: str) -> None:
    """Raise `FormatError`, with what a file is and how its table can be had, if it is known."""
    if (vendor := vendor_of(path, head)) is not None:
        raise FormatError(f"{path} is {vendor.kind}; {vendor.remedy}.")
    if suffix in (".pkl", ".pickle", ".p") or (head[:1] == b"\x80" and head[1:2] in b"\2\3\4\5"):
        raise FormatError(f"{path} is a pickle; {pickle_remedy(path)}.")
    if head.startswith(b"\x93NUMPY"):
        if b"'|O'" in head:
            raise FormatError(f"{path} holds a pickle; {pickle_remedy(path)}.")
        raise FormatError(
            f"{path} is one array without names of columns; save the columns by name: "
            "numpy.savez('trials.npz', choice=..., reward=...)."
        )
    if suffix in (".xlsx", ".xlsm", ".ods"):
        raise FormatError(f"{path} is a spreadsheet ({suffix}); save its sheet as CSV.")
    for magic, kind, remedy in _FOREIGN:
        if head.startswith(magic):
            raise FormatError(f"{path} is {kind}, not a table of trials; {remedy}.")
    if head.lstrip()[:1] in (b"{", b"[") and suffix in (".json", ".jsonl", ""):
        raise FormatError(
            f"{path} is JSON; write it as a table: pandas.read_json(FILE).to_csv('trials.csv', "
            "index=False)."
        )
    is_text = suffix in (".csv", ".tsv", ".txt", ".tab", ".dat", "")
    if b"\0" in head and not is_text and not head.startswith(b"PK\x03\x04"):
        raise FormatError(f"{path} is binary and of no known format; {_WANTED}.")


def _head(path: Path) -> bytes:
    check_regular(path)
    if path.is_dir():
        return b""
    try:
        with path.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
