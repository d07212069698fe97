"""Weight files: what the safetensors package writes is read; pickles and damage are refused."""

import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from hebbayes.core.errors import FormatError
from hebbayes.data.weights import read_weights


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int32", "uint8"])
def test_files_of_the_safetensors_package_are_read(tmp_path, dtype):
    arrays = {
        "fc.weight": np.arange(6).reshape(2, 3).astype(dtype),
        "fc.bias": np.ones(2, dtype),
    }
    save_file(arrays, tmp_path / "w.safetensors", metadata={"activation": "sigmoid"})
    read = read_weights(tmp_path / "w.safetensors")
    assert read.texts == {"activation": "sigmoid"}
    for name, value in arrays.items():
        np.testing.assert_array_equal(read.arrays[name], value)
        assert read.arrays[name].dtype == value.dtype


def test_half_precision_of_the_other_kind_is_read(tmp_path):
    values = np.array([1.0, -2.5, 3.0], "<f4")
    body = (values.view("<u4") >> 16).astype("<u2").tobytes()
    write(tmp_path / "w", {"a": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}, body)
    np.testing.assert_array_equal(read_weights(tmp_path / "w").arrays["a"], values)


def write(path: Path, header: dict, body: bytes) -> None:
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


def torch_like(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"weight": 1}))


BAD = {
    "pickle": (lambda p: p.write_bytes(pickle.dumps({"W": 1})), "pickle"),
    "torch file": (torch_like, "pickle"),
    "pickled npz": (lambda p: np.savez(p, W=np.array([{}], dtype=object)), "plain arrays"),
    "text": (lambda p: p.write_text("weights of a network"), "neither"),
    "empty": (lambda p: p.touch(), "neither"),
    "absent": (lambda p: None, "cannot read"),
    "long header": (lambda p: p.write_bytes(b"\xff" * 7 + b"\0{}"), "truncated"),
    "no header": (lambda p: p.write_bytes((2).to_bytes(8, "little") + b"{x"), "not a readable"),
    "no array": (lambda p: write(p, {}, b""), "no array"),
    "outside": (
        lambda p: write(p, {"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}, b"1234"),
        "does not fit",
    ),
    "strange numbers": (
        lambda p: write(p, {"a": {"dtype": "F8", "shape": [1], "data_offsets": [0, 1]}}, b"1"),
        "not supported",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_weight_file_is_one_sentence(tmp_path, kind):
    make, words = BAD[kind]
    path = tmp_path / "w.npz"
    make(path)
    with pytest.raises(FormatError, match=words):
        read_weights(path)


def test_an_archive_of_an_unknown_zip_version_is_one_sentence(tmp_path):
    path = tmp_path / "w.npz"
    np.savez(path, W=np.eye(2))
    content = bytearray(path.read_bytes())
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 6] = 255  # the version needed to extract
    path.write_bytes(content)
    with pytest.raises(FormatError, match="not a readable"):
        read_weights(path)
