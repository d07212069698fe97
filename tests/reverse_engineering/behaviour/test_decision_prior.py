"""Priors of decisions from their frequencies: the odds undone, intervals that hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.decision_prior import (
    prior_of_frequencies,
    prior_of_odds,
)


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=9), st.floats(1e-3, 1e3))
def test_odds_give_the_prior_back_whatever_their_scale(parts, scale) -> None:
    prior = np.array(parts) / sum(parts)
    np.testing.assert_allclose(prior_of_odds(scale * prior / (1 - prior)), prior, atol=1e-9)


def test_many_rare_decisions_are_taken_as_often_as_their_prior_says() -> None:
    prior = np.random.default_rng(0).dirichlet(np.full(256, 5.0))
    frequency = prior / (1 - prior) / (prior / (1 - prior)).sum()
    assert np.abs(frequency / prior - 1).max() < 0.02
    two = prior_of_frequencies(np.array([2, 1]) * 1000)
    assert two.prior.value[0] < two.frequency.value[0] - 0.07  # and two are not


def test_intervals_are_those_of_a_beta_posterior() -> None:
    found = prior_of_frequencies(np.array([17, 3]))
    low, high = beta(17.5, 3.5).ppf([0.025, 0.975])
    assert found.frequency.low[0] == pytest.approx(low)
    assert found.frequency.high[0] == pytest.approx(high)
    # of two, psi is half the log odds of the frequency
    assert found.threshold_factor.low[0] == pytest.approx(np.log(low / (1 - low)) / 2)


def test_intervals_of_two_decisions_cover_by_enumeration_of_all_outcomes() -> None:
    """Every count of 100 decisions, for 41 priors: mean coverage."""
    n_first = np.arange(101)
    found = [prior_of_frequencies(np.array([n, 100 - n])).prior for n in n_first]
    low, high = (np.array([getattr(f, end)[0] for f in found]) for end in ("low", "high"))
    cover = []
    for prior in np.linspace(0.3, 0.7, 41):
        odds = (prior / (1 - prior)) ** 2
        chance = binom(100, odds / (1 + odds)).pmf(n_first)
        cover.append(chance[(low <= prior) & (prior <= high)].sum())
    assert 0.94 < np.mean(cover) < 0.96
    assert min(cover) > 0.90


def test_a_decision_never_taken_has_the_prior_zero_and_an_upper_bound() -> None:
    found = prior_of_frequencies(np.array([30, 20, 0]))
    assert found.prior.value[2] == found.prior.low[2] == 0
    assert 0 < found.prior.high[2] < 0.1
    assert found.threshold_factor.value[2] == -np.inf
    always = prior_of_frequencies(np.array([50, 0]))
    assert always.prior.value.tolist() == [1.0, 0.0]
    assert always.prior.high[0] == 1.0
    assert prior_of_frequencies(np.array([5])).prior.value.tolist() == [1.0]


def test_without_decisions_there_is_no_prior() -> None:
    with pytest.raises(ValueRangeError, match="no decision was recorded"):
        prior_of_frequencies(np.array([0, 0]))
