"""Which names of an equation are matrices, inferred from how they are used.

A name that starts with a capital letter and stands left of what it multiplies (`A*o`, `A*1`, `A'`)
is a matrix, and so are W, K, V and J wherever they stand; everything else is a number per unit.
`--assume "w matrix"` or `"G scalar"` overrules.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hebbayes.symbolic.algebra.delays import delayed_parts

if TYPE_CHECKING:
    from hebbayes.symbolic.language.assumptions import Assumptions
    from hebbayes.symbolic.language.grammar import Node, Statement

RISKS = ("Gamma", "Γ", "risk")
MODULATORS = ("Gamma", "Γ", "R", "reward", "dopamine", "noradrenaline")
USUAL = re.compile(r"[WKVJ]\d*")


def matrix_names(statements: Iterable["Statement"], assumptions: "Assumptions") -> frozenset[str]:
    """Return the names that are matrices.

    Example:
        >>> from hebbayes.symbolic.language.assumptions import Assumptions
        >>> from hebbayes.symbolic.language.statements import statements_of
        >>> equation = "dx/dt = -x + W*o + I; W = W1 - W0"
        >>> sorted(matrix_names(statements_of(equation), Assumptions()))
        ['W', 'W0', 'W1']
    """
    statements = list(statements)
    definitions = {s.name: s.body for s in statements if s.kind == "definition"}
    changing = {s.name for s in statements if s.kind == "derivative"}
    plain = changing | {n for n, k in assumptions.kinds.items() if k != "matrix"}
    matrices = {n for n, k in assumptions.kinds.items() if k == "matrix"}
    diagonal = {n for n, shape in assumptions.shapes.items() if shape == "diagonal"}
    plain |= diagonal  # it multiplies unit by unit
    matrices |= {n for n in assumptions.shapes if n not in plain}
    matrices |= {n for n, body in definitions.items() if body.kind == "rows"}
    for statement in statements:
        if statement.kind == "derivative":
            _vote(statement.body, False, matrices, plain)
    before = -1
    while before != len(matrices):
        before = len(matrices)
        for name, body in definitions.items():
            _vote(body, name in matrices, matrices, plain)
    return frozenset(matrices)


def _vote(node: "Node", is_matrix: bool, matrices: set[str], plain: set[str]) -> None:
    """Add to ``matrices`` every name that stands in place of a matrix."""
    if node.kind == "name":
        is_capital = node.text[0].isupper() and node.text not in MODULATORS
        is_free = node.text not in plain and delayed_parts(node.text) is None
        is_usual = USUAL.fullmatch(node.text) is not None
        if (is_matrix or is_usual) and is_capital and is_free:
            matrices.add(node.text)
    elif node.kind in ("*", "@"):
        left, right = node.parts
        is_scaling = right.kind == "number" and right.text not in ("1", "1.0")
        _vote(left, is_matrix if is_scaling else True, matrices, plain)
        _vote(right, is_matrix, matrices, plain)
    elif node.kind == "/":
        _vote(node.parts[0], is_matrix, matrices, plain)
        _vote(node.parts[1], False, matrices, plain)
    elif node.kind == "^":
        _vote(node.parts[0], is_matrix, matrices, plain)
    else:
        inside = is_matrix or node.kind == "transpose"
        for part in node.parts:
            _vote(part, inside, matrices, plain)
