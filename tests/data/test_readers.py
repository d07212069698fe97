"""Readers of other packages: how they are registered, used, and blamed."""

import importlib.metadata
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE, run
from hebbayes.core.errors import FormatError, HebbayesError, ValueRangeError
from hebbayes.data.files import fingerprint
from hebbayes.data.formats.builtin import BUILT_IN
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.readers import GROUP, Reader, ReadingOptions
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Cultures, Recording

from .spikes import spike_set

MAGIC = b"SPK1"
Provide = Callable[..., None]


def is_spk(path: Path, head: bytes) -> bool:
    return head.startswith(MAGIC)


def read_spk(path: Path, options: ReadingOptions) -> Cultures:
    """Return 4 trials of 3 units; the file holds nothing but its magic bytes."""
    responses = np.arange(12).reshape(4, 3)
    stimuli = np.eye(2)[[0, 1, 0, 1]]
    recording = Recording(stimuli, responses, np.arange(4) // options.session_length)
    return Cultures(options.condition or "spk", {0: recording})


def spk(**changes) -> Reader:
    parts = {
        "name": "spk",
        "files": "Spk (.spk)",
        "recognises": is_spk,
        "read": read_spk,
        "options": frozenset({"condition", "session_length"}),
    }
    return Reader(**{**parts, **changes})


@pytest.fixture
def provide(monkeypatch) -> Provide:
    """Return a function that installs readers as a package of somebody else would."""

    def install(**provided: object) -> None:
        module = ModuleType("spk_package")
        for name, value in provided.items():
            setattr(module, name, value)
        monkeypatch.setitem(sys.modules, "spk_package", module)
        points = EntryPoints(EntryPoint(name, f"spk_package:{name}", GROUP) for name in provided)
        monkeypatch.setattr(
            importlib.metadata, "entry_points", lambda **words: points.select(**words)
        )

    return install


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "a.spk"
    path.write_bytes(MAGIC)
    return path


def test_the_built_in_readers_are_registered_as_entry_points() -> None:
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    points = tomllib.loads(pyproject.read_text())["project"]["entry-points"][GROUP]
    loaded = {name: EntryPoint(name, value, GROUP).load() for name, value in points.items()}
    assert list(loaded.values()) == list(BUILT_IN)
    assert list(loaded) == [reader.name for reader in BUILT_IN]


def test_a_plug_in_reads_its_files(provide, file) -> None:
    provide(spk=spk())
    cultures = read_recording(file, condition="control", session_length=2)
    assert cultures.condition == "control"
    assert cultures.recordings[0].n_sessions == 2
    origin = cultures.recordings[0].provenance
    assert origin == {
        "file": str(file),
        "sha256": fingerprint(file),
        "format": "spk",
        "culture": 0,
        "dropped": {},
        "warnings": [],
    }


def test_check_takes_the_files_of_a_plug_in(provide, file, capsys) -> None:
    provide(spk=spk())
    assert run(["check", str(file), "--session-length", "2", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["format"] == "spk"


def test_check_reports_a_plug_in_that_fails_in_one_sentence(provide, file, capsys) -> None:
    provide(spk=spk(read=fails))
    assert run(["check", str(file)]) == BAD_INPUT
    assert "the reader plug-in spk failed on" in capsys.readouterr().err


def test_a_plug_in_leaves_other_files_to_the_built_in_readers(provide, tmp_path) -> None:
    provide(spk=spk())
    to_npz(spike_set().recording(), tmp_path / "a.npz")
    assert read_recording(tmp_path / "a.npz").recordings[0].provenance["format"] == "npz"


def test_an_unknown_format_is_refused_with_all_known_ones(provide, tmp_path) -> None:
    provide(spk=spk())
    (tmp_path / "a.bin").write_bytes(b"hello")
    with pytest.raises(FormatError) as caught:
        read_recording(tmp_path / "a.bin")
    assert str(caught.value) == (
        f"{tmp_path / 'a.bin'} is not a recording in a known format; wanted Spk (.spk), MATLAB "
        "v7.3 (.mat), MATLAB v5 (.mat), NumPy (.npz), NWB (.nwb, .zarr) or tables (.csv, .tsv, "
        ".parquet; suite2p folders)."
    )


def fails(*_: object) -> Cultures:
    raise KeyError("spikes")


BAD_PLUG_INS = {
    "no reader": (
        {"spk": print},
        "the reader plug-in spk (spk_package:spk) is of type builtin_function_or_method; wanted a "
        "hebbayes.data.readers.Reader; repair it or uninstall it.",
    ),
    "raises on reading": (
        {"spk": spk(read=fails)},
        "the reader plug-in spk failed on FILE (KeyError: 'spikes'); report this to its authors.",
    ),
    "raises on recognising": (
        {"spk": spk(recognises=fails)},
        "the reader plug-in spk failed on FILE (KeyError: 'spikes'); report this to its authors.",
    ),
    "returns something else": (
        {"spk": spk(read=lambda path, options: [1])},
        "the reader plug-in spk returned a list; wanted Cultures of Recordings; report this to its "
        "authors.",
    ),
    "cultures of something else": (
        {"spk": spk(read=lambda path, options: Cultures("a", {0: np.eye(2)}))},
        "the reader plug-in spk returned a ndarray; wanted Cultures of Recordings; report this to "
        "its authors.",
    ),
    "two claims": (
        {"one": spk(name="one"), "two": spk(name="two")},
        "the reader plug-ins one and two both claim FILE; uninstall one of them.",
    ),
}


@pytest.mark.parametrize("fault", BAD_PLUG_INS)
def test_a_plug_in_that_fails_is_named(provide, file, fault: str) -> None:
    provided, sentence = BAD_PLUG_INS[fault]
    provide(**provided)
    with pytest.raises(HebbayesError) as caught:
        read_recording(file)
    assert str(caught.value) == sentence.replace("FILE", str(file))


def test_a_plug_in_that_cannot_be_imported_is_named(provide, file, monkeypatch) -> None:
    provide(spk=spk())
    monkeypatch.setitem(sys.modules, "spk_package", None)
    with pytest.raises(FormatError, match=r"plug-in spk \(spk_package:spk\) cannot be loaded"):
        read_recording(file)


def test_an_error_that_a_plug_in_raises_on_purpose_is_passed_on(provide, file) -> None:
    def refuse(path: Path, options: ReadingOptions) -> Cultures:
        raise ValueRangeError("a.spk has 3 probes; wanted 1.")

    provide(spk=spk(read=refuse))
    with pytest.raises(ValueRangeError, match=r"a\.spk has 3 probes"):
        read_recording(file)


def test_an_option_that_a_reader_does_not_take_is_reported(tmp_path) -> None:
    to_npz(spike_set().recording(), tmp_path / "a.npz")
    recording = read_recording(tmp_path / "a.npz", session_length=12).recordings[0]
    assert recording.provenance["warnings"] == ["the npz reader takes no session_length; ignored."]


def test_a_reader_imports_only_its_own_format(tmp_path) -> None:
    to_npz(spike_set().recording(), tmp_path / "a.npz")
    code = f"""
import sys
from pathlib import Path
from hebbayes.data.reading import read_recording
read_recording(Path({str(tmp_path / "a.npz")!r}))
print(*(name for name in ("scipy", "h5py", "pynwb", "pandas", "jax") if name in sys.modules))
print(*(name for name in sys.modules if name.startswith("hebbayes.data.formats.")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    libraries, ours = done.stdout.split("\n")[:2]
    assert libraries == ""
    assert {name.rpartition(".")[2] for name in ours.split()} == {
        "builtin",
        "vendors",
        "npz",
        "arrays",
        "fields",
    }
