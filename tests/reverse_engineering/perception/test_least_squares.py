"""Which searches are believed, and what the interval of phi holds besides."""

from types import SimpleNamespace

import numpy as np
import pytest

from hebbayes.reverse_engineering.perception.ensemble_fit import widen_by_normaliser
from hebbayes.reverse_engineering.perception.least_squares import reach_same_minimum
from hebbayes.reverse_engineering.perception.options import Options
from hebbayes.reverse_engineering.statistics.estimate import Estimate


def search(cost: float) -> SimpleNamespace:
    return SimpleNamespace(prediction=SimpleNamespace(residual=np.array([cost**0.5])))


@pytest.mark.parametrize(
    ("costs", "same"),
    [
        ([1.0], False),
        ([1.0, 1.0005], True),
        ([1.0, 1.01], False),
        ([2.0, 1.0, 1.0], True),
        ([1.0, 1.0, 2.0], False),
    ],
)
def test_two_searches_agree_where_their_last_costs_do(costs, same) -> None:
    assert reach_same_minimum([search(cost) for cost in costs]) == same


def test_the_interval_of_phi_grows_towards_learnt_synapses_alone() -> None:
    fits = [SimpleNamespace(has_free_normaliser=False, shift=shift) for shift in (-0.2, 0.1, 0.0)]
    odds = Estimate(np.zeros(3), np.full(3, -1.0), np.full(3, 1.0))
    result = widen_by_normaliser(fits, odds, np.zeros(3, bool), Options(2))
    np.testing.assert_allclose(result.low, [-1.2, -1.0, -1.0])
    np.testing.assert_allclose(result.high, [1.0, 1.1, 1.0])
    np.testing.assert_array_equal(result.value, odds.value)
