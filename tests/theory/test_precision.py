"""Every product of matrices keeps all digits of float32, also where a device rounds factors."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from hebbayes.agents.finite_trial import finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.core.numerics import FULL_PRECISION
from hebbayes.environments.dog import dog_model, dog_world
from hebbayes.environments.maze import maze_world, random_maze
from hebbayes.theory import verbs
from hebbayes.theory.equivalence import network_of


def products_in(jaxpr: Any) -> Iterator[Any]:
    """Yield the precision of every product of matrices, also in loops and branches."""
    for equation in jaxpr.eqns:
        if equation.primitive.name == "dot_general":
            yield equation.params["precision"]
        for parameter in jax.tree.leaves(equation.params, is_leaf=lambda one: hasattr(one, "eqns")):
            inner = getattr(parameter, "jaxpr", parameter)
            if hasattr(inner, "eqns"):
                yield from products_in(inner)


@pytest.mark.parametrize("name", ["believe", "free_energy", "learn", "activity", "cost", "adapt"])
def test_products_of_the_theory_keep_all_digits(name: str) -> None:
    model = dog_model(dog_world())
    one = network_of(model) if name in ("activity", "cost", "adapt") else model
    seen, risk = jnp.ones((3, 2)), jnp.ones(3)
    extra = {"risk": risk} if name in ("free_energy", "cost", "learn", "adapt") else {}
    extra |= {"decisions": jnp.eye(2)[jnp.array([0, 1, 0])]} if name in ("learn", "adapt") else {}
    found = list(
        products_in(jax.make_jaxpr(lambda: getattr(verbs, name)(one, seen, **extra))().jaxpr)
    )
    assert found
    assert set(found) == {(FULL_PRECISION, FULL_PRECISION)}


def test_products_of_a_maze_trial_keep_all_digits() -> None:
    world = maze_world(random_maze(5, 7, key=jax.random.key(0)), view_size=3)
    model = maze_agent_model(0.25, n_outcomes=9, depth=2)
    actions, key = first_move_of_decision(2), jax.random.key(1)
    trial = jax.make_jaxpr(lambda *given: finite_trial(*given, n_steps=40, key=key))
    found = list(products_in(trial(model, world, actions).jaxpr))
    assert found
    assert set(found) == {(FULL_PRECISION, FULL_PRECISION)}
