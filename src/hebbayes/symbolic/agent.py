"""The Bayesian agent equivalent to a network: generative model, dictionary, matching terms.

Every formula uses the symbols of the network at hand (docs/theory.md section 4).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.functions import Expr, MatVec
from hebbayes.symbolic.binary import on_and_off, partner
from hebbayes.symbolic.choices import is_determined, joint_family
from hebbayes.symbolic.inputs import FAMILIES
from hebbayes.symbolic.priors import prior_words

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation
    from hebbayes.symbolic.interpretation import Interpretation, Projection

_STATES = {
    "Bernoulli": "each unit of {x} holds a binary hidden state; {x} = P(state on)",
    "spin": "each unit of {x} holds a hidden state of +1 or -1; {x} is its expectation",
    "categorical": "the units of {x} hold one hidden state with as many values; {x}_k = P(value k)",
    "Poisson": "each unit of {x} holds a hidden count; {x} is its posterior mean",
    "Gaussian": "each unit of {x} holds a real hidden state; {x} is its posterior mean",
    "rectified Gaussian": (
        "each unit of {x} holds a hidden state that is not negative; {x} is its most probable value"
    ),
}


@dataclass(frozen=True)
class Correspondence:
    """One line of the dictionary.

    Attributes:
        neural: Term of the network.
        bayesian: Its meaning for the agent.
    """

    neural: str
    bayesian: str


def model_lines(derivation: "Derivation") -> list[str]:
    """Return the generative model in sentences, layer by layer.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> lines = model_lines(derive("dx/dt = -logit(x) + W*o + h", assume="o binary"))
        >>> lines[0]
        'each unit of x holds a binary hidden state; x = P(state on).'
    """
    lines: list[str] = []
    for interpretation in derivation.interpretations:
        x = interpretation.layer.activity.name
        sentence = _STATES.get(interpretation.family.name)
        if sentence is None:
            sentence = "the posterior of a unit of {x} has no named family; {x} is its mean"
        lines.append(sentence.format(x=x) + ".")
        lines += _likelihoods(interpretation, derivation)
        lines.append(f"Prior: {derivation.prior_of(interpretation)}.")
    return lines


def _likelihoods(interpretation: "Interpretation", derivation: "Derivation") -> list[str]:
    if not is_determined(interpretation):
        return [
            "Likelihood not determined: the equation fixes the posterior family, not how inputs "
            "arise; each choice is listed below."
        ]
    family = joint_family(interpretation)
    if family is not None:
        matrix = text_of(interpretation.projections[0].matrix)
        source = text_of(interpretation.projections[0].source)
        return [
            f"Likelihood: {source} is {family.words}, w = transpose of {matrix} times the states."
        ]
    return [
        _table(p, interpretation, derivation)
        for p in interpretation.projections
        if _is_on(p, interpretation)
    ]


def _is_on(projection: "Projection", interpretation: "Interpretation") -> bool:
    """Whether a projection stands for its pair: W1 speaks for W0 too."""
    matrix = projection.matrix
    known = {str(m): m for n in interpretation.normalisers for m in (n.matrix,)}
    return not (str(matrix).endswith("0") and f"{str(matrix)[:-1]}1" in known)


def table_name(
    projection: "Projection", interpretation: "Interpretation", derivation: "Derivation"
) -> str:
    """Return A for a likelihood, B for an inverse transition, C for an inverse policy.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> derivation = derive("dx/dt = -logit(x) + W*o + h", assume="o binary")
        >>> interpretation = derivation.interpretations[0]
        >>> table_name(interpretation.projections[0], interpretation, derivation)
        'A'
    """
    base = derivation.system.delayed.get(projection.source, (None, ""))[0]
    if base is None or base in derivation.system.inputs:
        return "A"
    own = {interpretation.layer.activity, interpretation.layer.state}
    return "B" if base in own else "C"


def _table(
    projection: "Projection", interpretation: "Interpretation", derivation: "Derivation"
) -> str:
    matrix, source = projection.matrix, text_of(projection.source)
    normaliser = next(n for n in interpretation.normalisers if n.matrix == matrix)
    family = normaliser.family or FAMILIES["binary"]
    kind = table_name(projection, interpretation, derivation)
    what = {
        "A": f"Likelihood A: {source}, given a state",
        "B": f"Transition B (inverse map): {source}, the states before, given a state now",
        "C": f"Policy C (inverse map): {source}, the states before, given a decision",
    }[kind]
    if not isinstance(matrix, sp.Symbol):
        return f"{what}, is {family.words}, w = {text_of(matrix)}."
    off = partner(matrix, derivation.system.symbols)
    pair = f"w = {matrix} if on and {off} if off" if off else f"w = {matrix}"
    return f"{what}, is {family.words}; {pair}."


def dictionary_of(derivation: "Derivation") -> list[Correspondence]:
    """Return neural | Bayesian for every symbol of the network.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> dictionary_of(derive("dx/dt = -x + W*o"))[0]
        Correspondence(neural='x', bayesian='posterior mean of the states')
    """
    rows: list[Correspondence] = []
    for interpretation in derivation.interpretations:
        x = interpretation.layer.activity.name
        rows.append(Correspondence(x, _meaning(interpretation)))
        if interpretation.layer.form == "membrane":
            rows.append(
                Correspondence(
                    interpretation.layer.state.name, f"natural parameter of the belief {x}"
                )
            )
        for projection in interpretation.projections:
            rows.append(_projection_row(projection, interpretation, derivation))
        if interpretation.threshold != 0:
            rows.append(_threshold_row(interpretation))
        rows.append(
            Correspondence(derivation.prior_of(interpretation), prior_words(interpretation))
        )
    for modulator in sorted(derivation.system.modulators, key=str):
        rows.append(Correspondence(modulator.name, "risk, known only after the decision"))
    rows.append(Correspondence("L", "variational free energy F, up to the parameters' complexity"))
    return list(dict.fromkeys(rows))


def _meaning(interpretation: "Interpretation") -> str:
    family = interpretation.family.name
    if family == "Bernoulli":
        reads_past = (
            all(p.kind == "delayed" for p in interpretation.projections)
            and interpretation.projections
        )
        what = "decisions" if reads_past and interpretation.layer.activity.name == "y" else "states"
        return f"posterior expectation of {what}"
    return {
        "spin": "posterior expectation of states of +1 and -1",
        "categorical": "posterior probability of each value of one state",
        "rectified Gaussian": "most probable value of the states",
    }.get(family, "posterior mean of the states")


def _projection_row(
    projection: "Projection", interpretation: "Interpretation", derivation: "Derivation"
) -> Correspondence:
    matrix = text_of(projection.matrix)
    if projection.kind in ("recurrent", "layer"):
        return Correspondence(matrix, "interaction of states in the prior (or of their likelihood)")
    kind = table_name(projection, interpretation, derivation)
    if not interpretation.family.is_two_valued or not is_determined(interpretation):
        name = {"A": "likelihood", "B": "inverse transition", "C": "inverse policy"}[kind]
        return Correspondence(
            matrix, f"natural parameter of the {name} (difference of log odds if binary)"
        )
    value = {"1": "state on", "0": "state off"}.get(matrix[-1], "the state")
    family = next(
        (n.family for n in interpretation.normalisers if n.matrix == projection.matrix), None
    )
    if family is None or family.name != "binary":
        return Correspondence(matrix, f"natural parameter of {kind}, given {value}")
    return Correspondence(f"sig({matrix})", f"{kind}, probability of on given {value}")


def _threshold_row(interpretation: "Interpretation") -> Correspondence:
    text = text_of(interpretation.threshold)
    if interpretation.normalisers:
        return Correspondence(text, "normaliser of the likelihood plus prior")
    return Correspondence(text, "threshold: normaliser (if any) plus prior")


def matching_terms(derivation: "Derivation") -> list[Correspondence]:
    """Return the terms of L, each with the term of F that it equals.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> rows = matching_terms(derive("dx/dt = -logit(x) + W*o + h", assume="o binary"))
        >>> rows[2].neural, rows[2].bayesian
        ('-(x*(W1*o) + (1 - x)*(W0*o))', '-s.(ln A1, ln A0 part that reads o)')
    """
    rows: list[Correspondence] = []
    for interpretation in derivation.interpretations:
        s = _state_name(interpretation)
        entropy = text_of(interpretation.family.negative_entropy)
        rows.append(
            Correspondence(
                entropy,
                f"{s}.ln {s}"
                if interpretation.family.is_two_valued
                else f"negative entropy of q({s})",
            )
        )
        drive = sp.expand_mul(interpretation.drive - interpretation.family.offset)
        pair = on_and_off(drive, derivation.system)
        if pair is None or not interpretation.family.is_two_valued:
            rows += _single_rows(interpretation, derivation)
            continue
        for term in sorted(sp.Add.make_args(pair[0]), key=sp.default_sort_key, reverse=True):
            rows.append(_paired_row(term, interpretation, derivation))
    return rows


def _single_rows(
    interpretation: "Interpretation", derivation: "Derivation"
) -> list[Correspondence]:
    """Return the terms of a layer's cost beside its entropy, one by one."""
    x = interpretation.layer.activity
    entropy = derivation.integrability.metric[x] * interpretation.family.negative_entropy
    rest = [p.body - entropy for p in derivation.full if p.space == x]
    rest += [p.body for p in derivation.full if p.space.name == f"hidden_{x}"]
    terms = sp.Add.make_args(sp.expand_mul(sp.Add(*rest)))
    entropies = [t for t in terms if t.has(sp.log) and not t.has(MatVec)]
    kept = [t for t in terms if t not in entropies]
    return [
        Correspondence(text_of(t), _term_words(t, _state_name(interpretation)))
        for t in kept
        if t != 0
    ]


