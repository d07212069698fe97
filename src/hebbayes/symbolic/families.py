"""The posterior family that a leak implies.

The leak of a unit is the derivative of a negative entropy, whose Legendre dual is the family's
log-partition A(u); the activation is its slope.  1/leak'(x) is the family's variance as a function
of its mean, which identifies it: x(1-x) Bernoulli, 1-x^2 a spin of +1 and -1, x Poisson, 1 Gaussian
(docs/theory.md section 5).  What a leak has beside its family, a factor and a constant, belongs to
the drive: the natural parameter of the belief is gain * (drive - offset).
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import antiderivative
from hebbayes.symbolic.algebra.domains import domain_of
from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.functions import Expr, Softplus, elementary, outermost, simplified
from hebbayes.symbolic.algebra.inversion import invert
from hebbayes.symbolic.algebra.signs import REAL_LINE, Interval, Sign, both, sign_of

if TYPE_CHECKING:
    from hebbayes.symbolic.forms import Layer
    from hebbayes.symbolic.language.system import System

UNNAMED = "no named family"
_POSITIVE = Interval(sp.S.Zero, sp.oo)
_U = sp.Symbol("u", real=True)


@dataclass(frozen=True)
class Family:
    """Posterior family of one layer.

    Attributes:
        name: Bernoulli, spin, categorical, Poisson, Gaussian, rectified Gaussian or unnamed.
        note: Remark on the family.
        temperature: Factor of the leak relative to the family's own.
        leak: Leak of a unit.
        negative_entropy: Antiderivative of the leak, real on the domain.
        log_partition: Its Legendre dual A(u), at temperature 1, if it has a name.
        domain: Values that activity can have.
        growth: Whether the leak grows with activity, so that activity settles.
        offset: Constant of the leak relative to the family's own.
        gain: Natural parameter (log odds if two-valued) per unit of drive.
    """

    name: str
    note: str
    temperature: Expr
    leak: Expr
    negative_entropy: Expr
    log_partition: Expr | None
    domain: Interval
    growth: Sign
    offset: Expr = sp.S.Zero
    gain: Expr = sp.S.One

    @property
    def is_two_valued(self) -> bool:
        """Whether a state has two values, so that synapses come in pairs."""
        return self.name in ("Bernoulli", "spin")

    @property
    def is_binary(self) -> bool:
        """Whether the two values are 0 and 1."""
        return self.name == "Bernoulli" and (self.domain.low, self.domain.high) == (0, 1)

    def natural(self, drive: Expr) -> Expr:
        """Return the natural parameter of the belief under a drive."""
        return sp.expand_mul(self.gain * (drive - self.offset))

    @property
    def width(self) -> Expr:
        """Distance of the two values."""
        return self.domain.high - self.domain.low

    def of_values(self, x: Expr) -> tuple[Expr, Expr]:
        """Return x - low and high - x, which weigh the two values."""
        return x - self.domain.low, self.domain.high - x


def leak_of(layer: "Layer", system: "System", *, is_whole: bool = False) -> Expr:
    """Return the leak of a unit: what depends on its own activity alone.

    A linear term beside a nonlinear one is a coupling of the unit with itself, unless ``is_whole``.

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
    bent = [t for t in terms if x in simplified(elementary(t).diff(x)).free_symbols]
    return -sp.Add(*(terms if is_whole or not bent else bent))


def family_of(layer: "Layer", system: "System") -> Family:
    """Return the family of a layer's posterior.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("tau*dv/dt = -v + W*o + h; x = tanh(v)")
        >>> family_of(layers_of(system)[0], system).name
        'spin'
    """
    family = _family_of_leak(layer, leak_of(layer, system))
    if not family.growth.holds:
        whole = _family_of_leak(layer, leak_of(layer, system, is_whole=True))
        return whole if whole.growth.holds else family
    return family


def _family_of_leak(layer: "Layer", leak: Expr) -> Family:
    x = layer.activity
    slope = simplified(elementary(leak).diff(x))
    if slope == 0:
        note = "no leak: activity is unbounded"
        return Family(UNNAMED, note, sp.S.One, leak, leak * x, None, REAL_LINE, Sign(False))
    variance = sp.cancel(simplified(1 / slope))
    for recognise in (_categorical, _rectified, _by_variance):
        family = recognise(layer, variance, leak)
        if family is not None:
            return family
    return _unnamed(layer, leak, slope)


def _unnamed(layer: "Layer", leak: Expr, slope: Expr) -> Family:
    x = layer.activity
    domain = domain_of(leak, x)
    growth = sign_of(slope, x, domain) if layer.activation is None else layer.growth
    return Family(
        UNNAMED,
        "the family has the dual of this entropy as its log-partition",
        sp.S.One,
        leak,
        antiderivative(leak, x, domain.point(sp.Rational(1, 2))),
        _dual(layer, leak),
        domain,
        growth,
    )


def _dual(layer: "Layer", leak: Expr) -> Expr | None:
    """Return the Legendre dual of the negative entropy: the activation's antiderivative."""
    if layer.form == "membrane" and layer.activation is not None:
        return antiderivative(layer.activation, layer.state)
    inverse = invert(leak, layer.activity, _U)
    return None if inverse is None else antiderivative(inverse, _U)


