"""Which column is the choice, and which of its values, or empty cells, mean that none was made."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from hebbayes.data.behaviour.columns.cells import as_labels
from hebbayes.data.behaviour.proposing import names as column_names
from hebbayes.data.behaviour.proposing.contents import says_right
from hebbayes.data.behaviour.proposing.missed import missed_doubts, missed_values
from hebbayes.data.behaviour.proposing.no_go import (
    WITHHELD,
    is_withheld_where_empty,
    no_go_column,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hebbayes.data.behaviour.proposing.draft import Draft

MOST_CHOICES = 64
"""Distinct values that a column of choices may have."""


def propose_choice(draft: Draft, words: Sequence[str]) -> None:
    """Fill in the choice; ``words`` are columns whose words say what followed.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> from hebbayes.data.behaviour.proposing.draft import Draft
        >>> from hebbayes.data.behaviour.table import Table
        >>> draft = Draft(Table(pandas.DataFrame({"response": ["L", "R"]})), Mapping())
        >>> propose_choice(draft, [])
        >>> draft.mapping
        Mapping(choice='response')
    """
    named = column_names.named("choice", draft.free())
    found = [name for name in named if name not in words and _is_choice(draft, name)]
    instructed = column_names.named("instructed", draft.free())
    if _no_go_choice(draft, found):
        return
    if len(found) > 1 and column_names.plain_name(found[0]) != "choice":
        draft.missing.append(f"--choice COL, since {', '.join(found)} may all be the choice")
    elif found:
        draft.fill(choice=found[0])
    elif instructed and (words or draft.has_outcome()):
        draft.fill(instructed=instructed[0])
    elif told := [name for name in words if draft.is_detection(name)]:
        draft.fill(choice=told[0])
    else:
        like = column_names.like_choices(draft.free())
        such = f", such as {shlex.quote(like[0])}" if like else ""
        draft.missing.append(
            f"--choice COL for the choice{such} (or --instructed COL for the required choice)"
        )


def _no_go_choice(draft: Draft, found: list[str]) -> bool:
    """Fill in the choice of a go/no-go task, if responses may be withheld.

    It follows from the kind of trial, if there are two, beside a column that says whether it
    was right; else from the response or its time.
    """
    free, time = draft.free(), draft.mapping.response_time
    kinds = no_go_column(draft.table)
    chosen = found[0] if found else time
    if kinds is None or chosen not in draft.table.names or len(found) > 1:
        return False
    if not is_withheld_where_empty(draft.column(str(chosen)), draft.column(kinds)):
        return False
    right = [name for name in column_names.named("outcome", free) if says_right(draft.column(name))]
    if right and as_labels(draft.column(kinds))[1].size == 2:
        draft.fill(instructed=kinds, outcome=(right[0],))
    else:
        draft.fill(choice=chosen)
    return True


def _is_choice(draft: Draft, name: str) -> bool:
    return as_labels(draft.column(name))[1].size <= MOST_CHOICES


def propose_missed(draft: Draft) -> None:
    """Fill in the values of the choice that mean that none was made.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> from hebbayes.data.behaviour.proposing.draft import Draft
        >>> from hebbayes.data.behaviour.table import Table
        >>> draft = Draft(Table(pandas.DataFrame({"k": ["L", "R", "late"]})), Mapping(choice="k"))
        >>> propose_missed(draft)
        >>> draft.mapping.missed
        ('late',)
    """
    choice = draft.mapping.choice
    if draft.has("missed") or choice not in draft.table.names:
        return
    name = draft.outcome_column()
    outcome = None if name is None else draft.column(name)
    values = draft.column(str(choice))
    missed = missed_values(values, outcome)
    if missed is not None:
        draft.notes += missed_doubts(values, outcome, missed)
    if missed:
        draft.fill(missed=missed)
    elif missed is None:
        draft.missing.append(
            f"--missed 0 if 0 in {choice} means no choice, --missed=-1 if -1 does, or "
            "--missed none for three choices"
        )


def propose_withheld(draft: Draft) -> None:
    """Read an empty choice as one not to respond, in go/no-go tasks or among response times.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> from hebbayes.data.behaviour.proposing.draft import Draft
        >>> from hebbayes.data.behaviour.table import Table
        >>> draft = Draft(Table(pandas.DataFrame({"rt": [0.3, None]})), Mapping(choice="rt"))
        >>> propose_withheld(draft)
        >>> draft.mapping.withheld
        'withheld'
    """
    choice, kinds = draft.mapping.choice, no_go_column(draft.table)
    if choice not in draft.table.names or draft.has("withheld"):
        return
    is_time = bool(column_names.named("response_time", [str(choice)]))
    if is_time or (
        kinds not in (None, choice)
        and is_withheld_where_empty(draft.column(str(choice)), draft.column(str(kinds)))
    ):
        draft.fill(withheld=WITHHELD)
        why = "any time is a response" if is_time else f"{kinds} has no-go trials"
        draft.notes.append(
            f"a trial without {choice} is the choice {WITHHELD}, since {why} (--withheld none "
            "makes it a missed trial)."
        )
