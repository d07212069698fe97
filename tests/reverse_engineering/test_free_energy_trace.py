"""Free energy in parts: by the theory's own function, by the cost, and its intervals."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import logit

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.free_energy_trace import (
    bounded,
    free_energy_terms,
    free_energy_trace,
)
from hebbayes.reverse_engineering.isomura2023.session_cost import session_cost
from hebbayes.reverse_engineering.synapses import effective_synapses
from hebbayes.theory.free_energy import free_energy
from hebbayes.theory.generative_model import ExpectedLogs
from hebbayes.theory.inference import Beliefs


@pytest.fixture(scope="module")
def recorded():
    rng = np.random.default_rng(0)
    session = np.repeat([0, 1, 2], [20, 30, 10])
    return {
        "activity": rng.random((60, 2)),
        "stimuli": rng.integers(0, 2, (60, 4)).astype(float),
        "session_index": session,
        "tables": rng.uniform(1, 5, (2, 2, 3, 4, 2)),
        "factors": np.log([[0.3, 0.6], [0.7, 0.4]]),
    }


def test_parts_are_those_of_the_theory(recorded) -> None:
    accuracy, complexity = free_energy_terms(**recorded)
    session = recorded["session_index"]
    for s in range(3):
        here, table = session == s, recorded["tables"][:, :, s]
        logs = ExpectedLogs(
            likelihood=jnp.log(table / table.sum(0)), state_prior=jnp.asarray(recorded["factors"])
        )
        x = recorded["activity"][here]
        beliefs = Beliefs(jnp.log(jnp.stack([x, 1 - x], 1)))
        theirs = free_energy(
            logs, beliefs, jnp.asarray(recorded["stimuli"][here]), beliefs.log_states
        )
        np.testing.assert_allclose(accuracy[here].sum(1), theirs.accuracy)
        np.testing.assert_allclose(complexity[here].sum(1), theirs.state_complexity)


def test_the_total_is_the_cost_of_the_network(recorded) -> None:
    trace = free_energy_trace(**recorded)
    for s in range(3):
        here = recorded["session_index"] == s
        synapses = effective_synapses(recorded["tables"][:, :, s])
        cost = session_cost(
            recorded["activity"][here],
            recorded["stimuli"][here],
            synapses,
            recorded["factors"],
            0.0,
        )
        assert trace.total.value[s] == pytest.approx(cost)
    np.testing.assert_allclose(
        trace.total.value, trace.complexity.value - trace.accuracy.value, rtol=1e-12
    )
    assert trace.n_trials.tolist() == [20, 30, 10]


def test_beliefs_by_bayes_rule_have_the_least_free_energy(recorded) -> None:
    """The drive that the parts imply is where their sum is smallest."""
    held = dict(recorded)
    ends = {}
    for level in (0.0, 1.0):
        held["activity"] = np.full((60, 2), level)
        accuracy, complexity = free_energy_terms(**held)
        ends[level] = accuracy - complexity
    best = 1 / (1 + np.exp(ends[0.0] - ends[1.0]))
    held["activity"] = best
    least = np.subtract(*free_energy_terms(**held)[::-1])
    for step in (-0.1, 0.1):
        held["activity"] = 1 / (1 + np.exp(-(logit(best) + step)))
        assert (np.subtract(*free_energy_terms(**held)[::-1]) > least).all()


def test_intervals_of_a_session_cover_its_mean() -> None:
    rng = np.random.default_rng(3)
    half, factors = np.full((2, 2, 1, 1, 1), 0.5), np.log([[0.3], [0.7]])
    grid = np.linspace(0.005, 0.995, 100)[:, None]
    terms = free_energy_terms(grid, np.ones((100, 1)), np.zeros(100, int), half, factors)
    expected = 200 * (terms[1] - terms[0]).mean()
    hits = []
    for seed in range(150):
        x = rng.choice(grid.ravel(), 200)[:, None]
        trace = free_energy_trace(
            x, np.ones((200, 1)), np.zeros(200, int), half, factors, seed=seed, n_resamples=200
        )
        hits.append(trace.total.low[0] <= expected <= trace.total.high[0])
    assert abs(np.mean(hits) - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / 150)


def test_a_prior_of_exactly_zero_costs_nothing_where_nothing_happens() -> None:
    half, never_on = np.full((2, 2, 1, 1, 1), 0.5), np.array([[-np.inf], [0.0]])
    silent = np.zeros((5, 1)), np.ones((5, 1)), np.zeros(5, int), half, never_on
    assert free_energy_trace(*silent).complexity.value.tolist() == [0.0]
    loud = np.ones((5, 1)), *silent[1:]
    assert free_energy_terms(*loud)[1][0, 0] == np.inf


def test_what_lies_outside_is_moved_only_where_asked_and_counted(recorded) -> None:
    outside = {**recorded, "activity": recorded["activity"] * 1.2}
    with pytest.raises(ValueRangeError, match="activity must lie between"):
        free_energy_terms(**outside)
    result = bounded(outside["activity"])
    np.testing.assert_allclose(result.moved, (outside["activity"] > 1).mean(0))
    assert result.activity.max() == 1.0


def test_what_does_not_fit_is_refused(recorded) -> None:
    with pytest.raises(ShapeError, match="tables has shape"):
        free_energy_terms(**{**recorded, "tables": recorded["tables"][:, :, :2]})
    unknown = recorded["activity"] * [1, np.nan]
    with pytest.raises(ValueRangeError, match="activity must be known in every trial"):
        free_energy_trace(**{**recorded, "activity": unknown})
