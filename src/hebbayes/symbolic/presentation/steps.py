"""A derivation step by step: what is done, the formula, and why it may be done."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.agent import Correspondence, dictionary_of, matching_terms, model_lines
from hebbayes.symbolic.algebra.formula_text import cost_text, rule_text, simplified_rule, text_of
from hebbayes.symbolic.plasticity.demanded import modulator_factors, unmarked

if TYPE_CHECKING:
    from hebbayes.symbolic.algebra.calculus import Piece
    from hebbayes.symbolic.algebra.functions import Expr
    from hebbayes.symbolic.choices import Choice
    from hebbayes.symbolic.derivation import Derivation
    from hebbayes.symbolic.interpretation import Interpretation


@dataclass(frozen=True)
class Formula:
    """A formula, left = right.

    Attributes:
        left: What the formula is about.
        right: Expression, or words.
        is_rule: Whether products are by entry of a synapse.
        pieces: A cost, if it is one.
    """

    left: str
    right: "Expr | str"
    is_rule: bool = False
    pieces: tuple["Piece", ...] = ()

    @property
    def text(self) -> str:
        """The formula as typed."""
        if isinstance(self.right, str):
            right = self.right
        else:
            right = rule_text(self.right) if self.is_rule else text_of(self.right)
        return f"{self.left} = {right}" if self.left else right


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    Attributes:
        title: What is done.
        formulas: Its formulas.
        reason: Why it may be done, in sentences.
        rows: Pairs of terms, if it compares two columns.
    """

    title: str
    formulas: tuple[Formula, ...]
    reason: str
    rows: tuple[Correspondence, ...] = ()


def steps_of(derivation: "Derivation") -> list[Step]:
    """Return a derivation's steps, from the equation to the dictionary.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> [step.title for step in steps_of(derive("dx/dt = -x + J*x"))]
        ['Equation', 'No cost']
    """
    steps = [_equation(derivation)]
    if not derivation.integrability.holds or not derivation.pieces:
        return [*steps, _no_cost(derivation), *_verdict_steps(derivation)]
    steps += [_form(r) for r in derivation.interpretations if r.layer.form != "activity"]
    steps += [_integrable(derivation), _cost(derivation)]
    steps += [_family(r) for r in derivation.interpretations]
    steps += [_model(derivation)]
    if derivation.choices:
        steps.append(_choices(derivation.choices))
    if derivation.full != derivation.pieces:
        steps.append(_full_cost(derivation))
    steps.append(_plasticity(derivation))
    steps += _verdict_steps(derivation)
    terms = tuple(matching_terms(derivation))
    steps.append(Step("Cost L beside free energy F", (), "The same terms under two names.", terms))
    rows = tuple(dictionary_of(derivation))
    return [*steps, Step("Dictionary", (), "Neural on the left, Bayesian on the right.", rows)]


def _equation(derivation: "Derivation") -> Step:
    system = derivation.written
    formulas = []
    for equation in system.equations:
        factor = "" if equation.factor == 1 else f"{text_of(equation.factor)}*"
        formulas.append(Formula(f"{factor}d{equation.state}/dt", equation.field))
        if equation.activity is not None and equation.activation is not None:
            formulas.append(Formula(str(equation.activity), equation.activation))
    named = [
        (", ".join(sorted(s.name for s in system.matrices)), "matrices"),
        (", ".join(sorted(s.name for s in system.inputs)), "inputs"),
        (", ".join(sorted(s.name for s in system.delayed)), "delayed"),
        (", ".join(sorted(s.name for s in system.modulators)), "modulators"),
    ]
    read = "; ".join(f"{what}: {names}" for names, what in named if names)
    return Step(
        "Equation", tuple(formulas), f"The equation as parsed{f' ({read})' if read else ''}."
    )


def _no_cost(derivation: "Derivation") -> Step:
    part = derivation.integrability.antisymmetric
    shown = () if part is None else (Formula("antisymmetric part", part),)
    return Step("No cost", shown, derivation.why_not)


def _form(interpretation: "Interpretation") -> Step:
    layer = interpretation.layer
    x, state = layer.activity, layer.state
    formula = Formula(f"-dL/d{x}", layer.field)
    if layer.form == "membrane":
        return Step(
            f"Activity form of {state}",
            (Formula(str(x), layer.activation or sp.S.Zero), formula),
            f"The potential {state} is written as a function of the activity {x}. The slope of the "
            f"activation, which is positive, is the metric: d{x}/dt follows d{state}/dt times it.",
        )
    return Step(
        f"Activity form of {x}",
        (formula,),
        "A rate equation has the same fixed point as the leak that is the inverse of its "
        "activation, and moves in the same direction: it descends the same cost, with the "
        "positive metric (inverse activation - drive) / (activity - activation of the drive).",
    )


