"""Hit, miss, false alarm and correct rejection are stimulus, choice and outcome in one column."""

import numpy as np
import pandas
import pytest

from hebbayes.data.behaviour import Behaviour
from hebbayes.data.reading import read_recording

TARGET = np.random.default_rng(0).random(40) < 0.5
GO = np.random.default_rng(1).random(40) < 0.6
ABBREVIATED = {(1, 1): "HIT", (1, 0): "MISS", (0, 1): "FA", (0, 0): "CR"}
SPELLED = {
    (1, 1): "Hit", (1, 0): "Miss", (0, 1): "False Alarm", (0, 0): "correct_rejection"
}  # fmt: skip


def words(spelling: dict) -> np.ndarray:
    return np.array([spelling[int(t), int(g)] for t, g in zip(TARGET, GO)], object)


@pytest.mark.parametrize("spelling", [ABBREVIATED, SPELLED], ids=["abbreviated", "spelled"])
def test_one_column_of_words_is_a_whole_table_of_behaviour(spelling) -> None:
    said = words(spelling)
    said[7] = "aborted"
    read = Behaviour.from_frame(pandas.DataFrame({"trial": range(40), "response": said}))
    kept = np.arange(40) != 7
    assert read.choice_ids.tolist() == ["no-go", "go"]
    assert read.choice.tolist() == np.where(kept, GO, -1).tolist()
    assert read.channel_ids.tolist() == ["response=target"]
    assert read.stimuli[:, 0].tolist() == (TARGET & kept).tolist()
    np.testing.assert_array_equal(read.risk, np.where(kept, TARGET != GO, np.nan))


def test_a_stimulus_column_beside_the_words_stays_the_stimulus() -> None:
    frame = pandas.DataFrame({"tone": np.where(TARGET, 8, 4), "response": words(ABBREVIATED)})
    read = Behaviour.from_frame(frame, coding={"tone": "onehot"})
    assert read.channel_ids.tolist() == ["tone=4", "tone=8"]
    assert read.choice.tolist() == GO.tolist()


def test_words_in_the_trials_of_a_recording_are_read_by_the_same_rules(tmp_path) -> None:
    onset = 2.0 * np.arange(40)
    spikes = pandas.DataFrame(
        {"unit": "a", "time": np.repeat(onset, 3) + np.tile([0.011, 0.015, 0.02], 40)}
    )
    spikes.to_csv(tmp_path / "s.csv", index=False)
    trials = pandas.DataFrame({"onset": onset, "response": words(SPELLED)})
    trials.to_csv(tmp_path / "s-trials.csv", index=False)
    flags = {"decision_column": "response", "outcome_column": "response", "stimuli": "response"}
    read = read_recording(tmp_path / "s.csv", **flags).recordings[0]
    assert read.provenance["decision_labels"] == ["no-go", "go"]
    assert read.decisions.tolist() == GO.tolist()
    assert read.stimuli[:, 0].tolist() == TARGET.tolist()
    assert read.risk.tolist() == (TARGET != GO).tolist()


def test_hit_and_miss_alone_are_success_and_failure() -> None:
    frame = pandas.DataFrame({"choice": ["l", "r"] * 6, "outcome": ["hit", "hit", "miss"] * 4})
    read = Behaviour.from_frame(frame, stimulus="none")
    assert read.choice_ids.tolist() == ["l", "r"]
    assert read.risk.tolist() == [0, 0, 1] * 4
