"""The term that a cost lacks if a rule is its gradient but for what reads no input."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import Post, Pre, antiderivative
from hebbayes.symbolic.algebra.functions import (
    Average,
    Expr,
    Sigmoid,
    Softplus,
    elementary,
    outermost,
)
from hebbayes.symbolic.algebra.signs import Sign
from hebbayes.symbolic.algebra.zero import is_zero
from hebbayes.symbolic.inputs import FAMILIES
from hebbayes.symbolic.plasticity.averages import averaged
from hebbayes.symbolic.plasticity.factors import descent_of, hebbian_factor

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import System


_PRIOR_REASON = (
    "it is minus the derivative of the cost and a prior of the synapse (weight decay): the "
    "complexity term of the parameters, which activity does not see."
)


@dataclass(frozen=True)
class ExtraTerm:
    """A term that would make a rule the gradient of the cost.

    Attributes:
        factor: Factor of the gradient in the rule.
        cost: The term, per synapse.
        drive: What it adds to the activity equation, per synapse.
        reason: What has to be true of the cost, in one sentence.
        is_prior: Whether it is minus the log of a proper prior of the synapse.
        assumed: Conditions on parameters that this uses.
    """

    factor: Expr
    cost: Expr
    drive: Expr
    reason: str
    is_prior: bool
    assumed: tuple[str, ...]


def extra_term(rule: Expr, wanted: Expr, matrix: sp.Symbol, system: "System") -> ExtraTerm | None:
    """Return the term without inputs by which a rule misses the gradient, or None.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -x + W*o")
        >>> W, x, o = (system.symbols[name] for name in "Wxo")
        >>> extra_term(Post(x) * (Pre(o) - W), Post(x) * Pre(o), W, system).cost
        W**2*Post(x)/2
    """
    for is_mean in (False, True):
        given = averaged(rule, system) if is_mean else rule
        target = averaged(wanted, system) if is_mean else wanted
        factor = hebbian_factor(given, target)
        descent = None if factor is None else descent_of(factor, system)
        if factor is None or descent is None or not descent.holds:
            continue
        rest = sp.expand_mul(sp.expand(given - factor * target) / factor)
        if is_mean:
            rest = _one_post_free(rest)
        if rest.has(Pre) and not _is_averaged_pre(rest):
            continue
        cost = -_integral(rest, matrix)
        prior = _properness(cost, matrix)
        if prior is not None and prior.holds:
            assumed = tuple(dict.fromkeys(descent.assumed + prior.assumed))
            return ExtraTerm(factor, cost, sp.S.Zero, _PRIOR_REASON, True, assumed)
        return _from_cost(cost, matrix, factor, is_mean)
    return None


def _from_cost(cost: Expr, matrix: sp.Symbol, factor: Expr, is_mean: bool) -> ExtraTerm:
    marks = [m for m in cost.atoms(Post) if isinstance(m.args[0], sp.Symbol)]
    post = sorted(marks, key=sp.default_sort_key)[0] if marks else None
    drive = sp.S.Zero if post is None else -slope_by(cost, post)
    on_average = " on average" if is_mean else ""
    reason = f"it is the gradient{on_average} only if {_clause(drive, matrix, post)}."
    return ExtraTerm(factor, cost, sp.expand_mul(drive), reason, False, ())


def _properness(cost: Expr, matrix: sp.Symbol) -> Sign | None:
    """Return whether exp(-cost) can be normalised over a synapse; None if activity matters too.

    It can if the cost grows without bounds both ways, or upwards if the synapse is positive.
    """
    if cost.has(Post, Pre, Average) or matrix not in cost.free_symbols:
        return None
    positive = {s: sp.Dummy(s.name, positive=True) for s in cost.free_symbols - {matrix}}
    names = {dummy: symbol for symbol, dummy in positive.items()}
    ends = [sp.oo] if matrix.is_positive else [sp.oo, -sp.oo]
    try:
        limits = [sp.limit(elementary(cost).xreplace(positive), matrix, end) for end in ends]
    except (NotImplementedError, ValueError):
        return Sign(None)
    needed = [s for s in names.values() if s.is_positive is None]
    is_proper = all(limit == sp.oo for limit in limits)
    return Sign(is_proper, tuple(sorted(f"{s} > 0" for s in needed)) if is_proper else ())


def _one_post_free(rest: Expr) -> Expr:
    """Return an averaged rest with avg(x) read as x if it multiplies nothing else of the post
    side: its average is the same."""

    def freed(term: Expr) -> Expr:
        means = [f for f in sp.Mul.make_args(term) if isinstance(f, Average)]
        post = [m for m in means if m.has(Post) and not m.has(Pre)]
        return term / post[0] * post[0].args[0] if len(post) == 1 else term

    return sp.Add(*(freed(term) for term in sp.Add.make_args(sp.expand(rest))))


def _is_averaged_pre(rest: Expr) -> bool:
    """Whether presynaptic quantities appear only as averages of their own."""
    hidden = rest.replace(
        lambda p: isinstance(p, Average) and not p.has(Post), lambda p: sp.Dummy(real=True)
    )
    return not hidden.has(Pre)


def _integral(rest: Expr, matrix: sp.Symbol) -> Expr:
    marks = {p: sp.Dummy(real=True) for p in rest.atoms(Post, Pre, Average)}
    back = {dummy: mark for mark, dummy in marks.items()}
    result = antiderivative(rest.xreplace(marks), matrix)
    return result.xreplace(back).replace(Softplus, lambda u: -sp.log(1 - Sigmoid(u)))


def _clause(drive: Expr, matrix: sp.Symbol, post: Expr | None) -> str:
    """Return what would have to be true of the cost, by name."""
    if post is None or is_zero(drive):
        return (
            "the cost also holds a term of the synapse alone, which is not minus the log of a "
            "prior: it does not grow both ways"
        )
    for family in FAMILIES.values():
        normaliser = family.normaliser(matrix)
        if is_zero(drive - normaliser):
            return (
                f"the cost also holds the normaliser of {family.name} inputs, and every threshold "
                "with it"
            )
        if is_zero(drive + normaliser):
            return (
                f"the cost lacks the normaliser of {family.name} inputs: the threshold must not "
                "follow this synapse"
            )
    if is_zero(drive + post * matrix**2):
        return (
            "the cost also holds the quadratic normaliser of Gaussian inputs that one unit "
            "explains (Oja's term), a leak that grows with the unit's synapses"
        )
    if drive.has(Average) and not drive.has(Post):
        return (
            "the cost also holds a threshold that centres the input (minus synapse times mean "
            "input)"
        )
    return "the cost also holds an unnamed term that changes the activity equation"


def slope_by(expression: Expr, mark: Expr) -> Expr:
    """Return the derivative by a quantity of one unit now; averages over time do not move.

    Example:
        >>> x = Post(sp.Symbol("x"))
        >>> slope_by(x * Average(x), x)
        Average(Post(x))
    """
    means = {part: sp.Dummy(real=True) for part in outermost(expression, Average)}
    back: dict[Expr, Expr] = {dummy: part for part, dummy in means.items()}
    stand = sp.Dummy(real=True)
    plain = expression.xreplace(means).xreplace({mark: stand})
    return plain.diff(stand).xreplace({**back, stand: mark})
