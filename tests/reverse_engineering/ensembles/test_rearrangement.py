"""Rearranged states keep what they should, and nothing else."""

from collections import Counter
from itertools import groupby

import numpy as np
import pytest

from hebbayes.reverse_engineering.ensembles.rearrangement import (
    permuted_runs,
    shifted_states,
    states_with_permuted_runs,
)

SESSION = np.repeat([0, 1, 5], [30, 20, 50])


def runs(state) -> list[tuple[float, int]]:
    return [(value, len(list(group))) for value, group in groupby(state)]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_permuted_runs_keep_the_runs_of_every_session(rng) -> None:
    state = np.repeat(rng.integers(0, 2, 34), 3)[:100].astype(float)
    made = permuted_runs(state, SESSION, 40, rng)
    assert len({row.tobytes() for row in made}) > 20
    for row in made:
        for one in (0, 1, 5):
            here, there = runs(state[one == SESSION]), runs(row[one == SESSION])
            assert Counter(here) == Counter(there)
            assert [value for value, _ in here] == [value for value, _ in there]


def test_all_arrangements_of_runs_are_equally_likely(rng) -> None:
    state = np.array([0, 1, 1, 0, 0, 1, 0, 0, 0.0])  # 3! orders of off, 2! of on
    made = permuted_runs(state, np.zeros(9, int), 6000, rng)
    counts = Counter(row.tobytes() for row in made)
    assert len(counts) == 12
    expected = 6000 / 12
    assert all(abs(n - expected) < 4.5 * np.sqrt(expected) for n in counts.values())


def test_shifts_turn_sessions_apart(rng) -> None:
    state = np.arange(100.0)[:, None]
    for row in shifted_states(state, SESSION, 5, rng):
        for one in (0, 1, 5):
            here = row[one == SESSION, 0]
            first = state[one == SESSION, 0]
            assert here.tolist() == np.roll(first, -int(here[0] - first[0])).tolist()


def test_a_graded_state_is_shifted_and_the_poorest_state_counts(rng) -> None:
    graded = rng.random(100)
    alternating = np.arange(100.0) % 2
    made, n_distinct = states_with_permuted_runs(
        np.column_stack([graded, alternating]), np.zeros(100, int), 30, rng
    )
    assert n_distinct == 1
    assert (made[:, :, 1] == alternating).all()
    for row in made[:, :, 0]:
        assert row.tolist() == np.roll(graded, int(np.flatnonzero(row == graded[0])[0])).tolist()
