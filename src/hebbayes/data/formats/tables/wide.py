"""Tables with a row per trial and a column per unit: counts, rates or signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.casting import holds_whole_numbers
from hebbayes.data.columns.table import as_text, is_number
from hebbayes.data.evoked import UNOBSERVED_COUNT
from hebbayes.data.formats.tables.shape import unit_columns
from hebbayes.data.provenance import notes
from hebbayes.data.recording import Recording

if TYPE_CHECKING:
    from hebbayes.data.columns.table import Columns
    from hebbayes.data.evoked import Trials


def wide_recording(counts: Columns, trials: Trials, units: list[str]) -> Recording:
    """Return the recording of a table with the columns ``units``, a row per trial of ``trials``.

    An empty cell is a response that was not observed.  Raises `FormatError`.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> from hebbayes.data.evoked import Trials
        >>> table = Columns("a", {"unit_1": np.array([1.0, np.nan]), "unit_2": np.array([0.0, 2])})
        >>> made = wide_recording(table, Trials([0.0, 1.0], np.eye(2)), ["unit_1", "unit_2"])
        >>> made.responses.tolist(), made.valid.tolist()
        ([[1, 0], [0, 2]], [[True, True], [False, True]])
    """
    for name in units:
        if not is_number(counts[name]):
            raise FormatError(
                f"{counts.place}, column {name}, must hold a response per trial; got "
                f"{str(counts[name][0])[:40]!r}; name the columns of units with --spikes."
            )
    held = np.stack([counts[name].astype(float) for name in units], axis=1)
    valid = ~np.isnan(held)
    responses: NDArray[Any] = np.where(valid, held, 0)
    if holds_whole_numbers(responses):
        responses = responses.astype(np.int64)
    onset = np.asarray(trials.onset_s, float)
    dropped = {UNOBSERVED_COUNT: int((~valid).sum())} if not valid.all() else {}
    return Recording(
        stimuli=trials.stimuli,  # type: ignore[arg-type]
        responses=responses,
        session=np.zeros(len(held), np.int64) if trials.session is None else trials.session,  # type: ignore[arg-type]
        valid=valid,
        onset_s=None if np.isnan(onset).all() else onset,
        unit_ids=units,  # type: ignore[arg-type]
        channel_ids=trials.channel_ids,  # type: ignore[arg-type]
        provenance={**trials.origin, **notes(dropped, trials.dropped, warnings=trials.warnings)},
        **trials.extra,
    )


def units_of(counts: Columns, spikes: str | None) -> list[str]:
    """Return the columns with units.  Raises `FormatError` if there is none.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> units_of(Columns("a", {"A1": np.zeros(1), "cue": np.zeros(1)}), "A*")
        ['A1']
    """
    units = unit_columns(list(counts.values), spikes)
    if not units:
        raise FormatError(
            f"{counts.place} has no column {spikes}; pass --spikes with the columns of units, "
            f"comma-separated, * for any text; it has {shown_names(counts.values)}."
        )
    return units


def same_order(counts: Columns, trials: Columns) -> Columns:
    """Return the rows of ``counts`` in the order of ``trials``, matched by trial and session.

    Without columns in common, rows are matched in order.  Raises `FormatError`.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> a = Columns("a", {"trial": np.array([2, 1]), "unit_1": np.array([5, 6])})
        >>> same_order(a, Columns("b", {"trial": np.array([1, 2])}))["unit_1"].tolist()
        [6, 5]
    """
    shared = [name for name in ("session", "trial") if name in counts and name in trials]
    if counts.n_rows != trials.n_rows:
        raise FormatError(
            f"{counts.place} has {counts.n_rows} rows and {trials.place} {trials.n_rows}; wanted a "
            "row per trial in both."
        )
    if "trial" not in shared:
        return counts
    keys = [
        [tuple(map(as_text, row)) for row in zip(*(each[name].tolist() for name in shared))]
        for each in (counts, trials)
    ]
    place = {key: k for k, key in enumerate(keys[0])}
    if len(place) < len(keys[0]) or (unknown := [key for key in keys[1] if key not in place]):
        fault = "has a trial twice" if len(place) < len(keys[0]) else f"lacks trial {unknown[0]}"
        raise FormatError(f"{counts.place} {fault}; wanted the trials of {trials.place}.")
    order = [place[key] for key in keys[1]]
    return type(counts)(counts.place, {name: v[order] for name, v in counts.values.items()})
