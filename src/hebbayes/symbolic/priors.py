"""The prior held by a layer's threshold: its formula and its meaning (docs/theory.md eq. 4)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.binary import prior_name
from hebbayes.symbolic.choices import is_determined

if TYPE_CHECKING:
    from hebbayes.symbolic.choices import Choice
    from hebbayes.symbolic.interpretation import Interpretation
    from hebbayes.symbolic.language.system import System


def prior_formula(
    interpretation: "Interpretation", choices: Sequence["Choice"], system: "System"
) -> str:
    """Return a layer's prior parameter in the symbols of the network.

    ``choices`` are the likelihoods that the network leaves open.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> derivation = derive("dx/dt = -logit(x) + W*o + h", assume="o binary")
        >>> prior_formula(derivation.interpretations[0], (), derivation.system)
        'phi = phi1 - phi0 = h - (log(1 - sig(W1))*1 - log(1 - sig(W0))*1)'
    """
    name = prior_name(interpretation.layer.activity)
    if not is_determined(interpretation):
        held = text_of(interpretation.family.natural(interpretation.threshold))
        layer = interpretation.layer.activity
        binary = next((c for c in choices if c.layer == layer), None)
        if binary is None or not interpretation.family.is_two_valued:
            return f"{name} = {held}, if the likelihood adds nothing to the threshold"
        return (
            f"{name} is not determined by the equation; for binary inputs {name} = "
            f"{text_of(binary.prior)}"
        )
    natural = interpretation.family.natural(interpretation.prior)
    prior = text_of(natural) if natural != 0 else "0 (flat)"
    written = _written_threshold(interpretation, system)
    normaliser = sp.expand_mul(
        interpretation.family.gain * sp.Add(*(n.term for n in interpretation.normalisers))
    )
    if written is None or normaliser == 0:
        return f"{name} = {prior}"
    return f"{name} = {prior} = {written} - ({text_of(normaliser)})"


def _written_threshold(interpretation: "Interpretation", system: "System") -> str | None:
    """Return what a threshold that was a symbol before the split adds to the natural parameter."""
    for symbol, body in system.splits.items():
        if symbol not in system.matrices and body == interpretation.threshold:
            return text_of(interpretation.family.natural(symbol))
    return None


def prior_words(interpretation: "Interpretation") -> str:
    """Return what a layer's prior parameter stands for.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> from hebbayes.symbolic.interpretation import interpret_layer
        >>> system = read_system("dx/dt = -logit(x) + W*o + h")
        >>> prior_words(interpret_layer(layers_of(system)[0], system))
        'phi = ln D1 - ln D0, log odds of a state before any input'
    """
    name = prior_name(interpretation.layer.activity)
    prior = "E" if interpretation.layer.activity.name == "y" else "D"
    return {
        "Bernoulli": f"{name} = ln {prior}1 - ln {prior}0, log odds of a state before any input",
        "spin": f"{name} = log odds of +1 before any input",
        "categorical": f"{name}_k = ln {prior}_k up to a constant common to all k",
        "Poisson": f"{name} = log of the mean before any input",
        "Gaussian": f"{name} = mean before any input",
        "rectified Gaussian": f"{name} = location before any input",
    }.get(interpretation.family.name, f"{name} = natural parameter before any input")
