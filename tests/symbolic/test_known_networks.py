"""Networks outside the gallery, derived by hand: cost, domain, prior and plasticity of each.

Every answer is checked twice: as a formula, and by finite differences of the printed cost.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
import sympy as sp

from hebbayes.symbolic import derive, read_system
from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.zero import is_zero

from .arithmetic import slope_of, value_of

HALF = sp.Rational(1, 2)


@dataclass(frozen=True)
class Known:
    """A canonical network and what it implies.

    Attributes:
        equation: As typed.
        assume: What is assumed.
        cost: Summand of each layer's cost, as typed; None if it is an integral without a name.
        family: Families, layer by layer.
        prior: Natural parameter of each layer before any input, as typed.
        ends: Domain of the first layer.
        assumed: Conditions stated by the result.
        metric: Metric of each layer whose metric is not 1.
        rules: Plasticity demanded.
        values: Values of parameters for the numerical route, if they may not be drawn.
    """

    equation: str
    cost: dict | None
    family: str
    prior: dict
    ends: tuple
    assume: str = ""
    assumed: tuple = ()
    metric: dict = field(default_factory=dict)
    rules: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)


BERNOULLI, SPIN, REALS = (0, 1), (-1, 1), (-sp.oo, sp.oo)

CANONICAL = {
    # d_i (J x)_i with J = J': dividing by d makes it symmetric, so the metric is 1/d
    "Hopfield, scaled by a vector": Known(
        "dx/dt = -logit(x) + d*(J*x) + h",
        {"x": "(x*log(x) + (1 - x)*log(1 - x))/d - h*x/d - x*(J*x)/2"},
        "Bernoulli",
        {"x": "h"},
        BERNOULLI,
        assume="J symmetric; d vector; d > 0",
        metric={"x": "1/d"},
        rules={"J": "x_post*x_pre"},
    ),
    # the past is an input: J needs no symmetry
    "Hopfield, delayed": Known(
        "tau*dv/dt = -v + J*x_delayed + b; x = tanh(v)",
        {"x": "((1 + x)*log(1 + x) + (1 - x)*log(1 - x))/2 - b*x - x*(J*x_delayed)"},
        "spin",
        {"x": "2*b"},
        SPIN,
    ),
    # v = atanh(x)/beta: log odds are 2 beta (u), the entropy has the factor 1/beta
    "Hopfield, at a temperature": Known(
        "dv/dt = -v + J*x + b; x = tanh(beta*v)",
        {"x": "((1 + x)*log(1 + x) + (1 - x)*log(1 - x))/(2*beta) - b*x - x*(J*x)/2"},
        "spin",
        {"x": "2*beta*b"},
        SPIN,
        assume="J symmetric",
        assumed=("beta > 0",),
    ),
    # time constants do not enter the cost
    "two time constants": Known(
        "tau_x*dx/dt = -logit(x) + C*y + h; tau_y*dy/dt = -y + C'*x + m",
        {
            "x": "x*log(x) + (1 - x)*log(1 - x) - h*x - x*(C*y)",
            "y": "y^2/2 - m*y",
        },
        "x: Bernoulli; y: Gaussian",
        {"x": "h", "y": "m"},
        BERNOULLI,
    ),
    # a gain of the input stays in the drive and enters plasticity
    "a gain of the input": Known(
        "dx/dt = -x + g*(W*o) + h",
        {"x": "x^2/2 - h*x - g*x*(W*o)"},
        "Gaussian",
        {"x": "h"},
        REALS,
        rules={"W": "g*o*x"},
    ),
    # v = logit(x)/2: log odds are 2 u
    "a gain of the activation": Known(
        "dv/dt = -v + W*o + h; x = sig(2*v)",
        {"x": "(x*log(x) + (1 - x)*log(1 - x))/2 - h*x - x*(W*o)"},
        "Bernoulli",
        {"x": "2*h"},
        BERNOULLI,
    ),
    # 3 logit(x) = u: log odds are u/3
    "a gain of the leak": Known(
        "dx/dt = -3*logit(x) + W*o + h",
        {"x": "3*(x*log(x) + (1 - x)*log(1 - x)) - h*x - x*(W*o)"},
        "Bernoulli",
        {"x": "h/3"},
        BERNOULLI,
    ),
    # x/r = sig(v): a state with values 0 and r
    "a largest rate": Known(
        "dv/dt = -v + W*o + h; x = r*sig(v)",
        {"x": "x*log(x) + (r - x)*log(r - x) - h*x - x*(W*o)"},
        "Bernoulli",
        {"x": "h"},
        (0, "r"),
        assumed=("r > 0",),
        values={"r": 3.0},
    ),
    # the logit of (x - a)/(b - a)
    "rates between a and b": Known(
        "dx/dt = -log((x - a)/(b - x)) + W*o + h",
        {"x": "(x - a)*log(x - a) + (b - x)*log(b - x) - h*x - x*(W*o)"},
        "Bernoulli",
        {"x": "h"},
        ("a", "b"),
        assumed=("a < b",),
        values={"a": -1.5, "b": 2.0},
    ),
    # with p = 2 x: log(x/(1 - 2 x)) = logit(p) - ln 2
    "a constant inside the leak": Known(
        "dx/dt = -log(x/(1 - 2*x)) + W*o + h",
        {"x": "x*log(x) + (1/2 - x)*log(1/2 - x) - x*log(2) - h*x - x*(W*o)"},
        "Bernoulli",
        {"x": "h + log(2)"},
        (0, HALF),
    ),
    # E = (1 - E) sig(u) is log(E/(1 - 2 E)) = u
    "Wilson-Cowan, refractory": Known(
        "tau*dE/dt = -E + (1 - E)*sig(w*E + W*o + h)",
        {"E": "E*log(E) + (1/2 - E)*log(1/2 - E) - E*log(2) - h*E - w*E^2/2 - E*(W*o)"},
        "Bernoulli",
        {"E": "h + log(2)"},
        (0, HALF),
    ),
    # two inhibitory couplings of different strength: -w_EI = d (-w_IE)
    "Wilson-Cowan, mutual inhibition": Known(
        "tau*dE/dt = -E + sig(-w_EI*I + P); tau_I*dI/dt = -I + sig(-w_IE*E)",
        {
            "E": "E*log(E) + (1 - E)*log(1 - E) - E*P + w_EI*E*I",
            "I": "(w_EI/w_IE)*(I*log(I) + (1 - I)*log(1 - I))",
        },
        "Bernoulli",
        {"E": "P", "I": "0"},
        BERNOULLI,
        assume="w_EI > 0; w_IE > 0",
        metric={"I": "w_EI/w_IE"},
    ),
    # the inhibition of the past is an input
    "Wilson-Cowan, delayed": Known(
        "tau*dE/dt = -E + sig(w*E - a*I_delayed + P); tau_I*dI/dt = -I + sig(b*E_delayed)",
        {
            "E": "E*log(E) + (1 - E)*log(1 - E) - E*P + a*E*I_delayed - w*E^2/2",
            "I": "I*log(I) + (1 - I)*log(1 - I) - b*I*E_delayed",
        },
        "Bernoulli",
        {"E": "P", "I": "0"},
        BERNOULLI,
        values={"a": 0.8, "b": 0.6},
    ),
    # adaptation that reads the past
    "adaptation, delayed": Known(
        "dx/dt = -logit(x) + W*o - g*a_delayed + h; tau_a*da/dt = -a + x_delayed",
        {
            "x": "x*log(x) + (1 - x)*log(1 - x) - h*x + g*x*a_delayed - x*(W*o)",
            "a": "a^2/2 - a*x_delayed",
        },
        "x: Bernoulli; a: Gaussian",
        {"x": "h", "a": "0"},
        BERNOULLI,
    ),
    # inputs divide inputs: a drive like any other
    "divisive normalisation of inputs": Known(
        "dx/dt = -x + (W*o)/(s + sum(o))",
        {"x": "x^2/2 - x*(W*o)/(s + sum(o))"},
        "Gaussian",
        {"x": "0"},
        REALS,
        values={"s": 1.5},
    ),
    # L holds k (sum x)^2/2: units share one inhibition
    "subtractive normalisation": Known(
        "dx/dt = -logit(x) + W*o - k*sum(x) + h",
        {"x": "x*log(x) + (1 - x)*log(1 - x) - h*x + k*x*sum(x)/2 - x*(W*o)"},
        "Bernoulli",
        {"x": "h"},
        BERNOULLI,
    ),
    # 2 ln(3 x) = u: the log of the mean is u/2 - ln 3
    "Poisson, scaled": Known(
        "dx/dt = -2*log(3*x) + W*o + h",
        {"x": "2*(x*log(x) - x) + 2*x*log(3) - h*x - x*(W*o)"},
        "Poisson",
        {"x": "h/2 - log(3)"},
        (0, sp.oo),
    ),
    # x = exp(g v) r: v = (ln x - ln r)/g
    "Poisson, with a base rate": Known(
        "dv/dt = -v + W*o + h; x = 5*exp(2*v)",
        {"x": "(x*log(x) - x)/2 - x*log(5)/2 - h*x - x*(W*o)"},
        "Poisson",
        {"x": "2*h + log(5)"},
        (0, sp.oo),
    ),
    # 3 x + 4 = u: mean (u - 4)/3
    "Gaussian, shifted": Known(
        "dx/dt = -3*x - 4 + W*o + h",
        {"x": "3*x^2/2 + 4*x - h*x - x*(W*o)"},
        "Gaussian",
        {"x": "(h - 4)/3"},
        REALS,
    ),
    # softmax(2 v): v = ln(x)/2 up to a constant common to all units
    "winner-take-all, sharper": Known(
        "dv/dt = -v + W*o + h; x = softmax(2*v)",
        {"x": "(x*log(x) - x)/2 - h*x - x*(W*o)"},
        "categorical",
        {"x": "2*h"},
        BERNOULLI,
    ),
    # self-excitation w < 1 weakens the leak: (1 - w) x = u
    "self-excitation": Known(
        "dx/dt = -x + w*x + W*o + h",
        {"x": "(1 - w)*x^2/2 - h*x - x*(W*o)"},
        "Gaussian",
        {"x": "h/(1 - w)"},
        REALS,
        assumed=("w < 1",),
        values={"w": 0.3},
    ),
    # x^3 grows everywhere, though its slope is 0 at 0
    "a cubic leak": Known(
        "dx/dt = -x^3 + W*o + h",
        {"x": "x^4/4 - h*x - x*(W*o)"},
        "no named family",
        {"x": "h"},
        REALS,
    ),
    # the slope 3 + 2 cos(2 x) is at least 1
    "a wavy leak that grows": Known(
        "dx/dt = -3*x - sin(2*x) + W*o + h",
        {"x": "3*x^2/2 - cos(2*x)/2 - h*x - x*(W*o)"},
        "no named family",
        {"x": "h"},
        REALS,
    ),
    # x/(1 - x) goes up to infinity at 1
    "a leak with a pole": Known(
        "dx/dt = -x/(1 - x) + W*o + h",
        {"x": "-x - log(1 - x) - h*x - x*(W*o)"},
        "no named family",
        {"x": "h"},
        (-sp.oo, 1),
    ),
    # softplus grows; its inverse ln(e^x - 1) has no elementary integral
    "softplus": Known(
        "dv/dt = -v + W*o + h; x = softplus(v)", None, "no named family", {"x": "h"}, REALS
    ),
    # rate of a leaky integrate-and-fire neuron: v/(v - theta) falls with v, so the rate grows
    "LIF rate": Known(
        "tau*dv/dt = -v + W*o + h; x = 1/(t_r + tau_m*log(v/(v - theta)))",
        None,
        "no named family",
        {"x": "h"},
        None,
        assumed=("theta > 0",),
        values={"theta": 1.0, "t_r": 0.1, "tau_m": 1.0, "v": np.array([1.4, 2.0, 3.1])},
    ),
}


def plain(expression):
    """Return an expression whose symbols are what their names say, and nothing more."""
    marks = {s: sp.Symbol(s.name, real=True) for s in expression.free_symbols}
    return expression.xreplace(marks)


def typed(formula, derivation):
    """Return a formula of one unit as the language reads it."""
    names = {s.name for r in derivation.interpretations for s in (r.layer.activity, r.layer.state)}
    stated = "; ".join(["J symmetric", *(f"{name} vector" for name in sorted(names))])
    return plain(read_system(f"dunit/dt = {formula}", stated).equations[0].field)


@pytest.fixture(scope="module")
def derived():
    return {
        n: derive(known.equation, assume=known.assume, time_limit_s=60)
        for n, known in CANONICAL.items()
    }


@pytest.mark.parametrize("name", CANONICAL)
def test_the_formulas_are_those_derived_by_hand(name, derived):
    known, derivation = CANONICAL[name], derived[name]
    assert derivation.is_canonical, derivation.why_not
    assert derivation.family == known.family
    assert derivation.assumed == known.assumed
    for interpretation in derivation.interpretations:
        x, family = interpretation.layer.activity, interpretation.family
        prior = family.natural(interpretation.prior)
        assert is_zero(plain(prior) - typed(known.prior[x.name], derivation))
        assert text_of(derivation.integrability.metric[x]) == known.metric.get(x.name, "1")
    if known.ends is not None:
        domain = derivation.interpretations[0].family.domain
        assert [str(end) for end in (domain.low, domain.high)] == [str(end) for end in known.ends]
    assert known.rules.items() <= derivation.plasticity.items()


@pytest.mark.parametrize("name", [n for n, known in CANONICAL.items() if known.cost])
def test_the_cost_is_that_derived_by_hand(name, derived):
    known, derivation = CANONICAL[name], derived[name]
    first = derivation.interpretations[0].layer.activity.name
    costs = {piece.space.name: plain(piece.body) for piece in derivation.full}
    by_hand = {layer: typed(formula, derivation) for layer, formula in known.cost.items()}
    if set(costs) != set(by_hand):  # layers of pairs of units share one sum
        costs, by_hand = ({first: sp.Add(*c.values())} for c in (costs, by_hand))
    for layer, formula in by_hand.items():
        assert is_zero(costs[layer] - formula), layer


SIZES = {"o": 4, "y": 2, "m": 2}
SCALARS = ("beta", "g", "k", "w", "w_EI", "w_IE", "s")


def point_of(name, derived):
    """Return random values of every name, activities within their domain."""
    known, rng = CANONICAL[name], np.random.default_rng(4)
    values = {n: rng.uniform(0.2, 0.9) for n in SCALARS}
    values |= {n: rng.uniform(0.2, 0.9, SIZES.get(n, 3)) for n in ("o", "h", "b", "m", "P", "d")}
    values |= {f"{n}_delayed": rng.uniform(0.2, 0.9, 3) for n in ("x", "E", "I", "a")}
    J = rng.normal(size=(3, 3))
    values |= {"W": rng.normal(size=(3, 4)), "C": rng.normal(size=(3, 2)), "J": J + J.T}
    values |= known.values
    for interpretation in derived[name].interpretations:
        layer, domain = interpretation.layer, interpretation.family.domain
        share = rng.uniform(0.2, 0.8, SIZES.get(layer.activity.name, 3))
        if layer.form == "membrane":
            values[layer.state.name] = 2 * share - 1
            values[layer.activity.name] = value_of(statement(known, layer.activity.name), values)
            continue
        ends = [value_of(str(e), values) for e in (domain.low, domain.high) if not e.is_infinite]
        low, high = ends if len(ends) == 2 else (0.1, 0.8)
        values[layer.activity.name] = low + (high - low) * share
    return values


def statement(known, name):
    """Return the right side of a definition or a differential equation."""
    for part in known.equation.split(";"):
        left, _, right = part.partition("=")
        if left.strip() == name or left.strip().endswith(f"d{name}/dt"):
            return right.strip()
    raise KeyError(name)


@pytest.mark.parametrize("name", [n for n, known in CANONICAL.items() if known.cost])
def test_the_printed_cost_falls_along_the_equation(name, derived):
    known, derivation, values = CANONICAL[name], derived[name], point_of(name, derived)
    for interpretation in derivation.interpretations:
        layer = interpretation.layer
        x = layer.activity.name
        descent = -slope_of(derivation.cost, values, x)
        velocity = value_of(statement(known, layer.state.name), values)
        velocity = velocity * value_of(known.metric.get(x, "1"), values) * np.ones_like(descent)
        if layer.form == "rate":  # same zeros and same direction; the metric depends on activity
            np.testing.assert_array_equal(np.sign(descent), np.sign(velocity))
        elif interpretation.family.name == "categorical":  # up to what all units share
            np.testing.assert_allclose(np.diff(descent), np.diff(velocity), atol=1e-6)
        else:
            np.testing.assert_allclose(descent, velocity, atol=1e-6)


@pytest.mark.parametrize("name", [n for n, known in CANONICAL.items() if known.cost])
def test_the_printed_cost_falls_along_its_plasticity(name, derived):
    derivation, values = derived[name], point_of(name, derived)
    for matrix, rule in derivation.plasticity.items():
        if matrix != "W":
            continue
        post = {n: v[:, None] if np.shape(v) == (3,) else v for n, v in values.items()}
        claimed = value_of(rule.replace("o", "o[None, :]"), post)
        np.testing.assert_allclose(-slope_of(derivation.cost, values, matrix), claimed, atol=1e-6)


def test_the_activation_of_a_neuron_without_a_name_grows():
    known = CANONICAL["LIF rate"]
    assert np.all(np.diff(value_of(statement(known, "x"), known.values)) > 0)


REFUSED = {
    # J = -J' is its own antisymmetric part
    "Hopfield, antisymmetric": (
        "dx/dt = -logit(x) + J*x + h",
        "J antisymmetric",
        "opposite signs",
        (),
    ),
    # excitation and inhibition act with opposite signs
    "Wilson-Cowan": (
        "dE/dt = -E + sig(a*E - b*I + P); dI/dt = -I + sig(c*E - d*I)",
        "b > 0; c > 0",
        "opposite signs",
        (),
    ),
    # at once, adaptation is inhibition that its own unit excites; b < 0 would be excitation
    "adaptation at once": (
        "tau*dx/dt = -x - a + W*o; tau_a*da/dt = -a + b*x",
        "b > 0",
        "opposite signs",
        (),
    ),
    "adaptation of unknown sign": (
        "tau*dx/dt = -x - a + W*o; tau_a*da/dt = -a + b*x",
        "",
        "no stated sign",
        ("b < 0",),
    ),
    # one layer drives another, which does not answer
    "a cascade at once": ("dx/dt = -x + W*o; dy/dt = -y + C*x", "", "make it an input", ()),
    # d f_i/d x_j = -u_i/(1 + sum)^2 follows the input of i
    "divisive normalisation by activity": (
        "dx/dt = -x + (W*o)/(1 + sum(x))",
        "",
        "would have to follow",
        (),
    ),
    # sin(2 x) falls beyond pi/4, at x = 1 for one
    "a sine": ("dx/dt = -sin(2*x) + W*o", "", "does not grow with x at x = 1", ()),
    # x^2 falls below 0; rates are not below 0
    "a square": ("dx/dt = -x^2 + W*o", "", "does not grow", ("x > 0",)),
    # x sig(x) has a minimum near -1.28
    "swish": ("dv/dt = -v + W*o; x = v*sig(v)", "", "does not grow with v", ()),
    # all points that are easy to try lie below the threshold of 5
    "a coupling above a threshold": ("dx/dt = -x + A*relu(x - 5)", "", "not symmetric", ()),
    # a negative time constant climbs
    "time that runs backwards": ("-2*dx/dt = -x + W*o", "", "not a positive constant", ()),
    "an order that is denied": ("dx/dt = -log((x - a)/(b - x)) + W*o", "b < a", "contradicts", ()),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_network_without_a_cost_is_refused(name):
    equation, assume, words, remedies = REFUSED[name]
    derivation = derive(equation, assume=assume)
    assert not derivation.is_canonical
    assert words in derivation.why_not
    assert derivation.would_be_canonical_if == remedies


LAYER, TANH = "dx/dt = -logit(x) + W*o + h", "dv/dt = -v + W*o + h; x = tanh(v)"
ACTOR = "dx/dt = -logit(x) + W*o; dy/dt = -logit(y) + V*x_delayed + m"
RISK = "o binary; Gamma modulates V"
DECAY, EXTRA = "equal with a prior of the synapse", "equal only with an extra term"

RULES = [
    # demanded: x (o - sig(W1)); both parts three times is a rate, one part twice is another cost
    (LAYER, "o binary", "dW1/dt = 3*(x*o - x*sig(W1))", "proportional", ()),
    (LAYER, "o binary", "dW1/dt = 2*x*o - x*sig(W1)", EXTRA, ()),
    (LAYER, "o binary", "dW1/dt = x*o - 2*x*sig(W1)", EXTRA, ()),
    (LAYER, "o binary", "dW0/dt = x*(o - sig(W0))", "not a gradient", ()),
    (LAYER, "o binary", "dW1/dt = -x*(o - sig(W1))", "not a gradient", ()),
    (LAYER, "", "dW/dt = eta*x*o", "proportional", ("eta > 0",)),
    # spin: on with probability (1 + x)/2
    (TANH, "o binary", "dW1/dt = (1 + x)*(o - sig(W1))/2", "equal", ()),
    (TANH, "o binary", "dW1/dt = x*(o - sig(W1))", EXTRA, ()),
    # demanded: (1 - 2 Gamma) y (x_delayed - sig(V1)), negative for Gamma > 1/2; 1 - Gamma is not
    (ACTOR, RISK, "dV1/dt = (1 - 2*Gamma)*y*(x_delayed - sig(V1))", "equal", ()),
    (ACTOR, RISK, "dV1/dt = (1 - Gamma)*y*(x_delayed - sig(V1))", "not a gradient", ()),
    # decay: -ln N(W; 0, 1/lambda) = lambda W^2/2; growth is no prior, constant decay needs W > 0
    ("dx/dt = -x + W*o", "", "dW/dt = x*o - lam*W", DECAY, ("lam > 0",)),
    ("dx/dt = -x + W*o", "", "dW/dt = x*o - 0.1*tanh(W)", DECAY, ()),
    ("dx/dt = -x + W*o", "", "dW/dt = x*o + 0.1*W", EXTRA, ()),
    ("dx/dt = -x + W*o", "", "dW/dt = x*o - 0.1", EXTRA, ()),
    ("dx/dt = -x + W*o", "W > 0", "dW/dt = x*o - 0.1", DECAY, ()),
]


@pytest.mark.parametrize(("equation", "assume", "rule", "verdict", "assumed"), RULES)
def test_a_rule_is_judged_as_by_hand(equation, assume, rule, verdict, assumed):
    derivation = derive(equation, assume=assume, plasticity=rule)
    (judged,) = derivation.verdicts
    assert (judged.verdict, judged.assumed) == (verdict, assumed)
    assert derivation.is_canonical is (verdict in ("equal", "proportional", DECAY))
