"""Power of an effect against simulated intervals."""

import numpy as np
import pytest
from scipy.stats import t as student

from hebbayes.reverse_engineering.experimental_design.power import effect_of, power_of_effect
from hebbayes.reverse_engineering.forecasting.judging.verdict import LEAST


def test_power_of_an_effect_is_that_of_simulated_intervals() -> None:
    rng = np.random.default_rng(0)
    for effect, n in ((0.9, 6), (1.5, 4)):
        gains = LEAST + 0.01 * (effect + rng.normal(size=(20_000, n)))
        half = student.ppf(0.975, n - 1) * gains.std(1, ddof=1) / np.sqrt(n)
        assert power_of_effect(effect, n) == pytest.approx(
            np.mean(gains.mean(1) - half > LEAST), abs=0.015
        )
        assert effect_of(gains.ravel()) == pytest.approx(effect, abs=0.03)
