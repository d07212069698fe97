"""Activity from units by labels: exact without noise, right on average with it, or refused."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.behaviour.calibration import activity_of_units


@pytest.fixture(scope="module")
def clean():
    """Beliefs that are right on average, read out by six units without noise."""
    rng = np.random.default_rng(3)
    x = rng.beta(0.5, 0.5, (4000, 2))
    labels = (rng.random(x.shape) < x).astype(int)
    responses = 2 + x @ rng.uniform(1, 4, (2, 6))
    return x, Recording(np.ones((4000, 1)), responses, np.zeros(4000, int), sources=labels)


def test_without_noise_the_activity_is_exact_up_to_the_labels_chance(clean) -> None:
    x, recording = clean
    found = activity_of_units(recording)
    for k in range(2):
        slope, constant = np.polyfit(x[:, k], found.unshrunk[:, k], 1)
        error = np.sqrt((x * (1 - x)).mean() / (4000 * x[:, k].var()))
        assert abs(slope - 1) < 4 * error
        assert abs(constant) < 4 * error
    np.testing.assert_allclose(found.reliability, 1, atol=1e-6)


def test_with_noise_the_best_guess_is_shrunk_and_the_other_is_not(animal) -> None:
    found = activity_of_units(animal.recording)
    x = animal.activity
    slopes = [
        [np.polyfit(x[:, k], values[:, k], 1)[0] for k in range(2)]
        for values in (found.activity, found.unshrunk)
    ]
    assert np.mean(slopes[0]) < 0.97
    assert abs(np.mean(slopes[1]) - 1) < 0.04
    true = [np.corrcoef(x[:, k], found.unshrunk[:, k])[0, 1] ** 2 for k in range(2)]
    np.testing.assert_allclose(found.reliability, true, atol=0.04)
    assert found.n_cut == ((found.activity == 0) | (found.activity == 1)).sum()


def test_dead_units_and_missing_trials_are_left_out(clean) -> None:
    _, recording = clean
    responses = np.column_stack([recording.responses, np.zeros(4000), recording.responses[:, 0]])
    valid = np.ones(responses.shape, bool)
    valid[:, 7] = False
    valid[5, 0] = False
    found = activity_of_units(
        replace(recording, responses=responses, valid=valid, unit_ids=np.arange(10, 18))
    )
    assert found.used_units.tolist() == [10, 11, 12, 13, 14, 15]
    assert np.isnan(found.activity[5]).all()
    assert np.isfinite(np.delete(found.activity, 5, axis=0)).all()


def test_one_unit_reads_one_state_and_its_noise_is_not_known(clean) -> None:
    x, recording = clean
    single = replace(
        recording,
        responses=1 + 3 * x[:, :1],
        sources=recording.sources[:, :1],
        valid=np.ones((4000, 1), bool),
        unit_ids=np.array([0]),
    )
    found = activity_of_units(single)
    assert np.isnan(found.reliability).all()
    assert np.corrcoef(found.activity[:, 0], x[:, 0])[0, 1] > 0.999


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda r: replace(r, sources=None), "pass activity="),
        (lambda r: replace(r, sources=r.sources * 0.5), "sources must hold only 0 and 1"),
        (lambda r: replace(r, sources=np.ones((4000, 2), int)), "source 0 never changes"),
        (lambda r: replace(r, responses=np.ones((4000, 6))), "no unit responds"),
        (lambda r: r.select(units=[0]), "1 usable units cannot carry 2 sources apart"),
        (
            lambda r: replace(r, responses=np.random.default_rng(0).random((4000, 6))),
            "of source 0; an ensemble needs units",
        ),
        (
            lambda r: replace(r, valid=np.arange(6) % 2 == np.arange(4000)[:, None] % 2),
            "no unit responds",
        ),
    ],
)
def test_what_cannot_be_calibrated_is_refused(clean, change, sentence) -> None:
    with pytest.raises(ValueRangeError, match=sentence):
        activity_of_units(change(clean[1]))