def _integrable(derivation: "Derivation") -> Step:
    metric = derivation.integrability.metric
    shown = tuple(Formula(f"metric of {x}", d) for x, d in metric.items())
    is_plain = all(d == 1 for d in metric.values())
    reason = (
        "All pairs of units interact symmetrically, so the equation is the gradient of a cost."
        if is_plain
        else "With this positive metric, all pairs of units interact symmetrically."
    )
    if derivation.system.delayed:
        reason += " Delayed activity is an input and needs no symmetry."
    return Step("Integrable", shown, reason)


def _cost(derivation: "Derivation") -> Step:
    return Step(
        "Cost of activity",
        (Formula("L", cost_text(derivation.pieces), pieces=derivation.pieces),),
        "The integral of the activity equation; minus its derivative returns the equation "
        "(verified). Each sum runs over the units of one layer.",
    )


def _family(interpretation: "Interpretation") -> Step:
    family, x = interpretation.family, interpretation.layer.activity
    formulas = [Formula("leak", family.leak), Formula("negative entropy", family.negative_entropy)]
    if family.log_partition is not None:
        formulas.append(Formula("its Legendre dual", family.log_partition))
    if family.temperature != 1:
        formulas.append(Formula("temperature", family.temperature))
    if family.offset != 0:
        formulas.append(Formula("constant of the leak", family.offset))
    return Step(
        f"Posterior family of {x}: {family.name}",
        tuple(formulas),
        f"The integral of the leak is the negative entropy of the belief; {family.note}.",
    )


def _model(derivation: "Derivation") -> Step:
    lines = model_lines(derivation)
    return Step(
        "Generative model",
        tuple(Formula("", line) for line in lines),
        "A threshold is normaliser plus prior: what the synapses do not explain is the prior.",
    )


def _choices(choices: tuple["Choice", ...]) -> Step:
    rows = []
    for choice in choices:
        rules = "; ".join(
            f"d{name}/dt = {rule_text(unmarked(rule))}" for name, rule in choice.plasticity.items()
        )
        prior = text_of(choice.prior)
        what = f"{choice.likelihood}. The drive must contain {text_of(choice.normaliser)}"
        rows.append(
            Correspondence(
                f"{choice.layer}, {choice.inputs} inputs", f"{what}; prior {prior}; {rules}"
            )
        )
    return Step(
        "What each likelihood implies",
        (),
        "Choose one with --assume, e.g. 'o binary', or write the threshold as a function of the "
        "synapses.",
        tuple(rows),
    )


def _full_cost(derivation: "Derivation") -> Step:
    reason = (
        "The integral over activity omits terms that do not depend on activity. A normalised "
        "likelihood also has terms for the off state, with 1 - x for x and index 0 for 1."
    )
    factors = {str(f) for f in modulator_factors(derivation.system).values()}
    if factors:
        reason += (
            f" The modulator arrives after the activity has settled: {', '.join(sorted(factors))} "
            "weighs synapses in the cost and is 1 in the activity equation."
        )
    return Step(
        "Cost of activity and synapses",
        (Formula("L", cost_text(derivation.full), pieces=derivation.full),),
        reason,
    )


def _plasticity(derivation: "Derivation") -> Step:
    formulas = tuple(
        Formula(f"d{m}/dt", simplified_rule(unmarked(r)), True) for m, r in derivation.rules.items()
    )
    return Step(
        "Plasticity that this cost demands",
        formulas,
        "Minus the derivative of the cost with respect to each synapse, averaged over time. "
        "Activity is postsynaptic; what it multiplies is presynaptic.",
    )


def _verdict_steps(derivation: "Derivation") -> list[Step]:
    steps = []
    for verdict in derivation.verdicts:
        formulas = [Formula(f"d{verdict.synapse}/dt", unmarked(verdict.rule), True)]
        if verdict.demanded != 0:
            formulas.append(Formula("demanded", simplified_rule(unmarked(verdict.demanded)), True))
        if verdict.extra_cost is not None:
            formulas.append(Formula("extra cost per synapse", unmarked(verdict.extra_cost), True))
        if verdict.extra_drive is not None and verdict.extra_drive != 0:
            formulas.append(Formula("extra drive per synapse", unmarked(verdict.extra_drive), True))
        title = f"Rule of {verdict.synapse}: {verdict.verdict}"
        steps.append(Step(title, tuple(formulas), verdict.reason[0].upper() + verdict.reason[1:]))
    return steps
