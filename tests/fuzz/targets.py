"""The readers under test: a good file of each format, how to read it, and how to forge it.

A forged file is a valid container, checksums included, with hostile content, so that mutants reach
code that checksums protect from plain damage.
"""

import contextlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from scipy.io import loadmat, savemat
from scipy.sparse import csc_array
from tests.cultures import write_cultures
from tests.data.behaviour.convention_files import FILES
from tests.data.formats.hdf5_mat import write_v73
from tests.data.formats.nwb_files import nwb_file, write
from tests.data.spikes import spike_set
from tests.fuzz.mutations import TOKENS, Rng, damaged, damaged_text, hostile_array

from hebbayes.cli.main import run
from hebbayes.core.errors import HebbayesError
from hebbayes.data.behaviour import read_behaviour
from hebbayes.data.formats.csv import to_csv
from hebbayes.data.formats.matlab.writing import to_mat
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.formats.nwb.writing import to_nwb
from hebbayes.data.provenance import digest
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Cultures
from hebbayes.data.weights import read_weights


@dataclass(frozen=True)
class Target:
    """A reader under test.

    Attributes:
        make: Writes a good file and returns its path.
        read: Returns what a reader makes of it, as comparable text; raises `HebbayesError`.
        has_checksum: Whether the format reveals any damage.
        damage: Damages bytes.
        forge: Rewrites a good file with hostile content, if the format has a forger.
        share: Part of all mutants.
    """

    make: Callable[[Path], Path]
    read: Callable[[Path], str]
    has_checksum: bool = False
    damage: Callable[[bytes, Rng], bytes] = damaged
    forge: Callable[[Path, Rng], None] | None = None
    share: float = 1.0


def read_arrays(path: Path) -> str:
    held = read_recording(path, session_length=12)
    if not held.recordings:
        raise HebbayesError(str(held.failures))
    if held.failures:
        return "some: " + " ".join(f"{k} {digest(r)}" for k, r in held.recordings.items())
    return " ".join(f"{k} {digest(r)}" for k, r in held.recordings.items())


def read_trials(path: Path) -> str:
    held = read_behaviour(path)
    arrays = (held.choice, held.stimuli, held.outcome, held.risk, held.subject, held.session)
    return repr((held, [None if one is None else one.tobytes().hex() for one in arrays]))


