"""A decoder finds what is there, calls absent only what it would have seen, keeps its level."""

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.ensembles.decoding import (
    ABSENT,
    CANNOT_TELL,
    CARRIED,
    decode,
    decoding_sentence,
)


def recording_of(signal: float, n_trials: int, seed: int = 0, sessions: int = 1) -> Recording:
    """Eight units that follow one of two states, under slow drift."""
    rng = np.random.default_rng(seed)
    s = rng.integers(0, 2, (n_trials, 2))
    drift = 1 + 0.5 * np.sin(np.arange(n_trials) / n_trials * 3 + rng.uniform(0, 6, (8, 1))).T
    rates = 2 * drift + signal * np.repeat(s, 4, axis=1)
    return Recording(s, rng.poisson(rates), np.arange(n_trials) * sessions // n_trials)


def read(recording: Recording, of: str = "stimuli", n_train: int = 1):
    return decode(recording, recording.stimuli, of, train_sessions=n_train)


@pytest.mark.parametrize(
    ("signal", "n_trials", "verdict"),
    [(2.0, 60, CARRIED), (2.0, 300, CARRIED), (0.0, 300, ABSENT), (0.0, 40, CANNOT_TELL)],
)
def test_the_verdict_follows_signal_and_trials(signal, n_trials, verdict) -> None:
    assert read(recording_of(signal, n_trials)).verdict == verdict


@pytest.mark.thorough
def test_nothing_is_called_something_in_about_one_case_of_twenty() -> None:
    found = sum(read(recording_of(0.0, 120, seed)).p < 0.05 for seed in range(100))
    assert found <= 5 + 4 * np.sqrt(100 * 0.05 * 0.95)


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    recording = recording_of(3.0, 100)
    area = read(recording).auc[0]
    assert 0.9 < area <= 1
    swapped = decode(recording, 1 - recording.stimuli, "stimuli", train_sessions=1).auc[0]
    assert swapped == pytest.approx(area)


def test_later_sessions_are_not_read() -> None:
    recording = recording_of(2.0, 160, sessions=2)
    responses = recording.responses.copy()
    responses[recording.session == 1] = 7
    changed = Recording(recording.stimuli, responses, recording.session)
    assert read(recording).auc.tolist() == read(changed).auc.tolist()


def test_periodic_states_leave_a_wide_null() -> None:
    s = np.tile([[0], [1]], (100, 1))
    responses = np.random.default_rng(0).poisson(3, (200, 4))
    one = decode(Recording(s, responses, [0] * 200), s, "stimuli", train_sessions=1)
    assert one.verdict != CARRIED


@pytest.mark.thorough
def test_blocks_and_drift_are_not_taken_for_states() -> None:
    n_found, n_shifted = 0, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        lengths = rng.integers(40, 61, 10)
        s = np.repeat(np.arange(10) % 2, lengths)[:200, None]
        walk = np.cumsum(rng.normal(0, 0.8 / np.sqrt(200), (200, 4)), axis=0)
        read = decode(Recording(s, rng.poisson(3 * np.exp(walk)), [0] * 200), s, "stimuli",
                      train_sessions=1)  # fmt: skip
        n_found += read.verdict == CARRIED
        n_shifted += read.p_shifted < 0.05
        assert read.verdict != ABSENT  # four blocks have too few arrangements to say so
    assert n_found <= 60 * 0.05 + 4 * np.sqrt(60 * 0.05 * 0.95)
    assert n_found < n_shifted


def test_blocks_of_many_lengths_that_units_follow_are_read_under_drift() -> None:
    rng = np.random.default_rng(0)
    s = np.repeat(np.arange(60) % 2, rng.integers(5, 16, 60))[:400, None]
    walk = np.cumsum(rng.normal(0, 0.03, (400, 6)), axis=0)
    recording = Recording(s, rng.poisson(3 * np.exp(walk) + 2 * s), [0] * 400)
    assert decode(recording, s, "stimuli", train_sessions=1).verdict == CARRIED


def test_sentences_claim_absence_only_with_enough_trials() -> None:
    few, many = (decoding_sentence(read(recording_of(0.0, n), "sources")) for n in (40, 300))
    assert few.startswith("it cannot be told from 40 trials")
    assert many.startswith("the population does not carry hidden sources: a cross-validated")
    assert "reads the known sources" in decoding_sentence(read(recording_of(2.0, 60), "sources"))


def test_fewer_than_twenty_trials_are_refused() -> None:
    with pytest.raises(ShapeError, match="12 training trials have an observed response; a decoder"):
        read(recording_of(1.0, 12))


@pytest.mark.parametrize("n_sessions", [1, 4])
def test_one_switch_of_probability_per_session_cannot_be_told_from_drift(n_sessions) -> None:
    n_shifted = 0
    session = np.repeat(np.arange(n_sessions), 100)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        p = np.tile(np.repeat([0.9, 0.1], 50), n_sessions)
        s = (rng.random(len(p)) < p).astype(float)[:, None]
        walk = np.concatenate(
            [np.cumsum(rng.normal(0, 0.5, (100, 12)), axis=0) for _ in range(n_sessions)]
        )
        r = 30 + walk + rng.normal(size=walk.shape)
        one = decode(Recording(s, r, session), s, "stimuli", train_sessions=n_sessions)
        n_shifted += one.p_shifted < 0.05
        assert one.verdict == CANNOT_TELL
    assert n_shifted >= 2  # of 12: far more than 1 in 20
    assert "switches fewer than 3 times per session" in decoding_sentence(one)
