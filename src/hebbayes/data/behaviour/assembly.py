"""From a table and its mapping to the fields of a `Behaviour`; every row is accounted for.

Rows that ``where`` leaves out, and rows without a subject or session, are dropped and counted by
reason; all others are trials.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers, same_label, shown_label
from hebbayes.data.behaviour.columns.choices import (
    Choices,
    choice_or_withheld,
    derived_choice,
    recorded_choice,
)
from hebbayes.data.behaviour.columns.order import Order, order_of, session_labels, trial_numbers
from hebbayes.data.behaviour.columns.outcomes import (
    Outcomes,
    mapped_outcome,
    recorded_outcome,
    scaled_risk,
)
from hebbayes.data.behaviour.columns.stimuli import channels_of
from hebbayes.data.behaviour.mapping import NONE, Mapping, as_text
from hebbayes.data.behaviour.proposing.names import plain_name
from hebbayes.data.behaviour.proposing.other_rows import where_doubts
from hebbayes.data.behaviour.proposing.proposal import Proposal, propose
from hebbayes.data.behaviour.roles import check_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hebbayes.data.behaviour.table import Table

_SLOWEST_S = 60.0  # a typical response that takes longer is in milliseconds


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows that are trials, what their columns mean, and why others are not.

    Attributes:
        table: Rows that are trials.
        proposal: Mapping of their columns.
        dropped: Reason to the number of rows that are no trials.
    """

    table: Table
    proposal: Proposal
    dropped: dict[str, int]

    @property
    def mapping(self) -> Mapping:
        return self.proposal.mapping

    def name(self, role: str) -> str | None:
        """Return the column of a role; None if it has none."""
        name: str | None = getattr(self.mapping, role)
        return None if name in (None, NONE) else name

    def column(self, role: str) -> Any:
        return self.table.column(str(self.name(role)), f"--{role.replace('_', '-')}")


def fields_of(table: Table, stated: Mapping) -> dict[str, Any]:
    """Return the fields of the `Behaviour` that a table holds.  Raises `FormatError`.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> frame = pandas.DataFrame({"choice": ["L", "R"], "reward": [0, 2], "cue": ["a", "b"]})
        >>> fields = fields_of(Table(frame), Mapping())
        >>> fields["choice"].tolist(), fields["risk"].tolist(), fields["channel_ids"]
        ([0, 1], [1.0, 0.0], ['cue=a', 'cue=b'])
    """
    rows = _trials(table, stated)
    subject, subject_ids = _subjects(rows)
    order, session_names = _order(rows, subject)
    (choice, choice_ids, notes), outcomes = _choice_and_outcomes(rows)
    channel_ids, stimuli, more = _stimuli(rows)
    response_time, slow = _response_time(rows)
    completed = rows.mapping
    if outcomes.range is not None and completed.outcome_range is None:
        completed = replace(completed, outcome_range=outcomes.range)
    per_row = {
        "choice": choice,
        "stimuli": stimuli,
        "outcome": outcomes.outcome,
        "risk": outcomes.risk,
        "subject": subject,
        "session": order.session,
        "trial": order.trial,
        "activity": _activity(rows),
        "response_time_s": response_time,
    }
    more = [*more, *where_doubts(rows.table, completed, choice < 0)]
    return {
        **{name: None if each is None else each[order.rows] for name, each in per_row.items()},
        "subject_ids": subject_ids,
        "choice_ids": choice_ids,
        "channel_ids": channel_ids,
        "group": _groups(rows, subject, subject_ids),
        "provenance": {
            **table.provenance,
            "convention": rows.proposal.convention,
            "mapping": {name: as_text(name, v) for name, v in completed.stated().items()},
            "rows": table.n_rows,
            "dropped": rows.dropped,
            "not_used": _not_used(table, completed),
            "session_names": list(session_names),
            "risk": outcomes.rule,
            "default_outcome_range": outcomes.range if rows.mapping.outcome_range is None else None,
            "warnings": _warnings(rows, order.notes, notes, more, slow, outcomes.warnings),
        },
    }


