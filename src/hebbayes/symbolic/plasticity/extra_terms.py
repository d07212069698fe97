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
    is_zero,
    outermost,
)
from hebbayes.symbolic.inputs import FAMILIES
from hebbayes.symbolic.plasticity.averages import averaged
from hebbayes.symbolic.plasticity.factors import hebbian_factor, is_descending

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import System


@dataclass(frozen=True)
class ExtraTerm:
    """A term that would make a rule the gradient of the cost.

    Attributes:
        factor: Factor of the gradient in the rule.
        cost: The term, per synapse.
        drive: What it adds to the activity equation, per synapse.
        reason: What has to be true of the cost, in one sentence.
    """

    factor: Expr
    cost: Expr
    drive: Expr
    reason: str


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
        if factor is None or not is_descending(factor):
            continue
        rest = sp.expand_mul(sp.expand(given - factor * target) / factor)
        if is_mean:
            rest = _one_post_free(rest)
        if rest.has(Pre) and not _is_averaged_pre(rest):
            continue
        return _from_cost(-_integral(rest, matrix), matrix, factor, is_mean)
    return None


def _from_cost(cost: Expr, matrix: sp.Symbol, factor: Expr, is_mean: bool) -> ExtraTerm:
    marks = [m for m in cost.atoms(Post) if isinstance(m.args[0], sp.Symbol)]
    post = sorted(marks, key=sp.default_sort_key)[0] if marks else None
    drive = sp.S.Zero if post is None else -slope_by(cost, post)
    on_average = " on average" if is_mean else ""
    reason = f"it is the gradient{on_average} only if {_clause(drive, matrix, post)}."
    return ExtraTerm(factor, cost, sp.expand_mul(drive), reason)


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
            "the cost also holds a prior of the synapse (weight decay), which activity does not "
            "feel"
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
