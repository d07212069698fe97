"""Proposes what the columns of a table mean: by convention, then by name, never against the user.

What cannot be told is not guessed: it becomes a sentence with the flag to pass, and all of them are
listed at once.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers, shown_label
from hebbayes.data.behaviour.columns.detection_words import detection_of
from hebbayes.data.behaviour.columns.outcome_words import is_outcome_text, known_values
from hebbayes.data.behaviour.columns.stimuli import default_coding
from hebbayes.data.behaviour.mapping import Mapping
from hebbayes.data.behaviour.proposing import names as column_names
from hebbayes.data.behaviour.proposing.contents import (
    layout_of,
    may_name_subjects,
    says_right,
    strength_and_place,
)
from hebbayes.data.behaviour.proposing.conventions import Convention, convention_of
from hebbayes.data.behaviour.proposing.identity import (
    group_column,
    response_time_column,
    session_column,
    subject_column,
)
from hebbayes.data.behaviour.proposing.missed import missed_doubts, missed_values
from hebbayes.data.behaviour.proposing.no_go import (
    WITHHELD,
    is_withheld_where_empty,
    no_go_column,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hebbayes.data.behaviour.table import Table

NONE = "none"
"""Name that a user gives to a role that no column has."""

MOST_CHOICES = 64
"""Distinct values that a column of choices may have."""

_OUTCOMES = ("outcome", "reward", "feedback")


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
        >>> from hebbayes.data.behaviour.table import Table
        >>> frame = pandas.DataFrame({"subjID": [1, 1], "choice": [1, 2], "outcome": [0, 1]})
        >>> propose(Table(frame), Mapping()).mapping.flags()
        ['--subject', 'subjID', '--choice', 'choice', '--outcome', 'outcome', '--stimulus', 'none']
        >>> propose(Table(frame[["subjID"]]), Mapping()).missing[0]
        '--choice COL for the choice (or --instructed COL for the required choice)'
    """
    return _Search(table, stated).proposal()


