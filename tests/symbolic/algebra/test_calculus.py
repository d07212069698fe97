"""Gradients of sums over units equal the derivatives of the written-out sums."""

import pytest
import sympy as sp

from hebbayes.symbolic import derive
from hebbayes.symbolic.algebra.calculus import antiderivative, gradient

from ..networks import SIZE, cost_of, is_nothing, unit, written_out


@pytest.mark.parametrize(
    "equation", ["dx/dt = -logit(x) + W*o + J*x", "dx/dt = -x - A'*tanh(A*x) - k*sum(x)"]
)
def test_a_gradient_equals_the_derivative_of_the_written_out_cost(equation):
    derivation = derive(equation, assume="J symmetric")
    x = derivation.interpretations[0].layer.activity
    slope = gradient(derivation.pieces, x, {x: x})
    for i in range(SIZE):
        assert is_nothing(cost_of(derivation).diff(unit(x, i)) - written_out(slope, i))


def test_an_antiderivative_has_its_integrand_as_slope():
    x = sp.Symbol("x", positive=True)
    for integrand in (x**3, sp.log(x), sp.tanh(x), sp.atanh(x)):
        assert is_nothing(antiderivative(integrand, x).diff(x) - integrand)
