"""Names of units and channels of every type pass through every writer and come back."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.files import save_arrays
from hebbayes.data.formats.csv import to_csv
from hebbayes.data.formats.matlab.writing import to_mat
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.formats.nwb.writing import to_nwb
from hebbayes.data.provenance import check_digest, digest
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Recording

WRITERS = {".npz": to_npz, ".mat": to_mat, ".nwb": to_nwb, ".csv": to_csv}
INTEGERS = [f"{order}{kind}{size}" for order in "<>" for kind in "iu" for size in (1, 2, 4, 8)]
FLOATS = [f"{order}f{size}" for order in "<>" for size in (2, 4, 8)]


@st.composite
def arrays_of_names(draw: st.DrawFn) -> np.ndarray:
    """Two to four different names in an array of any type that may hold them."""
    kind = draw(st.sampled_from([*INTEGERS, *FLOATS, "S", "U", "O", "M8[s]"]))
    dtype = np.dtype(kind)
    if dtype.kind in "iu":
        top = min(np.iinfo(dtype).max, 2**63 - 1)
        one = st.integers(int(np.iinfo(dtype).min), int(top))
    elif dtype.kind == "f":
        one = st.floats(allow_nan=False, allow_infinity=False, width=8 * dtype.itemsize)
    elif dtype.kind == "M":
        one = st.integers(0, 10**9).map(lambda s: np.datetime64(s, "s"))
    else:
        letters = st.characters(codec="utf-8", exclude_characters="\0")
        one = st.text(letters, max_size=6)
    held = draw(st.lists(one, min_size=2, max_size=4, unique=True))
    if dtype.kind == "S":
        return np.array([name.encode() for name in held])
    return np.array(held, object if kind == "O" else None if dtype.kind == "U" else dtype)


def recording(units: np.ndarray, channels: np.ndarray) -> Recording:
    return Recording(
        np.eye(2, len(channels)),
        np.ones((2, len(units)), int),
        [0, 1],
        unit_ids=units,
        channel_ids=channels,
    )


def _would_change(suffix: str, made: Recording) -> bool:
    """Return whether a format cannot hold the names: CSV is text, MATLAB has no empty name."""
    both = (made.unit_ids, made.channel_ids)
    texts = [str(name) for ids in both for name in ids.tolist() if ids.dtype.kind != "i"]
    if suffix == ".mat":
        return "" in texts
    is_altered = [
        ids.dtype.kind == "f" or (ids.dtype.kind == "U" and all(map(_is_number, ids.tolist())))
        for ids in both
    ]
    is_cut = any(name != name.strip() or set("\r\n") & set(name) for name in texts)
    return suffix == ".csv" and (any(is_altered) or is_cut)


def _is_number(name: str) -> bool:
    return re.fullmatch("0|-?[1-9][0-9]*", name) is not None


@pytest.mark.parametrize("suffix", WRITERS)
def test_names_come_back(suffix: str, tmp_path: Path) -> None:
    @settings(max_examples=5 if suffix == ".nwb" else 20, deadline=None)
    @given(units=arrays_of_names(), channels=arrays_of_names())
    def comes_back(units: np.ndarray, channels: np.ndarray) -> None:
        _check(suffix, tmp_path, recording(units, channels))

    comes_back()


def _check(suffix: str, tmp_path: Path, made: Recording) -> None:
    path = tmp_path / f"a{suffix}"
    if _would_change(suffix, made):
        with pytest.raises(ValueRangeError, match="would not come back"):
            WRITERS[suffix](made, path)
        return
    WRITERS[suffix](made, path)
    held = read_recording(path, session_length=1)
    assert held.failures == {}
    for name in ("unit_ids", "channel_ids"):
        before, after = getattr(made, name), getattr(held.recordings[0], name)
        assert (after.dtype.kind, after.tolist()) == (before.dtype.kind, before.tolist())
    assert digest(held.recordings[0]) == digest(replace(made, onset_s=None))


@pytest.mark.parametrize("kind", [*INTEGERS, *FLOATS, "?"])
def test_digests_of_older_files_are_accepted(kind: str) -> None:
    """Version 0.1.0 hashed names in the type that they came in."""
    ids = np.arange(2).astype(kind)
    made = recording(ids, np.arange(2))
    written = _old_digest(made, ids)
    check_digest(made, written)
    damaged = replace(made, responses=made.responses + 1)
    with pytest.raises(ValueError, match="not those that were written"):
        check_digest(damaged, written)


def _old_digest(made: Recording, unit_ids: np.ndarray) -> str:
    import hashlib

    whole = hashlib.sha256()
    fields = {
        "stimuli": made.stimuli,
        "responses": made.responses,
        "session": made.session,
        "valid": made.valid,
        "unit_ids": unit_ids,
        "channel_ids": made.channel_ids,
    }
    for name, array in fields.items():
        is_text = array.dtype.kind not in "bif"
        whole.update(f"{name} {array.shape} {'text' if is_text else array.dtype}\n".encode())
        whole.update(json.dumps(array.tolist()).encode() if is_text else array.tobytes())
    return whole.hexdigest()


def test_objects_are_never_pickled(tmp_path) -> None:
    with pytest.raises(ValueRangeError, match="values holds Python objects"):
        save_arrays(tmp_path / "a.npz", {"values": np.array([{}, None], object)})
    assert list(tmp_path.iterdir()) == []
