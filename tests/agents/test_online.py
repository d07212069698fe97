"""Learning at every step: against learning after the trial, by its outcome, and with a delay."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.active_inference import ActiveInferenceAgent, learn_from
from hebbayes.agents.baselines import RandomAgent
from hebbayes.agents.modulators import RewardRisk
from hebbayes.agents.online import OnlineAgent
from hebbayes.agents.rollout import rollout
from hebbayes.core.arrays import ON
from hebbayes.core.counts import total
from hebbayes.environments.dog import BEG, LIE_DOWN, dog_model, dog_world

KEY = jax.random.key(8)
compiled = eqx.filter_jit(rollout)


@pytest.mark.thorough
def test_learning_online_adds_up_to_learning_from_the_trial_while_nothing_is_floored():
    """Against huge counts a trial moves no belief, so both routes see the same experience."""
    world, modulator = dog_world(), RewardRisk()
    model = dog_model(world, certainty=1e12)
    model = eqx.tree_at(lambda m: m.policy.prior, model, model.policy.prior * 1e12)
    dog = ActiveInferenceAgent(model, jnp.arange(2))
    learner = OnlineAgent(dog, modulator)
    online = compiled(learner, world, 200, key=KEY)
    trajectory = compiled(dog, world, 200, key=KEY)
    assert (online.action == trajectory.action).all()
    later = learn_from(dog, trajectory, modulator.risk(trajectory.reward)).model
    now = online.final_agent_state.model
    for name in ("likelihood", "transition", "policy"):
        one, other = getattr(now, name).evidence, getattr(later, name).evidence
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.thorough
def test_a_dog_learns_online_to_beg_from_a_kind_owner_and_gets_more_food_than_chance():
    world = dog_world()
    dog = OnlineAgent(ActiveInferenceAgent(dog_model(world), jnp.arange(2)), RewardRisk())
    keys = jax.random.split(KEY, 4)

    def trial_of(agent):
        return jax.jit(jax.vmap(lambda key: rollout(agent, world, 2000, key=key)))(keys)

    learnt, chance = trial_of(dog), trial_of(RandomAgent(2))
    policy = total(learnt.final_agent_state.model.policy)[:, :, ON, 0]  # (run, mood, action)
    kind = policy[:, ON] / policy.sum(1)
    assert float(kind[:, BEG].min()) > 0.9 > 0.6 > float(kind[:, LIE_DOWN].max())
    food, by_chance = (np.asarray(t.reward)[:, 1000:].mean(1) for t in (learnt, chance))
    error = np.sqrt((food.var(ddof=1) + by_chance.var(ddof=1)) / len(keys))
    assert food.mean() - by_chance.mean() > 4 * error


@pytest.mark.thorough
def test_a_delayed_reward_is_learnt_from_that_many_steps_later():
    dog = ActiveInferenceAgent(dog_model(dog_world(), 1e12), jnp.arange(2))
    signal_key, uniform_key, reward_key = jax.random.split(KEY, 3)
    signals = jax.random.bernoulli(signal_key, shape=(8, 2)).astype(float)
    draws = (signals, jax.random.uniform(uniform_key, (8,)), jax.random.normal(reward_key, (8,)))

    def policy_after(n_steps, delay):
        agent = OnlineAgent(dog, RewardRisk(), modulation_gain=1e-3, reward_delay=delay)

        def step(state, draw):
            signal, uniform, reward = draw
            state, _, _ = agent.step(state, signal, uniform=uniform)
            return agent.receive(state, reward), None

        used = jax.tree.map(lambda rows: rows[:n_steps], draws)
        return jax.lax.scan(step, agent.init(), used)[0].model.policy.evidence

    at_once = policy_after(5, delay=0)
    np.testing.assert_allclose(policy_after(8, delay=3), at_once, rtol=1e-9)
    assert not np.allclose(policy_after(8, delay=0), at_once, rtol=1e-3)