def _trials(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        next(file for file in FILES if file.name == name).write(folder / name)
        return folder / name

    return make


def read_tensors(path: Path) -> str:
    held = read_weights(path)
    arrays = {k: (v.dtype.str, v.shape, v.tobytes().hex()) for k, v in held.arrays.items()}
    return repr((sorted(arrays.items()), sorted(held.texts.items())))


def run_command(*words: str) -> str:
    """Return what a command prints; an exit status of 2 is a refusal, of 3 a fault."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        status = run(words)
    if status == 3:
        raise RuntimeError(out.getvalue().strip()[-300:])
    if status:
        raise HebbayesError(out.getvalue())
    return out.getvalue()


def read_config(path: Path) -> str:
    printed = run_command("check", "--config", str(path), "--json")
    return json.dumps({k: v for k, v in json.loads(printed).items() if k != "report"})


def resume_folder(path: Path) -> str:
    folder = path if path.is_dir() else path.parent
    return run_command(
        "check", str(folder.parent / "a.npz"), "--out", str(folder), "--resume", "--json"
    )


def _culture() -> dict[str, np.ndarray]:
    spikes = spike_set()
    names = np.array([f"unit {k}" for k in range(5)], object)
    return {
        "o": spikes.stimuli.astype("u1"),
        "r": spikes.responses.astype("u1"),
        "session": spikes.session,
        "unit_ids": names,
    }


def _two_cultures(path: Path) -> Path:
    to_npz(Cultures("two", {k: spike_set(k).recording() for k in (0, 1)}), path / "two.npz")
    return path / "two.npz"


def _spikes(path: Path) -> Path:
    ticks, units = spike_set().flat
    spikes = spike_set()
    arrays = {"spike_times": ticks / 20_000, "spike_units": units, "stimuli": spikes.stimuli}
    np.savez(path / "s.npz", **arrays, onset_s=spikes.onset_s, session=spikes.session)
    return path / "s.npz"


def _written(writer: Callable[..., object], name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        writer(spike_set().recording(), folder / name)
        return folder / name

    return make


def _tensors(path: Path) -> Path:
    values = {"W": np.eye(3, dtype="f4"), "h": np.zeros(3, "f4")}
    header: dict[str, object] = {"__metadata__": {"activation": "sig"}}
    body = b""
    for name, array in values.items():
        spans = [len(body), len(body) + array.nbytes]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": spans}
        body += array.tobytes()
    _write_tensors(path / "w.safetensors", header, body)
    return path / "w.safetensors"


def _write_tensors(path: Path, header: object, body: bytes) -> None:
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


def _archive(path: Path) -> Path:
    np.savez(path / "w.npz", W=np.eye(3), h=np.zeros(3), activation=np.array("sig"))
    return path / "w.npz"


def _config(path: Path) -> Path:
    to_npz(spike_set().recording(), path / "a.npz")
    lines = [f'file = "{path / "a.npz"}"', "session_length = 256", "window_start_s = 0.01"]
    lines += ["window_end_s = 0.03", 'trials = "trials"', "seed = 0", ""]
    (path / "c.toml").write_text("\n".join(lines))
    return path / "c.toml"


def _folder(path: Path) -> Path:
    to_npz(spike_set().recording(), path / "a.npz")
    run_command("check", str(path / "a.npz"), "--out", str(path / "run"), "--json")
    return path / "run"


def forge_npz(path: Path, rng: Rng) -> None:
    with np.load(path) as archive:
        arrays = dict(archive)
    name = str(rng.choice(sorted(arrays)))
    way = int(rng.integers(4))
    if way == 0:
        other = TOKENS[int(rng.integers(len(TOKENS)))].replace("\x00", "0").replace("\ud83d", "?")
        arrays[f"{name}_{other}"] = arrays.pop(name)
    elif way < 3:
        arrays[name] = hostile_array(rng, arrays[name])
    np.savez(path, **arrays)
    if way == 3:  # a header that claims other than it holds, with a fresh CRC
        with zipfile.ZipFile(path) as archive:
            members = {member: archive.read(member) for member in archive.namelist()}
        member = str(rng.choice(sorted(members)))
        members[member] = damaged(members[member][:128], rng) + members[member][128:]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, content in members.items():
                archive.writestr(each, content)


def _matlab_value(rng: Rng, like: np.ndarray) -> object:
    makers = (
        lambda: csc_array((3, 2**22)),
        lambda: csc_array((2**30, 3)),
        lambda: csc_array(np.eye(4)),
        lambda: np.zeros((0, 0)),
        lambda: "text",
        lambda: "",
        lambda: {"a": 1, "b": {"c": 2}},
        lambda: np.array(["ab", "c"]),
        lambda: np.array([np.eye(2), "", "x"], object),
        lambda: np.array([[np.array([], object)]], object),
        lambda: 1j * np.ones(3),
        lambda: np.array(["9" * 5000], object),
        lambda: hostile_array(rng, like),
        lambda: hostile_array(rng, like),
    )
    return makers[int(rng.integers(len(makers)))]()


def forge_mat(path: Path, rng: Rng) -> None:
    held = loadmat(path)
    variable = next(name for name in held if not name.startswith("__"))
    cell = held[variable]
    k = int(rng.integers(cell.size))
    entry = cell.ravel()[k].ravel()[0]
    struct = {name: entry[name] for name in entry.dtype.names}
    name = str(rng.choice(sorted(struct)))
    struct[name] = _matlab_value(rng, np.asarray(struct[name]))
    new = cell.copy()
    new[np.unravel_index(k, cell.shape)] = struct
    with contextlib.suppress(TypeError, ValueError, NotImplementedError):  # what MATLAB cannot hold
        savemat(path, {variable: new}, do_compression=bool(rng.integers(2)))


def forge_hdf5(path: Path, rng: Rng) -> None:
    with h5py.File(path, "r+") as file:
        places: list[str] = []
        file.visit(lambda name: None if name.startswith("specifications") else places.append(name))
        place = str(rng.choice(places))
        parent, name = file[place].parent, place.rpartition("/")[2]
        item, attributes = file[place], dict(file[place].attrs)
        way = int(rng.integers(7))
        if way == 0:
            del parent[name]
        elif way == 1:
            del parent[name]
            parent[name] = rng.choice(
                [file, parent, file[str(rng.choice([p for p in places if p in file] or ["/"]))]]
            )
        elif way == 2:
            del parent[name]
            parent[name] = (
                h5py.ExternalLink("/etc/hostname", "/")
                if rng.random() < 0.5
                else h5py.SoftLink("/")
            )
        elif way == 3 and attributes:
            key = str(rng.choice(sorted(attributes)))
            with contextlib.suppress(TypeError, ValueError):
                item.attrs[key] = hostile_array(rng, np.asarray(attributes[key]))
        elif isinstance(item, h5py.Dataset):
            del parent[name]
            with contextlib.suppress(TypeError, ValueError):
                if way == 4:
                    made = parent.create_dataset(
                        name, (int(rng.choice([10**9, 10**7, 24])), 5), "f8", chunks=(1000, 5)
                    )
                else:
                    made = parent.create_dataset(
                        name, data=hostile_array(rng, np.asarray(item[()]))
                    )
                for key, value in attributes.items():
                    made.attrs[key] = value


def forge_json(path: Path, rng: Rng) -> None:
    """Change a number, text or key of one JSON file below a folder."""
    files = sorted(
        p
        for p in path.rglob("*")
        if p.name in (".zarray", ".zattrs", ".zgroup", "result.json", "provenance.json")
    )
    file = files[int(rng.integers(len(files)))]
    file.write_bytes(damaged_text(file.read_bytes(), rng, ":" if rng.random() < 0.7 else ","))


def forge_tensors(path: Path, rng: Rng) -> None:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    entry = header[str(rng.choice(sorted(header)))]
    key = str(rng.choice(sorted(entry)))
    values = (
        None,
        -1,
        [],
        [-1, 3],
        [2**62, 2**62],
        [0, 2**63],
        [3, 3, 3],
        "F8",
        "F64",
        "BOOL",
        1e308,
        {},
        [[3]],
        [3.0, 3],
    )
    entry[key] = values[int(rng.integers(len(values)))]
    _write_tensors(path, header, content[8 + length :])


def _bare_nwb(folder: Path) -> Path:
    write(nwb_file(spike_set(), "ragged column"), folder / "bare.nwb")
    return folder / "bare.nwb"


def _zarr(folder: Path) -> Path:
    write(nwb_file(spike_set(), "columns"), folder / "a.zarr")
    return folder / "a.zarr"


TARGETS: dict[str, Target] = {
    "npz": Target(_written(to_npz, "a.npz"), read_arrays, True, forge=forge_npz, share=14),
    "npz, two cultures": Target(_two_cultures, read_arrays, True, forge=forge_npz, share=10),
    "npz of spikes": Target(_spikes, read_arrays, True, forge=forge_npz, share=10),
    "csv": Target(_written(to_csv, "a.csv"), read_arrays, damage=damaged_text, share=10),
    "mat5, written here": Target(
        _written(to_mat, "w.mat"), read_arrays, True, forge=forge_mat, share=14
    ),
    "mat5": Target(
        lambda p: write_cultures(p / "v5.mat", [_culture(), _culture()]),
        read_arrays,
        forge=forge_mat,
        share=10,
    ),
    "mat7.3": Target(
        lambda p: write_v73(
            p / "v73.mat", [{k: v for k, v in _culture().items() if k != "unit_ids"}] * 2
        ),
        read_arrays,
        forge=forge_hdf5,
        share=8,
    ),
    "trials as text": Target(_trials("rlwm.csv"), read_trials, damage=damaged_text, share=6),
    "trials as npz": Target(_trials("psytrack.npz"), read_trials, forge=forge_npz, share=4),
    "trials in mat5": Target(_trials("structs.mat"), read_trials, share=4),
    "trials in mat7.3": Target(_trials("v73.mat"), read_trials, forge=forge_hdf5, share=4),
    "safetensors": Target(_tensors, read_tensors, forge=forge_tensors, share=10),
    "npz of weights": Target(_archive, read_tensors, True, forge=forge_npz, share=6),
    "nwb, written here": Target(
        _written(to_nwb, "w.nwb"), read_arrays, True, forge=forge_hdf5, share=3
    ),
    "nwb": Target(_bare_nwb, read_arrays, forge=forge_hdf5, share=3),
    "nwb, zarr": Target(_zarr, read_arrays, forge=forge_json, share=1),
    "toml": Target(_config, read_config, damage=lambda c, r: damaged_text(c, r, "="), share=3),
    "run folder": Target(_folder, resume_folder, forge=forge_json, share=2),
}
