"""The trials that a search needs are those of the committed simulation."""

import json
from pathlib import Path

import pytest

from hebbayes.reverse_engineering.experimental_design.search_size import (
    NEEDED,
    search_need_sentence,
    trials_needed,
)

RESULT = Path(__file__).parents[3] / "benchmarks" / "results" / "search_size.json"


def test_the_table_is_that_of_the_simulation() -> None:
    rows = json.loads(RESULT.read_text())["rows"]
    for signal, table in NEEDED.items():
        for (channels, units), needed in table.items():
            enough = [
                trials
                for name, n_channels, n_units, trials, share in rows
                if (name, n_channels, n_units) == (signal, channels, units) and share >= 0.8
            ]
            assert needed == min(enough, default=None)


@pytest.mark.parametrize(("channels", "units"), [(16, 16), (31, 63), (20, 40)])
def test_sizes_between_are_those_of_the_next_smaller_one(channels, units) -> None:
    assert trials_needed(channels, units, "weak") == NEEDED["weak"][16, 16]


def test_the_sentence_names_what_was_there_and_what_is_needed() -> None:
    sentence = search_need_sentence(60, 8, 64)
    assert "60 training trials with 8 stimulus channels and 64 units" in sentence
    assert (
        "about 40 trials if responses are strong and about 80 trials if they are weak" in sentence
    )
    assert "the stimuli themselves are the states" in search_need_sentence(273, 2, 4)
