"""Parquet files that pyarrow writes, where it is installed; `hebbayes[parquet]` brings it."""

from pathlib import Path

import numpy as np
import pandas
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.reading import read_behaviour
from hebbayes.data.columns.table import read_columns

pytest.importorskip("pyarrow", reason="pyarrow is not installed; pip install 'hebbayes[parquet]'")

WORDS = ["left", "right", None, "right", "left", "left"]
REWARD = [1, 0, None, 1, 0, 1]


@pytest.fixture
def file(tmp_path) -> Path:
    frame = pandas.DataFrame(
        {
            "subject": pandas.Categorical(["b", "b", "b", "a", "a", "a"]),
            "choice": pandas.array(WORDS, "string"),
            "reward": pandas.array(REWARD, "Int8"),
            "tone": np.array([True, False, True, True, False, False]),
            "rt_s": np.array([0.5, 0.25, np.nan, 1, 2, 3], np.float32),
            "day": pandas.to_datetime(["2026-01-02"] * 6),
        },
        index=[9, 8, 7, 6, 5, 4],
    )
    frame.to_parquet(tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def test_types_of_pandas_come_back_as_choices_outcomes_and_stimuli(file) -> None:
    read = read_behaviour(file, subject="subject", stimulus="tone")
    said = [str(read.choice_ids[k]) if k >= 0 else None for k in read.choice]
    subjects = [str(read.subject_ids[k]) for k in read.subject]
    for name, places in (("b", [0, 1, 2]), ("a", [3, 4, 5])):
        here = [k for k, one in enumerate(subjects) if one == name]
        assert [said[k] for k in here] == [WORDS[k] for k in places]
        assert [None if np.isnan(r) else 1 - r for r in read.risk[here]] == [
            REWARD[k] for k in places
        ]
        assert read.stimuli[here, 0].tolist() == [[1, 0, 1, 1, 0, 0][k] for k in places]


def test_columns_of_a_table_of_trials_are_the_same(file) -> None:
    columns = read_columns(file)
    np.testing.assert_array_equal(columns["rt_s"], [0.5, 0.25, np.nan, 1, 2, 3])
    assert columns["tone"].tolist() == [1, 0, 1, 1, 0, 0]


@pytest.mark.parametrize("kept", [4, 40, 0.5, 0.99])
def test_a_truncated_file_is_refused(file, kept) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(kept if kept >= 1 else kept * len(content))])
    for read in (read_behaviour, read_columns):
        with pytest.raises(FormatError, match="parquet"):
            read(file)