def _state_name(interpretation: "Interpretation") -> str:
    return {"x": "s", "y": "d"}.get(
        interpretation.layer.activity.name, f"s_{interpretation.layer.activity}"
    )


def _term_words(term: Expr, state: str) -> str:
    if isinstance(term, MatVec) or term.has(MatVec):
        return f"-E[ln likelihood] of {state}, the part with these synapses"
    return f"-E[ln prior] of {state}"


def _paired_row(
    term: Expr, interpretation: "Interpretation", derivation: "Derivation"
) -> Correspondence:
    x, s = interpretation.layer.activity, _state_name(interpretation)
    swap = {
        symbol: partner(symbol, derivation.system.symbols)
        for symbol in term.free_symbols
        if partner(symbol, derivation.system.symbols) is not None
    }
    off = term.xreplace(swap)
    above, below = interpretation.family.of_values(x)
    text = f"-({text_of(above * term)} + {text_of(below * off)})"
    if not term.has(MatVec):
        prior = "E" if x.name == "y" else "D"
        return Correspondence(text, f"-{s}.ln {prior}")
    atom = next(iter(term.atoms(MatVec)))
    matrix = next(iter(atom.args[0].free_symbols))
    projection = next((p for p in interpretation.projections if p.matrix == matrix), None)
    table = "A" if projection is None else table_name(projection, interpretation, derivation)
    if atom.args[1] == 1:
        return Correspondence(text, f"-{s}.(ln {table}1, ln {table}0 part without inputs)")
    return Correspondence(
        text, f"-{s}.(ln {table}1, ln {table}0 part that reads {text_of(atom.args[1])})"
    )
