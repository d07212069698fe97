"""What each family of inputs would imply, if the likelihood is not determined.

The activity equation fixes the posterior's family, not the likelihood: normaliser, prior and
plasticity depend on what is assumed of the inputs (docs/theory.md section 5).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import Post, Pre
from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.functions import Expr, MatVec, Trans, outermost
from hebbayes.symbolic.inputs import CHOICES, FAMILIES, InputFamily, threshold_of

if TYPE_CHECKING:
    from hebbayes.symbolic.interpretation import Interpretation, Projection


@dataclass(frozen=True)
class Choice:
    """One possible likelihood of a layer.

    Attributes:
        layer: Activity.
        inputs: Family of the inputs.
        likelihood: In words.
        normaliser: What synapses add to the drive.
        prior: Natural parameter of the prior that the threshold then holds.
        plasticity: Name of a synapse to its rule, marked by side.
    """

    layer: sp.Symbol
    inputs: str
    likelihood: str
    normaliser: Expr
    prior: Expr
    plasticity: dict[str, Expr]


def choices_of(interpretation: "Interpretation") -> tuple[Choice, ...]:
    """Return what binary, Gaussian and Poisson inputs would each imply for a layer.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> from hebbayes.symbolic.interpretation import interpret_layer
        >>> system = read_system("dx/dt = -logit(x) + W*o + h")
        >>> [c.inputs for c in choices_of(interpret_layer(layers_of(system)[0], system))]
        ['binary', 'Gaussian', 'Poisson']
    """
    plain = [
        p
        for p in interpretation.projections
        if p.kind in ("input", "delayed") and isinstance(p.source, sp.Symbol)
    ]
    if not plain:
        return ()
    return tuple(
        _choice(interpretation, plain, family) for family in map(FAMILIES.__getitem__, CHOICES)
    )


def _choice(
    interpretation: "Interpretation", plain: list["Projection"], family: InputFamily
) -> Choice:
    x = interpretation.layer.activity
    if interpretation.family.is_two_valued:
        return _paired(interpretation, plain, family)
    if interpretation.family.name == "categorical":
        normaliser = sp.Add(*(p.factor * threshold_of(p.matrix, family) for p in plain))
        rules = {
            p.matrix.name: Post(x) * (Pre(p.source) - family.mean(p.matrix))
            for p in plain
            if isinstance(p.matrix, sp.Symbol)
        }
        words = f"given state k, input j is {family.words}, w = {_names(plain)} of row k"
    else:
        normaliser = sp.Add(*(_joint(p, x, family) for p in plain))
        rules = {
            _name(p.matrix): Post(x)
            * (Pre(p.source) - Pre(family.mean(MatVec(Trans(p.matrix), x))))
            for p in plain
        }
        transposes = ", ".join(f"{_name(Trans(p.matrix))}*{x}" for p in plain)
        words = f"given all states, an input is {family.words}, w = {transposes}"
    prior = interpretation.family.natural(interpretation.threshold)
    return Choice(x, family.name, words, normaliser, prior, rules)


def _joint(projection: "Projection", x: sp.Symbol, family: InputFamily) -> Expr:
    """Return -W a'(W' x), what a joint likelihood puts into the activity equation."""
    mean = family.mean(MatVec(Trans(projection.matrix), x))
    return -projection.factor * MatVec(projection.matrix, mean)


def _name(matrix: Expr) -> str:
    return f"{matrix.args[0]}'" if isinstance(matrix, Trans) else str(matrix)


def _names(plain: list["Projection"]) -> str:
    return ", ".join(str(p.matrix) for p in plain)


def _paired(
    interpretation: "Interpretation", plain: list["Projection"], family: InputFamily
) -> Choice:
    """Return the choice for two-valued states: one table per pair of state and input."""
    x, belief = interpretation.layer.activity, interpretation.family
    off_weight, on_weight = (part / belief.width for part in belief.of_values(x)[::-1])
    normaliser, rules = sp.S.Zero, {}
    for projection in plain:
        if not isinstance(projection.matrix, sp.Symbol):
            continue
        on, off = (sp.Symbol(f"{projection.matrix}{n}", real=True) for n in (1, 0))
        normaliser += projection.factor * (threshold_of(on, family) - threshold_of(off, family))
        o = Pre(projection.source)
        for weight, entry in ((on_weight, on), (off_weight, off)):
            rules[entry.name] = weight.xreplace({x: Post(x)}) * (o - family.mean(entry))
    by = "" if belief.gain == 1 else f"{text_of(belief.gain)}*"
    matrices = ", ".join(f"{by}{m} = {m}1 - {m}0" for m in (p.matrix for p in plain))
    words = f"given a state on or off, an input is {family.words}, w = on or off part of {matrices}"
    prior = sp.expand_mul(belief.natural(interpretation.threshold) - normaliser)
    return Choice(x, family.name, words, normaliser / belief.gain, prior, rules)


def joint_family(interpretation: "Interpretation") -> InputFamily | None:
    """Return the family of inputs that a layer predicts and subtracts, or None.

    A joint likelihood with natural parameters W' x + b puts -W a'(W' x + b) into the activity
    equation: predictive coding for Gaussian inputs.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> from hebbayes.symbolic.interpretation import interpret_layer
        >>> system = read_system("dx/dt = -x + W'*(o - W*x)")
        >>> joint_family(interpret_layer(layers_of(system)[0], system)).name
        'Gaussian'
    """
    x = interpretation.layer.activity
    if (
        len(interpretation.projections) != 1
        or interpretation.rest == 0
        or interpretation.family.is_two_valued
    ):
        return None
    projection = interpretation.projections[0]
    predicted = MatVec(Trans(projection.matrix), x)
    atoms = outermost(interpretation.rest)
    if len(atoms) != 1 or not isinstance(atoms[0], MatVec) or not atoms[0].has(predicted):
        return None
    if (
        atoms[0].args[0] != projection.matrix
        or interpretation.rest != -projection.factor * atoms[0]
    ):
        return None
    stand = sp.Dummy(real=True)
    mean = atoms[0].args[1].xreplace({predicted: stand})
    for family in FAMILIES.values():
        inside = mean.args[0] if mean.args else mean
        shift = sp.expand(inside - stand)
        is_shifted = stand not in shift.free_symbols and x not in shift.free_symbols
        if (is_shifted and family.mean(inside) == mean) or mean == family.mean(stand):
            return family
    return None


def is_determined(interpretation: "Interpretation") -> bool:
    """Return whether the equation itself says what likelihood a layer has.

    It does if every matrix that the layer reads has its normaliser in the threshold, or if the
    layer subtracts what it predicts of its inputs.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> derivation = derive("dx/dt = -logit(x) + W*o + h", assume="o binary")
        >>> is_determined(derivation.interpretations[0])
        True
    """
    read = {m for p in interpretation.projections for m in p.matrix.free_symbols}
    explained = {n.matrix for n in interpretation.normalisers if n.family is not None}
    is_paired = bool(read) and read <= explained
    return is_paired or joint_family(interpretation) is not None
