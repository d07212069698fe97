"""Every public entry of theory refuses what does not fit, also under jit; values if it has them."""

import jax
import jax.numpy as jnp
import pytest

from hebbayes.core.counts import log_ratio
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.theory.cost import Activity, cost, output_layer_cost
from hebbayes.theory.dynamics import activity_rate, integrate, membrane_rate, relax
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.free_energy import free_energy
from hebbayes.theory.generative_model import expected_logs, flat_model, prior_counts
from hebbayes.theory.inference import (
    Beliefs,
    infer_decisions,
    infer_states,
    infer_trajectory,
    undecided,
)
from hebbayes.theory.learning import Experience, learn, learn_policy, pair_evidence
from hebbayes.theory.network import drive, output_drive, run_network, wiring
from hebbayes.theory.plasticity import (
    Firing,
    adapt,
    coincidences,
    flow_weights,
    strengthen,
    weight_velocity,
)
from hebbayes.theory.prediction import predict_outcomes, predict_states
from hebbayes.theory.synapses import Strengths
from hebbayes.theory.verbs import activity, believe
from hebbayes.theory.verbs import learn as learn_by_verb

MODEL = flat_model(2, 3, 4)  # outcomes, states, decisions
NETWORK = network_of(MODEL)
LOGS, WIRED = expected_logs(MODEL, log_ratio), wiring(NETWORK, log_ratio)
STATES, RATES = undecided(3), jnp.full(3, 0.5)
RUN = jnp.ones((5, 2))
SECOND = jnp.full((2, 3, 3), 0.5)


def experience(**changed):
    parts = {
        "observations": RUN,
        "states": jnp.full((5, 2, 3), 0.5),
        "previous_states": jnp.full((5, 2, 3), 0.5),
        "decisions": jnp.zeros((5, 4)),
        "risk": jnp.zeros(5),
    }
    return Experience(**(parts | changed))


def firing(**changed):
    parts = {
        "inputs": RUN,
        "rates": jnp.full((5, 3), 0.5),
        "previous_rates": jnp.full((5, 3), 0.5),
        "decisions": jnp.zeros((5, 4)),
        "risk": jnp.zeros(5),
    }
    return Firing(**(parts | changed))


def active(**changed):
    parts = {
        "potentials": jnp.zeros((5, 3)),
        "inputs": RUN,
        "previous_rates": jnp.full((5, 3), 0.5),
        "output_potentials": jnp.zeros((5, 4)),
    }
    return Activity(**(parts | changed))


OBSERVERS = {
    "infer_states": lambda o: infer_states(LOGS, o[0], STATES),
    "infer_trajectory": lambda o: infer_trajectory(LOGS, o).log_states,
    "free_energy": lambda o: free_energy(LOGS, Beliefs(jnp.log(STATES)), o[0], STATES).total,
    "drive": lambda o: drive(WIRED, o[0], RATES),
    "run_network": lambda o: run_network(WIRED, o)[0],
    "integrate": lambda o: integrate(WIRED, o, membrane_rate(1.0), duration_s=1.0, n_steps=1)[0],
    "learn": lambda o: learn(MODEL, experience(observations=o)).likelihood.evidence,
    "adapt": lambda o: adapt(NETWORK, firing(inputs=o)).sensory.hebb.evidence,
    "believe": lambda o: believe(MODEL, o).log_states,
    "activity": lambda o: activity(NETWORK, o).potentials,
    "learn by verb": lambda o: learn_by_verb(MODEL, o).likelihood.evidence,
}


@pytest.mark.parametrize("observe", OBSERVERS.values(), ids=OBSERVERS)
def test_observations_of_another_width_are_refused_also_under_jit(observe):
    for wrong in (RUN[:, :1], jnp.ones((5, 3))):
        with pytest.raises(ShapeError, match=r"(observations?|inputs) has shape"):
            observe(wrong)
        with pytest.raises(ShapeError, match=r"(observations?|inputs) has shape"):
            jax.jit(observe)(wrong)


