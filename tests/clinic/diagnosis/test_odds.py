"""Odds, their recalibration, verdicts, and groups."""

from types import SimpleNamespace

import numpy as np
import pytest

from hebbayes.clinic.diagnosis.groups import diagnose_group, dirichlet
from hebbayes.clinic.diagnosis.odds import (
    MODEL_NAMES,
    OUTCOMES,
    Recalibration,
    calibration_error,
    class_odds,
    model_odds,
    recalibrated,
    verdict_of,
)


def simulated(n, scale=1.0, seed=0):
    """Evidence whose odds are exact at temperature ``scale``: two models, one true."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)
    evidence = np.full((n, len(MODEL_NAMES)), -50.0 * scale)
    evidence[:, 0] = 0.0
    shift = np.log(len(OUTCOMES) - 1)  # undoes that classes share the half
    d = 2.0
    evidence[:, 1] = scale * (shift + d * (np.where(truth, 0.5, -0.5) * d + rng.normal(size=n)))
    return evidence, truth


def test_without_data_half_is_healthy_and_classes_share_the_rest():
    classes = class_odds(model_odds(np.zeros(len(MODEL_NAMES)), Recalibration()))
    np.testing.assert_allclose(classes, [0.5, *[0.0625] * 8])


def test_recalibration_finds_the_temperature():
    evidence, truth = simulated(3000, scale=2.0)
    found = recalibrated(evidence, truth)
    assert found.temperature == pytest.approx(2.0, rel=0.2)
    odds = class_odds(model_odds(evidence, found))
    raw = class_odds(model_odds(evidence, Recalibration()))
    assert calibration_error(odds, truth) < 0.03 < calibration_error(raw, truth)


def test_the_healthy_threshold_keeps_false_alarms_low():
    evidence, truth = simulated(3000)
    found = recalibrated(evidence, truth)
    fresh, fresh_truth = simulated(3000, seed=1)
    odds = class_odds(model_odds(fresh, found))
    flagged = odds[fresh_truth == 0, 0] < found.healthy_above
    assert flagged.mean() == pytest.approx(0.04, abs=0.02)


def test_verdicts():
    def of(**shares):
        return np.array([shares.get(name, 0.0) for name in OUTCOMES])

    settings = Recalibration(healthy_above=0.3)
    assert verdict_of(of(healthy=0.35, phi=0.65), settings) == "healthy"
    assert verdict_of(of(healthy=0.05, noise=0.95), settings) == "noise"
    assert verdict_of(of(healthy=0.1, phi=0.5, psi=0.4), settings) == "cannot tell"


def test_ten_weak_members_make_a_strong_group():
    weak = np.zeros(len(MODEL_NAMES))
    weak[MODEL_NAMES.index("speed")] = 1.0
    members = [SimpleNamespace(log_evidence=weak)] * 10
    group = diagnose_group(members, Recalibration())
    assert group.likeliest == "speed"
    assert group.classes["speed"] > 0.99
    assert group.n_subjects == 10


def test_shares_follow_the_members():
    evidence = np.full((10, 3), -20.0)
    evidence[:7, 0], evidence[7:, 2] = 0.0, 0.0
    np.testing.assert_allclose(dirichlet(evidence), [8, 1, 4], atol=1e-4)
