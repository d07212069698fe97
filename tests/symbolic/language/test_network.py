"""The equation language: text means what it says, and a mistake is shown in its place."""

import pytest
import sympy as sp

from hebbayes.symbolic import EquationError, derive, read_rules, read_system
from hebbayes.symbolic.algebra.functions import Logit, MatVec, Sigmoid, Trans

LITERAL = {
    "dx/dt = -logit(x) + W*o + K*x_delayed + h": ("", "Bernoulli", True),
    "tau*dv/dt = -v + W*o + h; x = sig(v)": ("", "Bernoulli", True),
    "dx/dt = -atanh(x) + W*o + h": ("", "spin", True),
    "dx/dt = -log(x) + W*o + h": ("", "Poisson", True),
    "dx/dt = -x + W*o": ("", "Gaussian", True),
    "dx/dt = -logit(x) + W*o + J*x + h": ("", "Bernoulli", False),
    "dx/dt = -logit(x) + W*o + J*x  + h": ("J symmetric", "Bernoulli", True),
    "dx/dt = -logit(x) + W*o + h; dy/dt = -logit(y) + V*x_delayed + m": ("", "Bernoulli", True),
}


@pytest.mark.parametrize("equation", LITERAL)
def test_the_equations_of_the_theory_parse_as_they_are_written(equation):
    assume, family, is_integrable = LITERAL[equation]
    derivation = derive(equation, assume=assume)
    assert {r.family.name for r in derivation.interpretations} == {family}
    assert derivation.integrability.holds is is_integrable


def test_an_equation_means_what_it_says():
    system = read_system("tau*dv/dt = -v + W*o - 2*(K'*x_delayed3) + h/2; x = sig(v)")
    (equation,) = system.equations
    v, x, h, tau = (system.symbols[name] for name in ("v", "x", "h", "tau"))
    W, K, o, late = (system.symbols[name] for name in ("W", "K", "o", "x_delayed3"))
    assert equation.field == -v + MatVec(W, o) - 2 * MatVec(Trans(K), late) + h / 2
    assert (equation.factor, equation.activity, equation.activation) == (tau, x, Sigmoid(v))
    assert system.delayed[late] == (x, "3")
    assert system.inputs == {o}
    assert system.matrices == {W, K}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("dx/dt = -x + W*x(t-2)", "dx/dt = -x + W*x_delayed2"),
        ("dx/dt = -x + W*x[t - 1]", "dx/dt = -x + W*x_delayed"),
        ("dx/dt = -x + W*o  # a comment", "dx/dt = -x + W·o"),
        ("dx/dt = -x\n   + W*o\n", "dx/dt = -x + W*o"),
        ("dx/dt = -x + u; u = W*o + h", "dx/dt = -x + W*o + h"),
        ("f(a) = a^2; dx/dt = -f(x)*x + W*o", "dx/dt = -x**3 + W*o"),
        ("dx/dt = −x + W*o", "dx/dt = -x + W*o"),
        ("dx/dt = -ln(x) + W*o", "dx/dt = -log(x) + W*o"),
        ("dx/dt = -artanh(x) + (2*W)*o", "dx/dt = -atanh(x) + 2*W*o"),
    ],
)
def test_two_ways_to_write_one_equation(first, second):
    fields = [read_system(text).equations[0].field for text in (first, second)]
    assert fields[0] == fields[1]


def test_precedence_is_that_of_algebra():
    x = read_system("dx/dt = -x^2 + 2*x/4 - 3 - 1 + 2^-1").equations[0].field
    symbol = sp.Symbol("x", real=True)
    assert x == -(symbol**2) + symbol / 2 - 4 + sp.Rational(1, 2)


def test_a_capital_letter_alone_is_a_vector_and_left_of_a_vector_a_matrix():
    system = read_system("dx/dt = -x + A*o + P")
    assert {m.name for m in system.matrices} == {"A"}


def test_assumptions_overrule_what_a_name_is():
    system = read_system("dx/dt = -x + w*o + G*(W*o)", "w matrix; G scalar")
    assert {m.name for m in system.matrices} == {"w", "W"}


def test_a_rule_is_read_by_entry():
    system = read_system("dx/dt = -x + W*o")
    W, x, o = (system.symbols[name] for name in "Wxo")
    assert read_rules("2*dW/dt = x*o - x*W", system) == {W: (x * o - x * W) / 2}


