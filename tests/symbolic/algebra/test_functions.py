"""Functions of the algebra, and the test for zero."""

import pytest
import sympy as sp

from hebbayes.symbolic.algebra.functions import INVERSES, Phi, PhiInverse, Relu, Softmax, elementary
from hebbayes.symbolic.algebra.zero import is_zero

INVERTIBLE = [f for f in INVERSES if f not in (Softmax, Relu, Phi, PhiInverse)]


def test_zero_differs_from_nearly_zero():
    x = sp.Symbol("x", real=True)
    assert is_zero(sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1)
    assert not is_zero(sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1 + sp.Rational(1, 10**12) * x)


@pytest.mark.parametrize("function", INVERTIBLE)
def test_an_inverse_undoes_its_activation(function):
    u = sp.Symbol("u", positive=True)
    undone = elementary(INVERSES[function](function(u)))
    assert abs(undone.subs(u, sp.Rational(1, 3)).evalf(20) - sp.Rational(1, 3)) < 1e-15
