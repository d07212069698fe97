"""What the user states besides the equation: `J symmetric; o binary; w > 0; Gamma modulates V`.

Items are separated by `;` or `,`.  An item with `=` is a definition and is handed back as text of
the equation language, except `sum(x) = 1`, which makes a layer categorical.
"""

import difflib
import re
from dataclasses import dataclass, field, replace

from hebbayes.symbolic.language.faults import EquationError

KINDS = ("scalar", "vector", "matrix", "input", "parameter", "modulator")
SHAPES = ("symmetric", "antisymmetric", "diagonal", "scaled symmetric")
INPUTS = ("binary", "Gaussian", "Poisson", "spin")
SIGNS = ("positive", "negative")
_ITEM = re.compile(r"(?P<name>[^\W\d]\w*)\s+(?P<what>.+)")
_SIGN = re.compile(r"(?P<name>[^\W\d]\w*)\s*(?P<sign>>=?|<=?)\s*0(\.0*)?")
_ORDER = re.compile(r"(?P<left>\w[\w.]*)\s*(?P<sign>[<>])\s*(?P<right>\w[\w.]*)")
_SIMPLEX = re.compile(r"sum\(\s*(?P<name>[^\W\d]\w*)\s*\)\s*=\s*1")
_MODULATES = re.compile(r"modulates\s+(?P<matrix>[^\W\d]\w*)")


@dataclass(frozen=True)
class Assumptions:
    """What is known of names.

    Attributes:
        kinds: Name to scalar, vector, matrix, input, parameter or modulator.
        shapes: Matrix to symmetric, antisymmetric, diagonal or scaled symmetric.
        inputs: Input to the family of its values.
        signs: Name to positive or negative.
        modulated: Matrix to the modulator of its plasticity, which comes late.
        simplex: Layers whose activities sum to 1.
        white: Inputs that are uncorrelated in time.
        orders: Inequalities between two names, or a name and a number, as `a < b`.
        definitions: Statements in the equation language.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    signs: dict[str, str] = field(default_factory=dict)
    modulated: dict[str, str] = field(default_factory=dict)
    simplex: frozenset[str] = frozenset()
    white: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()
    definitions: tuple[str, ...] = ()


def read_assumptions(text: str) -> Assumptions:
    """Return what ``text`` states.  Raises `EquationError` for an unknown item.

    Example:
        >>> read_assumptions("J symmetric; o binary, w > 0").shapes
        {'J': 'symmetric'}
    """
    known = Assumptions()
    for item in re.split(r"[;,\n]", text):
        if item.strip():
            known = _with_item(known, " ".join(item.split()))
    return known


def _with_item(known: Assumptions, item: str) -> Assumptions:
    if match := _SIMPLEX.fullmatch(item):
        return replace(known, simplex=known.simplex | {match["name"]})
    if match := _SIGN.fullmatch(item):
        sign = "positive" if match["sign"][0] == ">" else "negative"
        return replace(known, signs=known.signs | {match["name"]: sign})
    if match := _ORDER.fullmatch(item):
        left, right = match["left"], match["right"]
        order = f"{left} < {right}" if match["sign"] == "<" else f"{right} < {left}"
        return replace(known, orders=known.orders | {order})
    if "=" in item:
        return replace(known, definitions=(*known.definitions, item))
    match = _ITEM.fullmatch(item)
    if match is None:
        raise _unknown(item, "")
    return _with_property(known, match["name"], match["what"], item)


def _with_property(known: Assumptions, name: str, what: str, item: str) -> Assumptions:
    if match := _MODULATES.fullmatch(what):
        return replace(known, modulated=known.modulated | {match["matrix"]: name})
    if what in ("uncorrelated in time", "uncorrelated", "white"):
        return replace(known, white=known.white | {name})
    for field_name, values in (
        ("kinds", KINDS),
        ("shapes", SHAPES),
        ("inputs", INPUTS),
        ("signs", SIGNS),
    ):
        result = next((v for v in values if v.lower() == what.lower()), None)
        if result is not None:
            return replace(known, **{field_name: getattr(known, field_name) | {name: result}})
    raise _unknown(item, what)


def _unknown(item: str, what: str) -> EquationError:
    words = [*SHAPES, *KINDS, *INPUTS, *SIGNS, "uncorrelated in time"]
    close = difflib.get_close_matches(what, words, n=1)
    remedy = f"did you mean {close[0]!r}?" if close else f"it may be {', '.join(words)}."
    return EquationError(f"the assumption {item!r} is not understood; {remedy}")
