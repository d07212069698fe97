"""Code generated from the derivation of the network of I22 equals `theory`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import sympy as sp

from hebbayes.commands.derive.code import cost_function, function_of
from hebbayes.commands.derive.numeric import check_numerically
from hebbayes.symbolic import derive
from hebbayes.symbolic.algebra.calculus import Post
from hebbayes.theory.cost import Activity, cost
from hebbayes.theory.network import Wiring, drive, output_drive
from hebbayes.theory.plasticity import coincidences, weight_velocity
from hebbayes.theory.synapses import Strengths

EQUATION = "dx/dt = -logit(x) + W*o + K*x_delayed + h; dy/dt = -logit(y) + V*x_delayed + m"
N_POINTS, SIZES = 100, {"o": 5, "x": 4, "y": 3}


@pytest.fixture(scope="module")
def derivation():
    return derive(EQUATION, assume="o binary; Gamma modulates V")


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(5)
    n_o, n_x, n_y = SIZES.values()
    shapes = {"W": (n_x, n_o), "K": (n_x, n_x), "V": (n_y, n_x)}
    values = {
        f"{name}{n}": rng.normal(size=(N_POINTS, *shape))
        for name, shape in shapes.items()
        for n in (1, 0)
    }
    values |= {f"phi{n}": rng.normal(size=(N_POINTS, n_x)) for n in (1, 0)}
    values |= {f"psi{n}": rng.normal(size=(N_POINTS, n_y)) for n in (1, 0)}
    values |= {"x": rng.uniform(0.05, 0.95, (N_POINTS, n_x))}
    values |= {"y": rng.uniform(0.05, 0.95, (N_POINTS, n_y))}
    values |= {"x_delayed": rng.uniform(0.05, 0.95, (N_POINTS, n_x))}
    values |= {"o": rng.integers(0, 2, (N_POINTS, n_o)).astype(float)}
    values |= {"Gamma": rng.uniform(0, 1, N_POINTS)}
    return {name: jnp.asarray(value) for name, value in values.items()}


def pair(values, name):
    weights = jnp.stack([values[f"{name}1"], values[f"{name}0"]])
    return Strengths(weights, jnp.log1p(-jax.nn.sigmoid(weights)))


def of_theory(v):
    """Cost, drives and Hebb - Home * sig(W) of one point, by `theory` alone."""
    wired = Wiring(
        pair(v, "W"),
        jnp.stack([v["phi1"], v["phi0"]]),
        pair(v, "K"),
        pair(v, "V"),
        jnp.stack([v["psi1"], v["psi0"]]),
    )
    potentials = [jnp.log(v[n]) - jnp.log1p(-v[n]) for n in "xy"]
    activity = Activity(potentials[0], v["o"], v["x_delayed"], potentials[1], v["Gamma"])
    gain = 1 - 2 * v["Gamma"]
    rules = {}
    for name, post, pre, factor in (
        ("W", "x", "o", 1),
        ("K", "x", "x_delayed", 1),
        ("V", "y", "x_delayed", gain),
    ):
        traces = coincidences(v[post][None], v[pre][None], jnp.full(1, factor))
        velocity = weight_velocity(pair(v, name).weights, *traces)
        rules |= {f"{name}1": velocity[0], f"{name}0": velocity[1]}
    fields = (
        drive(wired, v["o"], v["x_delayed"]) - potentials[0],
        output_drive(wired, v["x_delayed"]) - potentials[1],
    )
    return cost(wired, activity), fields, rules


@pytest.mark.thorough
def test_generated_code_is_theory_at_a_hundred_points(derivation, points):
    symbols = [s for p in derivation.full for s in p.body.free_symbols]
    symbols = sorted(set(symbols), key=str)
    full = cost_function(derivation.full, symbols)
    fields = [function_of(r.layer.field, symbols) for r in derivation.interpretations]
    rules = {m.name: function_of(rule, symbols) for m, rule in derivation.rules.items()}

    def of_derivation(v):
        return (
            full(**v),
            tuple(field(**v) for field in fields),
            {name: rule(**v) for name, rule in rules.items()},
        )

    ours, theirs = jax.vmap(of_derivation)(points), jax.vmap(of_theory)(points)
    for first, second in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs)):
        np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-12)


def test_large_whole_numbers_and_erf_become_code_for_arrays():
    x = sp.Symbol("x")
    values = jnp.array([0.5, 2.0])
    assert function_of(10**29 * x, [x])(x=values) == pytest.approx(10**29 * np.array([0.5, 2.0]))
    assert function_of(sp.erf(x), [x])(x=values) == pytest.approx(scipy.special.erf([0.5, 2.0]))


@pytest.mark.parametrize("name", ["sig", "softplus", "relu", "erf"])
def test_functions_of_whole_numbers_become_code(name):
    checks = check_numerically(derive(f"dx/dt = -x + {name}(1)*o"), seed=0)
    assert checks
    assert all(check.holds for check in checks)


def test_a_factor_that_cancels_at_one_point_keeps_its_place_in_the_rule():
    """At W o = 1 the slope of u / (1 + u^2) vanishes: x must be marked as postsynaptic anyway."""
    derivation = derive("f(u) = u/(1 + u^2); dx/dt = -x + f(W*o)", plasticity="dW/dt = x*o")
    (rule,) = derivation.rules.values()
    assert {mark.args[0].name for mark in rule.atoms(Post) if mark.args[0].is_Symbol} == {"x"}
    checks = check_numerically(derivation, seed=0)
    assert [check.name for check in checks] == ["activity of x", "plasticity of W"]
    assert all(check.holds for check in checks)
