"""Figure 5 of I22: a prior read from decisions alone predicts how unseen mazes are learnt.

`maze_study` in a size that the user chooses: three priors, mazes to read them from and mazes to
predict.  The published correlation belongs to E_r = 0.25, ten mazes and 100 trials.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.configs import MazeStudyConfig, ReproduceConfig
from hebbayes.commands.mazes import maze_study
from hebbayes.commands.mazes.maze import Condition, first_moves
from hebbayes.commands.mazes.predict_maze import Prediction, true_first_moves
from hebbayes.commands.published.maze_reference import (
    E_RIGHT,
    FIRST,
    LAST,
    PUBLISHED_STEPS,
    PUBLISHED_TRIALS,
    Values,
    beside_published,
    phase_values,
    published_durations,
    published_note,
)
from hebbayes.commands.published.reproduction import Reproduction, number
from hebbayes.reverse_engineering.statistics.summaries import correlations

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.mazes.maze_study import MazeStudyResult
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress

PUBLISHED_CORRELATION, MAZES_PER_SET = 0.97, 10
_UNSEEN = slice(10, 20)  # columns of the reference data


def run(
    config: ReproduceConfig, *, progress: "Progress", checkpoint: "Checkpoint | None"
) -> Reproduction:
    """Return I22 Fig. 5: three priors learn differently, and each is predicted from decisions."""
    study = MazeStudyConfig(
        mazes=config.mazes,
        trials=config.trials,
        steps=config.steps,
        workers=config.workers,
        seed=config.seed,
    )
    result = maze_study.run(study, progress=progress, checkpoint=checkpoint)
    published = published_durations() if config.steps == PUBLISHED_STEPS else None
    is_full = is_published_size(config)
    unbiased, agreements = beside_published(result.conditions[E_RIGHT].durations, config, published)
    numbers = {f"{name}, E_r = {E_RIGHT}": entry for name, entry in unbiased.items()}
    return Reproduction(
        checks=claims(result.conditions, result.predictions, is_full) | agreements,
        numbers=numbers | _numbers(result, is_full),
        arrays=maze_study.present(result).arrays,
        draw=partial(_draw, result, published),
        caption=(
            f"After I22 Fig. 5. E_r is the prior of a first move to the right: pessimistic, "
            f"unbiased, optimistic. {config.mazes} mazes to read each prior from, {config.mazes} "
            f"unseen ones to predict, {config.trials} trials of at most {config.steps:,} steps; "
            "mean and standard error over mazes. a, b: three priors, all mazes. c-e: unseen "
            "mazes, the network itself (markers) and one with the prior that was read (dashed). "
            "f: the four first moves' prior. g: mean duration, a point per unseen maze, marked as "
            "in a. "
            f"{published_note(config, published, MAZES_PER_SET)}"
        ),
    )


def is_published_size(config: ReproduceConfig) -> bool:
    """Return whether a study is as large as the published one.

    Example:
        >>> is_published_size(ReproduceConfig(mazes=10, trials=100))
        True
    """
    return (
        config.steps == PUBLISHED_STEPS
        and config.trials == PUBLISHED_TRIALS
        and config.mazes >= MAZES_PER_SET
    )


def claims(
    conditions: Mapping[float, Condition],
    predictions: Mapping[float, Prediction],
    is_full: bool,
) -> dict[str, bool]:
    """Return what I22 says of the three priors, pessimistic first, and whether it holds here.

    ``is_full`` adds what can be said of a study of the published size only.

    Example:
        >>> def did(first, last):
        ...     durations = np.repeat([first, last], 10)[:, None] * np.array([1.0, 2.0])
        ...     return Condition(40, durations, durations, np.ones((2, 256)))
        >>> conditions = {0.15: did(50, 45), 0.25: did(20, 5), 0.35: did(10, 9)}
        >>> priors = {e: np.repeat(true_first_moves(e) / 64, 64) for e in conditions}
        >>> said = claims(conditions, {e: Prediction(e, priors[e], c, c, did(20, 5))
        ...                            for e, c in conditions.items()}, False)
        >>> [claim for claim, holds in said.items() if not holds]
        []
    """
    first, last = (
        [c.durations[phase.trials].mean() for c in conditions.values()] for phase in (FIRST, LAST)
    )
    gain = np.subtract(first, last)
    pessimist, unbiased, optimist = predictions.values()
    true, predicted = (
        np.concatenate([getattr(p, name).durations.mean(0) for p in predictions.values()])
        for name in ("true", "predicted")
    )
    checks = {
        "the more optimistic, the faster at first": first[0] > first[1] > first[2],
        "the unbiased network improves most": gain[1] > max(gain[0], gain[2]),
        "the pessimistic network mostly fails": (
            next(iter(conditions.values())).success_last < 0.5
        ),
        "every prior of a first move is read to within 4 standard errors": all(
            is_read(predictions[e], condition) for e, condition in conditions.items()
        ),
        "predicted durations follow the true ones (correlation at least 0.9 over all)": (
            correlations(true[:, None], predicted[:, None])[0, 0] >= 0.9
        ),
        "the prior that was read predicts biased networks better than a flat one": all(
            p.distance(p.predicted) < p.distance(p.flat) for p in (pessimist, optimist)
        ),
    }
    if is_full:
        checks["the unbiased network is predicted with a correlation of at least 0.9"] = (
            unbiased.correlation >= 0.9
        )
        checks["every prior of a first move is read to within 0.003"] = all(
            p.decision_prior_error <= 3e-3 for p in predictions.values()
        )
    return {claim: bool(holds) for claim, holds in checks.items()}


def is_read(prediction: Prediction, condition: Condition, n_errors: float = 4.0) -> bool:
    """Return whether the estimate is as close to the true prior as its decisions allow.

    They are those of the first trials in the first half of the mazes.

    Example:
        >>> durations = np.ones((1, 2))
        >>> did = Condition(2, durations, durations, np.full((2, 256), 100))
        >>> exact = np.full(256, 1 / 256)
        >>> is_read(Prediction(0.25, exact, did, did, did), did)
        True
        >>> is_read(Prediction(0.24, exact, did, did, did), did, n_errors=3.0)
        False
    """
    n_decisions = condition.first_taken[: len(condition.first_taken) // 2].sum()
    prior = true_first_moves(prediction.e_right)
    errors = np.sqrt(prior * (1 - prior) / n_decisions)
    return bool(np.all(np.abs(first_moves(prediction.estimate) - prior) <= n_errors * errors))


def _numbers(result: "MazeStudyResult", is_full: bool) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for e_right, prediction in result.predictions.items():
        known = {"published": PUBLISHED_CORRELATION} if is_full and e_right == E_RIGHT else {}
        entries: dict[str, Any] = {
            "correlation of true and predicted duration": {
                "ours": prediction.correlation,
                **known,
            },
            "largest error of the first-move prior": {"ours": prediction.decision_prior_error},
            "distance of predicted from true duration": {
                "ours": prediction.distance(prediction.predicted)
            },
            "distance of a flat prior's from true duration": {
                "ours": prediction.distance(prediction.flat)
            },
        }
        if e_right != E_RIGHT:
            for phase in (FIRST, LAST):
                condition = result.conditions[e_right]
                values = phase_values(condition.durations, condition.steps, phase)
                entries |= {name: number(per_maze) for name, per_maze in values.items()}
        numbers |= {f"{name}, E_r = {e_right}": entry for name, entry in entries.items()}
    return numbers


def _draw(result: "MazeStudyResult", published: Values | None) -> "Figure":
    from hebbayes.plotting import maze as draw
    from hebbayes.plotting import style

    figure = style.new_figure(style.WIDE_MM, 190.0)
    panels = figure.subplot_mosaic("aaabbb;ccddee;fffggg", height_ratios=[1.0, 1.0, 1.4])
    for (e, c), look, name in zip(result.conditions.items(), style.PRIOR_STYLES, "cde"):
        p, label, own, steps = result.predictions[e], f"E_r = {e}", panels[name], c.steps
        draw.draw_durations(c.durations, panels["a"], longest=steps, style=look, label=label)
        draw.draw_success(c.durations, steps, panels["b"], style=look, label=label)
        draw.draw_durations(p.true.durations, own, longest=steps, style=look, label="true")
        dashed = look._replace(marker="", line="--")
        draw.draw_durations(p.predicted.durations, own, style=dashed, label="predicted")
        if published is not None and e == E_RIGHT:
            theirs = published[: len(c.durations), _UNSEEN]
            draw.draw_durations(theirs, own, style=style.PUBLISHED_STYLE)
        draw.draw_prediction(
            true_first_moves(e),
            first_moves(p.estimate),
            panels["f"],
            style=look,
            label=label,
            x="true prior of a first move",
            y="read from decisions",
        )
        true, predicted = (which.durations.mean(0) for which in (p.true, p.predicted))
        draw.draw_prediction(true, predicted, panels["g"], style=look)
    style.letter_panels([panels[name] for name in "abcdefg"])
    return figure
