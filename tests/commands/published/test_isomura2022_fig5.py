"""The figure of predictions: claims that can fail, and a small study drawn from end to end."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hebbayes.commands.configs import MazeStudyConfig, ReproduceConfig
from hebbayes.commands.mazes import maze_study
from hebbayes.commands.mazes.maze import Condition
from hebbayes.commands.mazes.maze_study import PRIORS, MazeStudyResult
from hebbayes.commands.mazes.predict_maze import Prediction, true_first_moves
from hebbayes.commands.published.isomura2022_fig5 import claims
from hebbayes.commands.published.maze_reference import REFERENCE_DATA
from hebbayes.commands.reproduce import present, run

Values = NDArray[Any]

CONFIG = ReproduceConfig("isomura2022-fig5", mazes=3, trials=40)
EASE = np.array([0.9, 1.0, 1.1])  # of three mazes


def did(first: float, last: float, n_sets: int = 1, spread: float = 1.0) -> Condition:
    mean = np.linspace(first, last, CONFIG.trials)
    durations = np.minimum(mean[:, None] * np.tile(EASE**spread, n_sets), CONFIG.steps)
    return Condition(CONFIG.steps, durations, durations, np.full((3 * n_sets, 256), 1000))


FALLS = {0.15: (30_000, 29_000), 0.25: (17_000, 9_000), 0.35: (9_000, 7_000)}


def as_published() -> tuple[dict[float, Condition], dict[float, Prediction]]:
    conditions = {e: did(*fall, n_sets=2) for e, fall in FALLS.items()}
    predictions = {
        e: Prediction(e, np.repeat(true_first_moves(e) / 64, 64), did(*fall), did(*fall), FLAT)
        for e, fall in FALLS.items()
    }
    return conditions, predictions


FLAT = did(17_000, 9_000)


def failing(conditions: Any, predictions: Any, is_full: bool = False) -> list[str]:
    return [claim for claim, holds in claims(conditions, predictions, is_full).items() if not holds]


def test_a_study_as_published_bears_out_every_claim() -> None:
    assert failing(*as_published()) == []
    assert len(claims(*as_published(), True)) == len(claims(*as_published(), False)) + 2
    assert failing(*as_published(), is_full=True) == []


@pytest.mark.parametrize(
    ("e_right", "condition", "broken"),
    [
        (0.35, did(18_000, 15_000, 2), "the more optimistic, the faster at first"),
        (0.35, did(9_000, 500, 2), "the unbiased network improves most"),
        (0.15, did(19_000, 17_500, 2), "the pessimistic network mostly fails"),
    ],
)
def test_each_claim_about_learning_can_fail(
    e_right: float, condition: Condition, broken: str
) -> None:
    conditions, predictions = as_published()
    assert failing(conditions | {e_right: condition}, predictions) == [broken]


@pytest.mark.parametrize(
    ("e_right", "change", "broken"),
    [
        (
            0.35,
            {"estimate": np.repeat([0.2465, 0.2535, 0.15, 0.35], 64) / 64},
            [
                "every prior of a first move is read to within 4 standard errors",
                "every prior of a first move is read to within 0.003",
            ],
        ),
        (
            0.15,
            {"predicted": FLAT},
            [
                "predicted durations follow the true ones (correlation at least 0.9 over all)",
                "the prior that was read predicts biased networks better than a flat one",
            ],
        ),
        (
            0.25,
            {"predicted": did(17_000, 9_000, spread=-1.0)},
            ["the unbiased network is predicted with a correlation of at least 0.9"],
        ),
    ],
)
def test_each_claim_about_prediction_can_fail(
    e_right: float, change: dict[str, Any], broken: list[str]
) -> None:
    conditions, predictions = as_published()
    changed = predictions | {e_right: replace(predictions[e_right], **change)}
    assert failing(conditions, changed, is_full=True) == broken


def test_the_figure_is_whole_and_names_every_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REFERENCE_DATA, raising=False)
    result = MazeStudyResult(MazeStudyConfig(), *as_published(), 10, 1.0, 1.0)
    requested = []
    monkeypatch.setattr(maze_study, "run", lambda config, **_: requested.append(config) or result)
    outcome = present(run(replace(CONFIG, seed=4)))
    assert requested == [MazeStudyConfig(mazes=3, trials=40, seed=4)]
    numbers = outcome.summary["numbers"]
    for e_right in PRIORS:
        assert f"mean duration, first ten trials, E_r = {e_right}" in numbers
        assert f"correlation of true and predicted duration, E_r = {e_right}" in numbers
    assert "published" in numbers["success, first ten trials, E_r = 0.25"]
    assert "published" not in numbers["success, first ten trials, E_r = 0.15"]
    figure = outcome.figures["isomura2022-fig5"]()
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0
