"""The posterior family that a leak implies.

The leak of a unit is the derivative of a negative entropy, whose Legendre dual is the family's
log-partition A(u); the activation is its slope.  1/leak'(x) is the family's variance as a function
of its mean, which identifies it: x(1-x) Bernoulli, 1-x^2 a spin of +1 and -1, x Poisson, 1 Gaussian
(docs/theory.md section 5).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import antiderivative
from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.functions import Expr, Softplus, elementary, outermost
from hebbayes.symbolic.algebra.inversion import invert

if TYPE_CHECKING:
    from hebbayes.symbolic.forms import Layer
    from hebbayes.symbolic.language.system import System

UNNAMED = "no named family"


@dataclass(frozen=True)
class Family:
    """Posterior family of one layer.

    Attributes:
        name: Bernoulli, spin, categorical, Poisson, Gaussian, rectified Gaussian or unnamed.
        note: Remark on the family.
        temperature: Factor of the leak; the posterior's natural parameter is drive/temperature.
        leak: Leak of a unit.
        negative_entropy: Antiderivative of the leak.
        log_partition: Its Legendre dual A(u), at temperature 1, if it has a name.
        is_convex: Whether activity settles: the leak grows with activity.
    """

    name: str
    note: str
    temperature: Expr
    leak: Expr
    negative_entropy: Expr
    log_partition: Expr | None
    is_convex: bool = True


def leak_of(layer: "Layer", system: "System") -> Expr:
    """Return the leak of a unit: what depends on its own activity alone.

    A linear term beside a nonlinear one is a coupling of the unit with itself.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -logit(x) + w*x + h")
        >>> leak_of(layers_of(system)[0], system)
        Logit(x)
    """
    x = layer.activity
    outside = set(system.inputs) | set(system.delayed) | set(system.states)
    outside |= {e.activity for e in system.equations if e.activity is not None}
    terms = [
        term
        for term in sp.Add.make_args(sp.expand_mul(layer.field))
        if x in term.free_symbols
        and not outermost(term)
        and not term.free_symbols & (outside - {x})
    ]
    bent = [t for t in terms if x in sp.simplify(elementary(t).diff(x)).free_symbols]
    return -sp.Add(*(bent or terms))


def family_of(layer: "Layer", system: "System") -> Family:
    """Return the family of a layer's posterior.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("tau*dv/dt = -v + W*o + h; x = tanh(v)")
        >>> family_of(layers_of(system)[0], system).name
        'spin'
    """
    x = layer.activity
    leak = leak_of(layer, system)
    entropy = antiderivative(leak, x)
    slope = sp.simplify(elementary(leak).diff(x))
    if slope == 0:
        return Family(
            UNNAMED, "no leak: activity is unbounded", sp.S.One, leak, entropy, None, False
        )
    variance = sp.cancel(sp.simplify(1 / slope))
    for recognise in (_categorical, _rectified, _by_variance):
        result = recognise(layer, variance, leak, entropy)
        if result is not None:
            return result
    return Family(
        UNNAMED,
        "the family has the dual of this entropy as its log-partition",
        sp.S.One,
        leak,
        entropy,
        _dual(layer, leak),
        _is_convex(slope, x),
    )


def _dual(layer: "Layer", leak: Expr) -> Expr | None:
    """Return the Legendre dual of the negative entropy: the activation's antiderivative."""
    if layer.form == "membrane" and layer.activation is not None:
        return antiderivative(layer.activation, layer.state)
    u = sp.Symbol("u", real=True)
    inverse = invert(leak, layer.activity, u)
    return None if inverse is None else antiderivative(inverse, u)


def _categorical(layer: "Layer", variance: Expr, leak: Expr, entropy: Expr) -> Family | None:
    x, u = layer.activity, sp.Symbol("u", real=True)
    ratio = sp.simplify(variance / x)
    if not layer.is_simplex or x in ratio.free_symbols:
        return None
    return Family(
        "categorical",
        f"activities of {x} sum to 1, so that a term -{x} is constant",
        1 / ratio,
        leak,
        entropy,
        sp.Function("logsumexp")(u),
        _is_down(ratio),
    )


