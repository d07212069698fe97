"""What a newcomer prints fits a line; what does not fit is refused in one sentence."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import hebbayes as hb

MODEL = hb.flat_model(3, 2, 4)
NETWORK = hb.network_of(MODEL)
SEEN = jnp.ones((5, 3))
MOVES = jnp.arange(2)


def trial():
    world = hb.dog_world()
    return hb.rollout(hb.network_agent(hb.dog_model(world), MOVES), world, 4, key=jax.random.key(0))


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (lambda: MODEL, "GenerativeModel(outcomes=3, states=2, decisions=4, transition)"),
        (lambda: NETWORK, "Network(inputs=3, units=2, outputs=4, recurrent)"),
        (lambda: hb.believe(MODEL, SEEN), "Beliefs(states (5, 2), decisions (5, 4))"),
        (lambda: hb.activity(NETWORK, SEEN), "Activity(rates (5, 2), output_rates (5, 4))"),
        (lambda: hb.free_energy(MODEL, SEEN), "FreeEnergy(total (5,))"),
        (trial, "Trajectory(observation (4, 2), action (4,), reward (4,))"),
        (
            lambda: hb.NetworkAgent(NETWORK, jnp.arange(4)),
            "NetworkAgent(Network(inputs=3, units=2, outputs=4, recurrent))",
        ),
    ],
)
def test_a_record_prints_its_sizes(record, text) -> None:
    assert repr(record()) == text


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: hb.NetworkAgent(NETWORK, MOVES), hb.ShapeError),
        (lambda: hb.ActiveInferenceAgent(MODEL, MOVES), hb.ShapeError),
        (lambda: hb.network_agent(hb.flat_model(3, 2), MOVES), hb.ShapeError),
        (lambda: hb.believe(MODEL, np.ones((5, 2))), hb.ShapeError),
        (lambda: hb.believe(MODEL, np.full((5, 3), 2.0)), hb.ValueRangeError),
        (lambda: hb.activity(NETWORK, np.full((5, 3), np.nan)), hb.ValueRangeError),
        (lambda: hb.flat_model(0, 2), hb.ValueRangeError),
        (lambda: hb.certify_agent(MODEL, hb.dog_world()), hb.ShapeError),
        (lambda: hb.generative_model(np.full((2, 3, 4), 1.5)), hb.ValueRangeError),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(call, error) -> None:
    with pytest.raises(error) as refusal:
        call()
    message = str(refusal.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 200
