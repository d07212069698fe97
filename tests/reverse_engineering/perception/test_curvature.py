"""phi under read-outs x^p: what an affine fit misses, its interval covers."""

import os
from pathlib import Path

import numpy as np
import pytest

from hebbayes.data.reading import read_recording
from hebbayes.reverse_engineering.ensembles.population import ensemble_means, population_by_labels
from hebbayes.reverse_engineering.perception import Options, fit_perception
from hebbayes.reverse_engineering.perception.curvature import SPREAD, curvature
from hebbayes.reverse_engineering.perception.fit import fit_ensembles
from hebbayes.reverse_engineering.perception.least_squares import refit

from .readouts import PHI, curved, perceived


def fit_of(responses, culture):
    recording = culture.recording
    given = Options(curvature=0.0, can_forget=False)
    return fit_ensembles(responses, recording.stimuli, recording.session_index, given)[0]


def covers(estimate, truth=PHI):
    return (estimate.low <= truth) & (truth <= estimate.high)


def test_the_right_power_returns_every_parameter_from_responses_without_noise() -> None:
    responses, culture = curved(1.5, noise=1e-4)
    affine = fit_of(responses, culture).solution
    right = refit(affine, np.log(1.5))
    assert abs(affine.parameters[0] - PHI) > 0.3
    np.testing.assert_allclose(right.parameters[:4], [PHI, 1 / 400, 0.5, 5.0], rtol=2e-3)
    assert np.abs(right.prediction.residual).max() < 2e-3


@pytest.mark.parametrize("power", [0.8, 1.0, 1.5])
def test_the_interval_covers_where_that_of_an_affine_fit_does_not(power) -> None:
    responses, culture = curved(power)
    result = perceived(responses, culture)
    assert covers(result.log_odds).all()
    assert covers(result.affine_log_odds).all() == (power == 1.0)
    assert covers(result.prior_count, 400.0).all()
    assert ((result.log_odds_slope > 0.8) & (result.log_odds_slope < 2.2)).all()


def test_the_slope_is_that_of_refits_and_more_noise_widens_the_interval() -> None:
    widths = []
    for noise in (0.2, 0.6):
        responses, culture = curved(noise=noise)
        result = perceived(responses, culture)
        widths.append(result.log_odds.high - result.log_odds.low)
        affine = result.affine_log_odds
        assert (widths[-1] > 1.5 * (affine.high - affine.low)).all()
    fit = fit_of(responses, culture).solution
    up, down = (refit(fit, h).parameters[0] for h in (0.05, -0.05))
    assert result.log_odds_slope[0] == pytest.approx((up - down) / 0.1, rel=0.05)
    assert (widths[1] > 1.3 * widths[0]).all()


def test_powers_up_to_2_2_and_their_inverses_hold_95_percent_of_the_prior() -> None:
    assert np.exp(1.96 * SPREAD) == pytest.approx(2.2, rel=0.02)
    assert Options().curvature == SPREAD


def test_without_learning_the_power_keeps_its_prior() -> None:
    responses, culture = curved(n_sessions=3, prior_count=1e6, tilt=0.08, noise=1.0)
    of_power = curvature(fit_of(responses, culture).solution)
    mean = of_power.weight @ of_power.log_power
    deviation = np.sqrt(of_power.weight @ (of_power.log_power - mean) ** 2)
    assert 0.25 < deviation < 0.4


@pytest.mark.parametrize("given", [{"curvature": 0.0}, {"rest": 0.5, "evoked": 5.0}])
def test_a_known_scale_is_not_doubted(given) -> None:
    responses, culture = curved()
    result = perceived(responses, culture, can_forget=False, **given)
    for one, other in zip(result.log_odds.as_tuple(), result.affine_log_odds.as_tuple()):
        np.testing.assert_allclose(one, other, atol=0.05)  # first synapses may have been learnt
    assert np.isnan(result.log_odds_slope).all()


def test_the_recording_of_units_that_read_x_to_the_power_of_1_5_is_covered() -> None:
    path = Path(os.environ.get("HEBBAYES_REFERENCE_DATA", ""), "..", "cases", "pow15.npz")
    if not path.is_file():
        pytest.skip("the folder cases beside the reference data has no pow15.npz")
    recording = read_recording(path).recordings[0]
    means = ensemble_means(population_by_labels(recording, train_sessions=10), recording)
    result = fit_perception(means, recording.stimuli, recording.session_index, Options(10))
    assert covers(result.log_odds, -0.85).all()
    assert not covers(result.affine_log_odds, -0.85).any()
