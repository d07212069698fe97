"""The dog's world against enumeration of every history, and the dog's beliefs against Bayes."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.baselines import RandomAgent
from hebbayes.agents.rollout import rollout
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import log_ratio
from hebbayes.environments.dog import BEG, LIE_DOWN, Owner, dog_model, dog_world
from hebbayes.theory.free_energy import free_energy
from hebbayes.theory.generative_model import expected_logs
from hebbayes.theory.inference import Beliefs, infer_states, undecided

WORLD = dog_world()
SIGNAL = np.asarray(WORLD.signal_probability)
STAY = float(WORLD.stay_probability)
LOGS = expected_logs(dog_model(WORLD), log_ratio)
ALL_SIGNALS = list(itertools.product((0, 1), repeat=2))


def probability_of_signals(signals, mood: int) -> float:
    return float(np.prod(np.where(signals, SIGNAL[mood], 1 - SIGNAL[mood])))


def probability_of_history(moods, signals) -> float:
    """P(moods, signals), by the rules of the world."""
    stays = [STAY if a == b else 1 - STAY for a, b in itertools.pairwise(moods)]
    seen = [probability_of_signals(s, m) for s, m in zip(signals, moods, strict=True)]
    return 0.5 * float(np.prod(stays)) * float(np.prod(seen))


def test_every_history_of_three_steps_is_as_frequent_as_enumeration_says():
    n_runs = 20_000
    run = jax.jit(jax.vmap(lambda key: rollout(RandomAgent(2), WORLD, 3, key=key)))
    trajectory = run(jax.random.split(jax.random.key(0), n_runs))
    numbers = np.asarray(trajectory.observation) @ np.array([2, 1])  # index into ALL_SIGNALS
    total = 0.0
    for history in itertools.product(range(4), repeat=3):
        signals = [ALL_SIGNALS[i] for i in history]
        p = sum(probability_of_history(m, signals) for m in itertools.product((0, 1), repeat=3))
        share = (numbers == np.array(history)).all(1).mean()
        assert abs(share - p) < 4 * np.sqrt(p * (1 - p) / n_runs)
        total += p
    assert total == pytest.approx(1)


@pytest.mark.parametrize("signals", ALL_SIGNALS)
@pytest.mark.parametrize("previous_mood", [ON, OFF])
def test_belief_after_a_known_mood_is_the_exact_posterior(signals, previous_mood):
    joint = [probability_of_history((previous_mood, m), (signals, signals)) for m in (ON, OFF)]
    known = jnp.eye(2)[previous_mood][:, None]
    belief = jnp.exp(infer_states(LOGS, jnp.array(signals, float), known))
    np.testing.assert_allclose(belief[:, 0], np.array(joint) / sum(joint), rtol=1e-12)


@pytest.mark.parametrize("signals", ALL_SIGNALS)
def test_free_energy_of_a_first_step_bounds_surprise_tightly(signals):
    """One state and no memory: mean field is exact, so F - <lnB> = -ln P(signals)."""
    seen = jnp.array(signals, float)
    log_states = infer_states(LOGS, seen, undecided(1))
    cost = free_energy(LOGS, Beliefs(log_states), seen, undecided(1)).total
    memory = 0.5 * np.log(STAY * (1 - STAY))  # lnB averaged over an undecided past
    evidence = 0.5 * sum(probability_of_signals(signals, mood) for mood in (ON, OFF))
    assert float(cost) + memory == pytest.approx(-np.log(evidence), rel=1e-12)


def test_food_depends_on_mood_and_action():
    key = jax.random.key(1)
    for mood, action, reward in (
        (ON, BEG, 1),
        (OFF, BEG, -1),
        (ON, LIE_DOWN, 0),
        (OFF, LIE_DOWN, 0),
    ):
        owner = Owner(jnp.array(mood), jnp.array([0, 0]))
        assert float(WORLD.step(owner, jnp.array(action), key=key)[1]) == reward
