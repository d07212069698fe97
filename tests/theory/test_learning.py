"""Learning and plasticity: eq. 3 by loops, on-line against end of trial, the flow's fixed point."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import log_ratio, total
from hebbayes.core.errors import ShapeError
from hebbayes.theory.certificate.runs import bayesian_run
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.generative_model import prior_counts
from hebbayes.theory.learning import Experience, learn, learn_policy
from hebbayes.theory.plasticity import Firing, adapt

from .networks import random_events, two_layer_model


@pytest.fixture(scope="module")
def bayesian():
    model = two_layer_model()
    return bayesian_run(model, random_events(model), log_ratio, chunk_length=5)


def test_counts_follow_the_written_update(bayesian):
    seen, model = bayesian.experience, bayesian.before
    s, s_prev = np.asarray(seen.states), np.asarray(seen.previous_states)
    o, d = np.asarray(seen.observations), np.asarray(seen.decisions)
    a, b, c = (np.array(total(t)) for t in (model.likelihood, model.transition, model.policy))
    for t in range(len(o)):
        trust = 1 - 2 * float(seen.risk[t])
        for v in (0, 1):
            for u in (0, 1):
                a[v, u] += np.outer(o[t] if v == 0 else 1 - o[t], s[t, u])
                b[v, u] += np.outer(s_prev[t, v], s[t, u])
                c[v, u] += trust * np.outer(s_prev[t, v], d[t] if u == 0 else 1 - d[t])
        if (t + 1) % 5 == 0 or t == len(o) - 1:
            c = np.maximum(c, 1)
    np.testing.assert_allclose(total(bayesian.after.likelihood), a, rtol=1e-12)
    np.testing.assert_allclose(total(bayesian.after.transition), b, rtol=1e-12)
    np.testing.assert_allclose(total(bayesian.after.policy), c, rtol=1e-12)
    assert (c == 1).any(), "the run must reach the floor, or the floor is not tested"


def test_learning_step_by_step_equals_learning_at_the_end(bayesian):
    seen, model = bayesian.experience, bayesian.before
    for t in range(seen.observations.shape[0]):
        model = learn(model, jax.tree.map(lambda leaf, t=t: leaf[t : t + 1], seen))
    np.testing.assert_allclose(
        model.likelihood.evidence, bayesian.after.likelihood.evidence, rtol=1e-12
    )
    np.testing.assert_allclose(
        model.transition.evidence, bayesian.after.transition.evidence, rtol=1e-12
    )


def test_a_learnt_prior_of_zero_stays_zero():
    model = two_layer_model()
    never = prior_counts(jnp.array([0.0, 0.5, 0.5, 1.0]), concentration=10.0)
    model = type(model)(
        model.likelihood, never, model.transition, model.policy, model.decision_prior
    )
    run = bayesian_run(model, random_events(model), log_ratio)
    learnt = learn(model, run.experience, is_state_prior_learnt=True)
    assert float(total(learnt.state_prior)[0, 0]) == 0.0
    assert float(total(learnt.state_prior)[1, 3]) == 0.0


def test_a_policy_cannot_be_learnt_without_risk(bayesian):
    seen = bayesian.experience
    blind = Experience(seen.observations, seen.states, seen.previous_states, seen.decisions)
    with pytest.raises(ShapeError, match="needs the decisions taken and their risk"):
        learn_policy(bayesian.before.policy, blind, None, 1.0)
    neural = Firing(seen.observations, seen.states[:, 0], seen.states[:, 0], seen.decisions)
    with pytest.raises(ShapeError, match="needs decisions and their risk"):
        adapt(network_of(bayesian.before), neural)


def test_rows_after_the_end_of_a_trial_leave_no_evidence(bayesian):
    seen, model = bayesian.experience, bayesian.before
    padded = jax.tree.map(
        lambda leaf: jnp.concatenate([leaf, jnp.zeros((4, *leaf.shape[1:]))]), seen
    )

    def learnt(experience):
        return learn(model, experience, is_state_prior_learnt=True, is_decision_prior_learnt=True)

    for one, other in zip(jax.tree.leaves(learnt(padded)), jax.tree.leaves(learnt(seen))):
        np.testing.assert_allclose(one, other, rtol=1e-12)