def _warnings(rows: _Rows, *notes: Sequence[str]) -> list[str]:
    before = rows.table.provenance.get("warnings", ())
    return list(dict.fromkeys((*before, *rows.proposal.notes, *(one for k in notes for one in k))))


def _trials(table: Table, stated: Mapping) -> _Rows:
    """Return the rows that are selected and belong to a subject and a session."""
    check_roles(stated)
    dropped: dict[str, int] = {}
    for name, value in stated.where.items():
        codes, labels = as_labels(table.column(name, "--where"))
        fits = [k for k, label in enumerate(labels) if same_label(label, str(value))]
        table = _only(table, np.isin(codes, fits), f"{name} is not {value}", dropped)
    proposal = propose(table, stated)
    mapping = proposal.checked(table)
    for role in ("subject", "session"):
        if (name := getattr(mapping, role)) not in (None, NONE):
            values = table.column(name, f"--{role}")
            is_known = (
                session_labels(name, values)[1] if role == "session" else as_labels(values)[0] >= 0
            )
            table = _only(table, is_known, f"rows without a {role}", dropped)
    return _Rows(table, proposal, dropped)


def _only(table: Table, is_kept: NDArray[np.bool_], reason: str, dropped: dict[str, int]) -> Table:
    if n := int((~is_kept).sum()):
        dropped[reason] = n
        if n == table.n_rows:
            raise FormatError(f"no row of {table.source} is left: {reason} in all {n}.")
        table = replace(table, frame=table.frame[is_kept])
    return table


def _subjects(rows: _Rows) -> tuple[NDArray[np.int64], NDArray[Any]]:
    if rows.name("subject") is None:
        file = rows.table.provenance.get("file")
        alone = rows.table.subject or (Path(file).stem if file else 0)
        return np.zeros(rows.table.n_rows, np.int64), np.array([alone])
    return as_labels(rows.column("subject"), is_sorted=False)


def _order(rows: _Rows, subject: NDArray[np.int64]) -> tuple[Order, tuple[str, ...]]:
    session: NDArray[np.int64] | None = None
    names: tuple[str, ...] = ()
    if (name := rows.name("session")) is not None:
        session, _, names = session_labels(name, rows.column("session"))
    elif rows.mapping.session == NONE:
        session = np.zeros(subject.size, np.int64)
    trial = trial_numbers(rows.column("trial")) if rows.name("trial") else None
    order = order_of(subject, session, trial, names)
    if rows.name("trial") and trial is None:
        note = f"{rows.name('trial')} does not number every trial; the order of the file is kept."
        order = replace(order, notes=(*order.notes, note))
    return order, names


def _choice_and_outcomes(rows: _Rows) -> tuple[Choices, Outcomes]:
    if (name := rows.name("choice")) is not None:
        values, mapping = rows.column("choice"), rows.mapping
        if mapping.withheld in (None, NONE):
            chosen = recorded_choice(name, values, mapping.missed)
        else:
            chosen = choice_or_withheld(name, values, mapping.missed, str(mapping.withheld))
        return chosen, _outcomes(rows, chosen[0] >= 0)
    outcomes = _outcomes(rows, np.ones(rows.table.n_rows, bool))
    name = rows.name("instructed")
    if name is None:
        raise FormatError(
            f"{rows.table.source} has no choice; pass --choice COL, or --instructed COL."
        )
    return derived_choice(name, rows.column("instructed"), outcomes.risk), outcomes


def _outcomes(rows: _Rows, is_chosen: NDArray[np.bool_]) -> Outcomes:
    mapping, found = rows.mapping, Outcomes(None, None)
    for role in ("outcome", "reward", "feedback"):
        columns = getattr(mapping, role)
        columns = (columns,) if isinstance(columns, str) else columns
        if not columns or columns[0] == NONE:
            continue
        flag = f"--{role}"
        if len(columns) == 1 and mapping.values:
            values = rows.table.column(columns[0], flag)
            found = mapped_outcome(values, mapping.values, columns[0])
            break
        numbers = recorded_outcome(rows.table, columns, flag)
        if numbers is None:
            found = mapped_outcome(rows.table.column(columns[0], flag), {}, columns[0])
            break
        name = columns[0] if len(columns) == 1 else f"({columns[0]} - |{columns[1]}|)"
        found = scaled_risk(numbers, is_chosen, mapping.outcome_range, name)
        break
    if (name := rows.name("risk")) is None:
        return found
    return replace(found, risk=_recorded_risk(rows, name), rule=f"risk is {name}.", range=None)


