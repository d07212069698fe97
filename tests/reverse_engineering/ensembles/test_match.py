"""Ensembles are matched to labels by the best pairing, whatever their order and sign."""

import itertools

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError
from hebbayes.reverse_engineering.ensembles.match import cross_correlation, match_to_labels

RNG = np.random.default_rng(0)
SOURCES = RNG.integers(0, 2, (200, 3))


def test_order_and_sign_are_undone() -> None:
    noisy = SOURCES + RNG.normal(scale=0.3, size=(200, 3))
    match = match_to_labels((noisy * [1, -1, 1])[:, [2, 0, 1]], SOURCES)
    assert match.ensemble.tolist() == [1, 2, 0]
    assert match.sign.tolist() == [1, -1, 1]
    own = [np.corrcoef(noisy[:, k], SOURCES[:, k])[0, 1] for k in range(3)]
    np.testing.assert_allclose(match.correlation, own, rtol=1e-12)


def test_the_pairing_has_the_largest_sum_of_all() -> None:
    activity = RNG.normal(size=(30, 3))
    match = match_to_labels(activity, SOURCES[:30])
    across = np.abs(cross_correlation(activity, SOURCES[:30].astype(float)))
    sums = [sum(across[p[k], k] for k in range(3)) for p in itertools.permutations(range(3))]
    np.testing.assert_allclose(match.correlation.sum(), max(sums))


def test_fewer_or_more_ensembles_than_sources_are_said_so() -> None:
    few = match_to_labels(SOURCES[:, [1]].astype(float), SOURCES)
    assert few.ensemble.tolist() == [-1, 0, -1]
    assert few.sign.tolist() == [0, 1, 0]
    np.testing.assert_allclose(few.correlation, [0, 1, 0], atol=1e-12)
    more = match_to_labels(SOURCES.astype(float), SOURCES[:, [1]])
    assert more.unmatched.tolist() == [0, 2]


def test_trials_without_activity_and_constant_sources_count_for_nothing() -> None:
    activity, sources = SOURCES.astype(float), SOURCES.copy()
    activity[:50] = np.nan
    sources[:, 2] = 1
    np.testing.assert_allclose(
        match_to_labels(activity, sources).correlation, [1, 1, 0], atol=1e-12
    )
    with pytest.raises(ShapeError, match="at least 2 trials with known activity"):
        match_to_labels(np.full((200, 3), np.nan), sources)
