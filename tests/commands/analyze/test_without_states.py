"""Cultures in which the search finds nothing keep their report, their behaviour and the reason."""

import json

import numpy as np
import pytest

from hebbayes.commands.analyze import present, run
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.commands.running.outcome import plain
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.behaviour import Assumptions, describe_behaviour
from hebbayes.simulators import AnimalDesign, simulate_animal

ANIMAL = AnimalDesign(
    n_stimuli=6, n_units=12, n_output_units=0, n_sessions=6, n_trials=50, reversals=(3,)
)


def analysed(recording: Recording, tmp_path, **changes):
    file = tmp_path / "one.npz"
    to_npz(recording, file)
    return present(run(AnalyzeConfig(file=file, workers=1, **changes)))


def noise(n_trials: int, n_channels: int, sessions: int = 1) -> Recording:
    rng = np.random.default_rng(0)
    return Recording(
        rng.integers(0, 2, (n_trials, n_channels)),
        rng.poisson(2, (n_trials, 6)),
        np.arange(n_trials) * sessions // n_trials,
    )


@pytest.mark.parametrize(
    ("n_trials", "said"),
    [(24, "cannot be told from 24 trials"), (400, "does not carry"), (60, "cannot be told from")],
)
def test_noise_is_reported_and_absence_claimed_only_with_enough_trials(
    tmp_path, n_trials, said
) -> None:
    outcome = analysed(noise(n_trials, 12), tmp_path)
    assert outcome.holds
    assert outcome.summary["cultures"] == []
    (bare,) = outcome.summary["undescribed"]
    assert list(outcome.summary["failures"]) == [0]
    assert bare["trials"] == n_trials
    notes = " ".join(outcome.notes)
    assert said in notes
    assert ("does not carry" in notes) == (n_trials == 400)
    assert f"there were {n_trials} training trials" in notes
    json.dumps(plain(outcome.summary))
    for draw in outcome.figures.values():
        draw().draw_without_rendering()


def test_a_short_culture_with_sources_is_described_by_them(tmp_path) -> None:
    rng = np.random.default_rng(3)
    s = rng.integers(0, 2, (36, 2))
    o = np.repeat(s, 3, axis=1) ^ (rng.random((36, 6)) < 0.1)
    short = Recording(o, rng.poisson(1 + 4 * np.repeat(s, 3, 1)), [0] * 36, sources=s)
    outcome = analysed(short, tmp_path)
    (culture,) = outcome.summary["cultures"]
    assert culture["states_from"] == "sources"
    assert min(culture["source_correlation"]) > 0.8
    notes = " ".join(outcome.notes)
    assert "36 training trials have an observed response" in notes
    assert "reads the known sources" in notes


@pytest.mark.thorough
def test_noise_keeps_the_behaviour_that_rests_on_the_stimuli(tmp_path) -> None:
    animal = simulate_animal(ANIMAL, seed=4).recording
    noisy = Recording(
        animal.sources,
        np.random.default_rng(0).poisson(2, animal.responses.shape),
        animal.session,
        decisions=animal.decisions,
        risk=animal.risk,
    )
    outcome = analysed(noisy, tmp_path, train_sessions=6, reward_delay=2)
    (bare,) = outcome.summary["undescribed"]
    expected = describe_behaviour(
        noisy,
        rng=np.random.default_rng((0, 0)),
        activity=noisy.stimuli.astype(float),
        assumptions=Assumptions(reward_delay=2),
    )
    assert bare["behaviour"]["rivals"]["verdict"] == expected.rivals.verdict
    assert bare["behaviour"]["n_used"] == expected.n_used > 290
    assert any("read with the stimuli as states" in note for note in outcome.notes)
    assert any("how decisions are learnt" in table.title for table in outcome.tables)


def test_few_sessions_are_halved_and_the_halves_are_named(tmp_path) -> None:
    rng = np.random.default_rng(3)
    s = rng.integers(0, 2, (400, 2))
    o = np.repeat(s, 6, axis=1) ^ (rng.random((400, 12)) < 0.1)
    four = Recording(o, rng.poisson(1 + 4 * np.repeat(s, 4, 1)), np.repeat(np.arange(4), 100))
    outcome = analysed(four, tmp_path)
    assert outcome.summary["cultures"][0]["train_sessions"] == 2
    assert any("it has 4 sessions, fewer than --train-sessions" in note for note in outcome.notes)
    assert outcome.summary["losses"]
