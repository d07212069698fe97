"""The equation language: text in, syntax trees out, and a caret below a mistake.

    tau*dv/dt = -v + W*o + K*x_delayed + h;  x = sig(v)

Statements are separated by `;` or a new line; `#` starts a comment.  A statement is a differential
equation, a definition `name = expression`, a function `f(u) = expression`, or `unit v = mV`.
`elaborate` decides what names mean.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hebbayes.symbolic.language.faults import EquationError, fault

if TYPE_CHECKING:
    from hebbayes.symbolic.language.tokens import Token


@dataclass(frozen=True)
class Node:
    """One node of a syntax tree.

    Attributes:
        kind: number, name, call, delayed, negative, transpose, rows, or an operator.
        text: The name, number or operator.
        parts: Operands.
        start: Place in the source, in characters.
        end: Place after it.
    """

    kind: str
    text: str
    parts: tuple["Node", ...]
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """One statement of a source.

    Attributes:
        kind: derivative, definition, function or unit.
        name: What is defined.
        body: Right-hand side.
        factor: Factor before the derivative, e.g. a time constant.
        arguments: Names of a function's arguments.
        start: Place of the name in the source.
    """

    kind: str
    name: str
    body: Node
    factor: Node | None = None
    arguments: tuple[str, ...] = ()
    start: int = 0


FUNCTION_NAMES = frozenset(
    [
        "sig",
        "sigmoid",
        "logit",
        "tanh",
        "atanh",
        "exp",
        "log",
        "ln",
        "relu",
        "softplus",
        "softmax",
        "sum",
        "avg",
        "sqrt",
        "abs",
    ]
)
_LEFT = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2}


@dataclass
class Parser:
    """Reads one source from left to right.

    Attributes:
        source: The text.
        tokens: Its words.
        place: Number of the next word.
    """

    source: str
    tokens: list["Token"] = field(default_factory=list)
    place: int = 0

    @property
    def next(self) -> "Token":
        """The word that comes next."""
        return self.tokens[self.place]

    def take(self) -> "Token":
        """Return the next word and move past it."""
        token = self.next
        self.place += 1
        return token

    def accept(self, text: str) -> bool:
        """Move past ``text`` if it comes next; return whether it did."""
        if self.next.text == text and self.next.kind == "operator":
            self.place += 1
            return True
        return False

    def fault(self, sentence: str, token: "Token | None" = None) -> EquationError:
        """Return an error at a word, the next one if none is given."""
        token = token or self.next
        return fault(self.source, token.start, max(token.end, token.start + 1), sentence)

    def expect(self, text: str, opened: "Token") -> "Token":
        """Move past a closing bracket.  Raises `EquationError` at the bracket left open."""
        if not (self.next.text == text and self.next.kind == "operator"):
            if self.next.kind in ("name", "number"):
                raise self.fault(self.no_operator())
            raise self.fault(f"this bracket is not closed; add {text!r}.", opened)
        return self.take()

    def no_operator(self) -> str:
        """Return the sentence for two words without an operator between them."""
        before = self.tokens[self.place - 1].text
        if before in FUNCTION_NAMES:
            return f"{before} is a function; write {before}({self.next.text})."
        return (
            f"an operator is missing between {before!r} and {self.next.text!r}; "
            f"write {before}*{self.next.text} for a product."
        )

    def expression(self, above: int = 0) -> Node:
        """Return a sum or product whose operators bind tighter than ``above``."""
        left = self._signed()
        while self.next.kind == "operator" and _LEFT.get(self.next.text, 0) > above:
            operator = self.take()
            right = self.expression(_LEFT[operator.text])
            left = Node(operator.text, operator.text, (left, right), left.start, right.end)
        return left

    def _signed(self) -> Node:
        if self.next.kind == "operator" and self.next.text in "+-":
            sign = self.take()
            body = self._signed()
            if sign.text == "+":
                return body
            return Node("negative", "-", (body,), sign.start, body.end)
        return self._power()

    def _power(self) -> Node:
        base = self._postfix()
        if self.accept("^"):
            exponent = self._signed()
            return Node("^", "^", (base, exponent), base.start, exponent.end)
        return base

    def _postfix(self) -> Node:
        node = self._operand()
        while self.next.text == "'" and self.next.kind == "operator":
            node = Node("transpose", "'", (node,), node.start, self.take().end)
        return node

    def _operand(self) -> Node:
        token = self.next
        if token.kind == "number":
            self.take()
            return Node("number", token.text, (), token.start, token.end)
        if token.kind == "name":
            self.take()
            return self._called(token)
        if token.text == "(" and token.kind == "operator":
            self.take()
            inside = self.expression()
            return Node("group", "(", (inside,), token.start, self.expect(")", token).end)
        if token.text == "[" and token.kind == "operator":
            return self._rows()
        raise self.fault(self._no_operand())

    def _no_operand(self) -> str:
        before = self.tokens[self.place - 1].text if self.place else ""
        if self.next.kind == "end" or self.next.text == ";":
            return f"something is missing after {before!r}; the equation ends here."
        if self.next.text == ")":
            return "this bracket has no opening bracket or nothing inside it; remove it."
        if self.next.text == "=":
            return "an equation has one '='; remove the second one."
        if before in _LEFT or before == "^":
            return f"{before!r} is followed by {self.next.text!r}; a name or number is missing."
        return f"{self.next.text!r} is unexpected here; wanted a name, a number or a bracket."

    def _called(self, name: "Token") -> Node:
        opened = self.next
        if opened.kind != "operator" or opened.text not in ("(", "["):
            return Node("name", name.text, (), name.start, name.end)
        if opened.text == "[" and name.end != opened.start:
            return Node("name", name.text, (), name.start, name.end)
        self.take()
        closing_text = ")" if opened.text == "(" else "]"
        if self.next.text == closing_text:
            raise self.fault(f"{name.text}{opened.text}{closing_text} is empty.", opened)
        arguments = [self.expression()]
        while self.accept(","):
            arguments.append(self.expression())
        closing = self.expect(closing_text, opened)
        kind = "call" if opened.text == "(" else "index"
        return Node(kind, name.text, tuple(arguments), name.start, closing.end)

    def _rows(self) -> Node:
        opened = self.take()
        entries = [self._rows() if self.next.text == "[" else self.expression()]
        while self.accept(","):
            entries.append(self._rows() if self.next.text == "[" else self.expression())
        return Node("rows", "[", tuple(entries), opened.start, self.expect("]", opened).end)
