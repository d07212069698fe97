"""A derivation as a text for a terminal."""

import textwrap
from typing import TYPE_CHECKING

from hebbayes.symbolic.presentation.steps import Step, steps_of

if TYPE_CHECKING:
    from hebbayes.symbolic.agent import Correspondence
    from hebbayes.symbolic.derivation import Derivation

_WIDTH = 98


def to_text(derivation: "Derivation") -> str:
    """Return a derivation as plain text, step by step, with the verdict first.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> print(to_text(derive("dx/dt = -x + J*x")).splitlines()[0])
        Not canonical: the instantaneous coupling of x through J is not symmetric up to a positive
    """
    blocks = [_wrapped(derivation.headline)]
    if derivation.would_be_canonical_if:
        blocks.append(_wrapped(derivation.remedy))
    blocks += [_step(number, step) for number, step in enumerate(steps_of(derivation), 1)]
    return "\n\n".join(blocks) + "\n"


def _step(number: int, step: Step) -> str:
    lines = [f"{number}. {step.title}", ""]
    lines += [_wrapped(formula.text, "    ", "        ") for formula in step.formulas]
    if step.rows:
        lines += _rows(step.rows)
    if step.formulas or step.rows:
        lines.append("")
    lines.append(_wrapped(step.reason, "  ", "  "))
    return "\n".join(lines)


def _rows(rows: tuple["Correspondence", ...]) -> list[str]:
    width = min(34, max(len(row.neural) for row in rows))
    lines = []
    for row in rows:
        if len(row.neural) <= width:
            start = f"    {row.neural:<{width}}  =  "
            lines.append(_wrapped(row.bayesian, start, " " * (width + 9)))
        else:
            lines.append(_wrapped(row.neural, "    ", "        "))
            lines.append(_wrapped(row.bayesian, " " * (width + 4) + "  =  ", " " * (width + 9)))
    return lines


def _wrapped(text: str, first: str = "", later: str = "") -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
