"""A derivation in brief: its verdict in one sentence, and the fragment that a notebook shows."""

import html
from typing import TYPE_CHECKING

from hebbayes.symbolic.algebra.mathml import mathml_of
from hebbayes.symbolic.families import UNNAMED
from hebbayes.symbolic.plasticity import unmarked

if TYPE_CHECKING:
    from hebbayes.symbolic.algebra.calculus import Piece
    from hebbayes.symbolic.derivation import Derivation


def headline(derivation: "Derivation") -> str:
    """Return the outcome in one sentence.

    Example:
        >>> from hebbayes.symbolic.derivation import derive
        >>> headline(derive("dx/dt = -x + W*o"))
        'Canonical: activity descends one cost, a free energy of Gaussian beliefs.'
    """
    if not derivation.is_canonical:
        return f"Not canonical: {derivation.why_not}"
    families = list(dict.fromkeys(r.family.name for r in derivation.readings))
    what = (
        "activity and the plasticity given descend" if derivation.verdicts else "activity descends"
    )
    named = [f"{family} beliefs" for family in families if family != UNNAMED]
    named += ["beliefs of a family without a name"] if UNNAMED in families else []
    return f"Canonical: {what} one cost, a free energy of {' and '.join(named)}."


def remedy_sentence(derivation: "Derivation") -> str:
    """Return which assumption would make a refused network canonical; empty if none is known.

    Example:
        >>> from hebbayes.symbolic.derivation import derive
        >>> remedy_sentence(derive("dx/dt = -x + J*x"))
        "It would be canonical with --assume 'J symmetric'."
    """
    if not derivation.would_be_canonical_if:
        return ""
    stated = [f"'{text}'" for text in derivation.would_be_canonical_if]
    return f"It would be canonical with --assume {', or '.join(stated)}."


def sum_mathml(pieces: "tuple[Piece, ...]") -> str:
    """Return a cost as MathML, one sum per layer.

    Example:
        >>> import sympy as sp
        >>> from hebbayes.symbolic.algebra.calculus import Piece
        >>> sum_mathml((Piece(sp.Symbol("x"), sp.Symbol("x")),))[:30]
        '<munder><mo>∑</mo><mi>x</mi></'
    """
    return "<mo>+</mo>".join(
        f"<munder><mo>∑</mo>{mathml_of(piece.space)}</munder>"
        f"<mrow><mo>{{</mo>{mathml_of(piece.body)}<mo>}}</mo></mrow>"
        for piece in pieces
    )


def html_fragment(derivation: "Derivation") -> str:
    """Return verdict, cost, family, prior and plasticity as a piece of HTML with MathML.

    Example:
        >>> from hebbayes.symbolic.derivation import derive
        >>> html_fragment(derive("dx/dt = -x + W*o")).count("<math>")
        2
    """
    parts = [f"<p><b>{html.escape(headline(derivation))}</b></p>"]
    if remedy := remedy_sentence(derivation):
        parts.append(f"<p>{html.escape(remedy)}</p>")
    rows = [("family", html.escape(derivation.family))]
    if derivation.full:
        cost = f"<math><mrow><mi>L</mi><mo>=</mo>{sum_mathml(derivation.full)}</mrow></math>"
        rows += [("cost", cost), ("prior", html.escape(derivation.prior or ""))]
    for matrix, rule in derivation.rules.items():
        formula = f"<math><mrow>{mathml_of(unmarked(rule))}</mrow></math>"
        rows.append((f"d{html.escape(matrix.name)}/dt", formula))
    table = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    return f"<div>{''.join(parts)}<table>{table}</table></div>"
