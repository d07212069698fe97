"""Proposes what the columns of a table mean: by convention, then by name, never against the user.

What cannot be told is not guessed: it becomes a sentence with the flag to pass, and all of them are
listed at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.behaviour.columns.outcome_words import is_outcome_text
from hebbayes.data.behaviour.mapping import OUTCOMES
from hebbayes.data.behaviour.proposing import names as column_names
from hebbayes.data.behaviour.proposing.choice import (
    propose_choice,
    propose_missed,
    propose_withheld,
)
from hebbayes.data.behaviour.proposing.contents import layout_of, may_name_subjects
from hebbayes.data.behaviour.proposing.conventions import convention_of
from hebbayes.data.behaviour.proposing.draft import Draft
from hebbayes.data.behaviour.proposing.identity import (
    group_column,
    response_time_column,
    session_column,
    subject_column,
)
from hebbayes.data.behaviour.proposing.outcome import propose_outcome, propose_values
from hebbayes.data.behaviour.proposing.stimuli import propose_stimuli

if TYPE_CHECKING:
    from hebbayes.data.behaviour.mapping import Mapping
    from hebbayes.data.behaviour.table import Table


@dataclass(frozen=True)
class Proposal:
    """What the columns of a table mean.

    Attributes:
        mapping: What the user states, completed.
        convention: Name of the convention that the table follows, if it is known.
        missing: What the user has to state, each with its flag.
        notes: What was decided, in sentences.
        layout: What is unusual about the table, if that may be why flags are missing.
    """

    mapping: Mapping
    convention: str | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    layout: str = ""

    def checked(self, table: Table) -> Mapping:
        """Return the mapping.  Raises `FormatError`, with all flags to pass, if some are missing.

        Example:
            >>> import pandas
            >>> from hebbayes.data.behaviour.mapping import Mapping
            >>> from hebbayes.data.behaviour.table import Table
            >>> table = Table(pandas.DataFrame({"a": [1]}), "a.csv")
            >>> Proposal(Mapping(), missing=("--choice COL",)).checked(table)
            Traceback (most recent call last):
                ...
            hebbayes.core.errors.FormatError: a.csv: pass --choice COL; it has the columns a.
        """
        if not self.missing:
            return self.mapping
        *first, last = self.missing
        wanted = f"{', '.join(first)} and {last}" if first else last
        columns = shown_names((*table.names, *table.unread))
        raise FormatError(
            f"{table.source}: pass {wanted}; it has the columns {columns}.{self.layout}"
        )


def propose(table: Table, stated: Mapping) -> Proposal:
    """Return what the columns of a table mean, given what the user states.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> from hebbayes.data.behaviour.table import Table
        >>> frame = pandas.DataFrame({"subjID": [1, 1], "choice": [1, 2], "outcome": [0, 1]})
        >>> propose(Table(frame), Mapping()).mapping.flags()
        ['--subject', 'subjID', '--choice', 'choice', '--outcome', 'outcome', '--stimulus', 'none']
        >>> propose(Table(frame[["subjID"]]), Mapping()).missing[0]
        '--choice COL for the choice (or --instructed COL for the required choice)'
    """
    draft = Draft(table, stated, convention_of(table))
    _propose_identity(draft)
    _propose_choice_and_outcome(draft)
    propose_missed(draft)
    propose_withheld(draft)
    propose_stimuli(draft)
    draft.fill(activity=column_names.prefixed("activity", draft.free()))
    propose_values(draft)
    _note_one_subject(draft)
    _note_second_stage(draft)
    name = draft.convention.name if draft.convention else None
    is_known = draft.has("choice") or draft.has("subject")
    layout = "" if is_known else layout_of(draft.free())
    return Proposal(draft.mapping, name, tuple(draft.missing), tuple(draft.notes), layout)


def _propose_identity(draft: Draft) -> None:
    table = draft.table
    if not draft.has("subject"):
        draft.fill(subject=subject_column(table, draft.free()))
    subject = draft.mapping.subject if draft.mapping.subject in table.names else None
    if not draft.has("session"):
        name, notes = session_column(table, draft.free(), subject)
        draft.fill(session=name)
        draft.notes += notes
    if not draft.has("trial"):
        draft.fill(trial=next(iter(column_names.named("trial", draft.free())), None))
    if not draft.has("response_time"):
        draft.fill(response_time=response_time_column(table, draft.free()))
    if not draft.has("group"):
        draft.fill(group=group_column(table, draft.free(), subject))


def _propose_choice_and_outcome(draft: Draft) -> None:
    roles = ("choice", *OUTCOMES, "instructed")
    named = [n for n in draft.free() if any(column_names.named(role, [n]) for role in roles)]
    words = [name for name in named if is_outcome_text(draft.column(name))]
    if not (draft.has("choice") or draft.has("instructed")):
        propose_choice(draft, words)
    if not draft.has_outcome() and "risk" not in draft.is_stated:
        propose_outcome(draft, words)


def _note_one_subject(draft: Draft) -> None:
    """Say so if all rows become one subject and other columns are left."""
    unused = [
        name
        for name in draft.free()
        if not column_names.is_no_stimulus(name) and may_name_subjects(draft.column(name))
    ]
    if draft.table.subject is None and not draft.has("subject") and unused:
        draft.notes.append(
            f"no column is known to name the subject, so that all rows are one (--subject COL; "
            f"not used: {shown_names(tuple(unused), 8)})."
        )


def _note_second_stage(draft: Draft) -> None:
    """Say so if columns of a second stage within the trial are left out."""
    later = column_names.second_stages(draft.free())
    if draft.has("choice") and later:
        draft.notes.append(
            f"not used: {shown_names(tuple(later), 8)}; a trial has one choice here, so that a "
            "second stage, its state and the transition to it are left out."
        )
