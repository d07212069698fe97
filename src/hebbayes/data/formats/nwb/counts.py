"""Ready-made counts in NWB files: a ``BinnedAlignedSpikes``, or the trial column ``responses``.

``BinnedAlignedSpikes`` (extension ndx-binned-spikes) is recognised by its field names, so its
package is not needed: ``data`` (units, events, bins), ``bin_width_in_milliseconds``,
``milliseconds_from_event_to_first_bin``, ``event_timestamps`` or ``timestamps``, ``units_region``
or ``units``.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, ValueRangeError, shown_names
from hebbayes.data.binning import check_window
from hebbayes.data.casting import counts_or_rates, holds_whole_numbers, mask
from hebbayes.data.columns.trials import TrialMapping
from hebbayes.data.evoked import UNOBSERVED_COUNT, Trials
from hebbayes.data.formats.nwb.tables import column, named, read_all, table_columns
from hebbayes.data.formats.nwb.trials import find_trials
from hebbayes.data.formats.nwb.writing import DESCRIPTIONS
from hebbayes.data.limits import parse_json
from hebbayes.data.provenance import is_digest, notes
from hebbayes.data.recording import Recording

_TYPE = "BinnedAlignedSpikes"


def binned_spikes(file: Any, name: str) -> Any:
    """Return the binned spikes to read: those called ``name``, else the only ones, else None.

    Spike times come first if a file has both.  Raises `FormatError` if there are several.

    Example:
        >>> from types import SimpleNamespace
        >>> binned_spikes(SimpleNamespace(objects={}, units=None), "trials") is None
        True
    """
    binned = [i for i in file.objects.values() if getattr(i, "neurodata_type", "") == _TYPE]
    if chosen := [item for item in binned if item.name == name]:
        return chosen[0]
    if not binned or (file.units is not None and "spike_times" in table_columns(file.units)):
        return None
    if len(binned) > 1:
        raise FormatError(
            f"the file has several {_TYPE}: {shown_names(i.name for i in binned)}; pass "
            "trials=NAME to choose one."
        )
    return binned[0]


def recorded_counts(
    file: Any,
    binned: Any,
    window: tuple[float, float],
    *,
    trials: str | Trials = "trials",
    mapping: TrialMapping | None = None,
) -> Recording:
    """Return the recording of binned spikes; ``window`` must begin and end with bins.

    Example:
        >>> from types import SimpleNamespace
        >>> binned = SimpleNamespace(name="psth", data=np.zeros((2, 3)))
        >>> recorded_counts(None, binned, (0.01, 0.03))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: psth has data of shape (2, 3); wanted (units, events,
        bins).
    """
    data = read_all(binned.data, binned.name)
    if data.ndim != 3:
        raise FormatError(
            f"{binned.name} has data of shape {data.shape}; wanted (units, events, bins)."
        )
    events = _field(binned, "event_timestamps", "timestamps")
    onset = np.asarray(read_all(events, f"timestamps of {binned.name}"), float)
    if data.shape[1] != len(onset):
        raise FormatError(
            f"{binned.name} has {data.shape[1]} events and {len(onset)} timestamps; "
            "the file is damaged."
        )
    counts = data[:, :, _bins(binned, data.shape[2], window)]
    valid = np.isfinite(counts).all(axis=2).T
    responses = np.where(valid, counts_or_rates("counts", counts).sum(axis=2).T, 0)
    if holds_whole_numbers(responses):
        responses = responses.astype(np.int64)
    place = "trials" if trials == binned.name else trials
    known = find_trials(file, place, mapping or TrialMapping(), onset)
    _check_same_onsets(binned, onset, np.asarray(known.onset_s, float))
    dropped = {UNOBSERVED_COUNT: int((~valid).sum())} if not valid.all() else {}
    return Recording(
        stimuli=known.stimuli,  # type: ignore[arg-type]
        responses=responses,
        session=known.session,  # type: ignore[arg-type]
        valid=valid,
        onset_s=onset,
        unit_ids=_unit_ids(file, binned, data.shape[0]),
        channel_ids=known.channel_ids,  # type: ignore[arg-type]
        window_s=(float(window[0]), float(window[1])),
        provenance={**known.origin, **notes(dropped, known.dropped, warnings=known.warnings)},
        **known.extra,
    )


def _field(binned: Any, *names: str) -> Any:
    for name in names:
        if (value := getattr(binned, name, None)) is not None:
            return value
    raise FormatError(f"{binned.name} lacks {names[0]}; it is not a complete {_TYPE}.")


def _bins(binned: Any, n_bins: int, window: tuple[float, float]) -> slice:
    """Return the bins that make up the window."""
    check_window(window)
    width = float(_field(binned, "bin_width_in_milliseconds", "bin_width_in_ms")) / 1000
    first = float(getattr(binned, "milliseconds_from_event_to_first_bin", None) or 0) / 1000
    if not 0 < width < np.inf:
        raise FormatError(f"{binned.name} has bins of {width} s; the file is damaged.")
    edges = [(edge - first) / width for edge in window]
    low, high = (round(edge) for edge in edges)
    is_whole = all(abs(edge - round(edge)) < 1e-6 for edge in edges)
    if not is_whole or low < 0 or high > n_bins:
        raise ValueRangeError(
            f"the window {window[0]:g} to {window[1]:g} s does not consist of whole bins of "
            f"{binned.name}, which are {width:g} s wide from {first:g} to "
            f"{first + n_bins * width:g} s; pass a window that does."
        )
    return slice(low, high)


def _check_same_onsets(binned: Any, events: NDArray, onset: NDArray) -> None:
    if len(events) != len(onset):
        raise FormatError(
            f"{binned.name} has {len(events)} events and there are {len(onset)} "
            "trials; wanted one event per trial."
        )
    if (wrong := ~(np.abs(events - onset) < 1e-6)).any():
        k = int(wrong.argmax())
        raise FormatError(
            f"{binned.name} has event {k} at {events[k]} s and trial {k} begins at "
            f"{onset[k]} s; wanted the same trials in the same order."
        )


def _unit_ids(file: Any, binned: Any, n_units: int) -> NDArray[Any]:
    region = getattr(binned, "units_region", None)
    region = getattr(binned, "units", None) if region is None else region
    if region is None:
        return np.arange(n_units)
    rows = read_all(region.data, f"units of {binned.name}").astype(np.int64)
    ids = read_all(region.table.id.data, "the ids of units")
    if len(rows) != n_units or ((rows < 0) | (rows >= len(ids))).any():
        raise FormatError(
            f"{binned.name} refers to {len(rows)} units of {len(ids)} and has counts "
            f"of {n_units}; the file is damaged."
        )
    return ids[rows]


def written_counts(file: Any, name: str, known: Trials) -> tuple[Recording, str | None] | None:
    """Return the recording that `to_nwb` wrote and its digest, None if there is none.

    Example:
        >>> from types import SimpleNamespace
        >>> written_counts(SimpleNamespace(trials=None, objects={}), "trials", None) is None
        True
    """
    tables = [file.trials] if name in ("trials", "") else named(file, name.partition("/")[0])
    table = next((t for t in tables if "responses" in table_columns(t)), None)
    if table is None:
        return None
    is_ours = table["responses"].description == DESCRIPTIONS["responses"]
    written = metadata(file, is_ours=is_ours)
    parts = dict(known.extra)
    if "observed" in table_columns(table):
        parts["valid"] = mask("observed", column(table, "observed"))
    onset = column(table, "onset_s") if "onset_s" in table_columns(table) else known.onset_s
    unit_ids = written.get("unit_ids")
    if unit_ids is None and file.units is not None:
        unit_ids = read_all(file.units.id.data, "the ids of units")
    window = written.get("window_s")
    valid = parts.get("valid", np.ones(1, bool))
    dropped = {UNOBSERVED_COUNT: int((~valid).sum())} if not valid.all() else {}
    origin = {"origin": written["provenance"]} if "provenance" in written else {}
    recording = Recording(
        stimuli=known.stimuli,  # type: ignore[arg-type]
        responses=column(table, "responses"),
        session=known.session,  # type: ignore[arg-type]
        onset_s=None if np.isnan(np.asarray(onset, float)).all() else onset,  # type: ignore[arg-type]
        unit_ids=unit_ids,  # type: ignore[arg-type]
        channel_ids=written.get("channel_ids", known.channel_ids),
        window_s=None if window is None else (window[0], window[1]),
        provenance={**known.origin, **origin, **notes(dropped, warnings=known.warnings)},
        **parts,
    )
    return recording, written.get("sha256")


def metadata(file: Any, *, is_ours: bool = False) -> Mapping[str, Any]:
    """Return the metadata that `to_nwb` wrote into a file's notes, or nothing.

    `to_nwb` writes the digest twice, as identifier and into the notes.  Raises `FormatError` if one
    of a file that ``is_ours`` is lost, or if they differ: damage must not switch the check off.

    Example:
        >>> from types import SimpleNamespace
        >>> metadata(SimpleNamespace(notes="by hand", identifier="session 7"))
        {}
    """
    try:
        content = parse_json(file.notes or "{}", "notes")
    except FormatError:
        content = None
    written = content.get("hebbayes") if isinstance(content, dict) else None
    identifier = str(getattr(file, "identifier", ""))
    is_written = isinstance(written, dict)
    if is_written or (is_ours and is_digest(identifier)):
        stated = written.get("sha256") if isinstance(written, dict) else None
        if not is_digest(str(stated)) or (is_digest(identifier) and identifier != stated):
            raise FormatError(
                "the notes of the file, which hold the SHA-256 of its arrays, are damaged or were "
                "edited; take it from its backup, or write it again."
            )
    return written if isinstance(written, dict) else {}
