"""Reading and writing files so that nothing is ever half-written or half-read.

Every file is written beside its final name and renamed.  Archives hold arrays only (no pickles)
and carry no time stamps: equal arrays give equal bytes.
"""

import hashlib
import math
import os
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from hebbayes.core.errors import (
    FormatError,
    HebbayesError,
    OutputError,
    ValueRangeError,
    shown_names,
    shown_text,
)
from hebbayes.data.limits import MemoryBudget, check_regular, memory_budget

PARTIAL = ".partial"
"""Ending of files that are being written; one stays behind if the process is killed."""

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


def write_atomic(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then rename it to ``path``.

    Raises `OutputError` if the disk is full or the folder cannot be written; nothing is left
    behind and an older file stays as it was.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomic(Path(folder, "new", "a.bin"), lambda stream: stream.write(b"abc"))
        ...     Path(folder, "new", "a.bin").read_bytes()
        b'abc'
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(PARTIAL, f".{path.name}.", path.parent)
        with os.fdopen(handle, "wb") as stream:
            write(stream)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; free some space or choose another "
            "place."
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all.  Raises `OutputError`.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_text(Path(folder, "a.txt"), "η")
        ...     Path(folder, "a.txt").read_bytes()
        b'\\xce\\xb7'
    """
    write_atomic(path, lambda stream: stream.write(text.encode("utf-8")))


def save_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write named arrays as an uncompressed ``.npz``, byte-identical for equal arrays.

    Raises `OutputError`, and `ValueRangeError` for arrays of objects, which would be pickled.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_arrays(Path(folder, "a.npz"), {"counts": [1, 2]})
        ...     load_arrays(Path(folder, "a.npz"))["counts"].tolist()
        [1, 2]
    """
    plain = {name: np.asarray(values) for name, values in arrays.items()}
    if pickled := [name for name, array in plain.items() if array.dtype.hasobject]:
        raise ValueRangeError(
            f"{pickled[0]} holds Python objects, which an archive would pickle; pass numbers or "
            "text."
        )
    write_atomic(path, lambda stream: np.savez(stream, **plain))  # type: ignore[arg-type]


def load_arrays(
    path: Path, wanted: Iterable[str] = (), *, is_read: Callable[[str], bool] = lambda name: True
) -> dict[str, NDArray[Any]]:
    """Return the arrays of an ``.npz`` file whose names ``is_read`` accepts; pickles are refused.

    Raises `FormatError` for a file that is missing, empty, truncated, damaged, holds pickles,
    states arrays too large for its size, or lacks one of the ``wanted`` names.

    Example:
        >>> load_arrays(Path("absent.npz"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read absent.npz: No such file or directory.
    """
    check_regular(path)
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            members = _members(stream, archive)
            budget = memory_budget(path)
            arrays = {
                name: _array(archive, member, name, budget)
                for name, member in members.items()
                if is_read(name)
            }
    except HebbayesError:
        raise
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    except Exception as error:  # numpy and zipfile raise any of a dozen kinds for damaged archives
        raise FormatError(
            f"{path} is not a readable .npz archive of plain arrays ({shown_text(error)}); "
            "write it with numpy.savez, without objects."
        ) from error
    if not members:
        raise FormatError(f"{path} holds no named array; wanted an .npz archive.")
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise FormatError(f"{path} lacks {', '.join(missing)}; it holds {shown_names(members)}.")
    return arrays


def array_names(path: Path) -> tuple[str, ...]:
    """Return the names of the arrays of an ``.npz`` file, without reading them.

    Raises `FormatError`.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_arrays(Path(folder, "a.npz"), {"counts": [1, 2]})
        ...     array_names(Path(folder, "a.npz"))
        ('counts',)
    """
    names: list[str] = []

    def note(name: str) -> bool:
        names.append(name)
        return False

    load_arrays(path, is_read=note)
    return tuple(names)


def _members(stream: IO[bytes], archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members of an archive by the names of their arrays, each name once."""
    members = archive.infolist()
    named = {member.filename.removesuffix(".npy"): member for member in members}
    if len(named) < len(members):
        raise zipfile.BadZipFile("two members have the same name")
    _check_directory(stream, len(members))
    for member in members:
        archive.open(member).close()  # compares its two names: a damaged one may look unknown
    return named


def _array(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, budget: MemoryBudget
) -> NDArray[Any]:
    """Return the array of a member, its stated shape checked before anything is allocated."""
    with archive.open(member) as stream:
        version = npy_format.read_magic(stream)
        read_header = {
            (1, 0): npy_format.read_array_header_1_0,
            (2, 0): npy_format.read_array_header_2_0,
        }.get(version)
        if read_header is None:
            raise ValueError(f"{name} has version {version} of the .npy format")
        shape, _, dtype = read_header(stream)
        if dtype.hasobject:
            raise ValueError(f"{name} holds objects")
        budget.take(shape, dtype.itemsize, name)
        if stream.tell() + math.prod(shape) * dtype.itemsize != member.file_size:
            raise ValueError(f"{name} has more or fewer values than its shape {shape} needs")
    with archive.open(member) as stream:
        return np.asarray(npy_format.read_array(stream, allow_pickle=False))


def _check_directory(stream: IO[bytes], n_members: int) -> None:
    """Raise `BadZipFile` if the archive's directory has lost members, which Python ignores."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - 2**16, 0))
    tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    if end >= 0:
        (stated,) = struct.unpack_from("<H", tail, end + 10)
        if stated not in (n_members, 2**16 - 1):
            raise zipfile.BadZipFile(f"{n_members} of {stated} members found")


def read_bytes(path: Path) -> tuple[bytes, str]:
    """Return the bytes of a file and their SHA-256.  Raises `FormatError`.

    Example:
        >>> len(read_bytes(Path(__file__))[1])
        64
    """
    check_regular(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    return content, hashlib.sha256(content).hexdigest()


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal, or of all files in a folder.

    For a folder, it covers the relative names and contents of its files, in order of name.  Raises
    `FormatError` if it cannot be read.

    Example:
        >>> len(fingerprint(Path(__file__)))
        64
    """
    check_regular(path)
    try:
        if not path.is_dir():
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        whole = hashlib.sha256()
        for file in sorted(file for file in path.rglob("*") if file.is_file()):
            name = os.fsencode(file.relative_to(path).as_posix())
            whole.update(name + f"\n{fingerprint(file)}\n".encode())
        return whole.hexdigest()
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
