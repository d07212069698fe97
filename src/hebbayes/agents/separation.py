"""Blind source separation in JAX: exact inference, and learning after every step.

`agents.kernels.separation` does the same for binary stimuli, compiled by Numba; this one runs on
any device, maps over models and takes any stimuli (docs/theory.md section 6).
"""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.arrays import ON
from hebbayes.core.counts import digamma_ratio
from hebbayes.core.scan import scan_time
from hebbayes.theory.free_energy import free_energy, parameter_divergence
from hebbayes.theory.generative_model import GenerativeModel, expected_logs
from hebbayes.theory.inference import Beliefs, infer_states, undecided
from hebbayes.theory.learning import Experience, learn


def separate(
    model: GenerativeModel, stimuli: Float[Array, "sessions steps stimuli"]
) -> tuple[GenerativeModel, tuple[Array, Array, Array]]:
    """Return the model after inferring and learning at every step, and the record of the run.

    The record: posteriors (sessions, steps, states), the free energy of each session under its
    current synapses, and the parameters' divergence at its end.

    Example:
        >>> import jax
        >>> from hebbayes.environments.hidden_sources import naive_model
        >>> model = naive_model(4, jnp.array([0.5, 0.5]), key=jax.random.key(0))
        >>> _, (posterior, nats, _) = separate(model, jnp.ones((3, 5, 4)))
        >>> posterior.shape, nats.shape
        ((3, 5, 2), (3,))
    """
    before = undecided(model.n_states, model.state_prior.prior.dtype)

    def step(model: GenerativeModel, seen: Array) -> tuple[GenerativeModel, tuple[Array, Array]]:
        logs = expected_logs(model, digamma_ratio)
        log_states = infer_states(logs, seen, before)
        nats = free_energy(logs, Beliefs(log_states), seen, before).total
        states = jnp.exp(log_states)
        model = learn(model, Experience(seen[None], states[None], before[None]))
        return model, (states[ON], nats)

    def session(
        model: GenerativeModel, seen: Array
    ) -> tuple[GenerativeModel, tuple[Array, Array, Array]]:
        model, (posterior, nats) = scan_time(step, model, seen)
        return model, (posterior, nats.sum(), parameter_divergence(model))

    return scan_time(session, model, jnp.asarray(stimuli, before.dtype))
