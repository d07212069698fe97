"""Hostile texts end at once in one sentence, pasted LaTeX included."""

import time

import pytest

from hebbayes.core.errors import FormatError
from hebbayes.symbolic import EquationError, derive

N = 1000
HOSTILE = {
    "brackets": ("(" * N + "x" + ")" * N, "nest more than 40 deep"),
    "open brackets": ("(" * N, "nest more than 40 deep"),
    "numerators": (r"\frac{" * N + "x" + "}{2}" * N, "nest more than 40 deep"),
    "denominators": (r"\frac{1}{" * N + "x" + "}" * N, "nest more than 40 deep"),
    "left and right": (r"\left(" * N + "x" + r"\right)" * N, "nest more than 40 deep"),
    "fonts": (r"\mathrm{" * N + "x" + "}" * N, "nest more than 40 deep"),
    "subscripts": ("x" + "_{x" * N + "}" * N, "nest more than 40 deep"),
    "functions": ("-x + " + "sig(" * 20 + "W*o" + ")" * 20, "functions nest"),
    "minus signs": ("-" * N + "x", "too many signs"),
    "transposes": ("-x + W" + "'" * N + "*o", "too many signs"),
    "a chain of powers": ("x" + "^2" * N, "too deeply|too high"),
    "a huge power": ("-x + 9^9^9^9", "too high"),
    "a power of a sum": ("-(x + W*o + h)^300", "too high"),
    "a long number": ("-x + " + "9" * N, "at most 30 digits"),
    "a huge number": ("-x + 1e999999999", "an exponent of at most 999"),
    "a long text": ("-x + " + "a" * 100_000, "the limit is 20000"),
    "many terms": ("-x + " + " + ".join(f"W{n}*o{n}" for n in range(200)), "100 terms"),
    "many equations": ("-x" + "".join(f"; dx{n}/dt = -x{n}" for n in range(50)), "51 equations"),
}


@pytest.mark.parametrize(("body", "sentence"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_refused_in_one_sentence(body, sentence):
    with pytest.raises(EquationError, match=sentence):
        derive(f"dx/dt = {body}")


UNDEFINED = (
    "log(0)*W*o",
    "logit(1)*o",
    "logit(2)*o",
    "atanh(-1)",
    "sqrt(-4)*o",
    "log(-1 - o^2)",
    "tan(pi/2)",
    "0*log(0)",
    "0^-1",
    "o/(o - o)",
    "o/(sig(o) + sig(-o) - 1)",
    "exp(exp(exp(9)))*o",
    "10^60*10^60*o",
)


@pytest.mark.parametrize("term", UNDEFINED)
def test_an_undefined_number_is_refused_where_it_stands(term):
    for equation in (f"dx/dt = -x + {term}", f"dx/dt = -x + k; k = {term}"):
        with pytest.raises(EquationError, match=r"not a real number|divides by zero") as caught:
            derive(equation)
        assert "^" in caught.value.__notes__[1]


def test_an_argument_that_becomes_undefined_is_refused():
    with pytest.raises(EquationError, match="divides by zero"):
        derive("f(u) = 1/u; dx/dt = -x + f(0)")
    with pytest.raises(EquationError, match="not a real number"):
        derive("dx/dt = -x + W*o", plasticity="dW/dt = x*o + log(0)")


def test_a_number_that_has_no_digits_is_no_fault():
    for term in ("sum(1e30*o)/tanh(2)", "phi(sin(2)^(3/2))*o", "(phi(2) - 1)*o", "o/phi(2)"):
        assert derive(f"dx/dt = -x + {term}").is_canonical, term


@pytest.mark.parametrize("term", ["o*softmax(x)", "relu(x)*softmax(x)", "o*softmax(W*o)*avg(x)"])
def test_a_softmax_that_is_no_activation_is_refused(term):
    with pytest.raises(FormatError, match="cannot be differentiated here"):
        derive(f"dx/dt = -x + {term}")


def test_an_integral_over_synapses_without_closed_form_is_refused():
    with pytest.raises(FormatError, match="without closed form in the synapses"):
        derive("dx/dt = log(cosh(W*x_delayed/(x - 1)))")


@pytest.mark.parametrize("body", ["q0^2", "tanh(q0)"])
def test_definitions_that_double_end_in_time(body):
    chain = "; ".join(f"q{n} = q{n + 1} + q{n + 1}*o" for n in range(60))
    began = time.thread_time()
    with pytest.raises(EquationError, match=r"cannot be derived within|terms|too high"):
        derive(f"dx/dt = -x + {body}; {chain}; q60 = W*o", time_limit_s=0.5)
    assert time.thread_time() - began < 2


def test_powers_of_powers_are_counted_together():
    for term in ("((9^90)^90)^90", "(((o^90)^90)^90)^90", "((o + 1)^6)^6"):
        with pytest.raises(EquationError, match="too high"):
            derive(f"dx/dt = -x + {term}")


def test_what_is_within_the_limits_is_derived():
    assert derive("dx/dt = -" + "(" * 30 + "x" + ")" * 30).is_canonical
    assert derive("dx/dt = -x^20 + W*o").cost == "sum(x^21/21 - x*(W*o))"


@pytest.mark.parametrize("name", ["sum", "avg", "softmax"])
def test_a_sum_over_units_of_a_number_is_refused(name):
    with pytest.raises(EquationError, match=f"{name} runs over units; got a number"):
        derive(f"dx/dt = -x + {name}(sin(2)^2)")


@pytest.mark.parametrize("term", ["sum(tau)", "softmax(2*tau)", "avg(tau^2)", "W*o/sum(Gamma*tau)"])
def test_a_sum_over_units_of_a_quantity_that_all_share_is_refused(term):
    with pytest.raises(EquationError, match=r"runs over units; got .*, one for all units"):
        derive(f"dx/dt = -x + {term}")


def test_numbers_that_grow_beyond_all_computing_are_refused():
    with pytest.raises(EquationError, match="grows beyond what can be computed"):
        derive("dx/dt = -x + sinh(cosh(exp(h*1e30))^3)")


@pytest.mark.parametrize(
    ("power", "falls"), [("(10^28 - 1)^(x)", False), ("(7/99999999999999999999)^(x)", True)]
)
def test_a_long_number_to_a_variable_is_not_multiplied_out(power, falls):
    assert derive(f"dx/dt = -x + {power}").is_canonical == falls


def test_an_integral_without_closed_form_gives_no_rule_of_a_single_synapse():
    derivation = derive("dx/dt = softplus(erf(1e30)^x*(a*1e-30*o))")
    assert "a" not in {matrix.name for matrix in derivation.rules}


@pytest.mark.thorough
def test_an_infinite_logarithm_inside_sympy_is_no_fault():
    assert not derive("dx/dt = atanh(h^x)").is_canonical


def test_an_unspecified_function_of_the_activity_itself_is_no_fault():
    assert not derive("dx/dt = -x + phi(x)").is_canonical
