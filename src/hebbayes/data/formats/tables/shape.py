"""The shape of a table, by the names of its columns: spikes, counts, a column per unit, or trials.

``long counts``: session, trial, unit, count.  ``spikes``: a unit and a time per row.  ``wide``: a
row per trial and a column per unit, called unit_1, neuron3, cell_a or as ``--spikes`` says.
``trials``: anything else.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from hebbayes.data.behaviour.mapping import Mapping
from hebbayes.data.columns.table import is_table

Shape = Literal["long counts", "spikes", "wide", "trials"]

UNITS = (
    *("unit", "unit_id", "units", "cluster", "cluster_id", "neuron", "neuron_id", "cell"),
    *("cell_id", "spike_unit", "spike_units", "spike_clusters", "electrode"),
)
"""Names of the column that holds the unit of a spike or count."""

TIMES = (
    *("time", "time_s", "times", "t", "spike_time", "spike_times", "spike_time_s", "timestamp"),
    *("timestamps", "time_ms", "spike_time_ms", "sample", "samples", "time_samples"),
)
"""Names of the column that holds the time of a spike."""

_COUNTS = ("count", "counts", "n_spikes", "spike_count")
_UNIT = re.compile(r"(unit|neuron|cell|cluster|roi|electrode)[_ -]?\w+|(u|n|c)_?\d+", re.IGNORECASE)
_NO_UNIT = re.compile(
    r"(unit|neuron|cell|cluster|roi)s?[_ ]?(id|type|count|number)s?", re.IGNORECASE
)


def shape_of(names: Sequence[str], spikes: str | None = None) -> Shape:
    """Return the shape of a table with these columns; ``spikes`` is what the user says.

    Example:
        >>> shape_of(["unit", "time"]), shape_of(["cue", "unit_1", "unit_2"]), shape_of(["cue"])
        ('spikes', 'wide', 'trials')
        >>> shape_of(["cue", "A1", "A2"], spikes="A*")
        'wide'
    """
    if spikes is not None:
        return "trials" if is_table(Path(spikes)) else "wide"
    unit = find(names, UNITS)
    if unit and find(names, _COUNTS) and find(names, ("trial",)):
        return "long counts"
    if unit and find(names, TIMES):
        return "spikes"
    return "wide" if len(unit_columns(names)) > 1 else "trials"


def find(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    """Return the first of the wanted columns that a table has, whatever its capitals.

    Example:
        >>> find(["Time_S", "Unit"], TIMES)
        'Time_S'
    """
    known = {name.casefold(): name for name in names}
    return next((known[name] for name in wanted if name in known), None)


def unit_columns(names: Sequence[str], spikes: str | None = None) -> list[str]:
    """Return the columns that hold one unit each.

    ``spikes`` names them, comma-separated, with ``*`` for any text.

    Example:
        >>> unit_columns(["unit_1", "unit_id", "cue"]), unit_columns(["A1", "A2", "B"], "A*,B")
        (['unit_1'], ['A1', 'A2', 'B'])
    """
    if spikes is None:
        return [n for n in names if _UNIT.fullmatch(n) and not _NO_UNIT.fullmatch(n)]
    patterns = Mapping(stimulus=spikes).stimulus
    return [n for n in names if any(fnmatch.fnmatchcase(n, p) for p in patterns)]
