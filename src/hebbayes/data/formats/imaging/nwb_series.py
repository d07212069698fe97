"""Signals of cells in an NWB file, each series a ``RoiResponseSeries``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.formats.imaging.evoked import evoked_signals
from hebbayes.data.formats.nwb.tables import read_all

if TYPE_CHECKING:
    from hebbayes.data.evoked import Trials
    from hebbayes.data.recording import Recording

_TYPE = "RoiResponseSeries"
_FIRST = "DfOverF"


def roi_series(file: Any, name: str | None) -> Any:
    """Return the series of signals to read: the one called ``name``, or the only one, else None.

    A name is that of the series, of what holds it, or both (``DfOverF/plane0``).  Among several,
    the only one in DfOverF is taken.  Raises `FormatError` if it cannot be told.

    Example:
        >>> from types import SimpleNamespace
        >>> roi_series(SimpleNamespace(objects={}), None) is None
        True
    """
    held = {
        _path(item): item
        for item in file.objects.values()
        if getattr(item, "neurodata_type", "") == _TYPE
    }
    fitting = {k: v for k, v in held.items() if name is None or name in (k, *k.split("/"))}
    if name is None and len(fitting) > 1:
        fitting = {k: v for k, v in held.items() if k.startswith(f"{_FIRST}/")} or fitting
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    if not held or (name is not None and not fitting and name == "units"):
        return None
    if not fitting:
        raise FormatError(
            f"the file has no signals {name}; pass --spikes with one of {shown_names(held)}."
        )
    raise FormatError(
        f"the file holds several signals; pass --spikes with one of {shown_names(held)}."
    )


def recorded_signals(
    series: Any, trials: Trials, window: tuple[float, float], baseline_s: float = 0.0
) -> Recording:
    """Return the recording of a series of signals evoked by trials.  Raises `FormatError`.

    Example:
        >>> from types import SimpleNamespace
        >>> from hebbayes.data.evoked import Trials
        >>> series = SimpleNamespace(name="a", data=np.arange(4.0)[:, None], timestamps=None,
        ...     rate=10.0, starting_time=0.0, conversion=1.0, offset=0.0, rois=None, parent=None)
        >>> made = recorded_signals(series, Trials([0.1], [[1.0]]), window=(0.0, 0.2))
        >>> made.responses.tolist()
        [[1.5]]
    """
    place = _path(series)
    data = read_all(series.data, place)
    if data.dtype.kind not in "buif" or data.ndim not in (1, 2):
        raise FormatError(
            f"{place} must hold numbers (frames, cells); got type {data.dtype}, shape {data.shape}."
        )
    data = data.reshape(len(data), -1).astype(np.float64)
    scale, offset = float(series.conversion or 1), float(series.offset or 0)
    if (scale, offset) != (1, 0):
        data = data * scale + offset
    made = evoked_signals(
        data,
        _times(series, len(data), place),
        trials,
        unit_ids=_cells(series, data.shape[1]),
        window=window,
        baseline_s=baseline_s,
    )
    made.provenance["read_as"].append(f"signals are those of {place}.")
    return made


def _path(series: Any) -> str:
    parent = getattr(getattr(series, "parent", None), "name", None)
    return f"{parent}/{series.name}" if parent else str(series.name)


def _times(series: Any, n_frames: int, place: str) -> NDArray[np.float64]:
    if series.timestamps is not None:
        return np.asarray(read_all(series.timestamps, f"timestamps of {place}"), float)
    rate = float(series.rate or 0)
    if not 0 < rate < np.inf:
        raise FormatError(f"{place} has neither timestamps nor a rate; the file is incomplete.")
    return float(series.starting_time or 0) + np.arange(n_frames) / rate


def _cells(series: Any, n_cells: int) -> NDArray[Any] | None:
    region = getattr(series, "rois", None)
    if region is None:
        return None
    rows = read_all(region.data, f"rois of {_path(series)}").astype(np.int64)
    ids = read_all(region.table.id.data, "the ids of regions")
    if len(rows) != n_cells or ((rows < 0) | (rows >= len(ids))).any():
        raise FormatError(
            f"{_path(series)} refers to {len(rows)} regions of {len(ids)} and has {n_cells} cells; "
            "the file is damaged."
        )
    return ids[rows]