def _named(family: Family, x: sp.Symbol, reference: Expr) -> Family:
    """Return a family with the constant of its leak, which is that at a reference activity.

    The family's own leak is 0 there.
    """
    at = elementary(family.leak).xreplace({x: reference})
    offset = sp.expand_log(at if at.is_number else simplified(at), force=True)
    entropy = family.temperature * family.negative_entropy + offset * x
    gain = family.gain / family.temperature
    return replace(family, offset=offset, negative_entropy=entropy, gain=gain)


def _categorical(layer: "Layer", variance: Expr, leak: Expr) -> Family | None:
    x = layer.activity
    ratio = simplified(variance / x)
    if not layer.is_simplex or x in ratio.free_symbols:
        return None
    family = Family(
        "categorical",
        f"activities of {x} sum to 1, so that a term -{x} is constant",
        1 / ratio,
        leak,
        x * sp.log(x) - x,
        sp.Function("logsumexp")(_U),
        Interval(sp.S.Zero, sp.S.One),
        sign_of(1 / ratio),
    )
    return _named(family, x, sp.S.One)


def _rectified(layer: "Layer", variance: Expr, leak: Expr) -> Family | None:
    x = layer.activity
    if not layer.is_rectified or x in variance.free_symbols:
        return None
    family = Family(
        "rectified Gaussian",
        "as most probable value (MAP) only: no regular exponential family has relu as its mean",
        1 / variance,
        leak,
        x**2 / 2,
        sp.Max(_U, 0) ** 2 / 2,
        _POSITIVE,
        sign_of(1 / variance),
    )
    return _named(family, x, sp.S.Zero)


def _by_variance(layer: "Layer", variance: Expr, leak: Expr) -> Family | None:
    x = layer.activity
    if not variance.is_polynomial(x):
        return None
    polynomial = sp.Poly(variance, x)
    if polynomial.degree() > 2:
        return None
    c0, c1, c2 = (simplified(polynomial.coeff_monomial(x**n)) for n in range(3))
    if c1 == 0 and c2 == 0:
        note = "of unit variance" if c0 == 1 else f"of variance {text_of(c0)}"
        family = Family(
            "Gaussian", note, 1 / c0, leak, x**2 / 2, _U**2 / 2, REAL_LINE, sign_of(1 / c0)
        )
        return _named(family, x, sp.S.Zero)
    if c0 == 0 and c2 == 0:
        note = "relative to the base measure 1/n!, not the plain entropy"
        entropy = x * sp.log(x) - x
        family = Family(
            "Poisson", note, 1 / c1, leak, entropy, sp.exp(_U), _POSITIVE, sign_of(1 / c1)
        )
        return _named(family, x, sp.S.One)
    return _two_valued(x, variance, c2, leak) if c2 != 0 else None


def _two_valued(x: sp.Symbol, variance: Expr, c2: Expr, leak: Expr) -> Family | None:
    """Return the family of a state with the roots of the variance as its two values."""
    ends = _ends(x, variance)
    for low, high in (ends, ends[::-1]) if ends else ():
        temperature = simplified(-1 / (c2 * (high - low)))
        growth = both(sign_of(high - low), sign_of(temperature))
        if growth.holds:
            return _of_values(x, (low, high), temperature, leak, growth)
    if ends and all(end.is_number for end in ends):
        low, high = sorted(ends, key=float)
        return _of_values(x, (low, high), simplified(-1 / (c2 * (high - low))), leak, Sign(False))
    return None


def _ends(x: sp.Symbol, variance: Expr) -> tuple[Expr, Expr] | None:
    """Return the two roots of a quadratic, if they are real and differ."""
    linear = [
        factor
        for factor, times in sp.factor_list(variance, x)[1]
        if times == 1 and sp.degree(factor, x) == 1
    ]
    if len(linear) == 2:
        roots = [simplified(-f.coeff(x, 0) / f.coeff(x, 1)) for f in map(sp.expand, linear)]
    else:
        roots = list(sp.roots(sp.Poly(variance, x)))
    if len(roots) != 2 or not all(root.is_real for root in roots):
        return None
    return roots[0], roots[1]


def _of_values(
    x: sp.Symbol, values: tuple[Expr, Expr], temperature: Expr, leak: Expr, growth: Sign
) -> Family:
    low, high = values
    above, below = x - low, high - x
    entropy = above * sp.log(above) + below * sp.log(below)
    middle = (low + high) / 2
    if (low, high) == (-1, 1):
        spin = Family(
            "spin",
            "Bernoulli with values +1 and -1; log odds are twice the drive",
            2 * temperature,
            leak,
            entropy / 2,
            sp.log(2 * sp.cosh(_U)),
            Interval(low, high),
            growth,
            gain=sp.Integer(2),
        )
        return _named(spin, x, middle)
    is_plain = (low, high) == (0, 1)
    others = f"with values {text_of(low)} and {text_of(high)} for off and on"
    note = "states off and on" if is_plain else others
    partition = Softplus(_U) if is_plain else None
    family = Family(
        "Bernoulli", note, temperature, leak, entropy, partition, Interval(low, high), growth
    )
    return _named(family, x, middle)
