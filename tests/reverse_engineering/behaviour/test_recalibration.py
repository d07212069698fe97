"""The doubt of a calibration: against other recordings of one animal, and in every interval."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.behaviour import Assumptions, describe_behaviour
from hebbayes.reverse_engineering.behaviour.calibration import activity_of_units
from hebbayes.reverse_engineering.behaviour.decision_prior import prior_of_frequencies
from hebbayes.reverse_engineering.behaviour.policy.uncertainty import (
    PolicyUncertainty,
    widened_prior,
    widened_ratio,
)
from hebbayes.reverse_engineering.behaviour.recalibration import recalibrated, unit_noise
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.simulators import simulate_animal

N_TRIALS, N_RECORDINGS = 400, 100
SESSION = np.zeros(N_TRIALS, int)


def slope(x, unshrunk):
    """How large one unit of x is read: the scale that labels set."""
    return np.polyfit(x[:, 0], unshrunk[:, 0], 1)[0]


def recorded(x, rng):
    labels = (rng.random(x.shape) < x).astype(int)
    return Recording(
        np.ones((N_TRIALS, 1)), rng.poisson(3 + 5 * x, (N_TRIALS, 6)), SESSION, sources=labels
    )


def test_the_scale_is_as_doubtful_as_it_differs_between_recordings(rng) -> None:
    x = rng.beta(0.5, 0.5, (N_TRIALS, 1))
    known = [activity_of_units(recorded(x, rng)) for _ in range(N_RECORDINGS)]
    truly = np.std([slope(x, one.unshrunk) for one in known])
    told = [
        np.std(
            [
                slope(x, one.unshrunk)
                for one in recalibrated(calibration, SESSION, rng=rng, n_draws=30, block_length=1)
            ]
        )
        for calibration in known[:20]
    ]
    assert np.mean(told) == pytest.approx(truly, rel=4 / np.sqrt(2 * N_RECORDINGS))
    noise = np.sqrt(
        np.mean(
            [
                (c.unshrunk - np.polyval(np.polyfit(x[:, 0], c.unshrunk[:, 0], 1), x)).var()
                for c in known
            ]
        )
    )
    assert np.mean([unit_noise(c)[0] for c in known]) == pytest.approx(noise, rel=0.05)


def test_counting_every_trial_once_is_the_calibration_itself(animal, rng) -> None:
    class Once:
        def poisson(self, rate, n):
            return np.ones(n)

    known = activity_of_units(animal.recording)
    session = animal.recording.session_index
    (one,) = recalibrated(known, session, rng=Once(), n_draws=1, block_length=5)
    np.testing.assert_allclose(one.unshrunk, known.unshrunk, atol=1e-12)
    np.testing.assert_allclose(one.activity, known.activity, atol=1e-12)


def test_trials_that_were_not_observed_stay_unknown(animal, rng) -> None:
    valid = np.ones(animal.recording.valid.shape, bool)
    valid[5] = False
    known = activity_of_units(replace(animal.recording, valid=valid))
    for one in recalibrated(
        known, animal.recording.session_index, rng=rng, n_draws=2, block_length=5
    ):
        assert np.isnan(one.unshrunk[5]).all()
        assert np.isfinite(np.delete(one.unshrunk, 5, axis=0)).all()


def covers(estimate, truth):
    return (estimate.low <= truth) & (truth <= estimate.high)


@pytest.mark.thorough
def test_intervals_from_units_cover_what_they_cover_from_activity(animal) -> None:
    """Five animals: V by counts is covered half of the time without the calibration's doubt."""
    inside = {"V": [], "K": [], "W": []}
    for seed in range(40, 45):
        other = simulate_animal(animal.design, seed=seed)
        found = describe_behaviour(
            other.recording, rng=np.random.default_rng(0), assumptions=Assumptions(reward_delay=2)
        )
        ends = np.flatnonzero(np.diff(other.recording.session, append=9))
        for name, estimate, true in (
            ("V", found.output_layer.weights, other.output_weights[ends]),
            ("K", found.middle_layer.recurrent, other.recurrent_weights[0]),
            ("W", found.middle_layer.sensory, other.sensory_weights[0]),
        ):
            inside[name].append(covers(estimate, true).mean())
    assert np.mean(inside["V"]) > 0.8
    assert np.mean(inside["K"]) > 0.8
    assert np.mean(inside["W"]) > 0.8


def test_exact_activity_is_covered_to_the_fit_s_tolerance(animal) -> None:
    found = describe_behaviour(
        animal.recording, rng=np.random.default_rng(0), activity=animal.activity
    )
    layer = found.middle_layer
    assert covers(layer.recurrent, animal.recurrent_weights[0]).all()
    assert covers(layer.sensory, animal.sensory_weights[0]).all()
    assert (layer.recurrent.high - layer.recurrent.low).max() < 1e-3


def test_open_ends_stay_open_and_decisions_never_taken_stay_at_zero() -> None:
    doubt = PolicyUncertainty(0.2, np.zeros((1, 3, 1)), np.array([0.3, 0.3, 0.0]))
    ratio = widened_ratio(Estimate(*np.array([100.0, 0.0, np.inf])), doubt)
    assert (float(ratio.low), float(ratio.high)) == (0.0, np.inf)
    prior = prior_of_frequencies(np.array([30, 20, 0]))
    found = widened_prior(prior, doubt)
    assert (found.prior.low[:2] < prior.prior.low[:2]).all()
    assert (found.threshold_factor.high[:2] > prior.threshold_factor.high[:2]).all()
    assert found.prior.high[2] == prior.prior.high[2]
    assert found.threshold_factor.value[2] == found.threshold_factor.low[2] == -np.inf
