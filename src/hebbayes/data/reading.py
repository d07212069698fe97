"""Any recording file in, whatever its format: what it holds decides, not what it is called."""

from pathlib import Path

from hebbayes.core.errors import FormatError
from hebbayes.data.binning import WINDOW_S, TimeUnit
from hebbayes.data.evoked import Trials
from hebbayes.data.files import HDF5_MAGIC
from hebbayes.data.recording import Cultures, Recording

_ZARR = (".zgroup", "zarr.json", ".zmetadata", ".zattrs")
_FORMATS = "MATLAB (.mat), NumPy (.npz), NWB (.nwb, .zarr) or tables of counts (.csv)"


def read_recording(
    path: Path,
    *,
    condition: str | None = None,
    session_length: int = 256,
    window: tuple[float, float] = WINDOW_S,
    time_unit: TimeUnit | None = None,
    rate_hz: float | None = None,
    trials: str | Trials = "trials",
    session_column: str = "session",
    stimuli: str | None = None,
) -> Cultures:
    """Return what a file holds: one recording per culture, a sentence for each that is bad.

    Args:
        path: MATLAB (v5, v7.3), npz, NWB (HDF5 or Zarr) or CSV; told apart by content.
        condition: Label; in MATLAB files with several variables, the one to read.
        session_length: Trials per session, in MATLAB files that do not say so.
        window: Counting window after the onset in seconds, for files of spike times.
        time_unit: Unit of spike times: s, ms or samples; None takes seconds if plausible.
        rate_hz: Sampling rate of spike times, where known.
        trials: NWB: table of trials, ``TABLE`` or ``TABLE/COLUMN``.
        session_column: NWB: column with the session; ``none`` for a single session.
        stimuli: Stimulus table (a path that ends in .csv); NWB: or the name of what holds stimuli.

    Raises `HebbayesError` with problem, place and remedy; nothing is half-read.

    Example:
        >>> read_recording(Path("no-such-file"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such-file: No such file or directory.
    """
    path = Path(path)
    kind = format_of(path)
    if kind == "mat":
        from hebbayes.data.formats.mat import read_mat

        return read_mat(path, session_length=session_length, condition=condition)
    if kind == "npz":
        from hebbayes.data.formats.npz import read_npz

        return read_npz(
            path, condition=condition, window=window, time_unit=time_unit, rate_hz=rate_hz
        )
    if kind == "csv":
        from hebbayes.data.formats.csv import read_csv

        return _alone(read_csv(path, stimuli=Path(stimuli) if stimuli else None), path, condition)
    from hebbayes.data.formats.nwb.reading import read_nwb

    if stimuli and stimuli.endswith(".csv"):
        from hebbayes.data.formats.stimulus_table import read_stimulus_table

        trials, stimuli = read_stimulus_table(Path(stimuli)).trials, None
    recording = read_nwb(
        path,
        trials=trials,
        session_column=session_column,
        stimuli=stimuli,
        window=window,
        time_unit=time_unit,
        rate_hz=rate_hz,
    )
    return _alone(recording, path, condition)


def _alone(recording: Recording, path: Path, condition: str | None) -> Cultures:
    return Cultures(condition or path.stem, {0: recording})


def format_of(path: Path) -> str:
    """Return mat, npz, csv or nwb.  Raises `FormatError` for anything else.

    Example:
        >>> format_of(Path(__file__))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: ...reading.py is no recording that can be read; wanted
        MATLAB (.mat), NumPy (.npz), NWB (.nwb, .zarr) or tables of counts (.csv).
    """
    if path.is_dir():
        if any((path / name).exists() for name in _ZARR):
            return "nwb"
        raise FormatError(f"cannot read {path}: Is a directory, and no Zarr store.")
    try:
        with path.open("rb") as stream:
            head = stream.read(2048)
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    suffix = path.suffix.lower()
    if not head:
        raise FormatError(f"{path} is empty; wanted {_FORMATS}.")
    if head.startswith(b"MATLAB") or head[512:520] == HDF5_MAGIC or suffix == ".mat":
        return "mat"
    if head.startswith(b"PK\x03\x04") or suffix == ".npz":
        return "npz"
    if head.startswith(HDF5_MAGIC) or suffix == ".nwb":
        return "nwb"
    if suffix in (".csv", ".tsv", ".txt"):
        return "csv"
    if head.startswith(b"\x80") and suffix in (".pkl", ".pickle"):
        raise FormatError(f"{path} is a pickle, which may run code and is never opened; write its "
                          "arrays with numpy.savez.")  # fmt: skip
    raise FormatError(f"{path} is no recording that can be read; wanted {_FORMATS}.")
