"""Statistics of simulated recordings against the designs they come from."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.reverse_engineering.experimental_design.recording_statistics import (
    recording_statistics,
    simulator_fano,
)
from hebbayes.simulators import AffineReadout, CultureDesign, Plasticity, simulate_culture


def test_statistics_of_a_recording_are_those_of_its_design() -> None:
    design = CultureDesign(
        n_units=30,
        n_stimuli=10,
        n_sessions=16,
        n_trials=120,
        readout=AffineReadout(1.0, 4.0, 0.2),
        fano=0.4,
        gain_drift=0.08,
        plasticity=Plasticity.NONE,
        prior_count=50.0,
        tilt=0.15,
    )
    culture = simulate_culture(design, seed=4)
    statistics = recording_statistics(culture.recording)
    sizes = {k: statistics[k] for k in ("sources", "stimuli", "units", "sessions", "trials")}
    assert sizes == {"sources": 2, "stimuli": 10, "units": 30, "sessions": 16, "trials": 120}
    again = replace(design, fano=statistics["fano"])
    assert recording_statistics(simulate_culture(again, seed=5).recording)["fano"] == pytest.approx(
        statistics["fano"], abs=0.04
    )
    believed = culture.posterior[:, culture.preferred_source]
    rate = culture.gain[culture.recording.session] * (culture.rest + culture.evoked * believed)
    variance = rate * (1 - rate / np.ceil(rate / 0.6))  # of binomial counts in whole chances
    expected = np.mean(variance.mean(0) / rate.mean(0))
    assert simulator_fano(expected, rate) == pytest.approx(0.4, abs=0.01)
    assert statistics["fano"] == pytest.approx(0.4, abs=0.04)
    assert statistics["gain_drift"] == pytest.approx(0.08, abs=0.016)
    assert statistics["stimulation"] == "repeated"
    assert statistics["rest"] + statistics["evoked"] == pytest.approx(5.0, rel=0.25)


@pytest.mark.parametrize(
    ("is_repeated", "is_shuffled", "word"),
    [
        (True, True, "shuffled"),
        (False, False, "fresh"),
    ],
)
def test_stimulation_is_recognised_from_the_stimuli(is_repeated, is_shuffled, word) -> None:
    design = CultureDesign(
        n_units=4,
        n_stimuli=24,
        n_sessions=4,
        n_trials=30,
        mixed=0.4,
        is_repeated=is_repeated,
        is_shuffled=is_shuffled,
    )
    assert recording_statistics(simulate_culture(design).recording)["stimulation"] == word