MISTYPED = [
    ("dx/dt = -logit(x + W*o + h", 14, "not closed"),
    ("dx/dt = -logit(x)) + W*o", 17, "never opened"),
    ("dx/dt = -logit(x) + W o", 22, "write W*o"),
    ("dx/dt = -logit(x) + * W*o", 20, "is missing"),
    ("dx/ds = -x + W*o", 3, "write /dt"),
    ("dx = -x + W*o", 0, "write dx/dt"),
    ("-x + W*o", 0, "no '='"),
    ("dx/dt =", 6, "nothing stands right"),
    ("= -x + W*o", 0, "nothing stands left"),
    ("tau dx/dt = -x", 4, "put *"),
    ("dx/dt == -x", 7, "remove the second one"),
    ("dx/dt = -x = W*o", 11, "second '='"),
    ("dx/dt = -x $ o", 11, "has no '$'"),
    ("dx/dt = -x + ", 13, "ends here"),
    ("dx/dt = 2x", 9, "write 2*x"),
    ("dx/dt = -logti(x) + W*o", 9, "did you mean logit?"),
    ("dx/dt = -sig x", 13, "sig is a function"),
    ("dx/dt = sig(x, o)", 8, "takes one argument"),
    ("dx/dt = -x + W", 13, "as in W*o"),
    ("dx/dt = -x + o*W", 13, "write W*o"),
    ("dx/dt = -x; dx/dt = W*o", 12, "written twice"),
    ("dx/dt = -x + x(t+1)", 13, "in the future"),
    ("dx/dt = -x + h; h = h + 1", 20, "defined by itself"),
    ("dx/dt = -x + h'", 13, "not a matrix"),
    ("x/dt = -x", 0, "not a differential"),
    ("dx/dt = -x + W*o; x = 3", 18, "one of them"),
    ("dx/dt = J*x; J = [[1, 2], [3]]", 17, "rows of one length"),
    ("dx/dt = -x/0", 11, "divides by zero"),
    ("dx/dt = -x + t", 13, "is time"),
    ("dx/dt = {x}", 8, "use ( )"),
    ("dx/dt = -sig() + W*o", 12, "is empty"),
    ("f(u) = u; dx/dt = -f(x, x)", 19, "got 2 arguments"),
    ("dx/dt = 1/W", 10, "cannot divide"),
    ("dt/dt = x", 0, "dt/dt is no activity"),
    ("unit v = mV; dv/dt = -v + h", 21, "cannot be added"),
]


@pytest.mark.parametrize(("text", "place", "words"), MISTYPED)
def test_a_mistake_is_one_sentence_and_a_caret_below_it(text, place, words):
    with pytest.raises(EquationError) as caught:
        derive(text)
    sentence = str(caught.value)
    assert words in sentence
    assert sentence[-1] in ".?"
    assert "\n" not in sentence
    line, caret = caught.value.__notes__
    assert line == f"  {text}"
    assert caret.index("^") == 2 + place


def test_the_caret_stands_in_the_line_of_the_mistake():
    with pytest.raises(EquationError) as caught:
        derive("dx/dt = -x + W*o\ndy/dt = -y + V x")
    assert caught.value.__notes__ == ["  dy/dt = -y + V x", "                 ^"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("W = x*o", "written dW/dt"),
        ("dW/dt = x*o +", "ends here"),
        ("dB/dt = x*o", "no synapse of this network"),
        ("dW/dt = y*o", "no activity or input"),
        ("dW/dt = x o", "write x*o"),
    ],
)
def test_a_text_that_is_not_a_rule_is_refused(rule, words):
    with pytest.raises(EquationError, match=words.replace("*", r"\*")):
        derive("dx/dt = -x + W*o", plasticity=rule)


@pytest.mark.parametrize("text", ["J symetric", "binary", "J is large", "x & y"])
def test_an_unknown_assumption_is_refused(text):
    with pytest.raises(EquationError, match="is not understood"):
        read_system("dx/dt = -x + J*x", text)


def test_a_name_on_both_sides_of_a_synapse_must_say_which():
    with pytest.raises(EquationError, match="x_post or x_pre"):
        derive("dx/dt = -x + J*x", assume="J symmetric", plasticity="dJ/dt = x*x")


def test_units_that_agree_are_accepted():
    text = "unit v = mV, W = mV, s = mV, tau = ms; tau*dv/dt = -v + W*o; x = sig(v/s)"
    assert derive(text).is_canonical


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("unit v = mV; dv/dt = -v + W*o", "mV cannot be added to a number"),
        ("unit v = mV, W = mV; dv/dt = -v + W*o; x = sig(v)", "divide by a scale"),
        ("unit v = mV, h = nA; dv/dt = -v + h", "mV cannot be added to nA"),
        ("unit v = mV, t = ms; dv/dt = -v", "must agree"),
    ],
)
def test_units_that_disagree_are_refused(text, words):
    with pytest.raises(EquationError, match=words):
        derive(text)


def test_a_numeric_matrix_writes_its_layer_out():
    system = read_system("dx/dt = -logit(x) + J*x + W*o + h; J = [[0, 1], [2, 0]]")
    x_1, x_2, h_2 = (system.symbols[name] for name in ("x_1", "x_2", "h_2"))
    W_2, o = system.symbols["W_2"], system.symbols["o"]
    assert system.equations[1].field == -Logit(x_2) + 2 * x_1 + MatVec(W_2, o) + h_2