class _Search:
    """The mapping as it fills, role by role."""

    def __init__(self, table: Table, stated: Mapping) -> None:
        self.table, self.mapping = table, stated
        self.missing: list[str] = []
        self.notes: list[str] = []
        self.convention: Convention | None = convention_of(table)
        self.is_stated = frozenset(stated.stated())

    def proposal(self) -> Proposal:
        if self.convention is not None:
            self._fill(self._allowed(self.convention.proposed(self.table.names)))
        self._identity()
        self._choice_and_outcome()
        self._missed()
        self._withheld()
        self._stimuli()
        self._activity()
        self._values()
        self._one_subject()
        self._second_stage()
        name = self.convention.name if self.convention else None
        is_known = self._has("choice") or self._has("subject")
        layout = "" if is_known else layout_of(self._free())
        return Proposal(self.mapping, name, tuple(self.missing), tuple(self.notes), layout)

    def _second_stage(self) -> None:
        """Say so if columns of a second stage within the trial are left out."""
        later = column_names.second_stages(self._free())
        if self._has("choice") and later:
            self.notes.append(
                f"not used: {shown_names(tuple(later), 8)}; a trial has one choice here, so that a "
                "second stage, its state and the transition to it are left out."
            )

    def _fill(self, fields: dict[str, Any]) -> None:
        if fields:
            self.mapping = self.mapping.filled_with(Mapping(**fields))

    def _allowed(self, proposed: dict[str, Any]) -> dict[str, Any]:
        """Return what a convention proposes, without what the user states in another way."""
        if set(_OUTCOMES) & self.is_stated or "risk" in self.is_stated:
            proposed = {k: v for k, v in proposed.items() if k not in (*_OUTCOMES, "outcome_range")}
        if {"choice", "instructed"} & self.is_stated:
            proposed = {k: v for k, v in proposed.items() if k not in ("choice", "missed")}
        if "stimulus" in self.is_stated:
            proposed = {k: v for k, v in proposed.items() if k != "coding"}
        return proposed

    def _free(self, *, but: Iterable[str] = ()) -> list[str]:
        """Return the columns without a role."""
        taken = set(self.mapping.columns()) - set(but)
        return [name for name in self.table.names if name not in taken]

    def _has(self, role: str) -> bool:
        return getattr(self.mapping, role) not in (None, ())

    def _identity(self) -> None:
        if not self._has("subject") and (found := subject_column(self.table, self._free())):
            self._fill({"subject": found})
        subject = self.mapping.subject if self.mapping.subject in self.table.names else None
        if not self._has("session"):
            name, notes = session_column(self.table, self._free(), subject)
            self._fill({"session": name} if name else {})
            self.notes += notes
        if not self._has("trial") and (numbers := column_names.named("trial", self._free())):
            self._fill({"trial": numbers[0]})
        if not self._has("response_time"):
            name = response_time_column(self.table, self._free())
            self._fill({"response_time": name} if name else {})
        if not self._has("group"):
            name = group_column(self.table, self._free(), subject)
            self._fill({"group": name} if name else {})

    def _one_subject(self) -> None:
        """Say so if all rows become one subject and other columns are left."""
        unused = [
            name
            for name in self._free()
            if not column_names.is_no_stimulus(name) and may_name_subjects(self._column(name))
        ]
        if self.table.subject is None and not self._has("subject") and unused:
            self.notes.append(
                f"no column is known to name the subject, so that all rows are one (--subject COL; "
                f"not used: {shown_names(tuple(unused), 8)})."
            )

    def _choice_and_outcome(self) -> None:
        words = [n for n in self._free() if self._is_named(n) and is_outcome_text(self._column(n))]
        if not (self._has("choice") or self._has("instructed")):
            self._choice(words)
        if self._has_outcome() or "risk" in self.is_stated:
            return
        self._outcome(words)

    def _choice(self, words: list[str]) -> None:
        named = column_names.named("choice", self._free())
        found = [name for name in named if name not in words and self._is_choice(name)]
        instructed = column_names.named("instructed", self._free())
        if self._no_go_choice(found):
            return
        if len(found) > 1 and column_names.plain_name(found[0]) != "choice":
            self.missing.append(f"--choice COL, since {', '.join(found)} may all be the choice")
        elif found:
            self._fill({"choice": found[0]})
        elif instructed and (words or self._has_outcome()):
            self._fill({"instructed": instructed[0]})
        elif told := [name for name in words if self._is_detection(name)]:
            self._fill({"choice": told[0]})
        else:
            like = column_names.like_choices(self._free())
            such = f", such as {shlex.quote(like[0])}" if like else ""
            self.missing.append(
                f"--choice COL for the choice{such} (or --instructed COL for the required choice)"
            )

    def _no_go_choice(self, found: list[str]) -> bool:
        """Fill in the choice of a go/no-go task, if responses may be withheld.

        It follows from the kind of trial, if there are two, beside a column that says whether it
        was right; else from the response or its time.
        """
        free, time = self._free(), self.mapping.response_time
        kinds = no_go_column(self.table)
        chosen = found[0] if found else time
        if kinds is None or chosen not in self.table.names or len(found) > 1:
            return False
        if not is_withheld_where_empty(self._column(str(chosen)), self._column(kinds)):
            return False
        right = [
            name for name in column_names.named("outcome", free) if says_right(self._column(name))
        ]
        if right and as_labels(self._column(kinds))[1].size == 2:
            self._fill({"instructed": kinds, "outcome": (right[0],)})
        else:
            self._fill({"choice": chosen})
        return True

    def _has_outcome(self) -> bool:
        return any(self._has(role) for role in _OUTCOMES)

    def _outcome(self, words: list[str]) -> None:
        free = self._free()
        kinds = {n: role for role in _OUTCOMES for n in column_names.named(role, free)}
        kinds |= {name: "outcome" for name in words if name in free}
        if risk := column_names.named("risk", free):
            self._fill({"risk": risk[0]})
        if len(kinds) > 1 and self._has("instructed"):  # the choice follows from one in words
            kinds = {name: role for name, role in kinds.items() if name in words} or kinds
        if len(kinds) == 1:
            ((name, role),) = kinds.items()
            self._fill({role: name if role != "outcome" else (name,)})
        elif kinds:
            names = list(kinds)
            self.missing.append(
                f"--outcome, --reward or --feedback, since {', '.join(names)} differ: such as "
                f"--{kinds[names[0]]} {shlex.quote(names[0])}"
            )
        elif not risk and self._is_detection(self.mapping.choice):
            self._fill({"outcome": (self.mapping.choice,)})
        elif not risk:
            self.missing.append(
                "--outcome COL (or --reward, --feedback, --risk) for what followed, none if nothing"
            )

    def _is_named(self, name: str) -> bool:
        return any(
            column_names.named(role, [name]) for role in ("choice", *_OUTCOMES, "instructed")
        )

    def _is_choice(self, name: str) -> bool:
        return as_labels(self._column(name))[1].size <= MOST_CHOICES

    def _is_detection(self, name: str | None) -> bool:
        """Whether a column holds words of signal detection: stimulus, choice and outcome in one."""
        if name not in self.table.names:
            return False
        return detection_of(as_labels(self._column(str(name)))[1].tolist()) is not None

    def _column(self, name: str) -> Any:
        return self.table.column(name, "a flag")

    def _missed(self) -> None:
        choice = self.mapping.choice
        if self._has("missed") or choice not in self.table.names:
            return
        name = self._outcome_column()
        outcome = None if name is None else self._column(name)
        values = self._column(str(choice))
        missed = missed_values(values, outcome)
        if missed is not None:
            self.notes += missed_doubts(values, outcome, missed)
        if missed:
            self._fill({"missed": missed})
        elif missed is None:
            self.missing.append(
                f"--missed 0 if 0 in {choice} means no choice, --missed=-1 if -1 does, or "
                "--missed none for three choices"
            )

    def _withheld(self) -> None:
        """Read an empty choice as one not to respond, in go/no-go tasks or among response times."""
        choice, kinds = self.mapping.choice, no_go_column(self.table)
        if choice not in self.table.names or self._has("withheld"):
            return
        is_time = bool(column_names.named("response_time", [str(choice)]))
        if is_time or (
            kinds not in (None, choice)
            and is_withheld_where_empty(self._column(str(choice)), self._column(str(kinds)))
        ):
            self._fill({"withheld": WITHHELD})
            why = "any time is a response" if is_time else f"{kinds} has no-go trials"
            self.notes.append(
                f"a trial without {choice} is the choice {WITHHELD}, since {why} (--withheld none "
                "makes it a missed trial)."
            )

    def _outcome_column(self) -> str | None:
        """Return the column of outcomes, the first if there are two."""
        role = next((role for role in _OUTCOMES if self._has(role)), None)
        columns = getattr(self.mapping, role) if role else NONE
        name = columns if isinstance(columns, str) else columns[0]
        return name if name in self.table.names else None

    def _stimuli(self) -> None:
        if not self._has("stimulus"):
            free = self._free(but=[self.mapping.instructed or ""])
            found = column_names.prefixed("stimulus", free) or column_names.sides(free)
            if not found:
                found = column_names.named("stimulus", free)
                found = strength_and_place(self.table, found, free) or found
                if len(found) > 1 and not column_names.places(found):
                    self.missing.append(
                        f"--stimulus COL[,COL], since {', '.join(found)} may all be stimuli"
                    )
                    return
            if not found and self.mapping.instructed in self.table.names:
                found = [str(self.mapping.instructed)]
            if not found and self._is_detection(self.mapping.choice):
                found = [str(self.mapping.choice)]
            if found:
                self._fill({"stimulus": tuple(found)})
            else:
                self._no_stimulus()
        self._codings()

    def _no_stimulus(self) -> None:
        free = [name for name in self._free() if not column_names.is_no_stimulus(name)]
        is_complete = self.convention is not None and self.convention.without_stimuli
        if is_complete or not (free or self.table.unread):
            self._fill({"stimulus": (NONE,)})
        else:
            self.missing.append("--stimulus COL[,COL] for the stimuli, none if there are none")

    def _codings(self) -> None:
        codings = dict(self.mapping.coding)
        for name in self.mapping.stimulus:
            if name not in self.table.names or name in codings:
                continue
            coding = default_coding(name, self._column(name))
            if coding is None:
                self.missing.append(
                    f"--coding {shlex.quote(f'{name}=onehot')} or {shlex.quote(f'{name}=graded')}"
                )
            else:
                codings[name] = coding
        if codings != self.mapping.coding:
            self.mapping = replace(self.mapping, coding=codings)

    def _activity(self) -> None:
        if not self._has("activity"):
            found = column_names.prefixed("activity", self._free())
            self._fill({"activity": tuple(found)} if found else {})

    def _values(self) -> None:
        """Outcomes in words have known risks, or the user states them."""
        name = self._outcome_column()
        if name is None or self.mapping.values or as_numbers(self._column(name)) is not None:
            return
        labels = as_labels(self._column(name))[1].tolist()
        if (known := known_values(labels)) is not None:
            self._fill({"values": known})
        else:
            pairs = ",".join(f"{shown_label(one)}=RISK" for one in labels[:8])
            self.missing.append(
                f'--values "{pairs}" with the risk of each {name}, 0 (best) to 1 (worst), or none'
            )
