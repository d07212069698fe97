"""`play` learns a world, compares with random play, and refuses what it cannot play."""

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from hebbayes.commands.configs import PlayConfig
from hebbayes.commands.play import present, run
from hebbayes.core.errors import FormatError, ValueRangeError


class Steps:
    """Progress that remembers."""

    def __init__(self):
        self.total, self.done, self.status = 0, 0, ""

    def start(self, description, total):
        self.total = total

    def advance(self, units=1, status=""):
        self.done, self.status = self.done + units, status


def test_a_lake_is_learnt_and_compared_with_random_play():
    seen = Steps()
    result = run(
        PlayConfig("FrozenLake-v1", steps=20_000, options="is_slippery=False"), progress=seen
    )
    summary = present(result).summary
    assert summary["final_return"] == 1.0
    assert summary["random_return"] < 0.3
    assert summary["steps_total"] == 20_000 == seen.total == seen.done
    assert seen.status.startswith("return ")
    assert len(summary["returns"]) == len(result.returns) > 500
    assert summary["encoder"].startswith("one-hot")
    assert summary["agent_seconds"] <= summary["seconds"]


def test_so_many_episodes_are_counted_by_episodes():
    seen = Steps()
    result = run(PlayConfig("CliffWalking-v1", episodes=5), progress=seen)
    assert len(result.returns) == 5 == seen.total == seen.done


def test_an_agent_that_did_not_learn_is_said_to_have_not():
    result = run(PlayConfig("FrozenLake8x8-v1", steps=1))
    notes = " ".join(present(result).notes)
    assert "has not learnt" in notes
    assert "No training episode ended" in notes
    assert np.isnan(present(result).tables[0].rows[1][2])


@pytest.mark.parametrize(
    ("config", "error", "words"),
    [
        (PlayConfig("Pendulum-v1"), FormatError, "finitely many"),
        (PlayConfig("Nowhere-v3"), FormatError, "no world"),
        (PlayConfig("FrozenLake-v1", steps=-1), ValueRangeError, "--steps"),
        (PlayConfig("FrozenLake-v1", seed=-1), ValueRangeError, "--seed"),
    ],
)
def test_what_cannot_be_played_is_refused_with_a_sentence(config, error, words):
    with pytest.raises(error, match=words):
        run(config)
