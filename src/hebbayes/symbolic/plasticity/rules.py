"""Is a given plasticity rule the gradient of the cost that the activity minimises?

Verdicts (docs/theory.md section 5): equal; proportional; equal on average; equal only with a named
extra term of the cost; not a gradient of this cost.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import Post
from hebbayes.symbolic.algebra.formula_text import rule_text
from hebbayes.symbolic.algebra.functions import Average, Expr
from hebbayes.symbolic.algebra.zero import is_zero
from hebbayes.symbolic.plasticity.averages import averaged
from hebbayes.symbolic.plasticity.demanded import unmarked
from hebbayes.symbolic.plasticity.extra_terms import extra_term, slope_by
from hebbayes.symbolic.plasticity.factors import (
    descent_of,
    factor_between,
    hebbian_factor,
    is_modulator,
)

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import System

EQUAL, PROPORTIONAL, WITH_PRIOR = "equal", "proportional", "equal with a prior of the synapse"
ON_AVERAGE, EXTRA, NONE = "equal on average", "equal only with an extra term", "not a gradient"
HOLDING = (EQUAL, PROPORTIONAL, WITH_PRIOR, ON_AVERAGE)


@dataclass(frozen=True)
class RuleVerdict:
    """The verdict on one plasticity rule.

    Attributes:
        synapse: Name of the matrix.
        rule: The rule as given, by entry.
        demanded: Minus the derivative of the cost.
        verdict: equal, proportional, equal with a prior of the synapse, equal on average, equal
            only with an extra term, or not a gradient.
        reason: The reason, in one sentence.
        factor: Factor of proportionality, 1 if equal.
        extra_cost: Term that the cost lacks, per synapse.
        extra_drive: Term that it would add to the activity equation, per synapse.
        assumed: Conditions on parameters that the verdict uses.
    """

    synapse: str
    rule: Expr
    demanded: Expr
    verdict: str
    reason: str
    factor: Expr = sp.S.One
    extra_cost: Expr | None = None
    extra_drive: Expr | None = None
    assumed: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether activity and plasticity share the cost."""
        return self.verdict in HOLDING


def judge(rule: Expr, wanted: Expr, matrix: sp.Symbol, system: "System") -> RuleVerdict:
    """Return what a marked rule of one synapse is to the demanded one.

    Example:
        >>> from hebbayes.symbolic.algebra.calculus import Pre
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
    descent = None if factor is None or factor.has(Average) else descent_of(factor, system)
    if factor is not None and descent is not None and descent.holds:
        reason = f"the averages over time agree up to the factor {rule_text(factor)}."
        return RuleVerdict(
            matrix.name, rule, wanted, ON_AVERAGE, reason, factor, assumed=descent.assumed
        )
    if matrix in system.splits:
        reason = (
            f"{matrix} = {rule_text(system.splits[matrix])}, so its rule must be the difference of "
            f"theirs, {rule_text(unmarked(wanted))}."
        )
        return RuleVerdict(matrix.name, rule, wanted, NONE, reason)
    extra = extra_term(rule, wanted, matrix, system)
    if extra is None:
        return _refused(rule, wanted, matrix, system)
    return RuleVerdict(
        synapse=matrix.name,
        rule=rule,
        demanded=wanted,
        verdict=WITH_PRIOR if extra.is_prior else EXTRA,
        reason=extra.reason,
        factor=extra.factor,
        extra_cost=extra.cost,
        extra_drive=extra.drive,
        assumed=extra.assumed,
    )


def _proportional(
    rule: Expr, wanted: Expr, matrix: sp.Symbol, factor: Expr, system: "System"
) -> RuleVerdict:
    descent = descent_of(factor, system, carried=wanted.free_symbols)
    if not descent.holds:
        reason = (
            f"it is the gradient times {rule_text(factor)}: where this is negative, it climbs the "
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
    return RuleVerdict(
        matrix.name, rule, wanted, PROPORTIONAL, reason, factor, assumed=descent.assumed
    )


def _refused(rule: Expr, wanted: Expr, matrix: sp.Symbol, system: "System") -> RuleVerdict:
    factor = hebbian_factor(rule, wanted)
    if factor is not None and descent_of(factor, system).holds:
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


def _slope_text(expression: Expr, mark: Expr) -> str:
    return rule_text(unmarked(sp.factor(slope_by(expression, mark))))
