"""Tables that act alike, found by trying them."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from hebbayes.reverse_engineering.perception.normaliser import normaliser_range, shift_if_learnt

W = np.array([1.2, -0.4, 0.0, 2.1])


def normaliser(c) -> float:
    return float(np.log(expit(-W / 2 - c) / expit(W / 2 - c)).sum())


def test_the_range_is_that_over_all_offsets() -> None:
    low, high = normaliser_range(W)
    tried = [normaliser(c) for c in np.random.default_rng(0).uniform(-40, 40, (500, 4))]
    assert low - 1e-12 <= min(tried)
    assert max(tried) <= high + 1e-12
    ends = np.where(W > 0, 40.0, -40.0)
    assert normaliser(ends) == pytest.approx(low)
    assert normaliser(-ends) == pytest.approx(high)


@pytest.mark.parametrize("mean", [0.2, 0.5, 0.7])
def test_the_two_choices_differ_as_their_tables_do(mean: float) -> None:
    c = [
        brentq(lambda c, w=w: mean * expit(w / 2 + c) + (1 - mean) * expit(c - w / 2) - 0.5, -9, 9)
        for w in W
    ]
    expected = normaliser(np.zeros(4)) - normaliser(np.array(c))
    assert shift_if_learnt(W, mean) == pytest.approx(expected, abs=1e-9)


def test_activity_outside_its_range_leaves_no_choice() -> None:
    assert shift_if_learnt(W, 1.1) == np.inf
