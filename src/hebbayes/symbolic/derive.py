"""`derive`: equation in; cost, family, prior, plasticity and verdicts out."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.core.errors import FormatError
from hebbayes.symbolic.algebra.calculus import Piece, gradient
from hebbayes.symbolic.algebra.functions import Expr, expanded
from hebbayes.symbolic.algebra.time_limit import time_limit
from hebbayes.symbolic.algebra.zero import is_zero
from hebbayes.symbolic.binary import on_and_off, partner, split_of, with_pairs
from hebbayes.symbolic.choices import choices_of, is_determined
from hebbayes.symbolic.derivation import Derivation
from hebbayes.symbolic.forms import layers_of
from hebbayes.symbolic.gradient.metric import Integrability, find_metric
from hebbayes.symbolic.gradient.potential import integrate_layers, shared_spaces
from hebbayes.symbolic.interpretation import Interpretation, interpret_layer
from hebbayes.symbolic.language.assumptions import read_assumptions
from hebbayes.symbolic.language.faults import EquationError
from hebbayes.symbolic.language.network import read_rules, read_system
from hebbayes.symbolic.plasticity.demanded import demanded, marked, modulator_factors
from hebbayes.symbolic.plasticity.rules import NONE, RuleVerdict, judge
from hebbayes.symbolic.remedies import remedies_of

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import System


TIME_LIMIT_S = 3.0


def derive(
    equation: str, *, plasticity: str = "", assume: str = "", time_limit_s: float = TIME_LIMIT_S
) -> Derivation:
    """Return the cost, beliefs, prior and plasticity that a network's equation implies.

    Raises `EquationError` for text that cannot be read, or that takes more than ``time_limit_s`` of
    computing time.

    Example:
        >>> derivation = derive("dx/dt = -logit(x) + W*o + h", plasticity="dW/dt = x*o")
        >>> derivation.interpretations[0].family.name, derivation.verdicts[0].verdict
        ('Bernoulli', 'equal')
    """
    too_long = EquationError(
        f"the equation cannot be derived within {time_limit_s:g} s of computing time; simplify it."
    )
    began = time.thread_time()
    try:
        with time_limit(time_limit_s, too_long):
            derivation = _derivation(equation, plasticity, assume)
    except RecursionError:
        raise EquationError(
            "the equation is too long or nests too deeply; define its parts by names of their own."
        ) from None
    except OverflowError:
        raise EquationError(
            "a number in the equation grows beyond what can be computed; use smaller numbers, or a "
            "name."
        ) from None
    if derivation.is_canonical:
        return derivation
    remedies: tuple[str, ...] = ()
    left = 1.4 * time_limit_s - (time.thread_time() - began)
    with suppress(FormatError), time_limit(left, too_long):
        remedies = remedies_of(
            derivation,
            read_assumptions(assume),
            lambda more: _derivation(equation, plasticity, f"{assume}; {more}"),
        )
    return replace(derivation, would_be_canonical_if=remedies)


def _derivation(equation: str, plasticity: str, assume: str) -> Derivation:
    written = read_system(equation, assume)
    interpretations = tuple(interpret_layer(layer, written) for layer in layers_of(written))
    if plasticity:
        written = _with_pairs_of_rules(written, plasticity, interpretations)
    layers = [interpretation.layer for interpretation in interpretations]
    integrability = find_metric(layers, written)
    if not integrability.holds:
        return _refused(written, interpretations, integrability, plasticity)
    system, interpretations = _split(written, interpretations)
    layers = [interpretation.layer for interpretation in interpretations]
    entropies = {
        r.layer.activity: (r.family.leak, r.family.negative_entropy) for r in interpretations
    }
    pieces = integrate_layers(layers, integrability.metric, entropies)
    if pieces is None or not _is_gradient(pieces, interpretations, integrability):
        why = "the equation is integrable, but its cost has no closed form in this language."
        return replace(
            _refused(written, interpretations, integrability, plasticity),
            system=system,
            why_not=why,
        )
    full = tuple(_full_piece(piece, interpretations, integrability, system) for piece in pieces)
    rules = demanded(full, system)
    verdicts = _verdicts(plasticity, rules, system)
    assumed = _assumed(interpretations, verdicts)
    return Derivation(
        written=written,
        system=system,
        interpretations=interpretations,
        integrability=integrability,
        pieces=pieces,
        full=full,
        rules=rules,
        verdicts=verdicts,
        choices=tuple(c for r in interpretations if not is_determined(r) for c in choices_of(r)),
        assumed=tuple(a for a in assumed if a not in system.assumptions.orders),
        why_not=_why_not(interpretations, verdicts) or _contradiction(assumed, system),
    )


def _refused(
    written: "System",
    interpretations: tuple[Interpretation, ...],
    result: Integrability,
    plasticity: str,
) -> Derivation:
    verdicts = []
    if plasticity:
        for matrix, rule in read_rules(plasticity, written).items():
            reason = "the activity equation has no cost, so no rule can be its gradient."
            verdicts.append(RuleVerdict(matrix.name, rule, sp.S.Zero, NONE, reason))
    return Derivation(
        written, written, interpretations, result, verdicts=tuple(verdicts), why_not=result.reason
    )


def _with_pairs_of_rules(
    system: "System", plasticity: str, interpretations: tuple[Interpretation, ...]
) -> "System":
    """Return the network with binary inputs assumed if a rule is about W1 or W0 of a W."""
    names = {s.name for s in system.matrices}
    pairs = {
        rule.name[:-1]
        for rule in read_rules(plasticity, system)
        if rule.name not in names and rule.name[-1:] in "01" and rule.name[:-1] in names
    }
    if not pairs:
        return system
    families = dict(system.assumptions.inputs)
    for interpretation in interpretations:
        for projection in interpretation.projections:
            source = projection.source
            if str(projection.matrix) in pairs and isinstance(source, sp.Symbol):
                base = system.delayed.get(source, (source, ""))[0]
                families.setdefault(base.name, "binary")
    return replace(system, assumptions=replace(system.assumptions, inputs=families))


def _split(
    system: "System", interpretations: tuple[Interpretation, ...]
) -> tuple["System", tuple[Interpretation, ...]]:
    """Return the network with synapses in on-off pairs, if the families of inputs are stated."""
    if not system.assumptions.inputs:
        return system, interpretations  # a layer that reads only beliefs has no input to state
    known = {r.layer.activity: "binary" for r in interpretations if r.family.is_binary}
    known |= {r.layer.activity: "spin" for r in interpretations if r.family.name == "spin"}
    by_state = {r.layer.equation.state: split_of(r, system, known) for r in interpretations}
    splits = {state: split for state, split in by_state.items() if split is not None}
    if not splits:
        return system, interpretations
    paired = with_pairs(system, splits)
    result = []
    for interpretation in interpretations:
        split, layer = splits.get(interpretation.layer.equation.state), interpretation.layer
        if split is not None:
            layer = replace(layer, field=expanded(layer.field.xreplace(split.pairs)))
        result.append(interpret_layer(layer, paired))
    return paired, tuple(result)


def _is_gradient(
    pieces: tuple[Piece, ...], interpretations: tuple[Interpretation, ...], result: Integrability
) -> bool:
    """Whether -dL/dx is the field times its metric: the derivation checks itself."""
    spaces = shared_spaces([interpretation.layer for interpretation in interpretations])
    for interpretation in interpretations:
        x, family = interpretation.layer.activity, interpretation.family
        # the family vouches for its entropy
        field = interpretation.drive - family.negative_entropy.diff(x)
        if not is_zero(gradient(pieces, x, spaces) + result.metric[x] * field):
            return False
    return True


def _full_piece(
    piece: Piece,
    interpretations: tuple[Interpretation, ...],
    result: Integrability,
    system: "System",
) -> Piece:
    """Return a layer's cost with the terms of its off states and its modulator (eq. 5)."""
    interpretation = next((r for r in interpretations if r.layer.activity == piece.space), None)
    if interpretation is None:
        return piece
    x, metric, family = piece.space, result.metric[piece.space], interpretation.family
    drive = sp.expand_mul(interpretation.drive - family.offset)
    pair = on_and_off(drive, system) if family.is_two_valued else None
    if pair is None:
        change = _modulated(interpretation.drive, system) - interpretation.drive
        return piece if change == 0 else Piece(x, piece.body - metric * x * change)
    on, off = (_modulated(part, system) for part in pair)
    above, below = family.of_values(x)
    body = family.negative_entropy - family.offset * x - above * on - below * off
    return Piece(x, body if metric == 1 else metric * body)


