"""A derivation as one HTML page: equation in, each step with its reason, dictionary at the end.

The page needs nothing else, neither scripts nor files; formulas are MathML, with the text that can
be typed below each.
"""

import html
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.mathml import mathml_of, sum_mathml
from hebbayes.symbolic.presentation.steps import Formula, Step, steps_of

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #d5d5d5; --soft: #666; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #16181b; --line: #3a3d42; --soft: #a0a0a0; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem; }
.formula { overflow-x: auto; padding: .4rem 0; } math { font-size: 1.15rem; }
code { color: var(--soft); font-size: .8rem; display: block; white-space: pre-wrap; }
table { border-collapse: collapse; } td { border-bottom: 1px solid var(--line);
  padding: .25rem 1.2rem .25rem 0; vertical-align: top; }
td code { color: inherit; font-size: .85rem; }
.no { border-left: 4px solid #D55E00; padding-left: .8rem; }
.yes { border-left: 4px solid #0072B2; padding-left: .8rem; }
"""


def to_html(derivation: "Derivation") -> str:
    """Return a derivation as one self-contained page.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> "<h2>2. No cost</h2>" in to_html(derive("dx/dt = -x + J*x"))
        True
    """
    kind = "yes" if derivation.is_canonical else "no"
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>A network, derived</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f'<h1 class="{kind}">{html.escape(derivation.headline)}</h1>',
        *([f"<p>{html.escape(derivation.remedy)}</p>"] if derivation.remedy else []),
        *(_step(number, step) for number, step in enumerate(steps_of(derivation), 1)),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _step(number: int, step: Step) -> str:
    parts = [f"<h2>{number}. {html.escape(step.title)}</h2>"]
    parts += [_formula(formula) for formula in step.formulas]
    if step.rows:
        rows = "\n".join(
            f"<tr><td><code>{html.escape(row.neural)}</code></td>"
            f"<td>{html.escape(row.bayesian)}</td></tr>"
            for row in step.rows
        )
        parts.append(f"<table>\n{rows}\n</table>")
    parts.append(f"<p>{html.escape(step.reason)}</p>")
    return "\n".join(parts)


def _formula(formula: Formula) -> str:
    text = f"<code>{html.escape(formula.text)}</code>"
    if isinstance(formula.right, str) and not formula.pieces:
        return f"<p>{html.escape(formula.text)}</p>"
    right = sum_mathml(formula.pieces) if formula.pieces else mathml_of(formula.right)
    left = _left(formula.left)
    return f'<div class="formula"><math><mrow>{left}<mo>=</mo>{right}</mrow></math>{text}</div>'


def _left(left: str) -> str:
    head, _, tail = left.rpartition("*")
    if left.endswith("/dt"):
        name = tail.removesuffix("/dt")[1:]
        factor = (
            f"{mathml_of(sp.Symbol(head))}<mspace width='0.2em'/>"
            if head.isidentifier()
            else (f"<mtext>{html.escape(head)}</mtext>" if head else "")
        )
        upper = f"<mrow><mi>d</mi>{mathml_of(sp.Symbol(name))}</mrow>"
        return f"{factor}<mfrac>{upper}<mrow><mi>d</mi><mi>t</mi></mrow></mfrac>"
    if left.isidentifier() and len(left) < 4:
        return mathml_of(sp.Symbol(left))
    return f"<mtext>{html.escape(left)}</mtext>"
