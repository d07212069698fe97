"""The choice of null, term and size on some recordings."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.forecasting.judging.selection import Roles, choose, gain
from hebbayes.reverse_engineering.forecasting.scoring import combined_loss


def grams_of(rows: np.ndarray) -> list[np.ndarray]:
    """Gram matrices of (recordings, 1 + forecasters, trials)."""
    return [one @ one.T / one.shape[1] for one in rows]


def recordings(size: float, n: int = 6, seed: int = 0) -> list[np.ndarray]:
    """Observations are null + size x term + noise; a second null is off by a constant."""
    rng = np.random.default_rng(seed)
    null, term, noise = rng.normal(size=(3, n, 400))
    rows = [null + size * term + noise, null, null + 2.0, term]
    return grams_of(np.stack(rows, axis=1))


ROLES = Roles(nulls=(0, 1), theory_terms=(2,))


def test_a_true_term_is_earned_at_its_size_on_the_better_null() -> None:
    choice = choose(recordings(0.5), ROLES)
    assert choice.is_earned
    assert choice.term == 2
    assert choice.null.tolist() == [1.0, 0.0, 0.0]
    assert choice.g == pytest.approx(0.5, abs=4 / np.sqrt(6 * 400))


def test_a_term_of_the_wrong_sign_is_not_used() -> None:
    choice = choose(recordings(-0.5), ROLES)
    assert (choice.term, choice.g, choice.is_earned) == (-1, 0.0, False)


def test_a_term_that_helps_one_recording_alone_is_not_earned() -> None:
    grams = [*recordings(2.0, n=1), *recordings(0.0, n=5, seed=1)]
    assert not choose(grams, ROLES).is_earned


def test_the_unit_of_a_recording_does_not_matter() -> None:
    grams = recordings(0.5)
    scaled = [gram * unit**2 for gram, unit in zip(grams, (1, 10, 0.1, 3, 7, 1))]
    plain, other = choose(grams, ROLES), choose(scaled, ROLES)
    np.testing.assert_allclose(other.theory, plain.theory)


def test_a_forecast_with_the_theory_replaces_at_most_the_whole_null() -> None:
    truth = np.random.default_rng(0).normal(size=(3, 100))
    rows = np.stack([3 * truth, truth, 2 * truth], axis=1)  # twice the step would be best
    choice = choose(grams_of(rows), Roles(nulls=(0,), theory_forecasts=(1,)))
    assert choice.g == 1.0
    np.testing.assert_allclose(choice.null + choice.theory, [0.0, 1.0])


def test_the_gain_is_the_share_of_the_loss_taken_away() -> None:
    gram = recordings(0.5)[0]
    null, theory = np.array([1.0, 0, 0]), np.array([0, 0, 0.5])
    expected = 1 - combined_loss(gram, null + theory) / combined_loss(gram, null)
    assert gain(gram, null, theory) == pytest.approx(expected)
    assert gain(gram, null, 0 * theory) == 0


def test_settings_are_counted() -> None:
    roles = Roles(nulls=(0, 1), null_terms=(2,), theory_terms=(3, 4), theory_forecasts=(5,))
    assert roles.n_settings == 2 * 2 + 3
