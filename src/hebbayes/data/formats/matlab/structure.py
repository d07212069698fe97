"""The structure of MATLAB v5 files, checked before SciPy reads them.

SciPy trusts every length and type that a file states; one wrong byte can end the process.  So all
elements are checked first: each lies within its parent, has a type that fits its class, and as many
bytes as its shape needs.  Compressed elements are returned unpacked, after zlib has verified its
checksum, so that nothing is unpacked twice.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hebbayes.data.limits import MemoryBudget


_HEADER = 128
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15
_SIZES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
_TEXT_SIZES = {**_SIZES, 16: 1, 17: 2, 18: 4}
_CELL, _STRUCT, _OBJECT, _CHAR, _SPARSE = 1, 2, 3, 4, 5
_NUMERIC, _OPAQUE = range(6, 16), (16, 17)
_COMPLEX = 0x800
_DEEPEST = 32
_MEMBER_BYTES = 400
"""Memory that SciPy takes for a cell or field besides its values."""


class DamagedError(ValueError):
    """The file does not have the structure of a MATLAB v5 file."""


@dataclass(frozen=True)
class _Element:
    kind: int
    start: int
    stop: int
    following: int


def unpacked(content: bytes, budget: MemoryBudget) -> bytes:
    """Return a v5 file with nothing compressed.

    Raises `DamagedError` if its structure is broken, `FormatError` if it is larger than ``budget``.

    Example:
        >>> from hebbayes.data.limits import MemoryBudget
        >>> unpacked(b"no MATLAB file", MemoryBudget("a.mat", 1000))
        Traceback (most recent call last):
            ...
        hebbayes.data.formats.matlab.structure.DamagedError: no header
    """
    order = {b"IM": "<", b"MI": ">"}.get(content[126:128])
    if order is None or struct.unpack_from(f"{order}H", content, 124)[0] != 0x100:
        raise DamagedError("no header")
    whole = bytearray(content[:_HEADER])
    for element in _elements(content, order, _HEADER, len(content), is_top=True):
        if element.kind == _COMPRESSED:
            plain = _decompressed(content[element.start : element.stop], budget)
            for inner in _elements(plain, order, 0, len(plain)):
                _check_matrix(plain, order, inner, budget)
            whole += plain
        else:
            _check_matrix(content, order, element, budget)
            whole += content[element.start - 8 : element.following]
    return bytes(whole)


def _decompressed(content: bytes, budget: MemoryBudget) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(content, budget.left + 1)
    except zlib.error as error:
        raise DamagedError(str(error)) from error
    budget.take((len(plain) // 8 + 1,), 8, "a compressed variable")
    if not unpacker.eof:
        raise DamagedError("compressed data end early")
    return plain


def _elements(
    content: bytes, order: str, start: int, stop: int, *, is_top: bool = False
) -> Iterator[_Element]:
    """Yield the elements from ``start`` to ``stop``; each is padded to 8 bytes, unless packed."""
    while stop - start >= 8:
        kind, size = struct.unpack_from(f"{order}II", content, start)
        if kind >> 16:  # up to four bytes stand in the tag itself
            size, kind = kind >> 16, kind & 0xFFFF
            if size > 4:
                raise DamagedError("a small element is too large")
            element = _Element(kind, start + 4, start + 4 + size, start + 8)
        else:
            end = start + 8 + size
            padded = end if is_top and kind == _COMPRESSED else end + -size % 8
            element = _Element(kind, start + 8, end, min(padded, max(stop, end)))
        if element.stop > stop:
            raise DamagedError("an element reaches past the end of its parent")
        yield element
        start = element.following
    if start != stop:
        raise DamagedError("bytes are left over")


def _check_matrix(
    content: bytes, order: str, matrix: _Element, budget: MemoryBudget, depth: int = 0
) -> None:
    if matrix.kind != _MATRIX or depth > _DEEPEST:
        raise DamagedError("a matrix is missing")
    if matrix.start == matrix.stop:
        return  # an empty matrix
    parts = _elements(content, order, matrix.start, matrix.stop)
    flags = _numbers(content, order, _next(parts, _UINT32))
    if len(flags) != 2:
        raise DamagedError("flags of a matrix are damaged")
    kind, is_complex = flags[0] & 0xFF, bool(flags[0] & _COMPLEX)
    if kind in _OPAQUE:
        return  # classes that no recording uses
    shape = _numbers(content, order, _next(parts, _INT32))
    n = math.prod(shape)
    if len(shape) < 2 or min(shape) < 0 or n > 2**40:
        raise DamagedError("the shape of a matrix is damaged")
    _next(parts, _INT8)  # its name
    if kind in (_CELL, _STRUCT, _OBJECT):
        n_members = _count_members(content, order, parts, (kind, n, matrix.stop - matrix.start))
        budget.take((n_members,), _MEMBER_BYTES, "the cells of a variable")
        for _ in range(n_members):
            if (member := next(parts, None)) is None:
                raise DamagedError("there are fewer members than the shape needs")
            _check_matrix(content, order, member, budget, depth + 1)
    elif kind == _SPARSE:
        _check_sparse(content, order, parts, shape, is_complex)
    elif kind == _CHAR or kind in _NUMERIC:
        for _ in range(2 if is_complex and kind != _CHAR else 1):
            _check_values(next(parts, None), n, _TEXT_SIZES if kind == _CHAR else _SIZES)
    else:
        raise DamagedError("a matrix is of no known class")
    if next(parts, None) is not None:
        raise DamagedError("a matrix has too many parts")


def _count_members(
    content: bytes, order: str, parts: Iterator[_Element], of: tuple[int, int, int]
) -> int:
    """Return the number of cells of a cell array, or of fields of all structs."""
    kind, n, n_bytes = of
    n_fields = 1
    if kind == _OBJECT:
        _next(parts, _INT8)
    if kind != _CELL:
        (length,) = _numbers(content, order, _next(parts, _INT32)) or (0,)
        names = _next(parts, _INT8)
        size = names.stop - names.start
        if length < 1 or size % length:
            raise DamagedError("names of fields are damaged")
        n_fields = size // length
    if n > n_bytes:
        raise DamagedError("there are fewer members than the shape needs")
    return n * n_fields


def _check_values(values: _Element | None, n: int, sizes: dict[int, int]) -> None:
    if values is None or values.kind not in sizes:
        raise DamagedError("values of a matrix are missing or of no known type")
    n_bytes = values.stop - values.start
    fits = n_bytes >= n if values.kind == 16 else n_bytes == n * sizes[values.kind]  # UTF-8
    if not fits:
        raise DamagedError("values of a matrix do not fit its shape")


def _check_sparse(
    content: bytes, order: str, parts: Iterator[_Element], shape: list[int], is_complex: bool
) -> None:
    """Row numbers lie within the matrix, columns begin in order, and each row has a value."""
    rows = np.array(_numbers(content, order, _next(parts, _INT32)))
    begins = np.array(_numbers(content, order, _next(parts, _INT32)))
    if len(begins) != shape[1] + 1 or begins[0] != 0 or (np.diff(begins) < 0).any():
        raise DamagedError("columns of a sparse matrix are damaged")
    if begins[-1] > len(rows) or ((rows < 0) | (rows >= max(shape[0], 1))).any():
        raise DamagedError("rows of a sparse matrix are damaged")
    for _ in range(2 if is_complex else 1):
        values = next(parts, None)
        if values is None or values.kind not in _SIZES:
            raise DamagedError("values of a sparse matrix are missing")
        if (values.stop - values.start) // _SIZES[values.kind] < begins[-1]:
            raise DamagedError("values of a sparse matrix are missing")


def _next(parts: Iterator[_Element], kind: int) -> _Element:
    element = next(parts, None)
    if element is None or element.kind != kind:
        raise DamagedError("a part of a matrix is missing or of another type")
    return element


def _numbers(content: bytes, order: str, element: _Element) -> list[int]:
    size = _SIZES[element.kind]
    if (element.stop - element.start) % size:
        raise DamagedError("numbers of a matrix are cut")
    kind = {_INT32: "i4", _UINT32: "u4"}[element.kind]
    return np.frombuffer(
        content, f"{order}{kind}", (element.stop - element.start) // size, element.start
    ).tolist()
