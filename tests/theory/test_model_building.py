"""Models from arrays: probabilities or counts, refused unless they fit."""

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.theory.model_building import generative_model

HALF = np.full((2, 3, 4), 0.5)
MEMORY, POLICY = np.full((2, 4, 4), 0.5), np.full((2, 4, 2), 0.5)


def test_probabilities_are_worth_their_total_count() -> None:
    model = generative_model(0.2 * HALF, 0.3, total_count={"likelihood": 50})
    np.testing.assert_allclose(model.likelihood.prior[:, 0, 0, 0], [5, 45])
    np.testing.assert_allclose(model.state_prior.prior[:, 0], [0.3, 0.7])


def test_counts_are_taken_as_they_are() -> None:
    counts = np.arange(1.0, 49.0).reshape(2, 2, 3, 4)
    model = generative_model(counts, np.ones((2, 4)), total_count=7)
    np.testing.assert_array_equal(model.likelihood.prior, counts)
    np.testing.assert_array_equal(model.state_prior.prior, np.ones((2, 4)))


def test_a_habit_is_even_by_default() -> None:
    model = generative_model(HALF, transition=MEMORY, policy=POLICY)
    np.testing.assert_allclose(model.decision_prior.prior[0], [0.5, 0.5])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"likelihood": np.eye(3)}, ShapeError, "likelihood has shape"),
        ({"state_prior": np.ones(3)}, ShapeError, "state_prior has shape"),
        ({"transition": np.full((2, 3, 3), 0.5)}, ShapeError, "transition has shape"),
        ({"policy": np.full((2, 3, 2), 0.5)}, ShapeError, "policy has shape"),
        ({"decision_prior": 0.5}, ShapeError, "needs a policy"),
        ({"likelihood": 3 * HALF}, ValueRangeError, "likelihood must lie between"),
        ({"likelihood": -np.ones((2, 2, 3, 4))}, ValueRangeError, "likelihood must lie between"),
        ({"total_count": 0.0}, ValueRangeError, "must be positive"),
        ({"total_count": {"habit": 1.0}}, ValueRangeError, "total_count names 'habit'"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, error, message) -> None:
    with pytest.raises(error, match=message):
        generative_model(**({"likelihood": HALF} | arguments))
