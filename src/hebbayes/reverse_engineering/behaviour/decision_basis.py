"""Which trial's state a decision rests on: that of the same trial, or of the trial before.

In the maze of I22 a decision is read out from the state of the trial before (docs/theory.md section
7, order in a step); in forced-choice and go / no-go tasks the stimulus of the trial itself is
decided upon.  Both are scored on training trials by a few models, with and without learning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices, RestsOn

SAME: "RestsOn" = "same"
PREVIOUS: "RestsOn" = "previous"

MARGIN_NATS = 2.0
"""Evidence by which the other trial must be better before it replaces the default."""

_WARNING_NATS = 10.0
_SCORING = ("leaky", "rescorla_wagner", "readout")  # one of each class
_TRAINING = 0.8  # share of trials, the first ones


@dataclass(frozen=True)
class DecisionBasis:
    """The trial whose state decisions rest on, and how both scored.

    Attributes:
        chosen: The trial that is used.
        is_given: Whether the user named it.
        log_evidence: Of the decisions in training under each, nats; empty if not scored.
        n_scored: Decisions in training that were scored.
    """

    chosen: "RestsOn"
    is_given: bool
    log_evidence: Mapping["RestsOn", float] = field(default_factory=dict)
    n_scored: int = 0

    @property
    def lead(self) -> float:
        """Evidence of the chosen trial above the other, nats; NaN if not scored."""
        if not self.log_evidence:
            return float("nan")
        other = PREVIOUS if self.chosen == SAME else SAME
        return self.log_evidence[self.chosen] - self.log_evidence[other]

    @property
    def sentence(self) -> str:
        """What decisions rest on, and why."""
        rests = f"Decisions rest on the state of the {_words(self.chosen)}"
        if self.is_given or not self.log_evidence:
            return f"{rests} ({'as requested' if self.is_given else 'default'})."
        reason = "which explains" if self.lead >= MARGIN_NATS else "the default; it explains"
        return (
            f"{rests}, {reason} {self.n_scored} training decisions {abs(self.lead):.1f} nats "
            f"{'better' if self.lead >= 0 else 'worse'} than the other."
        )

    @property
    def warning(self) -> str:
        """A sentence if the other trial explains decisions far better; else empty."""
        if not self.lead < -_WARNING_NATS:
            return ""
        other = PREVIOUS if self.chosen == SAME else SAME
        return (
            f"the state of the {_words(other)} explains the training decisions "
            f"{-self.lead:.1f} nats better; pass --decision-rests-on {other}."
        )


def _words(basis: "RestsOn") -> str:
    return "same trial" if basis == SAME else "trial before"


def decide_basis(
    asked: str,
    choices: Mapping[str, Sequence["Choices"]],
    *,
    default: "RestsOn",
    reward_delay: int = 0,
    floor: float = 1.0,
) -> DecisionBasis:
    """Return which trial decisions rest on: as ``asked``, or by score for "auto".

    ``choices`` holds the decisions of every animal under `SAME` and under `PREVIOUS`.  The first
    four fifths of their trials are scored, by the best of a canonical network that forgets,
    Rescorla-Wagner and a fixed read-out.  "auto" takes the ``default`` unless the other is
    `MARGIN_NATS` better.  Nothing is scored if fewer than two decisions were taken.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices, basis_of
        >>> x = np.random.default_rng(0).integers(0, 2, (80, 1)).astype(float)
        >>> decision, session = x[:, 0].astype(int), np.zeros(80, int)
        >>> both = {
        ...     basis: [Choices(decision, basis_of(x, session, basis), None, session, 2)]
        ...     for basis in (SAME, PREVIOUS)
        ... }
        >>> basis = decide_basis("auto", both, default=PREVIOUS)
        >>> basis.chosen, basis.n_scored, basis.lead > 10
        ('same', 64, True)
        >>> decide_basis("previous", both, default=SAME).warning[:34]
        'the state of the same trial explai'
    """
    bases: tuple[RestsOn, RestsOn] = (SAME, PREVIOUS)
    given = next((one for one in bases if one == asked), None)
    scores = {
        basis: [s for one in choices[basis] if (s := _score(one, reward_delay, floor)) is not None]
        for basis in bases
    }
    if not all(scores.values()):
        return DecisionBasis(given or default, given is not None)
    evidence = {basis: float(sum(s for s, _ in animals)) for basis, animals in scores.items()}
    n_scored = sum(n for _, n in scores[SAME])
    if given is not None:
        return DecisionBasis(given, True, evidence, n_scored)
    other = PREVIOUS if default == SAME else SAME
    chosen = other if evidence[other] - evidence[default] > MARGIN_NATS else default
    return DecisionBasis(chosen, False, evidence, n_scored)


def _score(choices: "Choices", reward_delay: int, floor: float) -> tuple[float, int] | None:
    """Evidence of one animal's training decisions under the best model, and their number."""
    from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import fit_model
    from hebbayes.reverse_engineering.behaviour.rivals.models import trials_of  # Numba above

    trials = trials_of(choices, reward_delay, floor)
    training = np.arange(len(trials.decision)) < round(_TRAINING * len(trials.decision))
    trials = replace(trials, scored=training)
    if np.unique(trials.decision[trials.is_used]).size < 2:
        return None
    models = [one for one in MODELS if one.name in _SCORING]
    best = max(fit_model(one, trials).log_evidence for one in models)
    return best, int(trials.is_used.sum())
