"""Statements of a source: the left side of `=`, and the kind of statement it makes.

`grammar` reads expressions; here the left-hand side decides between a differential equation, a
definition, a function and a unit.
"""

from collections.abc import Sequence

from hebbayes.symbolic.language.faults import EquationError
from hebbayes.symbolic.language.grammar import Node, Parser, Statement
from hebbayes.symbolic.language.latex_input import tokens_of
from hebbayes.symbolic.language.tokens import Token


def statements_of(source: str) -> list[Statement]:
    """Return the statements of ``source``.

    Raises `EquationError` with one sentence, and a caret in its notes, for anything else.

    Example:
        >>> [(s.kind, s.name) for s in statements_of("tau*dv/dt = -v + W*o; x = sig(v)")]
        [('derivative', 'v'), ('definition', 'x')]
    """
    parser = Parser(source, tokens_of(source))
    result: list[Statement] = []
    while parser.next.kind != "end":
        if parser.accept(";"):
            continue
        result += _statement(parser)
    if not result:
        raise EquationError(
            "the equation is empty; write one such as 'dx/dt = -logit(x) + W*o + h'."
        )
    return result


def _statement(parser: Parser) -> list[Statement]:
    head = parser.next
    is_units = head.kind == "name" and head.text in ("unit", "units")
    if is_units and parser.tokens[parser.place + 1].kind == "name":
        return _units(parser)
    left = _left_side(parser)
    equals = parser.take()
    if parser.next.kind == "end" or parser.next.text == ";":
        raise parser.fault("nothing stands right of '='; write what it equals.", equals)
    body = parser.expression()
    _end(parser)
    return [_assembled(parser, left, body)]


def _end(parser: Parser) -> None:
    token = parser.next
    if token.kind == "end" or parser.accept(";"):
        return
    if token.text == "=":
        raise parser.fault("a second '=' in one statement; separate statements with ';'.")
    if token.text in (")", "]"):
        raise parser.fault("this bracket was never opened; remove it.")
    raise parser.fault(parser.no_operator())


def _left_side(parser: Parser) -> list[Token]:
    """Return the words before `=`."""
    left: list[Token] = []
    while not (parser.next.text == "=" and parser.next.kind == "operator"):
        if parser.next.kind == "end" or parser.next.text == ";":
            first = left[0] if left else parser.next
            raise parser.fault(
                "this statement has no '='; write dx/dt = ... for activity or name = ... "
                "for a definition.",
                first,
            )
        left.append(parser.take())
    if not left:
        raise parser.fault("nothing stands left of '='; write dx/dt or a name there.")
    return left


def _units(parser: Parser) -> list[Statement]:
    parser.take()
    result = []
    while True:
        name = parser.take()
        if name.kind != "name" or not parser.accept("="):
            raise parser.fault("a unit is declared as in: unit v = mV, tau = ms.", name)
        result.append(Statement("unit", name.text, parser.expression(), start=name.start))
        if not parser.accept(","):
            break
    _end(parser)
    return result


def _assembled(parser: Parser, left: Sequence[Token], body: Node) -> Statement:
    texts = [token.text for token in left]
    if texts[-2:] == ["/", "dt"]:
        return _derivative(parser, left, body)
    if "/" in texts:
        raise parser.fault(
            f"the derivative is with respect to {texts[-1]!r}; wanted time: write /dt.", left[-1]
        )
    if len(left) == 1 and left[0].kind == "name":
        if len(texts[0]) > 1 and texts[0][0] == "d" and _is_used(parser, texts[0][1:]):
            raise parser.fault(f"{texts[0]!r} is half a derivative; write {texts[0]}/dt.", left[0])
        return Statement("definition", texts[0], body, start=left[0].start)
    if len(left) >= 4 and texts[1] == "(" and texts[-1] == ")":
        return _function(parser, left, body)
    raise parser.fault(
        "the left of '=' must be dx/dt, tau*dx/dt, a name, or f(u) for a function.", left[0]
    )


def _is_used(parser: Parser, name: str) -> bool:
    return any(token.kind == "name" and token.text == name for token in parser.tokens)


def _derivative(parser: Parser, left: Sequence[Token], body: Node) -> Statement:
    changing = left[-3] if len(left) >= 3 else left[0]
    is_named = changing.kind == "name" and changing.text[0] == "d" and len(changing.text) > 1
    if not is_named:
        raise parser.fault(
            f"{changing.text!r} is not a differential; write d and the name of the activity, "
            "as in dx/dt.",
            changing,
        )
    if changing.text == "dt":
        raise parser.fault("dt/dt is no activity; name one, as in dx/dt.", changing)
    factor = None
    before = list(left[:-3])
    if before:
        if before[-1].text != "*" or len(before) == 1:
            raise parser.fault("put * between the time constant and the derivative.", changing)
        factor = _factor(parser, before[:-1])
    return Statement("derivative", changing.text[1:], body, factor, start=changing.start)


def _factor(parser: Parser, tokens: Sequence[Token]) -> Node:
    inner = Parser(parser.source, [*tokens, Token("end", "", tokens[-1].end)])
    factor = inner.expression()
    if inner.next.kind != "end":
        raise inner.fault(inner.no_operator())
    return factor


def _function(parser: Parser, left: Sequence[Token], body: Node) -> Statement:
    inside = left[2:-1]
    names = [token for token in inside if token.kind == "name"]
    if len(names) != len(inside[::2]) or any(t.text != "," for t in inside[1::2]):
        raise parser.fault("a function is written f(u) = ..., with names as arguments.", left[0])
    arguments = tuple(token.text for token in names)
    return Statement("function", left[0].text, body, None, arguments, left[0].start)
