"""Networks outside the gallery, derived by hand: cost, domain, prior and plasticity of each."""

from dataclasses import dataclass, field

import numpy as np
import sympy as sp

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
