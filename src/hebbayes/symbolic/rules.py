"""Is a given plasticity rule the gradient of the cost that the activity minimises?

Verdicts (docs/theory.md section 5): equal; proportional; equal on average; equal only with a named
extra term of the cost; not a gradient of this cost.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import Post, Pre, antiderivative
from hebbayes.symbolic.algebra.formula_text import rule_text
from hebbayes.symbolic.algebra.functions import (
    Average,
    Expr,
    Sigmoid,
    Softplus,
    elementary,
    is_zero,
    outermost,
)
from hebbayes.symbolic.averages import averaged
from hebbayes.symbolic.inputs import FAMILIES
from hebbayes.symbolic.language.kinds import MODULATORS
from hebbayes.symbolic.plasticity import unmarked

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import System

EQUAL, PROPORTIONAL = "equal", "proportional"
ON_AVERAGE, EXTRA, NONE = "equal on average", "equal only with an extra term", "not a gradient"
HOLDING = (EQUAL, PROPORTIONAL, ON_AVERAGE)


@dataclass(frozen=True)
class RuleVerdict:
    """The verdict on one plasticity rule.

    Attributes:
        synapse: Name of the matrix.
        rule: The rule as given, by entry.
        demanded: Minus the derivative of the cost.
        verdict: equal, proportional, equal on average, equal only with an extra term,
            or not a gradient.
        reason: The reason, in one sentence.
        factor: Factor of proportionality, 1 if equal.
        extra_cost: Term that the cost lacks, per synapse.
        extra_drive: Term that it would add to the activity equation, per synapse.
    """

    synapse: str
    rule: Expr
    demanded: Expr
    verdict: str
    reason: str
    factor: Expr = sp.S.One
    extra_cost: Expr | None = None
    extra_drive: Expr | None = None

    @property
    def holds(self) -> bool:
        """Whether activity and plasticity share the cost."""
        return self.verdict in HOLDING


def judge(rule: Expr, wanted: Expr, matrix: sp.Symbol, system: "System") -> RuleVerdict:
    """Return what a marked rule of one synapse is to the demanded one.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -x + W*o")
        >>> W, x, o = (system.symbols[name] for name in "Wxo")
        >>> judge(2 * Post(x) * Pre(o), Post(x) * Pre(o), W, system).verdict
        'proportional'
    """
    rule, wanted = sp.expand_mul(rule), sp.expand_mul(wanted)
    if is_zero(rule - wanted):
        reason = "it is minus the derivative of the cost by the synapse."
        return RuleVerdict(matrix.name, rule, wanted, EQUAL, reason)
    factor = factor_between(rule, wanted)
    if factor is not None:
        return _proportional(rule, wanted, matrix, factor, system)
    means = averaged(rule, system), averaged(wanted, system)
    if is_zero(means[0] - means[1]):
        reason = "the averages over time agree, in a stationary state with slow synapses."
        return RuleVerdict(matrix.name, rule, wanted, ON_AVERAGE, reason)
    factor = factor_between(*means)
    if factor is not None and not is_descending(factor):
        factor = None
    if factor is not None and not factor.has(Average):
        reason = f"the averages over time agree up to the factor {rule_text(factor)}."
        return RuleVerdict(matrix.name, rule, wanted, ON_AVERAGE, reason, factor)
    if matrix in system.splits:
        reason = (
            f"{matrix} = {rule_text(system.splits[matrix])}, so its rule must be the difference of "
            f"theirs, {rule_text(unmarked(wanted))}."
        )
        return RuleVerdict(matrix.name, rule, wanted, NONE, reason)
    return _with_extra(rule, wanted, matrix, system) or _refused(rule, wanted, matrix, system)


def factor_between(rule: Expr, wanted: Expr) -> Expr | None:
    """Return rule / wanted if it varies with no activity or input, else None.

    Example:
        >>> x, o, eta = sp.symbols("x o eta", real=True)
        >>> factor_between(eta * Post(x) * Pre(o), Post(x) * Pre(o))
        eta
    """
    if is_zero(wanted) or is_zero(rule):
        return None
    term = sp.Add.make_args(sp.expand(wanted))[0]
    matching = _coefficient(sp.expand(rule), term)
    if matching is not None and is_zero(rule - matching * wanted):
        return sp.factor(matching)
    ratio = sp.simplify(elementary(rule) / elementary(wanted))
    return None if ratio.has(Post, Pre, Average) else ratio


def _coefficient(rule: Expr, term: Expr) -> Expr | None:
    """Return the factor with which a term of activities appears in a rule, None if it does not.

    Terms are compared by their activities and inputs; what is left is the factor.
    """
    moving = _moving(term)
    number = term / moving
    result = sp.S.Zero
    for part in sp.Add.make_args(rule):
        if _moving(part) == moving:
            result += part / moving
    return None if result == 0 else sp.simplify(result / number)


def _moving(term: Expr) -> Expr:
    return sp.Mul(*(f for f in sp.Mul.make_args(term) if f.has(Post, Pre, Average)))


def is_descending(factor: Expr) -> bool:
    """Return whether a factor of unknown sign is taken as a positive rate.

    Example:
        >>> is_descending(sp.Symbol("eta")), is_descending(-sp.Symbol("eta"))
        (True, False)
    """
    if factor.is_negative or factor.is_positive:
        return bool(factor.is_positive)
    values = {s: sp.Rational(1, 4) for s in factor.free_symbols}
    return bool(elementary(factor).xreplace(values).evalf(15) > 0)


def _proportional(
    rule: Expr, wanted: Expr, matrix: sp.Symbol, factor: Expr, system: "System"
) -> RuleVerdict:
    if not is_descending(factor):
        reason = (
            f"it is the gradient times {rule_text(factor)}: where that is negative it climbs the "
            "cost instead of descending it."
        )
        return RuleVerdict(matrix.name, rule, wanted, NONE, reason, factor)
    modulators = sorted(s.name for s in factor.free_symbols if is_modulator(s, system))
    if modulators:
        reason = (
            f"it is the gradient times {rule_text(factor)}, where {', '.join(modulators)} varies "
            "in time: the gradient of the cost whose synaptic terms carry that modulator, which is "
            "known only after the activity has settled."
        )
    elif factor.free_symbols & system.matrices:
        reason = f"it is the gradient times {rule_text(factor)}, a positive metric of the synapse."
    else:
        reason = f"it is the gradient times {rule_text(factor)}, a rate."
    return RuleVerdict(matrix.name, rule, wanted, PROPORTIONAL, reason, factor)


def _with_extra(
    rule: Expr, wanted: Expr, matrix: sp.Symbol, system: "System"
) -> RuleVerdict | None:
    """Return the verdict of a rule that misses the gradient by a term without inputs."""
    for is_mean in (False, True):
        given = averaged(rule, system) if is_mean else rule
        target = averaged(wanted, system) if is_mean else wanted
        factor = _hebbian_factor(given, target)
        if factor is None or not is_descending(factor):
            continue
        rest = sp.expand_mul(sp.expand(given - factor * target) / factor)
        if is_mean:
            rest = _one_post_free(rest)
        if rest.has(Pre) and not _is_averaged_pre(rest):
            continue
        cost = -_integral(rest, matrix)
        return _extra_verdict((rule, wanted), matrix, factor, cost, is_mean)
    return None


def _hebbian_factor(rule: Expr, wanted: Expr) -> Expr | None:
    """Return the factor of the term of ``wanted`` that reads an input, if it is a plain one."""
    for term in sp.Add.make_args(sp.expand(wanted)):
        if _moving(term).has(Pre):
            factor = _coefficient(sp.expand(rule), term)
            if factor is not None and not factor.has(Post, Pre, Average):
                return factor
    return None


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


def _extra_verdict(
    given: tuple[Expr, Expr], matrix: sp.Symbol, factor: Expr, cost: Expr, is_mean: bool
) -> RuleVerdict:
    marks = [m for m in cost.atoms(Post) if isinstance(m.args[0], sp.Symbol)]
    post = sorted(marks, key=sp.default_sort_key)[0] if marks else None
    drive = sp.S.Zero
    if post is not None:
        drive = -_slope(cost, post)
    on_average = " on average" if is_mean else ""
    reason = f"it is the gradient{on_average} only if {_clause(drive, matrix, post)}"
    return RuleVerdict(matrix.name, *given, EXTRA, reason + ".", factor, cost, sp.expand_mul(drive))


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


def _refused(rule: Expr, wanted: Expr, matrix: sp.Symbol, system: "System") -> RuleVerdict:
    factor = _hebbian_factor(rule, wanted)
    if factor is not None and is_descending(factor):
        rest = rule_text(unmarked(sp.expand_mul(sp.expand(rule - factor * wanted))))
        reason = (
            f"beside {rule_text(factor)} times the gradient it holds {rest}, which reads the input "
            "otherwise than the activity does."
        )
        return RuleVerdict(matrix.name, rule, wanted, NONE, reason)
    posts = sorted(wanted.atoms(Post), key=sp.default_sort_key)
    reason = "no cost has this activity equation and this rule as its gradients"
    if posts:
        needed, result = (_slope_text(e, posts[0]) for e in (wanted, rule))
        reason = (
            f"a shared cost needs the rule to change with {unmarked(posts[0])} as activity changes "
            f"with {matrix}: {needed}, but it is {result}"
        )
    return RuleVerdict(matrix.name, rule, wanted, NONE, reason + ".")


def _slope(expression: Expr, mark: Expr) -> Expr:
    """Return the derivative by a quantity of one unit now; averages over time do not move."""
    means = {part: sp.Dummy(real=True) for part in outermost(expression, Average)}
    back: dict[Expr, Expr] = {dummy: part for part, dummy in means.items()}
    stand = sp.Dummy(real=True)
    plain = expression.xreplace(means).xreplace({mark: stand})
    return plain.diff(stand).xreplace({**back, stand: mark})


def _slope_text(expression: Expr, mark: Expr) -> str:
    return rule_text(unmarked(sp.factor(_slope(expression, mark))))


def is_modulator(symbol: sp.Symbol, system: "System") -> bool:
    """Return whether a symbol of a rule varies in time and is the same for all synapses.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> is_modulator(sp.Symbol("Gamma"), read_system("dx/dt = -x + W*o"))
        True
    """
    is_stated = system.assumptions.kinds.get(symbol.name) == "modulator"
    return symbol in system.modulators or symbol.name in MODULATORS or is_stated
