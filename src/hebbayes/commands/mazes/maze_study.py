"""The published study: three priors, mazes to learn from, mazes to predict.

For each prior, true agents run both sets of mazes.  Agents with the prior estimated in the first
set run the second; so does one set of agents with a flat prior, shared by all priors (I22 Figs.
4-5; docs/theory.md section 7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from hebbayes.commands.mazes import predict_maze
from hebbayes.commands.mazes.agent_runs import AgentRun, History
from hebbayes.commands.mazes.maze import (
    FLAT,
    PREDICTED,
    TRUE,
    Condition,
    arrays_of,
    check_sizes,
    gather,
    identity_of,
    phases_table,
    summary_of,
)
from hebbayes.commands.mazes.predict_maze import FLAT_PRIOR, Prediction
from hebbayes.commands.mazes.study import Study
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.configs import MazeStudyConfig
    from hebbayes.commands.running.checkpoint import Checkpoint

Values = NDArray[Any]

PRIORS = (0.15, 0.25, 0.35)
"""Prior probability of a first move to the right: pessimistic, unbiased, optimistic."""


@dataclass(frozen=True)
class MazeStudyResult(CommandResult):
    """All conditions and the time they took.

    Attributes:
        config: Configuration of the run.
        conditions: Prior to the true agents in both sets of mazes.
        predictions: Prior to the three agents in the second set.
        n_steps: Steps of the network.
        seconds: Wall time of the trials made in this process.
        seconds_compile: Wall time until the first worker was ready.
    """

    config: "MazeStudyConfig"
    conditions: Mapping[float, Condition]
    predictions: Mapping[float, Prediction]
    n_steps: int
    seconds: float
    seconds_compile: float


def run(
    config: "MazeStudyConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> MazeStudyResult:
    """Run agents with all three priors, and predict them from estimated priors.

    Raises `ValueRangeError`, `FormatError` (checkpoint), `WorkerError`.
    """
    check_sizes(config.mazes, config.trials, config.steps, kinds=10)
    study = Study(
        identity_of("maze-study", config),
        seed=config.seed,
        workers=config.workers,
        progress=progress,
        checkpoint=checkpoint,
    )
    n, steps = config.mazes, config.steps
    with study:
        study.start_progress("maze study", 10 * n * config.trials)
        true = {e: _runs(config, f"true {e}", TRUE, e) for e in PRIORS}
        flat = _runs(config, "flat", FLAT, FLAT_PRIOR, first=n)
        histories = _finish(study, [*true.values(), flat])
        estimates = {
            e: gather([histories[name] for name in list(true[e])[:n]], steps).decision_prior
            for e in PRIORS
        }
        predicted = {
            e: _runs(config, f"predicted {e}", PREDICTED, estimates[e], first=n) for e in PRIORS
        }
        histories |= _finish(study, list(predicted.values()))
    conditions = {e: gather([histories[name] for name in true[e]], steps) for e in PRIORS}
    predictions = {
        e: Prediction(
            e,
            estimates[e],
            gather([histories[name] for name in list(true[e])[n:]], steps),
            gather([histories[name] for name in predicted[e]], steps),
            gather([histories[name] for name in flat], steps),
        )
        for e in PRIORS
    }
    n_steps = sum(sum(h.durations) - len(h.durations) for h in histories.values())
    spent = study.seconds, study.seconds_compile
    return MazeStudyResult(config, conditions, predictions, n_steps, *spent)


def _runs(
    config: "MazeStudyConfig", name: str, role: int, prior: float | Values, *, first: int = 0
) -> dict[str, AgentRun]:
    """Return the runs of one kind of agent in maze ``first`` and all after it, by name."""
    return {
        f"{name} {maze}": AgentRun(role, maze, prior, config.trials, config.steps)
        for maze in range(first, 2 * config.mazes)
    }


def _finish(study: Study, groups: Sequence[Mapping[str, AgentRun]]) -> dict[str, History]:
    runs = {name: run for group in groups for name, run in group.items()}
    return dict(zip(runs, study.finish(runs), strict=True))


def draw_conditions(conditions: Mapping[float, Condition]) -> "Figure":
    """Return a figure of durations and success per trial, one curve per prior.

    Example:
        >>> import numpy as np
        >>> one = Condition(9, np.array([[9], [5]]), np.ones((2, 1)), np.full((1, 256), 2))
        >>> len(draw_conditions({e: one for e in PRIORS}).axes)
        2
    """
    from hebbayes.plotting import maze as draw
    from hebbayes.plotting import style

    figure = style.new_figure(style.WIDE_MM, 80.0)
    durations, success = figure.subplots(1, 2)
    for (e, condition), look in zip(conditions.items(), style.PRIOR_STYLES, strict=True):
        values, longest, label = condition.durations, condition.steps, f"E right {e}"
        draw.draw_durations(values, durations, longest=longest, style=look, label=label)
        draw.draw_success(values, longest, success, style=look, label=label)
    style.letter_panels([durations, success])
    style.add_caption(
        figure,
        "Steps per trial and share of mazes solved, by the prior of moving right (E right); means "
        "over mazes, bands are standard errors. Dotted: the time limit.",
    )
    return figure


def present(result: MazeStudyResult) -> Outcome:
    """Return success and durations of each prior, and how well each is predicted."""
    arrays: dict[str, Values] = {}
    summaries, rows = {}, []
    for e, condition in result.conditions.items():
        prediction = result.predictions[e]
        prefix = f"e{e}_"
        summaries[str(e)] = summary_of(condition) | predict_maze.summary_of(prediction)
        combined = arrays_of(condition) | predict_maze.arrays(prediction)
        arrays |= {prefix + name: values for name, values in combined.items()}
        distances = (prediction.distance(c) for c in (prediction.predicted, prediction.flat))
        rows.append((e, prediction.correlation, *distances, prediction.decision_prior_error))
    rate = result.n_steps / result.seconds if result.seconds else float("nan")
    labelled = {f"E right {e}": c for e, c in result.conditions.items()}
    header = ("E right", "correlation", "steps off, predicted", "steps off, flat", "prior error")
    return Outcome(
        summary={
            "priors": summaries,
            "steps_total": result.n_steps,
            "seconds": result.seconds,
            "seconds_compile": result.seconds_compile,
        },
        arrays=arrays,
        tables=[phases_table(labelled), Table("Prediction of unseen mazes", header, rows)],
        notes=[f"{result.n_steps:,} steps in {result.seconds:.1f} s ({rate:,.0f} steps/s)."],
        figures={
            "learning": partial(draw_conditions, result.conditions),
            "prediction": partial(
                predict_maze.draw_prediction,
                {f"E right {e}": p for e, p in result.predictions.items()},
            ),
        },
        next_command="hebbayes reproduce list",
    )
