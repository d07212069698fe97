"""Conventions of tables of trials that are recognised by the names of their columns.

One record each; the first that recognises a table proposes its columns.  What a convention leaves
open is proposed by name (`proposal`), and everything gives way to what the user states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hebbayes.data.behaviour.columns.outcome_words import is_outcome_text
from hebbayes.data.behaviour.proposing.names import plain_name

if TYPE_CHECKING:
    from hebbayes.data.behaviour.table import Table

_PSYTRACK_INPUTS = ("s1", "s2", "sa", "sb", "sl", "sr", "cl", "cr", "savg")


@dataclass(frozen=True)
class Convention:
    """How tables of one origin name their columns.

    Attributes:
        name: Origin, for messages.
        wanted: Names that the table must have, in any spelling (`plain_name`).
        one_of: Names of which it must have one.
        columns: Field of `Mapping` to the column, or columns, that state it, if the table has them.
        codings: Coding of stimulus columns.
        settings: Other fields of `Mapping`.
        without_stimuli: Whether a table without stimuli is complete.
        in_words: Column that must hold words for success and failure.
        more: Further fields of `Mapping`, from all names.
    """

    name: str
    wanted: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    columns: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    codings: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    without_stimuli: bool = False
    in_words: str | None = None
    more: Callable[[tuple[str, ...]], dict[str, Any]] | None = None

    def recognises(self, table: Table) -> bool:
        """Whether a table follows the convention."""
        held = _by_plain_name(table.names)
        if not {plain_name(name) for name in self.wanted} <= set(held):
            return False
        if self.one_of and not set(map(plain_name, self.one_of)) & set(held):
            return False
        words = held.get(plain_name(self.in_words or ""))
        return self.in_words is None or is_outcome_text(table.column(str(words), "a convention"))

    def proposed(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return the fields of `Mapping` that the convention states for these columns."""
        held = _by_plain_name(names)
        stated = dict(self.settings)
        for role, wanted in self.columns.items():
            every = (wanted,) if isinstance(wanted, str) else wanted
            found = tuple(held[plain] for plain in map(plain_name, every) if plain in held)
            if len(found) == len(every):
                stated[role] = found[0] if isinstance(wanted, str) else found
        coded = {held.get(plain_name(name)): coding for name, coding in self.codings.items()}
        codings = {name: coding for name, coding in coded.items() if name is not None}
        stated |= {"coding": codings} if codings else {}
        return stated | (self.more(names) if self.more else {})


def _by_plain_name(names: tuple[str, ...]) -> dict[str, str]:
    return {plain_name(name): name for name in reversed(names)}


def _psytrack_inputs(names: tuple[str, ...]) -> dict[str, Any]:
    inputs = [
        name
        for name in names
        if plain_name(name) in _PSYTRACK_INPUTS or name.casefold().startswith(("input", "inputs"))
    ]
    return {"stimulus": tuple(inputs)} if inputs else {}


IBL = Convention(
    "IBL trials",
    ("choice", "feedbackType"),
    one_of=("contrastLeft", "signed_contrast", "probabilityLeft", "stimOn_times", "goCue_times"),
    columns={
        "choice": "choice",
        "feedback": "feedbackType",
        "stimulus": ("contrastLeft", "contrastRight"),
    },
    codings={"contrastLeft": "graded", "contrastRight": "graded"},
    settings={"missed": ("0",), "outcome_range": (-1.0, 1.0)},
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
    codings={"cue": "onehot"},
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
    codings={"stimulus": "onehot"},
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
        codings={instructed: "onehot"},
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
