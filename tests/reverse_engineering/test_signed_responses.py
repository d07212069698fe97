"""Signals of any sign (dF/F, z-scores) are read like counts, beside nulls of their own."""

import importlib.util
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.description import describe_causally
from hebbayes.reverse_engineering.ensembles.match import match_to_labels
from hebbayes.reverse_engineering.experimental_design.recording_statistics import (
    recording_statistics,
)
from hebbayes.reverse_engineering.forecasting.culture import gather, score_culture
from hebbayes.reverse_engineering.forecasting.nulls.level import KalmanLevel
from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated
from hebbayes.reverse_engineering.forecasting.scoring import losses, score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.isomura2023.pipeline import find_ensembles

STUDY = Path(__file__).parents[2] / "benchmarks" / "signal_coverage.py"


@pytest.fixture(scope="module")
def study():
    spec = importlib.util.spec_from_file_location("signal_coverage", STUDY)
    module = importlib.util.module_from_spec(spec)
    sys.modules["signal_coverage"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["signal_coverage"]


@cache
def levels(drift: float = 0.0) -> Recording:
    """Six sessions of four patterns; the zero of every unit wanders."""
    rng = np.random.default_rng(3)
    stimuli = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (60, 1)).astype(float)
    session = np.repeat(np.arange(6), 40)
    wander = np.cumsum(rng.normal(0, drift, (6, 5)), axis=0) if drift else np.zeros((6, 5))
    signal = stimuli @ rng.normal(0, 1, (2, 5)) + wander[session] + rng.normal(0, 0.3, (240, 5))
    return Recording(stimuli, signal - signal.mean(0), session)


def test_phi_lies_within_its_interval(study) -> None:
    recording, posterior, phi = study.fluorescence(0)
    assert (recording.responses < 0).mean() > 0.1
    described = describe_causally(recording, study.find, train_sessions=10, n_surrogates=2)
    match, estimate = match_to_labels(described.activity, posterior), described.log_odds
    assert (match.correlation > 0.8).all()
    for source, (k, sign) in enumerate(zip(match.ensemble, match.sign)):
        low, high = sorted(sign * end[k] for end in (estimate.low, estimate.high))
        assert low <= phi[source] <= high
        assert high - low < 1.5


def test_forecasts_leave_out_what_needs_counts() -> None:
    forecasts = score_culture(levels(), 3)
    assert {"loglinear", "published_protocol"}.isdisjoint(forecasts.scores.names)
    assert {"saturated", "linear", "kalman_level", "kalman_gain"} <= set(forecasts.scores.names)
    assert set(forecasts.left_out) == {"synapses", "free_energy"}
    assert "defined for spike counts" in forecasts.left_out["synapses"]
    relative = gather({0: forecasts}, seed=0).losses
    assert relative["constant"].value > 2
    assert relative["saturated"].value == 1
    assert all(np.isfinite(one.value) for one in relative.values())


def test_a_level_that_wanders_is_followed_by_its_null() -> None:
    split = split_sessions(levels(0.5), 5)
    error = losses(score(split, {"static": Saturated(), "level": KalmanLevel()}))
    assert error["level"] < 0.7 * error["static"]
    last = split.training[-1]
    static = Saturated().predict(Saturated().fit(split.training), last.stimuli)
    state = KalmanLevel().fit(split.training)
    wanted = (last.observed - static).mean(0)  # the step is larger than the noise
    np.testing.assert_allclose(state.level.mean * state.noise, wanted, atol=0.2)


def test_without_drift_the_level_stays_near_the_mean() -> None:
    split = split_sessions(levels(), 5)
    error = losses(score(split, {"static": Saturated(), "level": KalmanLevel()}))
    assert error["level"] == pytest.approx(error["static"], rel=0.05)


def test_every_unit_that_varies_is_kept() -> None:
    held = levels()
    signal = np.column_stack([held.responses, np.full(240, -0.25)])
    split = split_sessions(Recording(held.stimuli, signal, held.session), 3)
    assert split.unit_ids.tolist() == [0, 1, 2, 3, 4]


def test_small_signals_that_are_never_negative_are_kept() -> None:
    held = levels()
    small = 0.01 * np.abs(held.responses)
    assert len(split_sessions(Recording(held.stimuli, small, held.session), 3).unit_ids) == 5


def test_negative_whole_numbers_are_a_mistake_and_fractions_are_not() -> None:
    with pytest.raises(ValueRangeError, match="signals such as dF/F or z-scores have fractions"):
        Recording(np.eye(2), np.array([[1.0], [-1.0]]), [0, 0])
    assert Recording(np.eye(2), np.array([[1.0], [-0.5]]), [0, 0]).is_signed
    assert not Recording(np.eye(2), np.array([[1.0], [0.5]]), [0, 0]).is_signed
    hidden = Recording(np.eye(2), np.array([[1.0], [-0.5]]), [0, 0], valid=[[True], [False]])
    assert not hidden.is_signed


def test_what_is_defined_for_counts_says_so() -> None:
    with pytest.raises(ValueRangeError, match="pass --protocol causal"):
        find_ensembles(levels())
    with pytest.raises(ValueRangeError, match="the simulator draws counts"):
        recording_statistics(levels())
