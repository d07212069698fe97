"""Verbs of the door: two sides agree, and what does not fit is refused at the entry."""

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.errors import ShapeError
from hebbayes.theory.equivalence import model_of, network_of
from hebbayes.theory.generative_model import flat_model
from hebbayes.theory.verbs import activity, adapt, believe, cost, free_energy, learn

from .networks import random_events, two_layer_model

MODEL = flat_model(3, 2, 4)
NETWORK = network_of(MODEL)
GOOD = np.ones((5, 3))
ONE_HOT = np.eye(4)[[0, 1, 2, 3, 0]]


@pytest.mark.thorough
def test_the_two_sides_of_a_run_agree() -> None:
    model = two_layer_model()
    network, events = network_of(model), random_events(model)
    seen, what = events.observations, {"decisions": events.decisions, "risk": events.risk}
    beliefs, active = believe(model, seen), activity(network, seen)
    np.testing.assert_allclose(beliefs.states, active.rates, rtol=1e-10)
    np.testing.assert_allclose(beliefs.decisions, active.output_rates, rtol=1e-10)
    energy = free_energy(model, seen, risk=events.risk).total
    np.testing.assert_allclose(cost(network, seen, risk=events.risk), energy, rtol=1e-10)
    learnt, adapted = learn(model, seen, **what), model_of(adapt(network, seen, **what))
    np.testing.assert_allclose(
        learnt.policy.evidence, adapted.policy.evidence, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(
    ("verb", "thing"),
    [
        *((verb, MODEL) for verb in (believe, free_energy, learn)),
        *((verb, NETWORK) for verb in (activity, cost, adapt)),
    ],
)
@pytest.mark.parametrize("shape", [(5, 4), (3,), (2, 5, 3)])
def test_observations_of_another_width_are_refused(verb, thing, shape) -> None:
    with pytest.raises(ShapeError, match=r"observations has shape .* wanted \(time, 3\)"):
        verb(thing, np.ones(shape))


@pytest.mark.parametrize(("verb", "thing"), [(free_energy, MODEL), (cost, NETWORK)])
def test_risk_of_another_length_is_refused(verb, thing) -> None:
    with pytest.raises(ShapeError, match=r"risk has shape \(4,\); wanted \(5\)"):
        verb(thing, GOOD, risk=np.zeros(4))


@pytest.mark.parametrize(("verb", "thing"), [(learn, MODEL), (adapt, NETWORK)])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"decisions": ONE_HOT}, "come together"),
        ({"decisions": ONE_HOT[:, :2], "risk": np.zeros(5)}, "decisions has shape"),
        ({"decisions": ONE_HOT, "risk": np.zeros(6)}, "risk has shape"),
    ],
)
def test_decisions_that_do_not_fit_are_refused(verb, thing, given, message) -> None:
    with pytest.raises(ShapeError, match=message):
        verb(thing, GOOD, **given)


@pytest.mark.thorough
def test_dtype_follows_the_model() -> None:
    model = two_layer_model(dtype=jnp.float32)
    seen = random_events(model).observations
    assert believe(model, seen).states.dtype == jnp.float32
    assert cost(network_of(model), seen).dtype == jnp.float32
