"""Networks without a cost, and rules with wrong factors, are judged as by hand."""

import pytest

from hebbayes.symbolic import derive

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
