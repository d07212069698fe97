"""A metric exists for couplings that are symmetric up to it; everything else is refused."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from hebbayes.symbolic import derive, diagonal_metric, record_of

from ..networks import SIZE, gradient_networks, is_nothing, unit, written_out

NOT_GRADIENTS = (
    "J*x",
    "W*(K*x)",
    "tanh(J*x)",
    "x*(S*x)",
    "x*sum(x)*w",
    "A'*tanh(B*x)",
    "R_*x",
    "-R_*log(1 + x)",
    "J*x + J'*x^2",
)


@settings(max_examples=6)
@given(gradient_networks(), st.sampled_from(NOT_GRADIENTS))
def test_a_field_that_is_no_gradient_is_refused(equation, spoiler):
    shapes = "S symmetric; R_ antisymmetric"
    first, semicolon, rest = equation.partition(";")
    text = f"{first.replace('J*x', 'S*x')} + {spoiler}{semicolon}{rest}"
    derivation = derive(text, assume=shapes)
    field = derivation.interpretations[0].layer.field
    x = derivation.interpretations[0].layer.activity
    slopes = [[written_out(field, i).diff(unit(x, j)) for j in range(SIZE)] for i in range(SIZE)]
    assert not is_nothing(slopes[0][1] - slopes[1][0])  # the second route
    assert not derivation.integrability.holds, text
    assert derivation.why_not


@pytest.mark.parametrize("size", [2, 3, 5])
def test_the_metric_of_a_scaled_symmetric_matrix(size):
    symmetric = sp.Matrix(size, size, lambda i, j: 1 + i + j + i * j)
    scale = [sp.Rational(n + 1, 3) for n in range(size)]
    coupling = sp.Matrix(size, size, lambda i, j: symmetric[i, j] / scale[i])
    metric = diagonal_metric(coupling)
    assert metric is not None
    assert all(sp.cancel(metric[i] / metric[0] - scale[i] / scale[0]) == 0 for i in range(size))


def test_a_cycle_that_does_not_close_has_no_metric():
    assert diagonal_metric(sp.Matrix([[0, 1, 1], [1, 0, 2], [1, 1, 0]])) is None


@pytest.mark.parametrize(
    ("equation", "assume", "metric"),
    [
        ("dx/dt = -logit(x) + d*(J*x)", "J symmetric; d vector; d > 0", {"x": "1/d"}),
        ("dx/dt = -logit(x) + J*x", "J scaled symmetric", {"x": "d_J"}),
        ("dx/dt = -logit(x) + J*x", "J diagonal", {"x": "1"}),
        ("dx/dt = -logit(x) + C*y; dy/dt = -logit(y) + 2*(C'*x)", "", {"x": "1", "y": "1/2"}),
        ("dx/dt = -x + A*y; dy/dt = -y + B*x", "B = 3*A'", {"x": "1", "y": "1/3"}),
    ],
)
def test_a_coupling_that_is_symmetric_up_to_a_metric_has_a_cost(equation, assume, metric):
    record = record_of(derive(equation, assume=assume))
    assert record["metric"] == metric
    assert record["canonical"]


@pytest.mark.parametrize(
    ("equation", "assume", "why", "part"),
    [
        ("dx/dt = -x + J*x", "", "not symmetric", "J/2 - J'/2"),
        ("dx/dt = -x + J*x", "J antisymmetric", "opposite signs", "J"),
        ("dx/dt = -x + A*y; dy/dt = -y + B*x", "", "not the transpose", None),
        ("dx/dt = -x + A*y; dy/dt = -y", "", "would make it an input", None),
        ("dE/dt = -E - a*I; dI/dt = -I + b*E", "a > 0; b > 0", "opposite signs", None),
        ("dE/dt = -E + a*I; dI/dt = -I + b*E", "", "which no stated sign settles", None),
        ("dv/dt = -v + W*o; x = -sig(v)", "", "activation must increase", None),
        ("dx/dt = x*(W*y); dy/dt = -y + W'*x", "", "follow", None),
    ],
)
def test_what_has_no_cost_says_why(equation, assume, why, part):
    record = record_of(derive(equation, assume=assume))
    assert not record["integrable"]
    assert record["cost"] is None
    assert why in record["why_not"]
    if part is not None:
        assert record["antisymmetric"] == part
