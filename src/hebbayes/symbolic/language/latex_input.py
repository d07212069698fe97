r"""From the text of an equation to its tokens, LaTeX included.

`\sigma(v)`, `\tanh`, `\phi`, `W_{1}`, `\mathbf{x}_{t-1}`, `\frac{dx}{dt}`, `\dot{x}`, `W^{\top}`,
`\left( \right)`, `\cdot`, `\times`, `\langle x \rangle` become the names, calls and operators of
the language.  A text with LaTeX commands may leave out product signs.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hebbayes.symbolic.language.faults import fault
from hebbayes.symbolic.language.limits import check_text
from hebbayes.symbolic.language.tokens import (
    Token,
    ends_operand,
    finished,
    plain_tokens,
    strange_character,
)

_GREEK = frozenset(
    re.findall(
        r"\w+",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
    )
)
_VARIANTS = {"varphi": "phi", "varepsilon": "epsilon", "vartheta": "theta", "varrho": "rho"}
FUNCTIONS = frozenset(["exp", "log", "ln", "tanh", "sinh", "cosh", "sin", "cos", "tan"])
_OPERATORS = {"cdot": "*", "times": "*", "ast": "*", "lbrack": "[", "rbrack": "]", "prime": "'"}
_SKIPPED = re.compile(r"left|right|[bB]igg?[lr]?|q?quad|displaystyle")
_FONTS = re.compile(r"math(rm|bf|it|sf|bb|cal)|boldsymbol|bm|text|operatorname|vec")
_COMMAND = re.compile(r"\\(?:(?P<name>[a-zA-Z]+)|(?P<sign>.))", re.DOTALL)
_TRANSPOSED = re.compile(r"\^\s*(?:\\top\b|\\intercal\b|\{\s*(?:\\top|\\intercal|T|⊤)\s*\})")
_CAPITAL_T = re.compile(r"\^\s*T\b")
_PAST = re.compile(r"t\s*[-−]\s*(\w+)")


def tokens_of(source: str) -> list[Token]:
    r"""Return the words of ``source``; a new line that ends a statement becomes `;`.

    Raises `EquationError` for a character or command that the language does not have.

    Example:
        >>> [token.text for token in tokens_of("dx/dt = -x**2")]
        ['dx', '/', 'dt', '=', '-', 'x', '^', '2', '']
        >>> " ".join(t.text for t in tokens_of(r"\dot{x} = -x + W_{1} \cdot o_{t-1}"))
        'dx / dt = - x + W1 * o_delayed '
    """
    check_text(source)
    reader = _Reader(source)
    reader.read(0, len(source))
    return finished(_with_products(_with_differentials(reader.tokens)), source)


@dataclass
class _Reader:
    """Reads a stretch of the source into tokens."""

    source: str
    tokens: list[Token] = field(default_factory=list)

    def read(self, place: int, end: int) -> None:
        """Add the tokens of a stretch."""
        while place < end:
            place = self._next(place, end)

    def _next(self, place: int, end: int) -> int:
        is_after_operand = bool(self.tokens) and ends_operand(self.tokens[-1])
        transposed = _TRANSPOSED.match(self.source, place, end)
        if transposed is None and is_after_operand and self.tokens[-1].text[0].isupper():
            transposed = _CAPITAL_T.match(self.source, place, end)
        if transposed is not None:
            width = transposed.end() - place
            self.tokens.append(Token("operator", "'", place, width, True))
            return transposed.end()
        if self.source[place] == "\\":
            return self._command(place, end)
        tokens, behind = plain_tokens(self.source, place, end)
        if behind == place:
            raise strange_character(self.source, place)
        self.tokens += tokens
        if tokens and tokens[-1].kind == "name":
            return self._subscript(behind, end)
        if tokens and tokens[-1].is_operator("^") and self.source[behind : behind + 1] == "{":
            return self._bracketed(behind, end)
        return behind

    def _command(self, place: int, end: int) -> int:
        match = _COMMAND.match(self.source, place, end)
        if match is None:
            raise fault(self.source, place, place + 1, "a LaTeX command has a name after '\\'.")
        name, behind = match["name"], match.end()
        if match["sign"] == "\\":
            self._add("line", "\n", place, behind)
        elif name in _GREEK or name in _VARIANTS:
            self._add("name", _VARIANTS.get(name, name), place, behind)
            return self._subscript(behind, end)
        elif name in FUNCTIONS:
            self._add("name", name, place, behind)
        elif name in _OPERATORS:
            self._add("operator", _OPERATORS[name], place, behind)
        elif name in ("langle", "rangle"):
            if name == "langle":
                self._add("name", "avg", place, behind)
            self._add("operator", "(" if name == "langle" else ")", place, behind)
        elif name in _COMMANDS:
            return _COMMANDS[name](self, place, behind, end)
        elif name and _FONTS.fullmatch(name):
            return self._font(place, behind, end)
        elif not _SKIPPED.fullmatch(name or "") and (match["sign"] or "a") not in ",;:! ":
            raise fault(self.source, place, behind, f"an equation has no {match.group()}.")
        return behind

    def _add(self, kind: str, text: str, start: int, end: int) -> None:
        self.tokens.append(Token(kind, text, start, end - start, True))

    def _braced(self, place: int, end: int) -> tuple[int, int]:
        """Return the stretch within the braces that open at ``place``, or one character."""
        while place < end and self.source[place] == " ":
            place += 1
        if place >= end:
            raise fault(self.source, place - 1, place, "this LaTeX command lacks its { }.")
        if self.source[place] != "{":
            match = _COMMAND.match(self.source, place, end)
            return place - 1, place + 1 if match is None else match.end()
        depth = 0
        for here in range(place, end):
            depth += {"{": 1, "}": -1}.get(self.source[here], 0)
            if depth == 0:
                return place, here
        raise fault(self.source, place, place + 1, "this bracket is not closed; add '}'.")

    def _bracketed(self, place: int, end: int) -> int:
        """Add ( ... ) for the { ... } at ``place``; return the place behind it."""
        opening, closing = self._braced(place, end)
        self.tokens.append(Token("operator", "(", opening, 1))
        self.read(opening + 1, closing)
        self.tokens.append(Token("operator", ")", closing, 1))
        return self._behind(closing, end)

    def _behind(self, closing: int, end: int) -> int:
        is_brace = closing < end and self.source[closing] == "}"
        return closing + 1 if is_brace else closing

    def _subscript(self, place: int, end: int) -> int:
        """Join a subscript `_{...}` to the name before it; return the place behind it."""
        if self.source[place : place + 1] != "_":
            return place
        opening, closing = self._braced(place + 1, end)
        behind = self._behind(closing, end)
        inner = _Reader(self.source)
        inner.read(opening + 1, closing)
        body = "".join(token.text for token in inner.tokens)
        past = _PAST.fullmatch(body)
        if past is None and not body.isalnum():
            raise fault(self.source, opening + 1, closing, "a subscript is a number or a name.")
        name = self.tokens[-1]
        lag = "" if past is None else past[1]
        if past is not None:
            suffix = "_delayed" + ("" if lag == "1" else lag if lag.isdigit() else f"_{lag}")
        else:
            suffix = "" if body == "t" else body if body.isdigit() else f"_{body}"
        self.tokens[-1] = replace(name, text=name.text + suffix, width=behind - name.start)
        return behind

    def _font(self, place: int, behind: int, end: int) -> int:
        r"""Read `\mathbf{x}` as x and `\mathbf{1}` as 1."""
        opening, closing = self._braced(behind, end)
        inner = _Reader(self.source)
        inner.read(opening + 1, closing)
        behind = self._behind(closing, end)
        if len(inner.tokens) != 1 or inner.tokens[0].kind not in ("name", "number"):
            raise fault(self.source, place, behind, "a LaTeX font holds one name or number.")
        self._add(inner.tokens[0].kind, inner.tokens[0].text, place, behind)
        return self._subscript(behind, end) if inner.tokens[0].kind == "name" else behind

    def fraction(self, place: int, behind: int, end: int) -> int:
        r"""Read `\frac{a}{b}` as ((a)/(b)) and `\frac{dx}{dt}` as dx/dt."""
        above, below = _Reader(self.source), _Reader(self.source)
        behind = above._bracketed(behind, end)
        slash = behind
        behind = below._bracketed(behind, end)
        divided = Token("operator", "/", slash, 1, True)
        parts = [_with_differentials(r.tokens[1:-1], True) for r in (above, below)]
        if [token.text for token in parts[1]] == ["dt"]:
            self.tokens += [*parts[0], divided, *parts[1]]
            return behind
        first = Token("operator", "(", place, 1, True)
        last = Token("operator", ")", behind - 1, 1, True)
        self.tokens += [first, *above.tokens, divided, *below.tokens, last]
        return behind

    def root(self, place: int, behind: int, end: int) -> int:
        r"""Read `\sqrt{a}` as sqrt(a)."""
        self._add("name", "sqrt", place, behind)
        return self._bracketed(behind, end)

    def dot(self, place: int, behind: int, end: int) -> int:
        r"""Read `\dot{x}` as dx/dt."""
        behind = self._font(place, behind, end)
        name = self.tokens.pop()
        if name.kind != "name":
            raise fault(self.source, place, behind, r"\dot stands over one name, as in \dot{x}.")
        self._add("name", f"d{name.text}", place, behind)
        self._add("operator", "/", place, behind)
        self._add("name", "dt", place, behind)
        return behind


_COMMANDS: dict[str, Callable[[_Reader, int, int, int], int]] = {
    "frac": _Reader.fraction,
    "dfrac": _Reader.fraction,
    "tfrac": _Reader.fraction,
    "sqrt": _Reader.root,
    "dot": _Reader.dot,
}


def _with_differentials(tokens: Sequence[Token], is_fraction: bool = False) -> list[Token]:
    r"""Join d and the name after it in `\mathrm{d}x` and `\frac{d x}{d t}`."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        is_differential = before is not None and before.text == "d" and token.kind == "name"
        if before and is_differential and (is_fraction or before.is_latex or token.is_latex):
            width = token.end - before.start
            joined[-1] = Token("name", f"d{token.text}", before.start, width, True)
        else:
            joined.append(token)
    return joined


def _with_products(tokens: Sequence[Token]) -> list[Token]:
    """Put `*` between two operands of a text in LaTeX."""
    if not any(token.is_latex for token in tokens):
        return list(tokens)
    known = FUNCTIONS | {"sig", "sigma", "sqrt", "avg", "unit", "units"}
    result: list[Token] = []
    for token in tokens:
        before = result[-1] if result else None
        starts = token.kind in ("name", "number") or (
            token.is_operator("(") and before is not None and before.is_operator(")")
        )
        is_product = before is not None and starts and ends_operand(before)
        if before and is_product and before.text not in known:
            result.append(Token("operator", "*", token.start, 0, True))
        result.append(token)
    return result