def _modulated(drive: Expr, system: "System") -> Expr:
    """Return a drive whose modulated synapses, and their normalisers, carry the modulator."""
    total = sp.S.Zero
    factors = modulator_factors(system)
    for term in sp.Add.make_args(sp.expand_mul(drive)):
        result = [factors[m] for m in term.free_symbols if m in factors]
        total += term * (result[0] if result else sp.S.One)
    return total


def _verdicts(
    plasticity: str, rules: Mapping[sp.Symbol, Expr], system: "System"
) -> tuple[RuleVerdict, ...]:
    if not plasticity:
        return ()
    result = []
    for matrix, rule in read_rules(plasticity, system).items():
        wanted = _wanted(matrix, rules, system)
        rule = rule.xreplace({m: e for m, e in system.splits.items() if m in rule.free_symbols})
        result.append(judge(marked(rule, matrix, wanted, system), wanted, matrix, system))
    return tuple(result)


def _wanted(matrix: sp.Symbol, rules: Mapping[sp.Symbol, Expr], system: "System") -> Expr:
    """Return the demanded rule of a synapse; that of W = W1 - W0 is the difference."""
    if matrix in rules:
        return rules[matrix]
    pair = [partner(sp.Symbol(f"{matrix}{n}"), system.symbols) for n in (0, 1)]
    if all(m in rules for m in pair):
        return sp.expand_mul(rules[pair[0]] - rules[pair[1]])
    raise EquationError(
        f"the rule d{matrix}/dt refers to no synapse of this network; its synapses are "
        f"{', '.join(sorted(m.name for m in rules)) or 'none'}."
    )