def _rectified(layer: "Layer", variance: Expr, leak: Expr, entropy: Expr) -> Family | None:
    x, u = layer.activity, sp.Symbol("u", real=True)
    if not layer.is_rectified or x in variance.free_symbols:
        return None
    return Family(
        "rectified Gaussian",
        "as most probable value (MAP) only: no regular exponential family has relu as its mean",
        1 / variance,
        leak,
        entropy,
        sp.Max(u, 0) ** 2 / 2,
        _is_down(variance),
    )


def _is_down(ratio: Expr) -> bool:
    return ratio.is_negative is not True and not (
        ratio.is_negative is None and ratio.could_extract_minus_sign()
    )


def _by_variance(layer: "Layer", variance: Expr, leak: Expr, entropy: Expr) -> Family | None:
    x, u = layer.activity, sp.Symbol("u", real=True)
    if not variance.is_polynomial(x):
        return None
    polynomial = sp.Poly(variance, x)
    c0, c1, c2 = (sp.simplify(polynomial.coeff_monomial(x**n)) for n in range(3))
    if polynomial.degree() > 2:
        return None
    if c1 == 0 and c2 == 0:
        note = "of unit variance" if c0 == 1 else f"of variance {text_of(c0)}"
        return Family("Gaussian", note, 1 / c0, leak, entropy, u**2 / 2, _is_down(c0))
    if c0 == 0 and c2 == 0:
        note = "relative to the base measure 1/n!, not the plain entropy"
        return Family("Poisson", note, 1 / c1, leak, entropy, sp.exp(u), _is_down(c1))
    return _two_valued(x, (c0, c1, c2), leak, entropy)


def _two_valued(
    x: sp.Symbol, coefficients: tuple[Expr, Expr, Expr], leak: Expr, entropy: Expr
) -> Family | None:
    c0, c1, c2 = coefficients
    u = sp.Symbol("u", real=True)
    is_down = _is_down(-c2)
    if c0 == 0 and sp.simplify(c1 + c2) == 0:
        return Family(
            "Bernoulli", "states off and on", -1 / c2, leak, entropy, Softplus(u), is_down
        )
    if c1 == 0 and sp.simplify(c0 + c2) == 0:
        dual = sp.log(2 * sp.cosh(u))
        return Family(
            "spin",
            "Bernoulli with values +1 and -1; log odds are twice the drive",
            -1 / c2,
            leak,
            entropy,
            dual,
            is_down,
        )
    roots = sp.roots(sp.Poly([c2, c1, c0], x))
    if len(roots) != 2 or not all(root.is_real for root in roots):
        return None
    if not all(root.is_number for root in roots) and c0 != 0:
        return None
    low, high = sorted(roots, key=lambda r: float(r.subs(dict.fromkeys(r.free_symbols, 1))))
    return Family(
        "Bernoulli",
        f"with values {text_of(low)} and {text_of(high)} for off and on",
        -1 / (c2 * (high - low)),
        leak,
        entropy,
        None,
        is_down,
    )


def _is_convex(slope: Expr, x: sp.Symbol) -> bool:
    """Whether the leak grows at rates between 0 and 1, parameters at 1/2.

    The inverse of an activation that has none in closed form grows as the activation does.
    """
    if slope.has(sp.Derivative, sp.Subs):
        return True
    points = (sp.Rational(n, 10) for n in range(1, 10, 2))
    chosen = {s: sp.Rational(1, 2) for s in slope.free_symbols - {x}}
    values = [slope.xreplace(chosen).xreplace({x: point}).evalf(15) for point in points]
    return all(value.is_real is not False and not value.is_negative for value in values)
