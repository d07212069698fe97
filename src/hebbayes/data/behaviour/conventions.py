"""Conventions of tables of trials that are recognised by the names of their columns.

One record each; the first that recognises a table proposes its columns.  What a convention leaves
open is proposed by name (`proposal`), and everything gives way to what the user states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hebbayes.data.behaviour.column_names import plain_name
from hebbayes.data.behaviour.columns.outcome_words import is_outcome_text

if TYPE_CHECKING:
    from hebbayes.data.behaviour.table import Table

_PSYTRACK_INPUTS = ("s1", "s2", "sa", "sb", "sl", "sr", "cl", "cr", "savg")


@dataclass(frozen=True)
class Convention:
    """How tables of one origin name their columns.

    Attributes:
        name: Origin, for messages.
        wanted: Names that the table must have, as they are spelled.
        one_of: Names of which it must have one.
        columns: Field of `Mapping` to the column, or columns, that state it, if the table has them.
        settings: Other fields of `Mapping`.
        without_stimuli: Whether a table without stimuli is complete.
        in_words: Column that must hold words for success and failure.
        more: Further fields of `Mapping`, from all names.
    """

    name: str
    wanted: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    columns: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    without_stimuli: bool = False
    in_words: str | None = None
    more: Callable[[tuple[str, ...]], dict[str, Any]] | None = None

    def recognises(self, table: Table) -> bool:
        """Whether a table follows the convention."""
        held = set(table.names)
        if not set(self.wanted) <= held or (self.one_of and not held & set(self.one_of)):
            return False
        return self.in_words is None or is_outcome_text(table.column(self.in_words, "a convention"))

    def proposed(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return the fields of `Mapping` that the convention states for these columns."""
        stated = dict(self.settings)
        for role, wanted in self.columns.items():
            every = (wanted,) if isinstance(wanted, str) else wanted
            if set(every) <= set(names):
                stated[role] = wanted
        return stated | (self.more(names) if self.more else {})


def _psytrack_inputs(names: tuple[str, ...]) -> dict[str, Any]:
    inputs = [
        name
        for name in names
        if plain_name(name) in _PSYTRACK_INPUTS or name.casefold().startswith(("input", "inputs"))
    ]
    return {"stimulus": tuple(inputs)} if inputs else {}


IBL = Convention(
    "IBL trials",
    ("choice", "feedbackType", "contrastLeft", "contrastRight"),
    columns={
        "choice": "choice",
        "feedback": "feedbackType",
        "stimulus": ("contrastLeft", "contrastRight"),
    },
    settings={
        "missed": ("0",),
        "coding": {"contrastLeft": "graded", "contrastRight": "graded"},
        "outcome_range": (-1.0, 1.0),
    },
)
GO_NO_GO = Convention(
    "hBayesDM go/no-go",
    ("subjID", "cue", "keyPressed", "outcome"),
    columns={
        "subject": "subjID",
        "trial": "trial",
        "stimulus": ("cue",),
        "choice": "keyPressed",
        "outcome": ("outcome",),
    },
    settings={"coding": {"cue": "onehot"}},
)
GAIN_LOSS = Convention(
    "hBayesDM gain and loss",
    ("subjID", "choice", "gain", "loss"),
    columns={
        "subject": "subjID",
        "trial": "trial",
        "choice": "choice",
        "outcome": ("gain", "loss"),
    },
    without_stimuli=True,
)
RLWM = Convention(
    "RLWM",
    ("subjID", "block", "stimulus", "choice", "outcome"),
    columns={
        "subject": "subjID",
        "group": "group",
        "session": "block",
        "trial": "trial",
        "stimulus": ("stimulus",),
        "choice": "choice",
        "outcome": ("outcome",),
    },
    settings={"coding": {"stimulus": "onehot"}},
)
CHOICES = Convention(
    "hBayesDM choices",
    ("subjID", "choice", "outcome"),
    columns={
        "subject": "subjID",
        "trial": "trial",
        "choice": "choice",
        "outcome": ("outcome",),
    },
    without_stimuli=True,
)
PSYTRACK = Convention(
    "psytrack",
    ("y",),
    one_of=("answer", "correct", "dayLength", "inputs"),
    columns={"choice": "y", "outcome": ("correct",), "session": "dayLength"},
    more=_psytrack_inputs,
)
BIDS = Convention(
    "BIDS events",
    ("onset", "duration", "trial_type"),
    columns={"stimulus": ("trial_type",), "response_time": "response_time"},
)


def _instructed(instructed: str, outcome: str) -> Convention:
    return Convention(
        "NWB trials",
        (instructed, outcome),
        columns={
            "instructed": instructed,
            "outcome": (outcome,),
            "stimulus": (instructed,),
        },
        settings={"coding": {instructed: "onehot"}},
        in_words=outcome,
    )


INSTRUCTED = (_instructed("type", "response"), _instructed("trial_instruction", "outcome"))

CONVENTIONS = (IBL, GO_NO_GO, GAIN_LOSS, RLWM, CHOICES, PSYTRACK, BIDS, *INSTRUCTED)
"""Known conventions; the first that recognises a table names it."""


def convention_of(table: Table) -> Convention | None:
    """Return the convention that a table follows, if it is known.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> convention_of(Table(pandas.DataFrame(columns=["subjID", "choice", "outcome"]))).name
        'hBayesDM choices'
    """
    return next((each for each in CONVENTIONS if each.recognises(table)), None)
