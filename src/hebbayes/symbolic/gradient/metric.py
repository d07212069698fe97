"""The positive diagonal metric that makes a network a gradient system, or why there is none.

Every condition d_first left = d_second right of `integrability` fixes the ratio of two metrics; the
ratios are followed from layer to layer and checked around every cycle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.functions import Expr, MatVec, Total, Trans, simplified
from hebbayes.symbolic.algebra.zero import is_zero
from hebbayes.symbolic.gradient.integrability import (
    UNIT_I,
    UNIT_J,
    Condition,
    Entry,
    Evaluation,
    at,
    conditions,
)

if TYPE_CHECKING:
    from hebbayes.symbolic.forms import Layer
    from hebbayes.symbolic.language.system import System


@dataclass(frozen=True)
class Integrability:
    """Whether a cost exists.

    Attributes:
        holds: Whether the cycle condition holds.
        metric: Activity to d, an expression of one unit.
        reason: Why not, one sentence.
        antisymmetric: The part that no cost explains.
    """

    holds: bool
    metric: Mapping[sp.Symbol, Expr] = field(default_factory=dict)
    reason: str = ""
    antisymmetric: Expr | None = None


@dataclass(frozen=True)
class _Ratio:
    """d_second / d_first = number * of_second * of_first, each an expression of one unit.

    Attributes:
        of_first: Factor of the unit of the first layer.
        of_second: Factor of the unit of the second layer.
        number: Factor common to all units.
    """

    of_first: Expr = sp.S.One
    of_second: Expr = sp.S.One
    number: Expr = sp.S.One


class _NoMetricError(Exception):
    """There is no metric."""

    def __init__(self, reason: str, condition: Condition | None = None) -> None:
        super().__init__(reason)
        self.condition = condition


def find_metric(layers: Sequence["Layer"], system: "System") -> Integrability:
    """Return the metric of a network, or the reason why it has none.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -logit(x) + J*x")
        >>> find_metric(layers_of(system), system).holds
        False
    """
    for layer in layers:
        if layer.problem:
            return Integrability(False, reason=layer.problem)
    all_conditions = conditions(layers)
    try:
        ratios = [_ratio(condition, system) for condition in all_conditions]
        metric = _metric(layers, all_conditions, ratios)
        for condition in all_conditions:
            _check(condition, metric)
    except _NoMetricError as refusal:
        part = None if refusal.condition is None else antisymmetric_part(refusal.condition)
        return Integrability(False, reason=str(refusal), antisymmetric=part)
    return Integrability(True, metric)


def _ratio(condition: Condition, system: "System") -> _Ratio:
    left, right = sp.factor_terms(condition.left), sp.factor_terms(condition.right)
    x, y = condition.first.activity, condition.second.activity
    if is_zero(left) or is_zero(right):
        source, target = (x, y) if is_zero(left) else (y, x)
        raise _NoMetricError(
            f"{source} acts on {target} at once but {target} does not act on {source}; "
            "a delay would make it an input.",
            condition,
        )
    ratio = simplified(sp.cancel(sp.factor(sp.expand(left)) / sp.factor(sp.expand(right))))
    _refuse_what_varies(ratio, condition, system)
    _refuse_sign(ratio, condition)
    number, of_first, of_second = sp.S.One, sp.S.One, sp.S.One
    for factor in sp.Mul.make_args(sp.factor(ratio)):
        units = {part.args[1] for part in factor.atoms(Evaluation)}
        if condition.is_local or not units:
            number *= factor
        elif units == {UNIT_I}:
            of_first *= _unmarked(factor)
        elif units == {UNIT_J}:
            of_second *= _unmarked(factor)
        else:
            raise _NoMetricError(_not_symmetric(condition), condition)
    return _Ratio(of_first, of_second, number)


def _unmarked(expression: Expr) -> Expr:
    return expression.replace(lambda p: isinstance(p, Evaluation), lambda p: p.args[0])


def _refuse_what_varies(ratio: Expr, condition: Condition, system: "System") -> None:
    if ratio.has(Entry):
        raise _NoMetricError(_not_symmetric(condition), condition)
    varying = set(system.inputs) | set(system.delayed) | set(system.modulators)
    varying |= {condition.first.activity, condition.second.activity, *system.states}
    if ratio.free_symbols & varying or ratio.has(MatVec, Total):
        names = sorted(s.name for s in ratio.free_symbols & varying) or ["activity"]
        raise _NoMetricError(
            f"the metric would have to follow {', '.join(names)}: {_not_symmetric(condition)}",
            condition,
        )


def _refuse_sign(ratio: Expr, condition: Condition) -> None:
    if ratio.is_positive:
        return
    x, y = condition.first.activity, condition.second.activity
    pair = f"units of {x}" if x == y else f"{x} and {y}"
    if ratio.is_negative:
        raise _NoMetricError(
            f"{pair} act on each other with opposite signs; no positive metric "
            "makes that symmetric.",
            condition,
        )
    symbols = sorted({s for s in ratio.free_symbols if s not in (UNIT_I, UNIT_J)}, key=str)
    stated = "; ".join(f"{s} > 0" for s in symbols)
    if x == y:
        gains = ", ".join(sorted({_unmarked(s).name for s in symbols}))
        raise _NoMetricError(
            f"units of {x} act on each other symmetrically only if {gains} has one sign over "
            f"all of them; state it, as in --assume '{stated}'.",
            condition,
        )
    need = "positive" if not ratio.could_extract_minus_sign() else "negative"
    if need == "negative":
        stated = stated.replace(">", "<", 1)
    ratio_text = text_of(_unmarked(-ratio if need == "negative" else ratio))
    raise _NoMetricError(
        f"{x} and {y} act on each other symmetrically only if {ratio_text} is {need}, "
        f"which no stated sign settles; state signs, as in --assume '{stated}'.",
        condition,
    )


def _not_symmetric(condition: Condition) -> str:
    x, y = condition.first.activity, condition.second.activity
    matrices = {e.args[0] for e in (condition.left + condition.right).atoms(Entry)}
    names = ", ".join(sorted({str(s) for m in matrices for s in m.free_symbols}))
    if x == y:
        return (
            f"the instantaneous coupling of {x}{f' through {names}' if names else ''} is not "
            "symmetric up to a positive diagonal metric."
        )
    return (
        f"what {x} gets from {y} is not the transpose of what {y} gets from {x}"
        f"{f' (through {names})' if names else ''}."
    )


def _metric(
    layers: Sequence["Layer"], all_conditions: Sequence[Condition], ratios: Sequence[_Ratio]
) -> dict[sp.Symbol, Expr]:
    metric: dict[sp.Symbol, Expr] = {}
    for layer in layers:
        if layer.activity in metric:
            continue
        metric[layer.activity] = _shape(layer, all_conditions, ratios)
        grows = True
        while grows:
            grows = _spread(metric, all_conditions, ratios)
    return metric


def _shape(layer: "Layer", all_conditions: Sequence[Condition], ratios: Sequence[_Ratio]) -> Expr:
    """Return how the metric of a layer varies over its units, as far as conditions say."""
    for condition, ratio in zip(all_conditions, ratios):
        if condition.is_local:
            continue
        if condition.second is layer and ratio.of_second != 1:
            return ratio.of_second
        if condition.first is layer and ratio.of_first != 1:
            return 1 / ratio.of_first
    return sp.S.One


def _spread(
    metric: dict[sp.Symbol, Expr], all_conditions: Sequence[Condition], ratios: Sequence[_Ratio]
) -> bool:
    """Add the metric of one layer that a known one determines; return whether there was one."""
    for condition, ratio in zip(all_conditions, ratios):
        x, y = condition.first.activity, condition.second.activity
        if x in metric and y not in metric:
            start = metric[x] if condition.is_local else metric[x] * ratio.of_first
            metric[y] = simplified(start * ratio.number * ratio.of_second)
            return True
        if y in metric and x not in metric:
            start = metric[y] if condition.is_local else metric[y] / ratio.of_second
            metric[x] = simplified(start / (ratio.number * ratio.of_first))
            return True
    return False


def _check(condition: Condition, metric: Mapping[sp.Symbol, Expr]) -> None:
    first, second = metric[condition.first.activity], metric[condition.second.activity]
    if not condition.is_local:
        first, second = at(first, UNIT_I), at(second, UNIT_J)
    if not is_zero(first * condition.left - second * condition.right):
        raise _NoMetricError(_not_symmetric(condition), condition)


def antisymmetric_part(condition: Condition) -> Expr:
    """Return (left - right) / 2, with J_ij written J and J_ji its transpose if that says all.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> layers = layers_of(read_system("dx/dt = -x + J*x"))
        >>> antisymmetric_part(conditions(layers)[0])
        J/2 - Trans(J)/2
    """
    part = sp.expand((condition.left - condition.right) / 2)
    if part.has(Evaluation) or any(not isinstance(e.args[0], sp.Symbol) for e in part.atoms(Entry)):
        return part
    return part.replace(
        lambda p: isinstance(p, Entry),
        lambda p: p.args[0] if p.args[1] == UNIT_I else Trans(p.args[0]),
    )


def diagonal_metric(coupling: sp.Matrix) -> sp.Matrix | None:
    """Return d > 0 with d_i C_ij = d_j C_ji for a square matrix, or None if there is none.

    Entries are numbers, or symbols whose sign is known.

    Example:
        >>> list(diagonal_metric(sp.Matrix([[0, 1], [2, 0]])))
        [1, 1/2]
        >>> diagonal_metric(sp.Matrix([[0, 1], [-2, 0]])) is None
        True
    """
    size = coupling.shape[0]
    d: list[Expr | None] = [None] * size
    for root in range(size):
        if d[root] is not None:
            continue
        d[root], waiting = sp.S.One, [root]
        while waiting:
            i = waiting.pop()
            for j in range(size):
                ways = coupling[i, j], coupling[j, i]
                if j == i or d[j] is not None or is_zero(ways[0]) or is_zero(ways[1]):
                    continue
                d[j] = sp.cancel(d[i] * ways[0] / ways[1])
                waiting.append(j)
    pairs = [(i, j) for i in range(size) for j in range(i)]
    is_positive = all(entry is not None and entry.is_positive for entry in d)
    holds = all(is_zero(d[i] * coupling[i, j] - d[j] * coupling[j, i]) for i, j in pairs)
    return sp.Matrix(d) if is_positive and holds else None
