"""The tokens of an equation, typed or pasted from a paper, each with its position in the text.

Unicode signs (`·`, `×`, `−`, `²`, `ᵀ`, `W₁`) and `σ(...)` are read like their typed forms; LaTeX
commands are handed to `latex_input`.  Places always refer to the original text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hebbayes.symbolic.language.faults import fault

_NAME = r"[^\W\d²³ᵀ](?:(?!_[{\\])[^\W²³ᵀ])*"
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\u00a0\u2009]+|\#[^\n]*)|(?P<line>\n)"
    r"|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)"
    rf"|(?P<name>{_NAME})|(?P<transpose>ᵀ|\^\s*⊤)|(?P<power>[²³])"
    r"|(?P<operator>\*\*|[-+*/^()\[\],;='@·⋅∙×∗−])"
)
_SIGNS = {"**": "^", "·": "*", "⋅": "*", "∙": "*", "×": "*", "∗": "*", "−": "-"}
_POWERS = {"²": "2", "³": "3"}
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
ARGUMENT = "·"
"""Name of the argument in `f(·) = tanh(·)`."""


@dataclass(frozen=True)
class Token:
    """One word of an equation.

    Attributes:
        kind: name, number, operator, line or end.
        text: The word in the language's own spelling, e.g. `*` for `·`.
        start: Its first character in the source.
        width: Its length in the source, if that is not the length of ``text``.
        is_latex: Whether the source writes it as a LaTeX command.
    """

    kind: str
    text: str
    start: int
    width: int | None = None
    is_latex: bool = False

    @property
    def end(self) -> int:
        """The first character behind the word."""
        return self.start + (len(self.text) if self.width is None else self.width)

    def is_operator(self, *texts: str) -> bool:
        """Return whether this is one of some operators."""
        return self.kind == "operator" and self.text in texts


def plain_tokens(source: str, place: int, end: int) -> tuple[list[Token], int]:
    """Return the tokens at ``place`` and the place behind them; none if the text is not plain.

    Example:
        >>> plain_tokens("x² + h", 1, 6)[0][1].text
        '2'
    """
    match = _TOKEN.match(source, place, end)
    if match is None:
        return [], place
    kind, text, width = match.lastgroup or "", match.group(), len(match.group())
    if kind == "space":
        return [], match.end()
    if kind == "transpose":
        return [Token("operator", "'", place, width)], match.end()
    if kind == "power":
        exponent = Token("number", _POWERS[text], place)
        return [Token("operator", "^", place, 1), exponent], match.end()
    if kind == "name":
        text = text.translate(_SUBSCRIPTS)
    return [Token(kind, _SIGNS.get(text, text), place, width)], match.end()


def finished(tokens: Sequence[Token], source: str) -> list[Token]:
    """Return tokens with `σ` and `f(·)` resolved and new lines turned into `;` or dropped.

    Example:
        >>> from hebbayes.symbolic.language.latex_input import tokens_of
        >>> [token.text for token in tokens_of("x = σ(v)")][2]
        'sig'
    """
    resolved: list[Token] = []
    for here, token in enumerate(tokens):
        following = tokens[here + 1] if here + 1 < len(tokens) else None
        is_called = following is not None and following.is_operator("(")
        if token.text in ("σ", "sigma") and token.kind == "name" and is_called:
            token = replace(token, text="sig")
        is_held = following is None or following.is_operator(")", ",")
        if token.is_operator("*") and token.width == 1 and source[token.start] in "·⋅∙" and is_held:
            token = replace(token, kind="name", text=ARGUMENT)
        resolved.append(token)
    return [*_without_lines(resolved), Token("end", "", len(source))]


def ends_operand(token: Token) -> bool:
    """Return whether an operand may end with a token.

    Example:
        >>> ends_operand(Token("operator", ")", 3)), ends_operand(Token("operator", "*", 3))
        (True, False)
    """
    return token.kind in ("name", "number") or token.is_operator(")", "]", "'")


def _without_lines(tokens: Sequence[Token]) -> list[Token]:
    """Turn line ends into `;`, except within brackets and beside an operator that goes on."""
    kept: list[Token] = []
    depth = 0
    goes_on = {"+", "-", "*", "/", "^", "@", "=", ","}
    for here, token in enumerate(tokens):
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if token.kind != "line":
            kept.append(token)
            continue
        after = next((t for t in tokens[here + 1 :] if t.kind != "line"), None)
        is_open = depth > 0 or (kept and kept[-1].text in goes_on)
        if not is_open and not (after and after.text in goes_on):
            kept.append(Token("operator", ";", token.start))
    return kept


def strange_character(source: str, place: int) -> Exception:
    """Return the error for a character that the language does not have.

    Example:
        >>> str(strange_character("dx/dt = -x % 2", 11))
        "an equation has no '%'."
    """
    hints = {"{": "use ( ) to group", "<": "write avg(x) for an average", ":": "write ="}
    hint = hints.get(source[place], "")
    sentence = f"an equation has no {source[place]!r}{'; ' + hint if hint else ''}."
    return fault(source, place, place + 1, sentence)
