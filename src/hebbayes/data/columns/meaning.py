"""Stimuli, decisions and risk of a recording from columns, by the rules for tables of behaviour.

The rules (`hebbayes.data.behaviour`) are the same for a table without a neuron; only the names of
some flags differ, and messages here use those of recordings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.columns.cells import label_text
from hebbayes.data.behaviour.columns.choices import derived_choice, recorded_choice
from hebbayes.data.behaviour.columns.outcomes import (
    Outcomes,
    mapped_outcome,
    recorded_outcome,
    scaled_risk,
)
from hebbayes.data.behaviour.columns.stimuli import channels_of
from hebbayes.data.behaviour.mapping import NONE, Mapping
from hebbayes.data.behaviour.proposing.proposal import Proposal, propose
from hebbayes.data.behaviour.table import Table

if TYPE_CHECKING:
    from hebbayes.data.columns.table import Columns

_FLAGS = {
    r"--choice\b": "--decision-column",
    r"--outcome\b(?!-)|--reward\b|--feedback\b": "--outcome-column",
    r"--stimulus\b": "--stimuli",
}
"""Flags of tables of behaviour, and what they are called for recordings."""


@contextmanager
def flags_of_recordings() -> Iterator[None]:
    """Let messages inside a ``with`` block name the flags of recordings.

    Example:
        >>> with flags_of_recordings():
        ...     raise FormatError("pass --choice COL.")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: pass --decision-column COL.
    """
    try:
        yield
    except FormatError as error:
        raise FormatError(_renamed(str(error))) from error


def _renamed(text: str) -> str:
    for flag, ours in _FLAGS.items():
        text = re.sub(flag, ours, text)
    return text


def coded_stimuli(
    columns: Columns, names: Sequence[str], codings: dict[str, str]
) -> tuple[NDArray[np.float64], list[str], list[str]]:
    """Return stimuli (trials, channels), the names of channels, and what became of each column.

    Raises `FormatError`, with the flag to pass, for a column without a coding.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> table = Columns("a", {"cue": np.array(["a", "b"]), "light": np.array([1, 0])})
        >>> stimuli, channel_ids, _ = coded_stimuli(table, ["cue", "light"], {})
        >>> stimuli.tolist(), channel_ids
        ([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], ['cue=a', 'cue=b', 'light'])
    """
    if absent := [name for name in codings if name not in names]:
        raise FormatError(
            f"--coding names {absent[0]}, which is no stimulus of {columns.place}; its stimuli are "
            f"{', '.join(names)}."
        )
    mapping = _completed(columns, Mapping(stimulus=tuple(names), coding=codings)).mapping
    channel_ids: list[str] = []
    parts, notes = [], []
    for name in names:
        with flags_of_recordings():
            ids, part, more = channels_of(name, _series(columns, name), mapping.coding[name])
        channel_ids += ids
        parts.append(part)
        if ids != [name] or more:
            shown = ", ".join(ids[:6]) + (f", ... ({len(ids)})" if len(ids) > 6 else "")
            notes += [f"column {name} became {mapping.coding[name]} channels: {shown}.", *more]
    return np.concatenate(parts, axis=1), channel_ids, notes


def decided(columns: Columns, stated: Mapping) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return decisions and risk by field, the names of decisions, and how they were read.

    ``stated`` names the choice or the required one, and what followed.  Raises `FormatError` with
    the flag to pass.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> table = Columns("a", {"go": np.array(["l", "r"]), "win": np.array([1, 0])})
        >>> extra, names, _ = decided(table, Mapping(choice="go", outcome="win"))
        >>> extra["decisions"].tolist(), extra["risk"].tolist(), names
        ([0, 1], [0.0, 1.0], ['l', 'r'])
    """
    if not (stated.choice or stated.instructed or stated.outcome):
        return {}, [], []
    proposal = _completed(columns, stated)
    mapping = proposal.mapping
    with flags_of_recordings():
        if stated.instructed and not stated.choice:
            outcomes = _outcomes(columns, mapping, np.ones(columns.n_rows, bool))
            choice = derived_choice(
                stated.instructed, _series(columns, stated.instructed), outcomes.risk
            )
        elif stated.choice:
            choice = recorded_choice(stated.choice, _series(columns, stated.choice), mapping.missed)
            outcomes = _outcomes(columns, mapping, choice[0] >= 0)
        else:
            outcomes = _outcomes(columns, mapping, np.ones(columns.n_rows, bool))
            return {"risk": outcomes.risk}, [], [outcomes.rule]
    codes, labels, notes = choice
    names = [label_text(one) for one in labels]
    is_numbered = names != list(map(str, range(len(names))))
    numbered = [f"{k} = {name}" if is_numbered else name for k, name in enumerate(names[:6])]
    more = ", ..." if len(names) > 6 else ""
    read_as = [f"decisions: {', '.join(numbered)}{more}.", *proposal.notes, *notes]
    extra: dict[str, Any] = {"decisions": codes}
    if outcomes.risk is not None:
        extra["risk"] = outcomes.risk
        read_as += [outcomes.rule, *outcomes.warnings]
    return extra, names, read_as


def _outcomes(columns: Columns, mapping: Mapping, is_chosen: NDArray[np.bool_]) -> Outcomes:
    name = next((each for each in mapping.outcome if each != NONE), None)
    if name is None:
        return Outcomes(None, None)
    values = _series(columns, name)
    numbers = recorded_outcome(_table(columns, [name]), [name], "--outcome")
    if mapping.values or numbers is None:
        return mapped_outcome(values, mapping.values, name)
    return scaled_risk(numbers, is_chosen, mapping.outcome_range, name)


def _completed(columns: Columns, stated: Mapping) -> Proposal:
    """Return the proposal that completes a mapping of the columns that it names.

    Raises `FormatError`, with all flags to pass, if something does not.
    """
    absent = dict.fromkeys(("subject", "session", "trial", "group", "response_time"), NONE)
    absent |= {} if stated.choice or stated.instructed else {"choice": NONE}
    full = stated.filled_with(
        Mapping(**absent, outcome=(NONE,), stimulus=(NONE,), activity=(NONE,))
    )
    table = _table(columns, [name for name in stated.columns() if name != NONE])
    proposal = propose(table, full)
    if proposal.missing:
        *first, last = proposal.missing
        wanted = f"{', '.join(first)} and {last}" if first else last
        raise FormatError(_renamed(f"{columns.place}: pass {wanted}."))
    return proposal


def _table(columns: Columns, names: Sequence[str]) -> Table:
    import pandas

    return Table(pandas.DataFrame({name: columns[name] for name in names}), columns.place)


def _series(columns: Columns, name: str) -> Any:
    import pandas

    return pandas.Series(columns[name])
