"""Replies that a checkpoint keeps: read back exactly, never computed twice, never unpickled."""

from dataclasses import dataclass

import numpy as np
import pytest

from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.progress import DEFAULT_PROGRESS
from hebbayes.commands.running.saved_replies import SavedReplies, decoded, encoded
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.core.errors import FormatError


@dataclass(frozen=True)
class Reply:
    value: float
    parts: tuple
    table: np.ndarray


class Interrupted(BaseException):
    pass


def test_numbers_are_read_back_bit_by_bit() -> None:
    table = np.random.default_rng(0).normal(size=(3, 2))
    reply = Reply(0.1 + 0.2, ({0: -np.inf, 2: np.float64(1e-300)}, "left", None), table)
    again = decoded(encoded(reply), {"Reply": Reply})
    assert again.value == reply.value
    assert again.parts == reply.parts
    assert again.table.tobytes() == table.tobytes()


@pytest.mark.parametrize("data", [b"{", b'{"kind": "Path", "fields": {}}', b'{"array": [1]}'])
def test_damage_and_strange_kinds_are_one_sentence(data) -> None:
    with pytest.raises(FormatError, match="--force"):
        decoded(np.frombuffer(data, np.uint8), {"Reply": Reply})


def test_an_interrupted_run_repeats_only_what_is_missing(tmp_path) -> None:
    asked = []

    def square(value):
        if value == 3 and not tmp_path.joinpath("later").exists():
            raise Interrupted
        asked.append(value)
        return Reply(value**2 / 3, (), np.arange(value))

    def squares():
        checkpoint = Checkpoint(tmp_path / "checkpoint.npz")
        with open_workers(1) as workers:
            replies = SavedReplies(workers, DEFAULT_PROGRESS, checkpoint, kinds=(Reply,))
            return replies.map("squares", square, [1, 2, 3, 4])

    with pytest.raises(Interrupted):
        squares()
    tmp_path.joinpath("later").touch()
    resumed = squares()
    assert asked == [1, 2, 3, 4]
    assert [one.value for one in resumed] == [value**2 / 3 for value in (1, 2, 3, 4)]
    assert resumed[1].table.tolist() == [0, 1]
