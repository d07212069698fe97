"""Recordings as arrays under names of their own: one MATLAB struct, its variables, or an archive.

Spikes are a list of times per unit, pairs of unit and time, times with the unit of each, or a
matrix of responses (trials, units); everything with an entry per trial is a column of the trials.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.binning import SpikeTrains
from hebbayes.data.columns.table import Columns, shown
from hebbayes.data.columns.trials import TrialMapping, onset_of, trials_of
from hebbayes.data.evoked import evoked_recording, in_order
from hebbayes.data.formats.arrays import from_arrays, trains_by_unit
from hebbayes.data.formats.tables.wide import wide_recording
from hebbayes.data.provenance import notes, with_provenance

if TYPE_CHECKING:
    from hebbayes.data.evoked import Trials
    from hebbayes.data.readers import ReadingOptions
    from hebbayes.data.recording import Recording

SPIKES = (
    *("spikes", "spiketimes", "spiketime", "spk", "spks", "spiketrains", "timestamps", "ts", "st"),
    *("counts", "spikecounts", "responses", "rates", "dff", "traces"),
)
ONSETS = (
    *("onset", "onsets", "onsets", "trialonset", "trialonsets", "stimonset", "stimonsets"),
    *("stimulusonset", "stimtimes", "stimtime", "stimulustimes", "starttime", "trialstart"),
    *("trialstarts", "trialtimes", "tstim", "eventtimes"),
)
STIMULI = (
    *("stim", "stimulus", "stimuli", "stimid", "stimids", "stimulusid", "stimulusids", "cue"),
    *("cues", "condition", "conditions", "cond", "stimuluspattern", "patterns"),
)
UNITS = ("spikeunits", "spikeunit", "unit", "units", "clusters", "cluster", "clu", "spikeclusters")

_SECONDS = {"ms": 1e-3}


def find_name(fields: Mapping[str, Any], wanted: tuple[str, ...], onset: str = "") -> str | None:
    """Return the first field whose name, without capitals and marks, is wanted.

    Names that end in ``_s`` or ``_ms`` count too.

    Example:
        >>> find_name({"stimOnset_s": 0, "Spikes": 1}, ONSETS), find_name({"a": 0}, SPIKES)
        ('stimOnset_s', None)
    """
    plain: dict[str, str] = {}
    for name in fields:
        small = name.casefold().removesuffix("_ms").removesuffix("_s")
        plain.setdefault(small.replace("_", ""), name)
    return next((plain[name] for name in wanted if name in plain), None)


def holds_recording(fields: Mapping[str, Any], options: ReadingOptions) -> bool:
    """Return whether named arrays may be a recording: spikes under a known or stated name.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> holds_recording({"spikes": 0, "stim": 0, "onset": 0}, ReadingOptions())
        True
    """
    if options.spikes:
        return True
    has_trials = find_name(fields, ONSETS) or find_name(fields, STIMULI) or options.stimuli
    return find_name(fields, SPIKES) is not None and bool(has_trials)


def named_recording(fields: Mapping[str, Any], place: str, options: ReadingOptions) -> Recording:
    """Return the recording of named arrays, lists (cells) and texts.

    Raises `FormatError`, with the flags to pass, if something is missing.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> fields = {"spikes": [np.array([0.015, 1.02])], "stim": np.array([1, 2]),
        ...           "onset": np.array([0.0, 1.0])}
        >>> options = ReadingOptions(session_column="none")
        >>> named_recording(fields, "a.mat", options).responses.tolist()
        [[1], [1]]
    """
    spikes_name = options.spikes or find_name(fields, SPIKES)
    if spikes_name is None or spikes_name not in fields:
        raise FormatError(
            f"{place} has no spikes {options.spikes or ''}".rstrip()
            + f"; pass --spikes NAME; it holds {shown(fields)}."
        )
    spikes = _plain(fields[spikes_name])
    mapping = TrialMapping.of_options(options)
    columns, mapping = _columns(fields, place, mapping, spikes_name)
    is_counts = (
        isinstance(spikes, np.ndarray) and spikes.ndim == 2 and columns.n_rows in spikes.shape
    )
    onset_name = mapping.onset or find_name(columns.values, ONSETS)
    onset = np.full(columns.n_rows, np.nan) if is_counts else None
    if onset_name is not None:
        onset, _ = onset_of(columns, onset_name)
        onset = _scaled(onset, options, onset_name)
        mapping = replace(mapping, onset=onset_name)
    trials = trials_of(columns, mapping, onset_s=onset)
    if is_counts:
        return _counted(spikes, trials, columns)
    return _evoked(spikes, trials, fields, options)


def _plain(value: Any) -> Any:
    """Return vectors flat, and cells of vectors as lists of flat arrays."""
    if isinstance(value, list):
        return [np.asarray(one).ravel() if not isinstance(one, (dict, list)) else one
                for one in value]  # fmt: skip
    array = np.asarray(value)
    return array.ravel() if array.ndim == 2 and 1 in array.shape else array


def _scaled(onset: NDArray[np.float64], options: ReadingOptions, name: str) -> NDArray[np.float64]:
    """Onsets are on the clock of the spikes, in its unit, unless their name says otherwise."""
    if name.casefold().endswith(("_s", "_ms")):
        return onset
    if options.time_unit == "samples" and options.rate_hz:
        return onset / options.rate_hz
    return onset * _SECONDS.get(options.time_unit or "", 1.0)


def _columns(
    fields: Mapping[str, Any], place: str, mapping: TrialMapping, spikes: str
) -> tuple[Columns, TrialMapping]:
    """Return everything with an entry per trial as columns; a matrix becomes several."""
    stated = mapping.stimuli or tuple(filter(None, [find_name(fields, STIMULI)]))
    for name in stated:
        if name not in fields:
            raise FormatError(f"{place} has no {name}; it holds {shown(fields)}.")
    if not stated:
        raise FormatError(
            f"{place} does not say what was shown; pass --stimuli NAME; it holds {shown(fields)}."
        )
    n_trials = len(_vector(fields[stated[0]], place, stated[0]))
    values: dict[str, NDArray[Any]] = {}
    stimuli: list[str] = []
    for name, held in fields.items():
        if name == spikes or isinstance(held, dict):
            continue
        try:
            array = _vector(held, place, name)
        except FormatError:
            continue
        if array.ndim == 1 and len(array) == n_trials:
            values[name] = array
        elif array.ndim == 2 and len(array) == n_trials:
            values |= {f"{name}_{k}": column for k, column in enumerate(array.T)}
        stimuli += [each for each in values if each not in stimuli and name in stated
                    and (each == name or each.startswith(f"{name}_"))]  # fmt: skip
    return Columns(place, values), replace(mapping, stimuli=tuple(stimuli))


def _vector(held: Any, place: str, name: str) -> NDArray[Any]:
    if isinstance(held, list):
        texts = [np.asarray(one).ravel() for one in held if not isinstance(one, (dict, list))]
        if len(texts) < len(held) or any(one.size > 1 for one in texts):
            raise FormatError(f"{place}, {name}, holds lists; wanted one value per trial.")
        cells = [one[0] if one.size else "" for one in texts]
        kinds = {np.asarray(one).dtype.kind for one in cells}
        return np.array(cells, float if kinds <= set("buif") else np.str_)
    array = _plain(held)
    if array.dtype.kind not in "buifU" or array.ndim == 0:
        raise FormatError(f"{place}, {name}, holds neither numbers nor text for each trial.")
    return array


def _counted(spikes: NDArray[Any], trials: Trials, columns: Columns) -> Recording:
    held = spikes if len(spikes) == columns.n_rows else spikes.T
    names = [f"unit_{k}" for k in range(held.shape[1])]
    table = Columns(columns.place, dict(zip(names, held.T)))
    made = wide_recording(table, trials, names)
    return replace(made, unit_ids=np.arange(held.shape[1]))


def _evoked(
    spikes: Any, trials: Trials, fields: Mapping[str, Any], options: ReadingOptions
) -> Recording:
    clock: dict[str, Any] = {"time_unit": options.time_unit, "rate_hz": options.rate_hz}
    if isinstance(spikes, list):
        if any(isinstance(one, (dict, list)) or one.dtype.kind not in "buif" for one in spikes):
            raise FormatError(
                "spikes hold structs or lists of lists; wanted a cell with the spike times of one "
                "unit in each entry."
            )
        if (within := _within_trials(spikes, trials)) is not None:
            return _restarting(within, trials, options, clock)
        times, ids = [np.asarray(one, float) for one in spikes], np.arange(len(spikes))
    else:
        flat, unit = _pairs(spikes, fields)
        times, ids = trains_by_unit(flat, unit)
    trains = SpikeTrains(times, ids, **clock)
    trains, warned = in_order(trains) if options.sort_spikes else (trains, ())
    made = evoked_recording(trains, trials, window=options.window)
    return with_provenance(made, notes(warnings=warned))


def _within_trials(spikes: list[NDArray[Any]], trials: Trials) -> list[list[NDArray[Any]]] | None:
    """Return spikes by unit and trial if a cell holds (trials, units) of times within trials."""
    onset = np.asarray(trials.onset_s, float)
    n_trials = len(onset)
    gaps = np.diff(onset[np.isfinite(onset)])
    latest = max((float(one.max()) for one in spikes if one.size), default=0.0)
    is_grid = len(spikes) >= n_trials > 1 and len(spikes) % n_trials == 0
    if not is_grid or not gaps.size or latest > 3 * float(np.median(gaps)):
        return None
    return [spikes[k * n_trials : (k + 1) * n_trials] for k in range(len(spikes) // n_trials)]


def _restarting(
    within: list[list[NDArray[Any]]],
    trials: Trials,
    options: ReadingOptions,
    clock: Mapping[str, Any],
) -> Recording:
    pieces = [
        (unit, trial, one) for unit, row in enumerate(within) for trial, one in enumerate(row)
    ]
    sizes = [one.size for _, _, one in pieces]
    sentence = "spike times count from the onset of their trial."
    origin = {**trials.origin, "read_as": [*trials.origin.get("read_as", ()), sentence]}
    zero = replace(trials, onset_s=np.zeros(len(within[0])), origin=origin)
    made = from_arrays(
        np.concatenate([one for _, _, one in pieces]).astype(float),
        zero,
        spike_units=np.repeat([unit for unit, _, _ in pieces], sizes),
        spike_trials=np.repeat([trial for _, trial, _ in pieces], sizes),
        unit_ids=np.arange(len(within)),
        window=options.window,
        **clock,
    )
    return replace(made, onset_s=np.asarray(trials.onset_s, float))


def _pairs(spikes: NDArray[Any], fields: Mapping[str, Any]) -> tuple[NDArray, NDArray]:
    """Return the time and the unit of every spike."""
    if spikes.ndim == 2 and 2 in spikes.shape:
        both = spikes if spikes.shape[1] == 2 else spikes.T
        kinds = [
            len(np.unique(column)) if (column == np.rint(column)).all() else np.inf
            for column in both.T
        ]
        unit = int(np.argmin(kinds))
        if np.isfinite(kinds[unit]):
            return both[:, 1 - unit], both[:, unit].astype(np.int64)
    name = find_name(fields, UNITS)
    if spikes.ndim == 1 and name is not None:
        units = np.asarray(_plain(fields[name]))
        if units.shape == spikes.shape:
            return spikes, units
    raise FormatError(
        f"spikes have shape {spikes.shape}; wanted a cell with one unit's times per entry, pairs "
        "of unit and time, times with a field of units, or responses (trials, units)."
    )
