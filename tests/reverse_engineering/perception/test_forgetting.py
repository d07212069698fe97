"""Synapses that forget: noticed, fitted, and not mistaken for a curved read-out."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.perception.evidence import remembered
from hebbayes.reverse_engineering.perception.synapses import sums_before

from .readouts import PHI, curved, perceived


def test_what_is_remembered_fades_row_by_row() -> None:
    values, kept, expected = np.arange(6.0), 0.0, []
    for value in values:
        kept = 0.7 * kept + value
        expected.append(kept)
    np.testing.assert_allclose(remembered(values, 0.7), expected)
    is_on, starts = (
        np.array([[True], [False], [True], [True], [False], [True]]),
        np.array([0, 2, 5]),
    )
    before = sums_before(is_on, values, starts, 0.7)[0, :, 0]
    on = remembered(np.where(is_on[:, 0], values, 0.0), 0.7)
    np.testing.assert_allclose(before, [0.0, on[1], on[4]])


def test_forgetting_is_noticed_and_lambda_is_right() -> None:
    responses, culture = curved(forgetting=1 / 250)
    result, lasting = perceived(responses, culture), perceived(responses, culture, can_forget=False)
    assert (lasting.prior_count.value > 1.6 * 400).all()
    assert np.isfinite(result.memory).all()
    assert ((result.memory > 125) & (result.memory < 500)).all()
    assert ((result.prior_count.low < 400) & (result.prior_count.high > 400)).all()
    assert ((result.log_odds.low < PHI) & (result.log_odds.high > PHI)).all()
    truth = culture.session_weights[..., :1]
    error = [np.abs(one.weights.value - truth)[1:].mean() for one in (result, lasting)]
    assert error[0] < 0.7 * error[1]
    covered = (result.weights.low <= truth) & (truth <= result.weights.high)
    assert covered.mean() > 0.85


@pytest.mark.parametrize("power", [0.8, 1.0, 1.5])
def test_lasting_synapses_are_not_said_to_forget(power) -> None:
    responses, culture = curved(power, seed=1)
    assert np.isinf(perceived(responses, culture).memory).all()


def test_the_interval_of_lambda_covers_what_the_recording_leaves_open() -> None:
    responses, culture = curved(forgetting=1 / 600, noise=1.0, seed=2)
    result, lasting = perceived(responses, culture), perceived(responses, culture, can_forget=False)
    assert (result.prior_count.low < lasting.prior_count.low).all()
