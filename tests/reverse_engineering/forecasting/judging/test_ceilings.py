"""How small a loss can be."""

import numpy as np
import pytest

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.judging.ceilings import own_mean_loss, split_half_loss
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions


def test_own_mean_and_split_halves_enclose_the_noise() -> None:
    rng = np.random.default_rng(0)
    stimuli = np.tile(np.eye(16), (24, 1))
    counts = 50 + 3 * rng.normal(size=(384, 40))
    split = split_sessions(Recording(stimuli, counts, np.repeat(np.arange(24), 16)), 4)
    error = 4 * 9 * np.sqrt(2 / (320 * 40))
    assert own_mean_loss(split) == pytest.approx(9 * (1 - 1 / 10), abs=error)
    assert split_half_loss(split) == pytest.approx(9 * (1 + 1 / 5), abs=error)


def test_without_repeats_the_noise_cannot_be_told() -> None:
    stimuli = np.random.default_rng(0).random((60, 3))
    split = split_sessions(Recording(stimuli, np.ones((60, 2)), np.repeat(np.arange(6), 10)), 3)
    assert np.isnan([own_mean_loss(split), split_half_loss(split)]).all()
