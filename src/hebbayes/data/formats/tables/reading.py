"""Reads a recording from tables of any shape; the trials may be in the same table or beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.columns.table import Columns, column_names, read_columns
from hebbayes.data.columns.trials import trials_of
from hebbayes.data.files import fingerprint
from hebbayes.data.formats.column_roles import parse_roles
from hebbayes.data.formats.csv import read_csv
from hebbayes.data.formats.tables.shape import shape_of
from hebbayes.data.formats.tables.spikes import counted_spikes
from hebbayes.data.formats.tables.trials import (
    has_mapping,
    mapping_of_table,
    table_beside,
    table_of_counts,
)
from hebbayes.data.formats.tables.wide import same_order, units_of, wide_recording
from hebbayes.data.provenance import versions, with_provenance

if TYPE_CHECKING:
    from hebbayes.data.readers import ReadingOptions
    from hebbayes.data.recording import Recording

BESIDE = ("-trials", "_trials", "-stimuli", "_stimuli")
"""Endings of the names of tables of trials beside a table of spikes."""


def read_table(path: Path, options: ReadingOptions) -> Recording:
    """Return the recording of a table: counts, spikes, a column per unit, or trials with spikes.

    Raises `FormatError`, with the flag to pass.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> read_table(Path("no-such.csv"), ReadingOptions())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    path = Path(path)
    names = column_names(path)
    shape = shape_of(names, options.spikes)
    if shape == "long counts":
        return _long_counts(path, options)
    if shape == "trials":
        return _trials_first(path, names, options)
    table = read_columns(path)
    beside = trials_beside_table(path, options)
    if shape == "spikes":
        if beside is None:
            raise FormatError(
                f"{path} holds spikes and no trials; pass --trials TRIALS.csv, a table with a row "
                "per trial, its onset and stimuli, or save it as "
                f"{path.stem}-trials.csv beside."
            )
        return _spikes(path, beside, options)
    units = units_of(table, options.spikes)
    if beside is None:
        return _with_files(_wide(table, table, units, options), [path])
    trials = read_columns(beside)
    return _with_files(_wide(same_order(table, trials), trials, units, options), [path, beside])


def _long_counts(path: Path, options: ReadingOptions) -> Recording:
    beside = table_beside(options)
    if has_mapping(options):
        beside = beside or trials_beside_table(path, options)
        if beside is None:
            raise FormatError(f"{path} has no table of trials beside it; pass --trials FILE.csv.")
        return read_csv(path, stimuli=beside, table=table_of_counts(beside, options))
    stimuli = Path(options.stimuli) if options.stimuli else beside
    return read_csv(path, stimuli=stimuli, columns=parse_roles(options.columns))


def _trials_first(path: Path, names: list[str], options: ReadingOptions) -> Recording:
    if options.spikes is None:
        raise FormatError(
            f"{path} holds no spikes: wanted a table with the columns unit and time, a column per "
            "unit, or session, trial, unit, count; pass --spikes SPIKES.csv, or --spikes with the "
            f"columns of units; it has {shown_names(names)}."
        )
    spikes = Path(options.spikes)
    if (shape := shape_of(column_names(spikes))) == "spikes":
        return _spikes(spikes, path, options)
    table, trials = read_columns(spikes), read_columns(path)
    units = (
        [n for n in table.values if n not in ("session", "trial")] if shape == "trials" else None
    )
    made = _wide(same_order(table, trials), trials, units or units_of(table, None), options)
    return _with_files(made, [spikes, path])


def _spikes(path: Path, beside: Path, options: ReadingOptions) -> Recording:
    table = read_columns(beside)
    trials = trials_of(table, mapping_of_table(options))
    return _with_files(counted_spikes(read_columns(path), trials, table, options), [path, beside])


def _wide(counts: Columns, trials: Columns, units: list[str], options: ReadingOptions) -> Recording:
    mapping = mapping_of_table(options)
    held = Columns(trials.place, {k: v for k, v in trials.values.items() if k not in units})
    onset: dict[str, Any] = {}
    if mapping.onset is None:
        onset["onset_s"] = np.full(counts.n_rows, np.nan)
    return wide_recording(counts, trials_of(held, mapping, **onset), units)


def trials_beside_table(path: Path, options: ReadingOptions) -> Path | None:
    """Return the table of trials that options name, or that lies beside a table by its name.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> trials_beside_table(Path("no-such.csv"), ReadingOptions()) is None
        True
    """
    if (stated := table_beside(options)) is not None:
        return stated
    places = [path.with_name(f"{path.stem}{end}{path.suffix}") for end in BESIDE]
    places += [path.with_name(f"trials{path.suffix}")] if path.stem == "spikes" else []
    return next((place for place in places if place.is_file()), None)


def _with_files(recording: Recording, files: list[Path]) -> Recording:
    origin: dict[str, Any] = {
        "file": str(files[0]),
        "sha256": fingerprint(files[0]),
        "format": "table",
        "versions": versions("pandas"),
    }
    for other in files[1:]:
        origin |= {"trials": str(other), "trials_sha256": fingerprint(other)}
    return with_provenance(replace(recording), origin)
