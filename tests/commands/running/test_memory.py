"""Sizes that cannot fit in memory are refused at once, in one sentence; published ones are not."""

from pathlib import Path

import pytest

from hebbayes.cli.main import BAD_INPUT, run
from hebbayes.commands.configs import SimulateCultureConfig
from hebbayes.commands.mazes.maze import check_sizes
from hebbayes.commands.running.memory import check_culture_memory
from hebbayes.commands.simulate_culture import design_of


@pytest.mark.parametrize(
    "line",
    [
        "maze --e-right 0.25 --mazes 99999999 --trials 99999999",
        "maze --e-right 0.25 --mazes 999999999 --trials 1",
        "maze-study --mazes 99999999 --trials 99999",
        "predict-maze --e-right 0.25 --mazes 9 --trials 9 --agents 999999999",
        "sources --sessions 1 --steps 1 --runs 999999999",
        "sources --sessions 99999999 --steps 99999999",
        "simulate-culture FILE --units 100000000 --sessions 1000 --trials 1000000",
        "simulate-culture FILE --stimuli 10000000 --sources 10000000 --sessions 1 --trials 1",
        "simulate-culture FILE --learnt-trials 999999999",
        "design --units 100000000 --sessions 1000 --trials 1000000",
        "design --studies 999999999",
    ],
)
def test_sizes_beyond_memory_are_refused_and_leave_nothing(
    line: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(line.replace("FILE", "a.npz").split()) == BAD_INPUT
    sentence = capsys.readouterr().err
    assert "GiB of memory" in sentence
    assert "pass at most" in sentence
    assert sentence.count("\n") == 1
    assert not list(tmp_path.rglob("*.np*"))


def test_published_sizes_pass() -> None:
    check_sizes(mazes=10, trials=100, steps=20_000, kinds=10)
    check_culture_memory(design_of(SimulateCultureConfig(Path("a"))))


def test_a_single_source_needs_no_flag_against_mixing() -> None:
    alone = SimulateCultureConfig(Path("a"), sources=1, stimuli=1)
    assert design_of(alone).mixed == 0
    assert design_of(SimulateCultureConfig(Path("a"), mixed=0.1)).mixed == 0.1
