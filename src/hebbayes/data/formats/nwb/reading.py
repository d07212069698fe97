"""Reads NWB files, HDF5 or Zarr, through pynwb: spike times or ready-made counts.

Spikes are in ``units`` (with ``obs_intervals`` if a unit was not always observed), trials as in
`trials`; ``invalid_times`` blanks all units.  Counts are a ``BinnedAlignedSpikes`` of the
extension ndx-binned-spikes, recognised by its field names, or the trial column ``responses`` that
`to_nwb` writes.  Arrays are read in bulk, waveforms never.  NWB has no checksum; files written
here carry a digest.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, HebbayesError, shown_names, shown_text
from hebbayes.core.optional import require
from hebbayes.data.behaviour.mapping import Mapping
from hebbayes.data.binning import WINDOW_S, SpikeTrains, TimeUnit, fits_ticks
from hebbayes.data.columns.trials import TrialMapping
from hebbayes.data.evoked import Trials, evoked_recording, in_order
from hebbayes.data.files import fingerprint
from hebbayes.data.formats.hdf5_check import check_hdf5
from hebbayes.data.formats.imaging.evoked import signal_window
from hebbayes.data.formats.imaging.nwb_series import recorded_signals, roi_series
from hebbayes.data.formats.nwb.counts import binned_spikes, recorded_counts, written_counts
from hebbayes.data.formats.nwb.tables import (
    check_is_nwb,
    check_tables,
    column,
    limited,
    ragged,
    read_all,
    table_columns,
)
from hebbayes.data.formats.nwb.trials import find_trials
from hebbayes.data.formats.nwb.zarr_check import check_zarr
from hebbayes.data.limits import memory_budget
from hebbayes.data.provenance import check_digest, notes, versions, with_provenance
from hebbayes.data.spans import merged

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording


@dataclass(frozen=True)
class ResponseOptions:
    """What is read as responses, and how.

    Attributes:
        name: Name of the ``RoiResponseSeries``, if the file holds several signals, or ``units``; by
            default units are read if there are any.
        sorts_spikes: Whether spikes that are out of order are sorted, with a warning.
        baseline_s: Seconds before the onset whose mean is subtracted from signals.
    """

    name: str | None = None
    sorts_spikes: bool = False
    baseline_s: float = 0.0


def read_nwb(
    path: Path,
    *,
    trials: str | Trials = "trials",
    session_column: str = "session",
    stimuli: str | None = None,
    window: tuple[float, float] = WINDOW_S,
    time_unit: TimeUnit | None = None,
    rate_hz: float | None = None,
    mapping: TrialMapping | None = None,
    responses: ResponseOptions | None = None,
) -> Recording:
    """Return the recording of an NWB file, spikes counted in ``window`` (seconds) after onsets.

    Args:
        path: File (HDF5) or folder (Zarr).
        trials: Table with one row per trial, ``TABLE`` or ``TABLE/COLUMN`` if the onset is not
            ``start_time``; the name of a ``BinnedAlignedSpikes``; or the trials themselves.
        session_column: Column with the session of each trial; ``none`` for a single session.
        stimuli: Name of the column, prefix of columns, series or events table with the stimuli;
            needed if a file has several.  Columns may be several, comma-separated.
        window: Start and end of the counting window.
        time_unit: Unit of spike times, if not the seconds that NWB requires.
        rate_hz: Sampling rate; by default from the file's resolution.
        mapping: What all columns mean, decisions among them; replaces the two options above.
        responses: What responses are, and whether spikes are sorted.

    Raises `FormatError` if the file is damaged or incomplete, another `HebbayesError` for invalid
    values, `MissingDependencyError` without pynwb.

    Example:
        >>> read_nwb(Path("no-such.nwb"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.nwb: No such file or directory.
    """
    path = Path(path)
    if mapping is None:
        mapping = TrialMapping(Mapping(stimulus=stimuli or ()).stimulus, session=session_column)
    provenance: dict[str, Any] = {
        "file": str(path),
        "sha256": fingerprint(path),
        "format": "NWB (Zarr)" if path.is_dir() else "NWB (HDF5)",
        "options": {
            "trials": trials if isinstance(trials, str) else "given",
            "session_column": mapping.session,
            "stimuli": ",".join(mapping.stimuli) or None,
            "window": list(window),
            "time_unit": time_unit,
            "rate_hz": rate_hz,
        },
    }
    messages: list[str] = []
    with limited(memory_budget(path)), opened_nwb(path, messages) as file:
        provenance["versions"] = versions("pynwb", "hdmf-zarr" if path.is_dir() else "h5py")
        provenance |= notes(warnings=[f"pynwb warns: {sentence}" for sentence in messages])
        named = trials if isinstance(trials, str) else ""
        if (binned := binned_spikes(file, named)) is not None:
            counted = recorded_counts(file, binned, window, trials=trials, mapping=mapping)
            return with_provenance(counted, provenance)
        known = find_trials(file, trials, mapping)
        if (counts := written_counts(file, named, known)) is not None:
            recording, written = counts
            check_digest(recording, written)
            return with_provenance(recording, provenance)
        chosen = responses or ResponseOptions()
        if (series := _signals(file, chosen.name)) is not None:
            signals = recorded_signals(series, known, signal_window(window), chosen.baseline_s)
            return with_provenance(signals, provenance)
        trains, warned = _spike_trains(path, file, time_unit, rate_hz)
        trains, sorted_ = in_order(trains) if chosen.sorts_spikes else (trains, ())
        warned = [*provenance["warnings"], *warned, *sorted_]
        evoked = evoked_recording(trains, known, window=window, blanked=_invalid_times(file))
        return with_provenance(
            evoked, {**provenance, **notes(provenance["dropped"], warnings=warned)}
        )


@contextmanager
def opened_nwb(path: Path, messages: list[str]) -> Iterator[Any]:
    """Yield a file as opened by pynwb, add pynwb's warnings to ``messages``, and close the file.

    Raises `FormatError` for a file that pynwb cannot read, here or during use.

    Example:
        >>> with opened_nwb(Path(__file__), []) as file:
        ...     pass
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: ...reading.py is not a readable NWB file: it is truncated,
        damaged or of another format (OSError: ...); take it from its backup, or export it again.
    """
    if path.is_dir():
        check_zarr(path)
    else:
        h5py = require("h5py", "nwb")
        check_hdf5(path, is_nwb=True)
    pynwb = require("pynwb", "nwb")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if path.is_dir():
                zarr_io = require("hdmf_zarr", "nwb").NWBZarrIO
                check_tables(require("zarr", "nwb").open_group(str(path), mode="r"))
                with zarr_io(str(path), "r", load_namespaces=True) as io:
                    file = io.read()
                    messages.extend(_foreign(caught))
                    yield file
            else:
                with h5py.File(path, "r") as content:
                    check_is_nwb(path, content)
                    check_tables(content)
                    with pynwb.NWBHDF5IO(file=content, load_namespaces=True) as io:
                        file = io.read()
                        messages.extend(_foreign(caught))
                        yield file
    except HebbayesError:
        raise
    except Exception as error:  # pynwb, hdmf, h5py and zarr raise errors of any type
        reason = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:80]}"
        raise FormatError(
            f"{path} is not a readable NWB file: it is truncated, damaged or of another format "
            f"({reason}); take it from its backup, or export it again."
        ) from error


def _foreign(caught: list[warnings.WarningMessage]) -> list[str]:
    """Return warnings about the file, without those about code."""
    about_code = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ImportWarning)
    return [
        shown_text(one.message, 200) for one in caught if not issubclass(one.category, about_code)
    ]


def _signals(file: Any, name: str | None) -> Any:
    """Return the signals to read; None if the file's spikes are."""
    has_spikes = file.units is not None and "spike_times" in table_columns(file.units)
    return None if has_spikes and name is None else roi_series(file, name)


def _spike_trains(
    path: Path, file: Any, time_unit: TimeUnit | None, rate_hz: float | None
) -> tuple[SpikeTrains, list[str]]:
    units = file.units
    if units is None or "spike_times" not in table_columns(units):
        held = f"its units have {shown_names(table_columns(units))}" if units else "it has no units"
        raise FormatError(
            f"{path} has no spikes: wanted units with spike_times, or a "
            f"BinnedAlignedSpikes; {held}."
        )
    times = ragged(units, "spike_times")
    ids = read_all(units.id.data, "the ids of units")
    observed = None
    if "obs_intervals" in table_columns(units):
        observed = [merged(spans, "obs_intervals") for spans in ragged(units, "obs_intervals")]
    warned: list[str] = []
    if rate_hz is None and time_unit in (None, "s"):
        rate_hz, warned = _rate(units, times)
    return SpikeTrains(times, ids, time_unit, rate_hz, observed), warned


def _rate(units: Any, times: list[NDArray]) -> tuple[float | None, list[str]]:
    """Return the rate that the file's resolution implies, unless the spikes contradict it."""
    resolution = getattr(units, "resolution", None)
    if resolution is None:
        resolution = getattr(units["spike_times"].target, "resolution", None)
    if resolution is None or not 0 < float(resolution) < 1:
        return None, []
    rate = 1 / float(resolution)
    rate = float(round(rate)) if abs(rate - round(rate)) < 1e-6 * rate else rate
    if all(np.isfinite(t).all() for t in times) and fits_ticks(times, rate):
        return rate, []
    return None, [
        f"spike times are no multiples of the file's resolution, {resolution:g} s; they "
        "were compared as seconds."
    ]


def _invalid_times(file: Any) -> NDArray[np.float64]:
    table = file.invalid_times
    if table is None:
        return np.zeros((0, 2))
    spans = [column(table, name) for name in ("start_time", "stop_time")]
    return merged(np.stack(spans, axis=1), "invalid_times")
