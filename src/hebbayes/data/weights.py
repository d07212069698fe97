"""Weights of trained networks: `.npz` archives and safetensors files, arrays and plain text only.

The first bytes of a file decide its format, not its name.  Pickles, which can run code when they
are opened (PyTorch's own `.pt` and `.pth` are pickles), are refused.
"""

import json
import math
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_text
from hebbayes.data.files import load_arrays, read_bytes
from hebbayes.data.limits import check_regular

_DTYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("bool"),
}
_LONGEST_HEADER = 10_000_000


@dataclass(frozen=True)
class Weights:
    """Named arrays of a file, and its named texts.

    Attributes:
        arrays: Array of each name.
        texts: Text of each name, such as the activation function.
    """

    arrays: dict[str, NDArray[Any]]
    texts: dict[str, str] = field(default_factory=dict)


def read_weights(path: Path) -> Weights:
    """Return the arrays and texts of a weight file.

    Raises `FormatError` for a file that is missing, damaged, a pickle, or of another format.

    Example:
        >>> read_weights(Path("absent.npz"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read absent.npz: No such file or directory.
    """
    check_regular(path)
    try:
        with path.open("rb") as stream:
            start = stream.read(10)
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    is_safetensors = start[8:9] == b"{"
    if is_safetensors and int.from_bytes(start[:8], "little") <= path.stat().st_size - 8:
        return _from_safetensors(path)  # first: the length may begin like a pickle or an archive
    if start[:2] == b"PK":
        _refuse_pickles(path)
        return _from_archive(path)
    if start[:1] == b"\x80":
        raise _pickle(path)
    if is_safetensors:
        raise FormatError(f"{path} is truncated: its header is longer than the file.")
    raise FormatError(
        f"{path} is neither an .npz archive nor a safetensors file; write weights with numpy.savez "
        "or safetensors.torch.save_file."
    )


def _pickle(path: Path) -> FormatError:
    return FormatError(
        f"{path} is a pickle, which can run code when opened; save the weights with "
        "safetensors.torch.save_file or numpy.savez."
    )


def _refuse_pickles(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except Exception:  # zipfile raises several kinds for damage; reading says what is wrong
        return
    if any(name.endswith(".pkl") for name in names):
        raise _pickle(path)


def _from_archive(path: Path) -> Weights:
    arrays, texts = {}, {}
    for name, value in load_arrays(path).items():
        if value.dtype.kind == "U":
            texts[name] = str(value)
        else:
            arrays[name] = value
    return Weights(arrays, texts)


def _from_safetensors(path: Path) -> Weights:
    """Return the content of a safetensors file: a length, a JSON header, and the arrays' bytes."""
    content, _ = read_bytes(path)
    length = int.from_bytes(content[:8], "little")
    if length > _LONGEST_HEADER:
        raise FormatError(f"{path} has a header of {length} bytes; {_LONGEST_HEADER} at most.")
    try:
        header = json.loads(content[8 : 8 + length])
        body = memoryview(content)[8 + length :]
        texts = {str(k): str(text) for k, text in header.pop("__metadata__", {}).items()}
        _check_spans([entry["data_offsets"] for entry in header.values()], len(body))
        arrays = {name: _tensor(entry, body) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(
            f"{path} is not a readable safetensors file ({shown_text(error)})."
        ) from error
    if not arrays:
        raise FormatError(f"{path} holds no array.")
    return Weights(arrays, texts)


def _check_spans(spans: list[list[int]], n_bytes: int) -> None:
    """Raise `ValueError` unless arrays follow one another and fill the file, as the format asks."""
    if any(not 0 <= begin <= end <= n_bytes for begin, end in spans):
        raise ValueError("an array does not fit into the file")
    ordered = sorted(spans)
    if spans and [a for a, _ in ordered] + [n_bytes] != [0] + [b for _, b in ordered]:
        raise ValueError("its arrays overlap or leave bytes over")


def _tensor(entry: dict[str, Any], body: memoryview) -> NDArray[Any]:
    if entry["dtype"] not in _DTYPES:
        raise ValueError(f"numbers of type {entry['dtype']} are not supported")
    dtype, shape = _DTYPES[entry["dtype"]], tuple(int(n) for n in entry["shape"])
    begin, end = entry["data_offsets"]
    size = math.prod(shape) * dtype.itemsize
    if end - begin != size or min(shape, default=0) < 0:
        raise ValueError("an array does not fit into the file")
    values = np.frombuffer(body[begin:end], dtype).reshape(shape)
    if entry["dtype"] == "BF16":  # the upper half of a float32
        return (values.astype("<u4") << 16).view("<f4")
    return values.copy()
