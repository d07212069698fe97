"""Maze figures: claims that can fail, comparison with the published study, curves if present."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hebbayes.commands.configs import ReproduceConfig
from hebbayes.commands.mazes import maze
from hebbayes.commands.published import isomura2022_fig4
from hebbayes.commands.published.maze_reference import (
    FIRST,
    LAST,
    PUBLISHED_MAZES,
    PUBLISHED_STEPS,
    REFERENCE_DATA,
    beside_published,
    published_durations,
)
from hebbayes.commands.published.maze_walk import Walk
from hebbayes.commands.reproduce import present, run
from hebbayes.core.errors import FormatError

Values = NDArray[Any]

CONFIG = ReproduceConfig("isomura2022-fig4", mazes=4, trials=40)


def learnt(first: float, last: float, trials: int = 40, spread: float = 1000.0) -> Values:
    """Durations that fall from ``first`` to ``last`` and differ between four mazes."""
    mean = np.repeat([first, (first + last) / 2, last], [10, trials - 20, 10])
    return mean[:, None] + spread * np.array([-1.5, -0.5, 0.5, 1.5])


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> Callable[[Values, Values], None]:
    """Let the maze study return what a test says."""
    monkeypatch.delenv(REFERENCE_DATA, raising=False)
    path = np.array([[9, 1], [9, 3], [9, 3], [7, 3]])
    way = Walk(np.ones((19, 99)), {0: path, 39: path}, np.ones(121), np.ones(121), np.ones(256), 1)
    monkeypatch.setattr(isomura2022_fig4, "walk", lambda *_, **__: way)

    def give(learner: Values, still: Values) -> None:
        def study(config: Any, **_: Any) -> Any:
            durations = learner if config.learning else still
            return SimpleNamespace(condition=SimpleNamespace(durations=durations))

        monkeypatch.setattr(maze, "run", study)

    return give


def test_a_learner_as_published_bears_out_every_claim(canned: Any) -> None:
    canned(learnt(18_600, 9_400), learnt(17_000, 17_500))
    outcome = present(run(CONFIG))
    numbers = outcome.summary["numbers"]
    assert set(numbers["mean duration, first ten trials"]) >= {"ours", "published"}
    assert "published" not in numbers["mean duration, last ten trials"]  # trials 31-40, not 91-100
    checks = outcome.summary["checks"]
    assert [claim for claim, holds in checks.items() if not holds] == []
    figure = outcome.figures["isomura2022-fig4"]()
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0
    assert "Published curves are left out: set HEBBAYES_REFERENCE_DATA" in figure.get_supxlabel()


@pytest.mark.parametrize(
    ("learner", "still", "broken"),
    [
        (learnt(25_000, 25_000), learnt(20_000, 26_000), "more mazes are solved"),
        (learnt(18_600, 18_700), learnt(17_000, 19_000), "trials become shorter"),
        (learnt(18_600, 9_400), learnt(17_000, 9_000), "without learning"),
        (learnt(12_000, 9_400, spread=100), learnt(17_000, 17_000), "mean duration, first"),
    ],
)
def test_each_claim_can_fail(canned: Any, learner: Values, still: Values, broken: str) -> None:
    canned(learner, still)
    outcome = present(run(CONFIG))
    failed = [claim for claim, holds in outcome.summary["checks"].items() if not holds]
    assert any(claim.startswith(broken) for claim in failed)
    assert not outcome.holds


def test_only_studies_of_the_published_length_are_compared() -> None:
    durations = learnt(18_000, 9_400, trials=100)
    for config, n_compared in (
        (replace(CONFIG, trials=100), 4),
        (CONFIG, 2),
        (replace(CONFIG, trials=100, steps=5_000), 0),
    ):
        numbers, agreements = beside_published(durations, config, None)
        assert len(numbers) == 4
        assert len(agreements) == n_compared
        assert sum("published" in entry for entry in numbers.values()) == n_compared


def test_published_numbers_are_those_of_the_reference_data(reference_data: Path) -> None:
    del reference_data  # named by the environment
    durations = published_durations()
    assert durations is not None
    true = durations[:, :PUBLISHED_MAZES]
    for phase in (FIRST, LAST):
        assert true[phase.trials].mean() == pytest.approx(phase.duration, abs=1)
        assert (true[phase.trials] < PUBLISHED_STEPS).mean() == pytest.approx(
            phase.success, abs=0.005
        )
    numbers, agreements = beside_published(true, replace(CONFIG, trials=100), durations)
    assert all(agreements.values())
    assert len(numbers) == len(agreements) == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,2\n3,4\n", "has shape (2, 2); wanted (100, 30)."),
        ("one,two\n", "is not a table of numbers"),
    ],
)
def test_damaged_reference_data_is_named(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REFERENCE_DATA, str(tmp_path))
    assert published_durations() is None  # the folder lacks the file
    (tmp_path / "maze").mkdir()
    (tmp_path / "maze" / "duration_E0.25.csv").write_text(text)
    with pytest.raises(FormatError, match=r"duration_E0\.25\.csv") as caught:
        published_durations()
    assert sentence in str(caught.value)


@pytest.mark.slow
def test_mazes_are_learnt_as_published() -> None:
    outcome = present(run(replace(CONFIG, mazes=10, trials=100)))
    assert outcome.holds, outcome.summary["checks"]
