"""Folders of suite2p: traces as plain .npy arrays, evoked by a table of trials.

``F.npy`` and ``Fneu.npy`` (cells, frames) give dF/F = (F - 0.7 Fneu) / F0 - 1, F0 the 8th
percentile; ``--spikes spks`` takes the deconvolved traces, ``--spikes F`` the raw ones.
``iscell.npy`` selects the cells.  ``ops.npy`` is a pickle and stays closed: the frame rate is
``--rate-hz``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, HebbayesError, shown_text
from hebbayes.data.files import fingerprint
from hebbayes.data.formats.imaging.evoked import evoked_signals, signal_window
from hebbayes.data.formats.tables.trials import table_beside, trials_beside
from hebbayes.data.limits import MemoryBudget, check_regular, memory_budget
from hebbayes.data.provenance import versions

if TYPE_CHECKING:
    from hebbayes.data.readers import ReadingOptions
    from hebbayes.data.recording import Recording

NEUROPIL = 0.7
"""Share of the neuropil that suite2p subtracts."""

BASELINE_PERCENTILE = 8.0
"""Percentile of a corrected trace that is taken for its baseline F0."""

SIGNALS = ("dff", "F", "spks")
_TRIALS = ("trials.csv", "trials.tsv", "trials.parquet")


def is_suite2p(path: Path) -> bool:
    """Return whether a folder is one of suite2p, or holds its first plane.

    Example:
        >>> is_suite2p(Path("no-such-folder"))
        False
    """
    return path.is_dir() and _plane(path) is not None


def read_suite2p(path: Path, options: ReadingOptions) -> Recording:
    """Return the recording of a suite2p folder and a table of trials.

    Raises `FormatError`, with the flag to pass, if something is missing.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> read_suite2p(Path("no-such-folder"), ReadingOptions())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: no-such-folder has no F.npy; wanted a folder of suite2p.
    """
    plane = _plane(path)
    if plane is None:
        raise FormatError(f"{path} has no F.npy; wanted a folder of suite2p.")
    options = _with_trials(path, options)
    missing = [] if options.rate_hz else ["--rate-hz RATE (frames per second and plane)"]
    if table_beside(options) is None:
        missing.append("--trials TRIALS.csv (a row per trial, its onset and stimuli)")
    if missing or options.rate_hz is None:
        raise FormatError(
            f"{path} is a folder of suite2p; pass {' and '.join(missing)}; ops.npy is a pickle and "
            "stays closed."
        )
    if (wanted := options.spikes or "dff") not in SIGNALS:
        raise FormatError(
            f"--spikes must be {', '.join(SIGNALS)} for a folder of suite2p; got {wanted}."
        )
    traces, cells, sentence = _traces(plane, wanted)
    trials = trials_beside(options)
    assert trials is not None
    made = evoked_signals(
        traces.T,
        np.arange(traces.shape[1]) / options.rate_hz,
        trials,
        unit_ids=cells,
        window=signal_window(options.window),
        baseline_s=options.baseline_window_s,
        provenance={
            "file": str(path),
            "sha256": fingerprint(plane),
            "format": "suite2p",
            "versions": versions("numpy"),
        },
    )
    made.provenance["read_as"].append(sentence)
    return made


def trials_of_folder(path: Path) -> Path | None:
    """Return the table of trials in a folder of suite2p, None if there is none.

    Example:
        >>> trials_of_folder(Path("no-such-folder")) is None
        True
    """
    places = [folder / name for folder in (path, _plane(path) or path) for name in _TRIALS]
    return next((place for place in places if place.is_file()), None)


def _with_trials(path: Path, options: ReadingOptions) -> ReadingOptions:
    found = trials_of_folder(path) if table_beside(options) is None else None
    return options if found is None else replace(options, trials=str(found))


def _plane(path: Path) -> Path | None:
    places = (path, path / "plane0", path / "suite2p" / "plane0", path / "combined")
    return next((p for p in places if (p / "F.npy").is_file()), None)


def _traces(plane: Path, wanted: str) -> tuple[NDArray[np.float64], NDArray[np.int64], str]:
    """Return traces (cells, frames), the numbers of the cells, and what they are."""
    budget = memory_budget(plane)
    raw = _array(plane / "F.npy", budget, 2)
    is_cell = np.ones(len(raw), bool)
    if (plane / "iscell.npy").is_file():
        listed = _array(plane / "iscell.npy", budget, None)
        is_cell = (listed[:, 0] if listed.ndim == 2 else listed) > 0
        if len(is_cell) != len(raw):
            raise FormatError(
                f"{plane / 'iscell.npy'} has {len(is_cell)} entries and F.npy {len(raw)} cells; "
                "run suite2p again."
            )
    if not is_cell.any():
        raise FormatError(f"{plane / 'iscell.npy'} marks no region as a cell; curate it first.")
    cells = np.flatnonzero(is_cell)
    of = f"{len(cells)} of {len(raw)} regions are cells"
    if wanted != "dff":
        traces = raw if wanted == "F" else _same(plane / "spks.npy", budget, raw)
        kind = "raw fluorescence" if wanted == "F" else "deconvolved"
        return traces[cells], cells, f"signals are {kind} ({wanted}.npy); {of}."
    neuropil = _same(plane / "Fneu.npy", budget, raw) if (plane / "Fneu.npy").is_file() else None
    corrected = raw[cells] if neuropil is None else raw[cells] - NEUROPIL * neuropil[cells]
    level = np.percentile(corrected, BASELINE_PERCENTILE, axis=1)
    if (wrong := ~(level > 0)).any():
        raise FormatError(
            f"cell {cells[wrong][0]} has a baseline of {level[wrong][0]:.3g} after the neuropil is "
            "subtracted, which dF/F divides by; pass --spikes F, or --spikes spks."
        )
    less = "F" if neuropil is None else f"F - {NEUROPIL:g} Fneu"
    return (
        corrected / level[:, None] - 1,
        cells,
        f"signals are dF/F = ({less}) / F0 - 1, F0 the {BASELINE_PERCENTILE:g}th percentile; {of}.",
    )


def _same(path: Path, budget: MemoryBudget, raw: NDArray[Any]) -> NDArray[np.float64]:
    array = _array(path, budget, 2)
    if array.shape != raw.shape:
        raise FormatError(
            f"{path} has shape {array.shape} and F.npy {raw.shape}; run suite2p again."
        )
    return array


def _array(path: Path, budget: MemoryBudget, n_axes: int | None) -> NDArray[np.float64]:
    """Return a plain .npy array, its stated shape checked first.  Pickles are refused."""
    check_regular(path)
    try:
        with path.open("rb") as stream:
            version = npy_format.read_magic(stream)
            read = {
                (1, 0): npy_format.read_array_header_1_0,
                (2, 0): npy_format.read_array_header_2_0,
            }[version]
            shape, _, dtype = read(stream)
            if dtype.hasobject or dtype.kind not in "buif":
                raise FormatError(f"{path} holds a pickle or text; wanted numbers.")
            budget.take(shape, dtype.itemsize, path.name)
        array = np.load(path, allow_pickle=False)
    except HebbayesError:
        raise
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    except (ValueError, KeyError) as error:
        raise FormatError(
            f"{path} is no plain .npy array ({shown_text(error)}); run suite2p again."
        ) from error
    if n_axes is not None and array.ndim != n_axes:
        raise FormatError(f"{path} has shape {array.shape}; wanted (cells, frames).")
    return array.astype(np.float64)
