"""Certificates of delayed synapses, learnt priors, soft labels, and certain likelihoods."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import Counts, digamma_ratio, log_ratio
from hebbayes.core.errors import ValueRangeError
from hebbayes.theory.certificate.certificate import certify_run
from hebbayes.theory.certificate.damage import damage
from hebbayes.theory.certificate.runs import bayesian_run, neural_run
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.free_energy import free_energy, parameter_divergence
from hebbayes.theory.generative_model import GenerativeModel
from hebbayes.theory.verbs import activity, believe, cost
from hebbayes.theory.verbs import free_energy as energy_of

from ..networks import random_events, two_layer_model

SIZES = (3, 2, 4)
OPTIONS = {  # the same for every run, which is then compiled once
    "delay": 3,
    "policy_floor": 0.0,
    "is_state_prior_learnt": True,
    "is_decision_prior_learnt": True,
}


def both_runs(model, events, ratio):
    return tuple(run(model, events, ratio, **OPTIONS) for run in (bayesian_run, neural_run))


def soft(events):
    labels = np.random.default_rng(0).uniform(0, 1, events.decisions.shape)
    labels[0] = [0, 1, 0, 1]  # certain ones beside them
    return dataclasses.replace(events, decisions=jnp.asarray(labels))


@pytest.mark.thorough
@pytest.mark.parametrize(
    "ratio", [log_ratio, pytest.param(digamma_ratio, marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("is_certain", [False, True])
def test_delays_learnt_priors_soft_labels_and_certain_synapses_hold(ratio, is_certain):
    model = certain_model() if is_certain else two_layer_model(sizes=SIZES)
    bayesian, neural = both_runs(model, soft(random_events(model, n_steps=11)), ratio)
    certificate = certify_run(bayesian, neural, ratio, policy_floor=0.0)
    assert {c.name: c.discrepancy for c in certificate.claims if not c.holds} == {}
    assert float(jnp.abs(bayesian.after.state_prior.evidence).sum()) > 0
    for row in ("state_factor_plasticity", "decision_factor_plasticity"):
        damaged = certify_run(bayesian, damage(neural, row), ratio, policy_floor=0.0)
        assert damaged.broken == (row,)


@pytest.mark.thorough
def test_the_past_of_a_delayed_run_is_that_many_steps_back():
    model = two_layer_model(sizes=SIZES)
    bayesian, neural = both_runs(model, random_events(model, n_steps=11), log_ratio)
    np.testing.assert_array_equal(neural.firing.previous_rates[3:], neural.firing.rates[:-3])
    assert set(np.unique(neural.firing.previous_rates[:3])) == {0.5}
    states = bayesian.experience.states
    np.testing.assert_array_equal(bayesian.experience.previous_states[3:], states[:-3])


@pytest.mark.thorough
def test_learnt_priors_minimise_f_and_kl_in_digamma_mode():
    """Moving the counts of D away from d += s raises F + KL; with lnD of `log` mode it need not."""
    model = two_layer_model(sizes=SIZES)
    events = random_events(model, n_steps=11)
    run = bayesian_run(model, events, digamma_ratio, **OPTIONS)
    fresh = Counts(
        model.state_prior.prior + model.state_prior.evidence, 0 * model.state_prior.evidence
    )
    gained = run.experience.states.sum(0)

    def bound(ratio, evidence):
        d = Counts(fresh.prior, evidence)
        logs = dataclasses.replace(
            run.logs, state_prior=ratio(d, Counts(d.prior.sum(0), d.evidence.sum(0)))
        )
        total = free_energy(
            logs, run.beliefs, events.observations, run.experience.previous_states, events.risk
        ).total.sum()
        return float(total + parameter_divergence(dataclasses.replace(model, state_prior=d)))

    lowest = bound(digamma_ratio, gained)
    steps = [jnp.zeros((2, 2)).at[u, 0].set(h) for u in (0, 1) for h in (-0.3, 0.3)]
    assert all(bound(digamma_ratio, gained + step) > lowest for step in steps)
    reached = bound(log_ratio, gained)
    assert any(bound(log_ratio, gained + step / 100) < reached for step in steps)


def certain_model():
    """P(outcome 0 on | state 0 on) = 1, P(outcome 1 on | state 1 off) = 0, and a certain memory."""
    model = two_layer_model(sizes=SIZES)

    def never(counts, *index):
        return Counts(counts.prior.at[index].set(0.0), counts.evidence.at[index].set(0.0))

    return GenerativeModel(
        never(never(model.likelihood, 1, 0, 0, 0), 0, 1, 1, 1),
        model.state_prior,
        never(model.transition, 1, 0, 1, 0),
        never(model.policy, 1, 1, 1, 2),
        model.decision_prior,
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    "ratio", [log_ratio, pytest.param(digamma_ratio, marks=pytest.mark.thorough)]
)
def test_a_likelihood_of_exactly_0_or_1_gives_the_same_on_both_sides(ratio):
    model = certain_model()
    events = random_events(model, n_steps=11)
    seen, network = events.observations, network_of(model)
    beliefs, active = believe(model, seen, ratio=ratio), activity(network, seen, ratio=ratio)
    np.testing.assert_allclose(active.rates, beliefs.states, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(active.output_rates, beliefs.decisions, rtol=1e-10, atol=1e-300)
    assert set(np.asarray(beliefs.states[:, 0])[np.asarray(seen[:, 0]) == 0]) == {0.0}
    energy = energy_of(model, seen, risk=events.risk, ratio=ratio).total
    assert bool(jnp.isfinite(energy).all())
    np.testing.assert_allclose(
        cost(network, seen, risk=events.risk, ratio=ratio), energy, rtol=1e-10
    )


def test_a_run_whose_data_exclude_every_state_is_refused_by_name():
    model = two_layer_model(sizes=SIZES)
    prior = model.likelihood.prior.at[0, :, 0, 0].set(0.0)  # outcome 0 is never on
    model = dataclasses.replace(model, likelihood=Counts(prior, 0 * prior))
    runs = both_runs(model, random_events(model, n_steps=11), log_ratio)
    with pytest.raises(ValueRangeError, match=r"beliefs of the agent must be numbers .* at index"):
        certify_run(*runs)
    with pytest.raises(ValueRangeError, match="log posterior of states must be numbers"):
        believe(model, jnp.ones((2, 3)))
    with pytest.raises(ValueRangeError, match="potential must be numbers"):
        activity(network_of(model), jnp.ones((2, 3)))