@pytest.mark.parametrize("observe", OBSERVERS.values(), ids=OBSERVERS)
@pytest.mark.parametrize("value", [2.0, -1.0, jnp.nan])
def test_values_that_are_no_probability_are_refused_with_their_place(observe, value):
    with pytest.raises(
        ValueRangeError, match=r"must lie between 0 and 1; got .* at index \((0, )?1,?\)"
    ):
        observe(RUN.at[0, 1].set(value))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: infer_states(LOGS, RUN[0], STATES[:, :2]), "previous_states has shape"),
        (lambda: infer_states(LOGS, RUN[0], 2 * STATES + 1), "previous_states must lie"),
        (lambda: infer_decisions(LOGS, STATES[:, :1]), "previous_states has shape"),
        (lambda: infer_trajectory(LOGS, RUN, STATES[0]), "start has shape"),
        (lambda: infer_trajectory(LOGS, RUN, delay=0), "delay must be at least 1"),
        (lambda: predict_states(LOGS, STATES[:, :2]), "states has shape"),
        (lambda: predict_outcomes(LOGS, STATES[0]), "states has shape"),
        (lambda: predict_outcomes(LOGS, 0 * STATES - 1), "states must lie"),
        (lambda: free_energy(LOGS, Beliefs(STATES), RUN[0], STATES[:, :1]), "previous_states has"),
        (lambda: free_energy(LOGS, Beliefs(STATES[:, :1]), RUN[0], STATES), "log_states has shape"),
        (lambda: Beliefs(STATES[0]), "log_states has shape"),
        (lambda: drive(WIRED, RUN[0], RATES[:2]), "previous_activity has shape"),
        (lambda: output_drive(WIRED, RATES[:2]), "previous_activity has shape"),
        (lambda: run_network(WIRED, RUN, RATES[:1]), "start has shape"),
        (lambda: run_network(WIRED, RUN, delay=0), "delay must be at least 1"),
        (lambda: cost(WIRED, active(potentials=jnp.zeros((5, 2)))), "previous_rates has shape"),
        (lambda: cost(WIRED, active(inputs=RUN[:, :1])), "inputs has shape"),
        (lambda: active(risk=jnp.zeros(4)), "risk has shape"),
        (
            lambda: output_layer_cost(WIRED, active(output_potentials=jnp.zeros((5, 3)))),
            "output_potentials has shape",
        ),
        (lambda: experience(states=jnp.ones((4, 2, 3))), "states has shape"),
        (lambda: experience(risk=jnp.zeros(4)), "risk has shape"),
        (lambda: learn(MODEL, experience(decisions=jnp.zeros((5, 3)))), "decisions has shape"),
        (lambda: learn(MODEL, experience(risk=jnp.full(5, 2.0))), "risk must lie"),
        (lambda: learn(MODEL, experience(), chunk_length=0), "chunk_length must be at least 1"),
        (
            lambda: learn_policy(MODEL.policy, experience(risk=jnp.full(5, jnp.inf)), None, 1.0),
            "risk must be finite",
        ),
        (lambda: pair_evidence(jnp.ones((5, 2, 1)), jnp.ones((4, 2, 1))), "second has shape"),
        (lambda: firing(rates=jnp.ones((4, 3))), "rates has shape"),
        (lambda: adapt(NETWORK, firing(decisions=jnp.zeros((5, 3)))), "decisions has shape"),
        (lambda: adapt(NETWORK, firing(), chunk_length=0), "chunk_length must be at least 1"),
        (lambda: coincidences(jnp.ones((5, 1)), jnp.ones((4, 1))), "pre has shape"),
        (lambda: strengthen(NETWORK.sensory, jnp.ones(3), jnp.ones(3)), "hebb has shape"),
        (lambda: weight_velocity(SECOND, SECOND[:1], SECOND), "hebb has shape"),
        (
            lambda: flow_weights(SECOND, SECOND, SECOND, rate=0.1, n_steps=-1),
            "n_steps must be at least 0",
        ),
        (lambda: Strengths(SECOND, SECOND[:, :1]), "log_complement has shape"),
        (lambda: membrane_rate(0.0), "time_constant_s must be positive"),
        (lambda: activity_rate(-1.0), "time_constant_s must be positive"),
        (
            lambda: relax(membrane_rate(1.0), RATES, RATES[:2], duration_s=1.0, n_steps=1),
            "target has shape",
        ),
        (lambda: prior_counts(jnp.array([1.5])), "probability must lie"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(call, message):
    with pytest.raises((ShapeError, ValueRangeError), match=message):
        call()
