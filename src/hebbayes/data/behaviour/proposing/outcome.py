"""Which column says what followed a choice, and what its words are worth."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers, shown_label
from hebbayes.data.behaviour.columns.outcome_words import known_values
from hebbayes.data.behaviour.mapping import OUTCOMES
from hebbayes.data.behaviour.proposing import names as column_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hebbayes.data.behaviour.proposing.draft import Draft


def propose_outcome(draft: Draft, words: Sequence[str]) -> None:
    """Fill in what followed a choice; ``words`` are columns whose words say so.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> from hebbayes.data.behaviour.proposing.draft import Draft
        >>> from hebbayes.data.behaviour.table import Table
        >>> draft = Draft(Table(pandas.DataFrame({"reward": [0, 1]})), Mapping())
        >>> propose_outcome(draft, [])
        >>> draft.mapping
        Mapping(reward='reward')
    """
    free = draft.free()
    kinds = {n: role for role in OUTCOMES for n in column_names.named(role, free)}
    kinds |= {name: "outcome" for name in words if name in free}
    if risk := column_names.named("risk", free):
        draft.fill(risk=risk[0])
    if len(kinds) > 1 and draft.has("instructed"):  # the choice follows from one in words
        kinds = {name: role for name, role in kinds.items() if name in words} or kinds
    if len(kinds) == 1:
        ((name, role),) = kinds.items()
        draft.fill(**{role: name if role != "outcome" else (name,)})
    elif kinds:
        names = list(kinds)
        draft.missing.append(
            f"--outcome, --reward or --feedback, since {', '.join(names)} differ: such as "
            f"--{kinds[names[0]]} {shlex.quote(names[0])}"
        )
    elif not risk and draft.is_detection(draft.mapping.choice):
        draft.fill(outcome=(draft.mapping.choice,))
    elif not risk:
        draft.missing.append(
            "--outcome COL (or --reward, --feedback, --risk) for what followed, none if nothing"
        )


def propose_values(draft: Draft) -> None:
    """Fill in the risks of outcomes in words, or ask the user for them.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> from hebbayes.data.behaviour.proposing.draft import Draft
        >>> from hebbayes.data.behaviour.table import Table
        >>> table = Table(pandas.DataFrame({"result": ["correct", "error"]}))
        >>> draft = Draft(table, Mapping(outcome="result"))
        >>> propose_values(draft)
        >>> draft.mapping.values
        {'correct': 0.0, 'error': 1.0}
    """
    name = draft.outcome_column()
    if name is None or draft.mapping.values or as_numbers(draft.column(name)) is not None:
        return
    labels = as_labels(draft.column(name))[1].tolist()
    if (known := known_values(labels)) is not None:
        draft.fill(values=known)
    else:
        pairs = ",".join(f"{shown_label(one)}=RISK" for one in labels[:8])
        draft.missing.append(
            f'--values "{pairs}" with the risk of each {name}, 0 (best) to 1 (worst), or none'
        )
