"""Which columns are the stimuli, and the coding of each."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from hebbayes.data.behaviour.columns.stimuli import default_coding
from hebbayes.data.behaviour.mapping import NONE
from hebbayes.data.behaviour.proposing import names as column_names
from hebbayes.data.behaviour.proposing.contents import strength_and_place

if TYPE_CHECKING:
    from hebbayes.data.behaviour.proposing.draft import Draft


def propose_stimuli(draft: Draft) -> None:
    """Fill in the columns of stimuli and their codings.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> from hebbayes.data.behaviour.proposing.draft import Draft
        >>> from hebbayes.data.behaviour.table import Table
        >>> draft = Draft(Table(pandas.DataFrame({"cue": ["a", "b"]})), Mapping())
        >>> propose_stimuli(draft)
        >>> draft.mapping
        Mapping(stimulus=('cue',), coding={'cue': 'onehot'})
    """
    if draft.has("stimulus"):
        _codings(draft)
        return
    free = draft.free(but=[draft.mapping.instructed or ""])
    found = column_names.prefixed("stimulus", free) or column_names.sides(free)
    if not found:
        found = column_names.named("stimulus", free)
        found = strength_and_place(draft.table, found, free) or found
        if len(found) > 1 and not column_names.places(found):
            draft.missing.append(
                f"--stimulus COL[,COL], since {', '.join(found)} may all be stimuli"
            )
            return
    if not found and draft.mapping.instructed in draft.table.names:
        found = [str(draft.mapping.instructed)]
    if not found and draft.is_detection(draft.mapping.choice):
        found = [str(draft.mapping.choice)]
    if found:
        draft.fill(stimulus=found)
    else:
        _no_stimulus(draft)
    _codings(draft)


def _no_stimulus(draft: Draft) -> None:
    free = [name for name in draft.free() if not column_names.is_no_stimulus(name)]
    is_complete = draft.convention is not None and draft.convention.without_stimuli
    if is_complete or not (free or draft.table.unread):
        draft.fill(stimulus=(NONE,))
    else:
        draft.missing.append("--stimulus COL[,COL] for the stimuli, none if there are none")


def _codings(draft: Draft) -> None:
    codings = dict(draft.mapping.coding)
    for name in draft.mapping.stimulus:
        if name not in draft.table.names or name in codings:
            continue
        coding = default_coding(name, draft.column(name))
        if coding is None:
            draft.missing.append(
                f"--coding {shlex.quote(f'{name}=onehot')} or {shlex.quote(f'{name}=graded')}"
            )
        else:
            codings[name] = coding
    if codings != draft.mapping.coding:
        draft.mapping = replace(draft.mapping, coding=codings)