def _recorded_risk(rows: _Rows, name: str) -> NDArray[np.float64]:
    risk = as_numbers(rows.column("risk"))
    if risk is None:
        raise FormatError(f"the risk {name} holds text; wanted numbers from 0 (best) to 1 (worst).")
    if (wrong := (risk < 0) | (risk > 1)).any():
        raise FormatError(
            f"the risk {name} is {risk[wrong][0]:g} in a row; wanted 0 (best) to 1 (worst): pass "
            "it as --outcome to have it scaled."
        )
    return risk


def _stimuli(rows: _Rows) -> tuple[list[str], NDArray[np.float64], list[str]]:
    mapping = rows.mapping
    if not mapping.stimulus or mapping.stimulus[0] == NONE:
        note = "no column is a stimulus, so that every trial has the same one (constant)."
        return ["constant"], np.ones((rows.table.n_rows, 1)), [note]
    names: list[str] = []
    parts: list[NDArray[np.float64]] = []
    notes: list[str] = []
    for name in mapping.stimulus:
        values = rows.table.column(name, "--stimulus")
        channels, part, more = channels_of(name, values, mapping.coding[name])
        names += [one.removeprefix("channel_") for one in channels]  # of `to_dataframe`
        parts.append(part)
        notes += more
    return names, np.concatenate(parts, axis=1), notes


def _response_time(rows: _Rows) -> tuple[NDArray[np.float64] | None, list[str]]:
    if (name := rows.name("response_time")) is None:
        return None, []
    seconds = as_numbers(rows.column("response_time"))
    if seconds is None or np.isinf(seconds).any():
        raise FormatError(
            f"the response time {name} holds text or infinity; wanted seconds: pass another "
            "--response-time COL, or --response-time none."
        )
    known = np.abs(seconds[np.isfinite(seconds)])
    if known.size and (plain_name(name).endswith("ms") or np.median(known) > _SLOWEST_S):
        return seconds / 1000, [f"the response time {name} is read as milliseconds."]
    return seconds, []


def _activity(rows: _Rows) -> NDArray[np.float64] | None:
    names = [name for name in rows.mapping.activity if name != NONE]
    if not names:
        return None
    columns = [as_numbers(rows.table.column(name, "--activity")) for name in names]
    for name, column in zip(names, columns):
        if column is None or not np.isfinite(column).all():
            raise FormatError(f"the activity {name} holds text or gaps; wanted a number per trial.")
    return np.stack([column for column in columns if column is not None], axis=1)


def _groups(
    rows: _Rows, subject: NDArray[np.int64], subject_ids: NDArray[Any]
) -> NDArray[Any] | None:
    if (name := rows.name("group")) is None:
        return None
    codes, labels = as_labels(rows.column("group"))
    pairs = np.unique(np.stack([subject, codes], axis=1)[codes >= 0], axis=0)
    if pairs.shape[0] != subject_ids.size or np.unique(pairs[:, 0]).size != subject_ids.size:
        counts = np.bincount(pairs[:, 0], minlength=subject_ids.size)
        k = int((counts != 1).argmax())
        raise FormatError(
            f"--group {name} has {counts[k]} values in subject {shown_label(subject_ids[k])}; "
            "wanted one per subject: pass another --group COL, or --group none."
        )
    return labels[pairs[:, 1]]


def _not_used(table: Table, mapping: Mapping) -> list[str]:
    used = {*mapping.columns(), *mapping.where}
    return [name for name in (*table.names, *table.unread) if name not in used]
