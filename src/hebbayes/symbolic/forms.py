"""Every layer in its activity form: the drive of a unit less the leak of its own activity.

    activity   dx/dt = -leak(x) + u
    membrane   dv/dt = -v + u, x = phi(v)        leak = inverse of phi; the metric is phi'
    rate       dx/dt = -x + phi(u)               same fixed point, descends the same cost

(docs/theory.md eq. 4 and section 5).  All three become `Layer.field` = u - leak(x).  Other
equations stay as written.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.domains import domain_of
from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.functions import (
    INCREASING,
    INVERSES,
    Expr,
    MatVec,
    Relu,
    Softmax,
    expanded,
    held,
    outermost,
    simplified,
)
from hebbayes.symbolic.algebra.inversion import invert
from hebbayes.symbolic.algebra.signs import PROVEN, Sign, both, sign_of
from hebbayes.symbolic.algebra.zero import is_zero

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import Equation, System


@dataclass(frozen=True)
class Layer:
    """One layer in activity form.

    Attributes:
        activity: x.
        field: u - leak(x), which is -dL/dx up to the metric.
        form: activity, membrane or rate.
        state: What the differential equation changes.
        equation: The equation as written.
        activation: phi as a function of the state, if one is given.
        is_simplex: Whether the activities of the layer sum to 1.
        is_rectified: Whether activity stops at 0.
        growth: Whether activation and leak grow, so that a metric is positive.
        problem: Why there is no form, e.g. a decreasing activation.
    """

    activity: sp.Symbol
    field: Expr
    form: str
    state: sp.Symbol
    equation: "Equation"
    activation: Expr | None = None
    is_simplex: bool = False
    is_rectified: bool = False
    growth: Sign = PROVEN
    problem: str = ""


def layers_of(system: "System") -> tuple[Layer, ...]:
    """Return the layers of a network in activity form.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> layers_of(read_system("tau*dv/dt = -v + W*o; x = sig(v)"))[0].field
        -Logit(x) + MatVec(W, o)
    """
    equations = tuple(_with_inline_activation(e, system) for e in system.equations)
    result = [_with_time(_layer(equation, system)) for equation in equations]
    return tuple(_in_activities(layer, result, system) for layer in result)


def _with_inline_activation(equation: "Equation", system: "System") -> "Equation":
    """Return dv/dt = -v + J tanh(v) with the activity x = tanh(v) named."""
    if equation.activation is not None:
        return equation
    v = equation.state
    read: set[Expr] = set()
    for other in system.equations:
        for atom in other.field.atoms(MatVec):
            if v in atom.args[1].free_symbols and not atom.args[1].has(MatVec):
                read.add(atom.args[1].as_independent(v, as_Add=False)[1])
    if len(read) != 1:
        return equation
    activation = read.pop()
    plain = equation.field.xreplace(dict.fromkeys(outermost(equation.field), sp.S.Zero))
    is_leak_linear = plain.has(v) and v not in simplified(plain.diff(v)).free_symbols
    is_phi = type(activation) in INVERSES and activation.args[0] == v
    if not (is_phi and is_leak_linear):
        return equation
    name = "x" if v.name != "x" and "x" not in system.symbols else f"rate_{v.name}"
    return replace(equation, activity=sp.Symbol(name, real=True), activation=activation)


def _layer(equation: "Equation", system: "System") -> Layer:
    if equation.activation is not None and equation.activity is not None:
        return _membrane(equation)
    x = equation.state
    rate = _rate(equation, system)
    if rate is not None:
        return rate
    simplex = x.name in system.assumptions.simplex
    return Layer(x, equation.field, "activity", x, equation, is_simplex=simplex)


def _membrane(equation: "Equation") -> Layer:
    x, v, phi = equation.activity, equation.state, equation.activation
    assert x is not None
    assert phi is not None
    is_softmax = isinstance(phi, Softmax)
    increase = growth_of(phi, v)
    problem = ""
    if not increase.holds:
        problem = (
            f"{_no_growth(increase, x, v)}: a metric of a cost must be positive, so the activation "
            "must increase."
        )
    plain = held(equation.field)[0]
    leak = sp.Add(*(-t for t in sp.Add.make_args(plain) if t.free_symbols >= {v}))
    leak_growth = sign_of(leak.diff(v), v, domain_of(phi, v, is_drive=True))
    return Layer(
        activity=x,
        field=equation.field.xreplace({phi: x}),
        form="membrane",
        state=v,
        equation=equation,
        activation=phi,
        is_simplex=is_softmax,
        is_rectified=phi.has(Relu),
        growth=both(increase, leak_growth),
        problem=problem,
    )


def _no_growth(increase: Sign, x: sp.Symbol, v: sp.Symbol) -> str:
    if increase.holds is None:
        return f"it is not proven that {x} grows with {v}"
    at = f" at {increase.counterexample}" if increase.counterexample else ""
    return f"{x} does not grow with {v}{at}"


def _with_time(layer: Layer) -> Layer:
    """Return a layer with the sign of its time constant examined."""
    time = sign_of(layer.equation.factor)
    if time.holds and not _is_varying(layer):
        growth = replace(layer.growth, assumed=(*time.assumed, *layer.growth.assumed))
        return replace(layer, growth=growth)
    factor = layer.equation.factor
    problem = f"the factor {text_of(factor)} of d{layer.state}/dt is not a positive constant."
    return replace(layer, problem=layer.problem or problem)


def _is_varying(layer: Layer) -> bool:
    symbols = layer.equation.factor.free_symbols
    return bool(symbols & {layer.state, layer.activity}) or bool(outermost(layer.equation.factor))


def _in_activities(layer: Layer, layers: list[Layer], system: "System") -> Layer:
    """Return ``layer`` with every potential written as a function of its activity."""
    potentials: dict[Expr, Expr] = {}
    for other in layers:
        if other.form == "membrane" and other.activation is not None:
            potentials[other.activation] = other.activity
            potentials[other.state] = potential_of(other)
    field = layer.field
    for form in (a for a in potentials if not isinstance(a, sp.Symbol)):
        field = field.xreplace({form: potentials[form]})
    field = field.xreplace({s: e for s, e in potentials.items() if isinstance(s, sp.Symbol)})
    return replace(layer, field=expanded(field))


def potential_of(layer: Layer) -> Expr:
    """Return v as a function of the activity, the inverse of the activation.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> potential_of(layers_of(read_system("dv/dt = -v + W*o; x = tanh(2*v)"))[0])
        atanh(x)/2
    """
    assert layer.activation is not None
    inverse = invert(layer.activation, layer.state, layer.activity)
    if inverse is None:
        return sp.Function(f"inverse_{layer.activity}", real=True)(layer.activity)
    return inverse


def _rate(equation: "Equation", system: "System") -> Layer | None:
    """Return the layer of dx/dt = a(x) + b(x) phi(u), or None for another equation."""
    x, field = equation.state, sp.expand_mul(equation.field)
    held = [a for a in _calls(field) if _is_driven(a, x, system)]
    if len(held) != 1:
        return None
    call, stand = held[0], sp.Dummy(real=True)
    plain = field.xreplace({call: stand})
    gain = plain.diff(stand)
    rest = sp.expand(plain - gain * stand)
    is_affine = stand not in gain.free_symbols and not outermost(gain + rest)
    growth = both(leakiness(rest, x), sign_of(gain.xreplace({x: sp.S.Zero})))
    if not is_affine or not growth.holds:
        return None
    value = sp.expand(-rest / gain) if x not in gain.free_symbols else -rest / gain
    leak = INVERSES[type(call)](value)
    return Layer(
        activity=x,
        field=call.args[0] - leak,
        form="rate",
        state=x,
        equation=equation,
        activation=call.func(sp.Symbol("u", real=True)),
        is_simplex=isinstance(call, Softmax),
        is_rectified=isinstance(call, Relu),
        growth=growth,
    )


def _calls(field: Expr) -> list[Expr]:
    """Return the activations in ``field`` outside every sum over units, outermost first."""
    if isinstance(field, MatVec):
        return []
    if type(field) in INVERSES:
        return [field]
    result: list[Expr] = []
    for part in field.args:
        result += [call for call in _calls(part) if call not in result]
    return result


def _is_driven(call: Expr, x: sp.Symbol, system: "System") -> bool:
    """Whether an activation is applied to a drive and not just to the unit's own activity."""
    inside = call.args[0]
    varying = set(system.inputs) | set(system.delayed) | set(system.states)
    return inside.has(MatVec) or bool(inside.free_symbols & (varying - {x}))


def leakiness(rest: Expr, x: sp.Symbol) -> Sign:
    """Return whether a unit's own term is a linear leak, -k x with k > 0.

    Example:
        >>> x = sp.Symbol("x", real=True)
        >>> leakiness(-2 * x, x).holds, leakiness(2 * x, x).holds
        (True, False)
    """
    slope = simplified(rest.diff(x))
    if x in slope.free_symbols or not is_zero(rest.xreplace({x: sp.S.Zero})):
        return Sign(False)
    return sign_of(-slope)


def growth_of(phi: Expr, v: sp.Symbol) -> Sign:
    """Return whether an activation grows with its argument.

    Example:
        >>> v = sp.Symbol("v", real=True)
        >>> growth_of(sp.tanh(v), v).holds, growth_of(-sp.tanh(v), v).holds
        (True, False)
    """
    if type(phi) in INCREASING:
        return Sign(True) if phi.args[0] == v else growth_of(phi.args[0], v)
    return sign_of(phi.diff(v), v, domain_of(phi, v, is_drive=True))
