"""Which subjects made choices enough to be described; the others are named with the reason.

A subject of a few trials, or of one choice only, says nothing about how it learns, and would only
move what is said of the others.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour

FEWEST_CHOICES = 5
"""Choices that a subject must have made: more than the theory has parameters."""

TOO_FEW = "too few trials"
ONE_CHOICE = "one choice only: nothing can be told"


@dataclass(frozen=True)
class SetAside:
    """A subject that cannot be described, and what can be said of it.

    Attributes:
        name: Of the subject.
        group: Its group, or None.
        n_trials: Trials of the subject.
        n_used: Choices made.
        n_missed: Trials without a choice.
        success: Mean of 1 - risk over known outcomes; NaN without any.
        reason: `TOO_FEW` or `ONE_CHOICE`.
    """

    name: Any
    group: Any
    n_trials: int
    n_used: int
    n_missed: int
    success: float
    reason: str


def screen_subjects(behaviour: "Behaviour") -> "tuple[Behaviour, tuple[SetAside, ...]]":
    """Return the trials of subjects that can be described, and the other subjects.

    Raises `ValueRangeError` if none can.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> table = Behaviour([0, 1] * 3 + [0], np.ones((7, 1)), subject=[0] * 6 + [1])
        >>> kept, aside = screen_subjects(table)
        >>> kept.n_subjects, [one.reason for one in aside]
        (1, ['too few trials'])
    """
    aside = {k: one for k in range(behaviour.n_subjects) if (one := _set_aside(behaviour, k))}
    if not aside:
        return behaviour, ()
    if len(aside) == behaviour.n_subjects:
        raise ValueRangeError(_none_left(list(aside.values())))
    return _without(behaviour, set(aside)), tuple(aside.values())


def _set_aside(behaviour: "Behaviour", k: int) -> SetAside | None:
    rows = slice(*np.searchsorted(behaviour.subject, [k, k + 1]).tolist())
    choice = behaviour.choice[rows]
    made = choice[choice >= 0]
    if made.size >= FEWEST_CHOICES and np.ptp(made) > 0:
        return None
    risk = np.zeros(0) if behaviour.risk is None else behaviour.risk[rows]
    known = risk[np.isfinite(risk)]
    return SetAside(
        name=behaviour.subject_ids[k],
        group=None if behaviour.group is None else behaviour.group[k],
        n_trials=choice.size,
        n_used=made.size,
        n_missed=choice.size - made.size,
        success=float(1 - known.mean()) if known.size else float("nan"),
        reason=TOO_FEW if made.size < FEWEST_CHOICES else ONE_CHOICE,
    )


def _without(behaviour: "Behaviour", aside: set[int]) -> "Behaviour":
    from hebbayes.data.behaviour.container import PER_TRIAL

    kept = np.array([k not in aside for k in range(behaviour.n_subjects)])
    rows = kept[behaviour.subject]
    held = {name: getattr(behaviour, name) for name in PER_TRIAL}
    parts = {name: values[rows] for name, values in held.items() if values is not None}
    parts["subject"] = (np.cumsum(kept) - 1)[parts["subject"]]
    return replace(
        behaviour,
        **parts,
        subject_ids=behaviour.subject_ids[kept],
        group=None if behaviour.group is None else behaviour.group[kept],
    )


def _none_left(aside: list[SetAside]) -> str:
    counts = Counter(one.reason for one in aside)
    said = []
    if n := counts[TOO_FEW]:
        said.append(f"{n} made fewer than {FEWEST_CHOICES} choices")
    if n := counts[ONE_CHOICE]:
        said.append(f"{n} made one choice only")
    return (
        f"no subject can be described: of {len(aside)}, {' and '.join(said)}. Check --subject, "
        "--choice and --missed, or give more trials of each subject."
    )


def sentence_about(aside: tuple[SetAside, ...], shown: int = 5) -> str:
    """Return who was set aside and why; empty for nobody.

    Example:
        >>> sentence_about((SetAside("b", None, 1, 1, 0, 1.0, TOO_FEW),))
        'Left out, 1 subject: b (too few trials). The others are described without it.'
    """
    if not aside:
        return ""
    names = ", ".join(f"{one.name} ({one.reason})" for one in aside[:shown])
    more = f" and {len(aside) - shown} more" if len(aside) > shown else ""
    return (
        f"Left out, {len(aside)} subject{'s' * (len(aside) > 1)}: {names}{more}. The others are "
        f"described without {'it' if len(aside) == 1 else 'them'}."
    )
