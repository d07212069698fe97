"""The smallest addition that a study would detect."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.forecasting.judging.power import smallest_detectable

NULL, TERM = np.eye(2)


def studies(n: int, trials: int = 1000, seed: int = 0) -> list[np.ndarray]:
    rows = np.random.default_rng(seed).normal(size=(n, 3, trials))
    return [r @ r.T / trials for r in rows]


def test_four_times_the_recordings_detect_a_quarter() -> None:
    """The gain is quadratic in the size of a term, and its error falls with the square root."""
    few, many = (
        np.mean([smallest_detectable(studies(n, seed=s), 0 * NULL, [TERM]) for s in range(20)])
        for n in (20, 80)
    )
    assert many / few == pytest.approx(1 / 4, rel=0.15)


def test_the_term_estimated_best_counts() -> None:
    grams = studies(20)
    each = [smallest_detectable(grams, 0 * NULL, [term]) for term in (NULL, TERM)]
    assert smallest_detectable(grams, 0 * NULL, [NULL, TERM]) == min(each)


def test_the_size_of_a_term_does_not_matter() -> None:
    grams = studies(20)
    small, large = (smallest_detectable(grams, 0 * NULL, [g * TERM]) for g in (0.01, 100.0))
    assert small == large


def test_a_margin_raises_what_can_be_detected() -> None:
    grams = studies(20)
    plain, margin = (smallest_detectable(grams, 0 * NULL, [TERM], least=m) for m in (0.0, 0.01))
    assert margin > max(plain, 0.01)


@pytest.mark.parametrize("terms", [[], [0 * TERM]])
def test_nothing_is_detected_without_a_term(terms: list[np.ndarray]) -> None:
    assert smallest_detectable(studies(5), 0 * NULL, terms) == np.inf


def test_recordings_that_differ_too_much_detect_nothing() -> None:
    toward = [-1.0, 1.0, -1.0, 1.0]
    grams = [np.array([[1.0, 0.0, b], [0.0, 1.0, 0.0], [b, 0.0, 1.0]]) for b in toward]
    assert smallest_detectable(grams, 0 * NULL, [TERM]) == np.inf