def _assumed(
    interpretations: tuple[Interpretation, ...], verdicts: tuple[RuleVerdict, ...]
) -> tuple[str, ...]:
    """Return the conditions on parameters that the proofs use."""
    conditions = [c for r in interpretations for c in r.layer.growth.assumed]
    conditions += [c for r in interpretations for c in r.family.growth.assumed]
    conditions += [c for verdict in verdicts for c in verdict.assumed]
    return tuple(dict.fromkeys(conditions))


def _contradiction(assumed: tuple[str, ...], system: "System") -> str:
    for condition in assumed:
        left, _, right = condition.partition(" < ")
        if f"{right} < {left}" in system.assumptions.orders:
            return f"it is a gradient only if {condition}, which contradicts the assumptions."
    return ""


def _why_not(interpretations: tuple[Interpretation, ...], verdicts: tuple[RuleVerdict, ...]) -> str:
    for interpretation in interpretations:
        x, growth = interpretation.layer.activity, interpretation.family.growth
        if growth.holds is None:
            return (
                f"it is not proven that the leak of {x} grows with {x}; state what is known of its "
                f"parameters, or '{x} > 0'."
            )
        if not growth.holds:
            at = f" at {growth.counterexample}" if growth.counterexample else ""
            return (
                f"the leak of {x} does not grow with {x}{at}: its integral is not a negative "
                "entropy, and the fixed point is not a minimum."
            )
    for verdict in verdicts:
        if not verdict.holds:
            return f"the rule of {verdict.synapse} is {verdict.verdict}: {verdict.reason}"
    return ""
