"""Separation compiled by Numba, separation in JAX, and a loop over single steps in NumPy."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

from hebbayes.agents.kernels.separation import separate_sources
from hebbayes.agents.separation import separate
from hebbayes.core.counts import without_evidence
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.environments.hidden_sources import naive_model
from hebbayes.theory.generative_model import GenerativeModel, prior_counts

SIZES = (20, 2)  # stimuli, in two products of ratios, and states
separate_in_jax = jax.jit(separate)


def separate_by_loop(
    prior: NDArray[Any], d1: float, stimuli: NDArray[Any]
) -> tuple[list[Any], list[float], float]:
    """One unit at a time, in NumPy: counts (2, 2, stimuli, states), stimuli (steps, stimuli)."""
    counts, posteriors, nats = prior.copy(), [], []
    for seen in stimuli:
        both = np.stack([seen, 1 - seen])
        expected = digamma(counts) - digamma(counts.sum(0))
        joint = np.einsum("vuij,vi->uj", expected, both) + np.log([[d1], [1 - d1]])
        nats.append(-np.logaddexp(joint[0], joint[1]).sum())  # F at its minimum: -ln evidence
        states = np.exp(joint - np.logaddexp(joint[0], joint[1]))
        posteriors.append(states[0])
        counts += np.einsum("vi,uj->vuij", both, states)
    divergence = (
        ((counts - prior) * (digamma(counts) - digamma(counts.sum(0)))).sum()
        - (gammaln(counts).sum() - gammaln(counts.sum(0)).sum())
        + (gammaln(prior).sum() - gammaln(prior.sum(0)).sum())
    )
    return posteriors, nats, float(divergence)


def model_of(prior: NDArray[Any], d1: float) -> GenerativeModel:
    states = prior_counts(jnp.full(prior.shape[-1], d1))
    return GenerativeModel(without_evidence(jnp.asarray(prior)), states)


def stimuli_of(*shape: int) -> NDArray[Any]:
    return np.random.default_rng(0).integers(0, 2, shape).astype(float)


def test_separation_equals_a_loop_over_single_steps() -> None:
    model = naive_model(6, jnp.array([0.3, 0.3]), key=jax.random.key(2))
    stimuli = stimuli_of(4, 5, 6)
    _, (posterior, nats, divergence) = separate(model, jnp.asarray(stimuli))
    prior = np.asarray(model.likelihood.prior)
    expected = separate_by_loop(prior, 0.3, stimuli.reshape(20, 6))
    np.testing.assert_allclose(np.reshape(posterior, (20, 2)), expected[0], rtol=1e-10)
    np.testing.assert_allclose(nats, np.reshape(expected[1], (4, 5)).sum(1), rtol=1e-11)
    np.testing.assert_allclose(divergence[-1], expected[2], rtol=1e-6)


@pytest.mark.parametrize(("low", "high"), [(200, 400), (0.01, 30), (1e8, 1e9)])
def test_the_compiled_run_equals_the_one_in_jax(low: float, high: float) -> None:
    prior = np.random.default_rng(1).uniform(low, high, (2, 2, *SIZES))
    model, stimuli = model_of(prior, 0.3), stimuli_of(3, 20, SIZES[0])
    found = separate_sources(prior, np.asarray(model.state_prior.prior), stimuli)
    after, (posterior, nats, _) = separate_in_jax(model, jnp.asarray(stimuli))
    np.testing.assert_allclose(found.posterior, posterior, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(found.free_energy, nats, rtol=1e-12)
    counts = after.likelihood.prior + after.likelihood.evidence
    np.testing.assert_allclose(found.counts[-1], counts, rtol=1e-12)
    grown = np.diff(found.counts, axis=0).sum((1, 2))
    np.testing.assert_allclose(grown, 20)  # one observation a step, whatever the values


def test_a_thousand_unlikely_stimuli_do_not_underflow() -> None:
    prior = np.full((2, 2, 1000, 1), 20.0)
    prior[0] = [[[1e9]], [[2e9]]]  # so that silence has a probability of some 1e-8
    found = separate_sources(prior, np.full((2, 1), 0.5), np.zeros((1, 2, 1000)))
    nats = separate_by_loop(prior, 0.5, np.zeros((2, 1000)))[1]
    assert found.free_energy[0] > 30_000
    np.testing.assert_allclose(found.free_energy, np.sum(nats), rtol=1e-10)


@pytest.mark.parametrize("d1", [0.0, 1.0])
def test_a_certain_prior_of_states_stays_certain(d1: float) -> None:
    found = separate_sources(
        np.full((2, 2, 3, 1), 20.0), np.array([[d1], [1 - d1]]), stimuli_of(2, 4, 3)
    )
    np.testing.assert_array_equal(found.posterior, d1)
    assert np.isfinite(found.free_energy).all()


def test_what_is_given_is_not_changed_and_wrong_input_is_refused() -> None:
    prior, states, stimuli = np.full((2, 2, 3, 1), 20.0), np.full((2, 1), 0.5), np.ones((1, 2, 3))
    separate_sources(prior, states, stimuli)
    assert (prior == 20).all()
    with pytest.raises(ShapeError, match="stimuli has shape"):
        separate_sources(prior, states, stimuli[..., :2])
    with pytest.raises(ValueRangeError, match=r"must hold only 0 and 1; got 0\.5"):
        separate_sources(prior, states, stimuli / 2)
    with pytest.raises(ValueRangeError, match="counts must be positive; use `separate`"):
        separate_sources(0 * prior, states, stimuli)
