"""What is read causally where gains drift, and by convention."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from hebbayes.reverse_engineering.description import REJECTED, CausalDescription, describe_causally
from hebbayes.reverse_engineering.ensembles.population import population_by_labels
from hebbayes.simulators import AffineReadout, CultureDesign, simulate_culture

DESIGN = CultureDesign(
    n_sources=2,
    n_stimuli=12,
    n_units=24,
    n_sessions=9,
    n_trials=200,
    mixed=0.2,
    state_prior=0.3,
    prior_count=400.0,
    tilt=0.03,
    readout=AffineReadout(0.6, 5.0, 0.3),
    fano=0.5,
)
TRAIN = 8


def described(design: CultureDesign) -> CausalDescription:
    recording = simulate_culture(design, seed=3, expected_log=np.log).recording
    finder = partial(population_by_labels, train_sessions=TRAIN)
    return describe_causally(recording, finder, train_sessions=TRAIN, n_surrogates=2)


@pytest.mark.parametrize("gain_drift", [0.0, 0.1])
def test_gains_are_fitted_where_the_network_is_rejected_without(gain_drift: float) -> None:
    result = described(replace(DESIGN, gain_drift=gain_drift))
    assert result.fits_gain == (gain_drift > 0)
    assert result.perception is not None
    assert (result.perception.lack_of_fit > REJECTED).all()
    assert (result.perception.gain[:TRAIN] == 1).all() == (gain_drift == 0)
    phi = np.log(0.3 / 0.7)
    odds = result.log_odds
    assert (np.abs(odds.value - phi) < odds.high - odds.low).all()  # four standard errors
    assert (odds.high - odds.low < 0.6).all()
    assert np.isfinite(result.assumed_log_odds.value).all()


def test_phi_by_convention_rests_on_its_scale() -> None:
    result = described(DESIGN)
    assumed, phi = result.assumed_log_odds, np.log(0.3 / 0.7)
    assert (assumed.low <= assumed.value).all()
    assert (assumed.value <= assumed.high).all()
    assert (assumed.value < 0).all()  # the sign is right, the number is that of the convention
    assert (np.abs(assumed.value - phi) > np.abs(result.log_odds.value - phi)).all()
