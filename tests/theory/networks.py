"""Small asymmetric models and runs that no index error survives."""

import jax
import jax.numpy as jnp

from hebbayes.core.counts import Counts
from hebbayes.theory.certificate.runs import Events
from hebbayes.theory.generative_model import GenerativeModel

SIZES = (5, 4, 6)  # outcomes, states, decisions: all different


def random_counts(key, shape, dtype, low=2.0, high=40.0):
    prior_key, evidence_key = jax.random.split(key)
    prior = jax.random.uniform(prior_key, shape, dtype, low, high)
    return Counts(prior, jax.random.uniform(evidence_key, shape, dtype, -low / 2, high))


def two_layer_model(seed=0, dtype=jnp.float64, sizes=SIZES):
    n_outcomes, n_states, n_decisions = sizes
    keys = jax.random.split(jax.random.key(seed), 5)
    return GenerativeModel(
        likelihood=random_counts(keys[0], (2, 2, n_outcomes, n_states), dtype),
        state_prior=random_counts(keys[1], (2, n_states), dtype),
        transition=random_counts(keys[2], (2, 2, n_states, n_states), dtype),
        policy=random_counts(keys[3], (2, 2, n_states, n_decisions), dtype, 1.2, 4.0),
        decision_prior=random_counts(keys[4], (2, n_decisions), dtype),
    )


def one_layer_model(seed=0, dtype=jnp.float64):
    full = two_layer_model(seed, dtype)
    return GenerativeModel(full.likelihood, full.state_prior)


def random_events(model, n_steps=23, seed=1):
    dtype = model.likelihood.prior.dtype
    keys = jax.random.split(jax.random.key(seed), 3)
    observations = jax.random.bernoulli(keys[0], 0.4, (n_steps, model.n_outcomes)).astype(dtype)
    if model.policy is None:
        return Events(observations)
    taken = jax.random.randint(keys[1], (n_steps,), 0, model.n_decisions)
    levels = jnp.array([0.0, 0.45, 1.0], dtype)  # 1 undoes decisions until counts floor
    risk = jnp.repeat(jax.random.choice(keys[2], levels, (n_steps // 5 + 1,)), 5)[:n_steps]
    return Events(observations, jax.nn.one_hot(taken, model.n_decisions, dtype=dtype), risk)
