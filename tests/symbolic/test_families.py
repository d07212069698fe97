"""Each activation implies its family, and each entropy is the dual of its log-partition."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize_scalar

from hebbayes.symbolic import derive
from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.functions import elementary

TABLE = [
    ("dv/dt = -v + W*o; x = sig(v)", "Bernoulli", "1"),
    ("dv/dt = -v + W*o; x = tanh(v)", "spin", "1"),
    ("dv/dt = -v + W*o; x = softmax(v)", "categorical", "1"),
    ("dv/dt = -v + W*o; x = exp(v)", "Poisson", "1"),
    ("dv/dt = -v + W*o", "Gaussian", "1"),
    ("dv/dt = -v + W*o; x = relu(v)", "rectified Gaussian", "1"),
    ("dx/dt = -x + sig(W*o)", "Bernoulli", "1"),
    ("dx/dt = -x + tanh(W*o)", "spin", "1"),
    ("dx/dt = -log(x) + W*o", "Poisson", "1"),
    ("dv/dt = -v + W*o; x = 2*sig(2*v) - 1", "spin", "1"),
    ("dx/dt = -logit(x)/beta + W*o", "Bernoulli", "1/beta"),
    ("dv/dt = -v + W*o; x = sig(g*v)", "Bernoulli", "1/g"),
    ("dv/dt = -v + W*o; x = r*sig(v)", "Bernoulli", "1"),
    ("dx/dt = -3*x + W*o", "Gaussian", "3"),
    ("dx/dt = -x^3 + W*o", "no named family", "1"),
    ("dv/dt = -v + W*o; x = softplus(v)", "no named family", "1"),
    ("dv/dt = -v + W*o; x = v + tanh(v)", "no named family", "1"),
]


@pytest.mark.parametrize(("equation", "family", "temperature"), TABLE)
def test_the_leak_names_the_family(equation, family, temperature):
    implied = derive(equation).interpretations[0].family
    assert implied.name == family
    assert text_of(implied.temperature) == temperature


def test_a_sum_of_one_makes_an_exponential_leak_categorical():
    equation = "dx/dt = -log(x) + W*o"
    assert derive(equation, assume="sum(x) = 1").interpretations[0].family.name == "categorical"


def test_a_leak_that_falls_is_not_canonical():
    derivation = derive("dx/dt = logit(x) + W*o")
    assert "not a minimum" in derivation.why_not


@pytest.mark.parametrize(
    ("equation", "ends"),
    [
        ("dv/dt = -v + W*o; x = sig(v)", (1e-9, 1 - 1e-9)),
        ("dv/dt = -v + W*o; x = tanh(v)", (-1 + 1e-9, 1 - 1e-9)),
        ("dv/dt = -v + W*o; x = exp(v)", (1e-9, 50)),
        ("dv/dt = -v + W*o", (-50, 50)),
        ("dx/dt = -x^3 + W*o", (1e-9, 10)),
    ],
)
def test_the_entropy_is_the_dual_of_the_log_partition(equation, ends):
    interpretation = derive(equation).interpretations[0]
    family, x = interpretation.family, interpretation.layer.activity
    entropy = sp.lambdify(x, elementary(family.negative_entropy))
    (u,) = family.log_partition.free_symbols
    partition = sp.lambdify(u, elementary(family.log_partition))
    gaps = []
    for drive in (0.2, 0.7, 1.5):
        best = minimize_scalar(
            lambda rate, drive=drive: entropy(rate) - drive * rate,
            bounds=ends,
            method="bounded",
            options={"xatol": 1e-11},
        )
        gaps.append(-best.fun - partition(drive))
    np.testing.assert_allclose(np.diff(gaps), 0, atol=1e-6)  # up to a constant
