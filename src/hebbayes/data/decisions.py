"""Counts and names of decisions in a recording, and codes that are often a mistake.

Decisions are numbered from 0; a negative number means that none was taken.  Codes such as 1 and 2,
3 and 17, or -1 and +1 make phantom or missing decisions without being invalid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording


@dataclass(frozen=True)
class DecisionCounts:
    """How decisions are coded and how often each was taken.

    Attributes:
        taken: Decision to its number of trials.
        missing: Trials without a decision.
        mean_risk: Mean known risk; NaN if none is known.
        unknown_risk: Trials with a decision and without known risk.
        warnings: Codes that are often a mistake, each with a remedy.
        names: Names of decisions 0, 1, ... as their owner recorded them; empty without names.
    """

    taken: Mapping[int, int]
    missing: int
    mean_risk: float
    unknown_risk: int
    warnings: tuple[str, ...]
    names: tuple[str, ...] = ()

    def label(self, code: int) -> str:
        """Return the name of a decision, or its number if it has none.

        Example:
            >>> counts = DecisionCounts({0: 1, 2: 1}, 0, 0.5, 0, (), ("left", "right"))
            >>> counts.label(1), counts.label(2)
            ('right', '2')
        """
        return self.names[code] if code < len(self.names) else str(code)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {
            "codes": list(self.taken),
            "labels": [self.label(code) for code in self.taken],
            "taken": list(self.taken.values()),
            "missing": self.missing,
            "mean_risk": None if np.isnan(self.mean_risk) else self.mean_risk,
            "unknown_risk": self.unknown_risk,
            "warnings": list(self.warnings),
        }


def count_decisions(recording: "Recording") -> DecisionCounts | None:
    """Return the counts of a recording's decisions, or None if none were recorded.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> counts = count_decisions(
        ...     Recording(np.eye(3), np.ones((3, 1)), [0, 0, 0], decisions=[1, 2, -1]))
        >>> dict(counts.taken), counts.missing, counts.unknown_risk
        ({1: 1, 2: 1}, 1, 2)
        >>> counts.warnings[0]
        'decisions are coded 1, 2, so 0 counts as a decision never taken; number them from 0.'
    """
    if recording.decisions is None:
        return None
    has_decision = recording.decisions >= 0
    codes, numbers = np.unique(recording.decisions[has_decision], return_counts=True)
    taken = dict(zip(codes.tolist(), numbers.tolist()))
    risk = np.full(recording.n_trials, np.nan) if recording.risk is None else recording.risk
    known = risk[np.isfinite(risk)]
    return DecisionCounts(
        taken=taken,
        missing=int((~has_decision).sum()),
        mean_risk=float(known.mean()) if known.size else float("nan"),
        unknown_risk=int((has_decision & ~np.isfinite(risk)).sum()),
        warnings=tuple(_warnings(list(taken), set(recording.decisions[~has_decision].tolist()))),
        names=tuple(map(str, recording.provenance.get("decision_labels") or ())),
    )


def _warnings(codes: list[int], negative: set[int]) -> list[str]:
    warnings = []
    shown = ", ".join(map(str, codes[:6])) + (", ..." if len(codes) > 6 else "")
    phantom = [k for k in range(max(codes, default=0)) if k not in codes]
    if negative and len(codes) == 1:
        low = ", ".join(map(str, sorted(negative)[:3]))
        warnings.append(
            f"decisions are coded {low} and {shown}; a negative code means that no decision was "
            "taken. If it is a choice, code the choices 0 and 1."
        )
    elif phantom:
        several = f"{len(phantom)} others count as decisions"
        one = f"{phantom[0]} counts as a decision"
        warnings.append(
            f"decisions are coded {shown}, so {one if len(phantom) == 1 else several} never taken; "
            "number them from 0."
        )
    return warnings
