"""A mapping as it is proposed, role by role, and what its columns hold so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hebbayes.data.behaviour.columns.cells import as_labels
from hebbayes.data.behaviour.columns.detection_words import detection_of
from hebbayes.data.behaviour.mapping import NONE, OUTCOMES, Mapping

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pandas import Series

    from hebbayes.data.behaviour.proposing.conventions import Convention
    from hebbayes.data.behaviour.table import Table


class Draft:
    """The mapping of a table as it fills.

    Attributes:
        table: Rows and columns.
        mapping: What the user states, and what is filled in so far.
        convention: That the table follows, if it is known.
        missing: What the user has to state, each with its flag.
        notes: What was decided, in sentences.
        is_stated: Roles that the user states.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> draft = Draft(Table(pandas.DataFrame({"lick": [0, 1], "tone": [1, 1]})), Mapping())
        >>> draft.fill(choice="lick")
        >>> draft.has("choice"), draft.free()
        (True, ['tone'])
    """

    def __init__(self, table: Table, stated: Mapping, convention: Convention | None = None) -> None:
        """Start with what the user states, completed by the table's convention."""
        self.table, self.mapping = table, stated
        self.missing: list[str] = []
        self.notes: list[str] = []
        self.convention = convention
        self.is_stated = frozenset(stated.stated())
        if convention is not None:
            self.fill(**self._allowed(convention.proposed(table.names)))

    def fill(self, **fields: Any) -> None:
        """Fill in roles that nothing is stated for."""
        self.mapping = self.mapping.filled_with(Mapping(**fields))

    def free(self, *, but: Iterable[str] = ()) -> list[str]:
        """Return the columns without a role."""
        taken = set(self.mapping.columns()) - set(but)
        return [name for name in self.table.names if name not in taken]

    def has(self, role: str) -> bool:
        """Whether a role has a column, or none by the user's word."""
        return getattr(self.mapping, role) not in (None, ())

    def has_outcome(self) -> bool:
        """Whether a column says what followed a choice."""
        return any(self.has(role) for role in OUTCOMES)

    def outcome_column(self) -> str | None:
        """Return the column of outcomes, the first if there are two."""
        role = next((role for role in OUTCOMES if self.has(role)), None)
        columns = getattr(self.mapping, role) if role else NONE
        name = columns if isinstance(columns, str) else columns[0]
        return name if name in self.table.names else None

    def column(self, name: str) -> Series:
        """Return the values of a column."""
        return self.table.column(name, "a flag")

    def is_detection(self, name: str | None) -> bool:
        """Whether a column holds words of signal detection: stimulus, choice and outcome in one."""
        if name not in self.table.names:
            return False
        return detection_of(as_labels(self.column(str(name)))[1].tolist()) is not None

    def _allowed(self, proposed: dict[str, Any]) -> dict[str, Any]:
        """Return what a convention proposes, without what the user states in another way."""
        if set(OUTCOMES) & self.is_stated or "risk" in self.is_stated:
            proposed = {k: v for k, v in proposed.items() if k not in (*OUTCOMES, "outcome_range")}
        if {"choice", "instructed"} & self.is_stated:
            proposed = {k: v for k, v in proposed.items() if k not in ("choice", "missed")}
        if "stimulus" in self.is_stated:
            proposed = {k: v for k, v in proposed.items() if k != "coding"}
        return proposed
