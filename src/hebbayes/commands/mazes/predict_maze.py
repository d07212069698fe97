"""Predicting how agents learn unseen mazes from their first decisions in other mazes.

The decision prior is estimated from the first trials of true agents.  In new mazes, agents with
that estimate and their own seeds are compared with true agents and with agents that have a flat
prior (I22 Fig. 5; docs/theory.md section 7).  One run is partly luck, so several agents of each
kind can run in every maze; their mean counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.mazes.agent_runs import AgentRun
from hebbayes.commands.mazes.maze import (
    FLAT,
    PREDICTED,
    ROLES,
    TRUE,
    Condition,
    arrays_of,
    check_sizes,
    first_moves,
    gather,
    identity_of,
    phases_table,
)
from hebbayes.commands.mazes.study import Study
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.checks import check_at_least, check_between

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.configs import PredictMazeConfig
    from hebbayes.commands.running.checkpoint import Checkpoint

Values = NDArray[Any]

FLAT_PRIOR = 0.25
"""Probability of a first move to the right that makes all decisions equally likely."""


@dataclass(frozen=True)
class Prediction:
    """Three kinds of agents in the same unseen mazes.

    Attributes:
        e_right: Prior of the true agent.
        estimate: (decisions,), prior estimated from first trials in other mazes.
        true: Trials of agents with the true prior: the first agent of every maze, then the second
            of every maze, and so on.
        predicted: Trials of agents with the estimated prior.
        flat: Trials of agents without preferences.
        n_agents: Agents of each kind in a maze.
    """

    e_right: float
    estimate: Values
    true: Condition
    predicted: Condition
    flat: Condition
    n_agents: int = 1

    @property
    def correlation(self) -> float:
        """Correlation over mazes of true and predicted mean duration; NaN if one is constant."""
        true, predicted = self.per_maze(self.true), self.per_maze(self.predicted)
        a, b = true - true.mean(), predicted - predicted.mean()
        scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
        return float((a * b).sum()) / scale if scale > 0 else float("nan")

    @property
    def decision_prior_error(self) -> float:
        """Largest error of the estimate among the four first moves."""
        return float(np.abs(first_moves(self.estimate) - true_first_moves(self.e_right)).max())

    def per_maze(self, condition: Condition) -> Values:
        """Mean duration in each maze, over trials and agents."""
        return np.asarray(condition.durations.mean(0).reshape(self.n_agents, -1).mean(0))

    def distance(self, other: Condition) -> float:
        """Mean over mazes of the distance between mean durations and the true ones, in steps."""
        return float(np.abs(self.per_maze(other) - self.per_maze(self.true)).mean())


@dataclass(frozen=True)
class PredictMazeResult(CommandResult):
    """The prediction and the time it took.

    Attributes:
        config: Configuration of the run.
        prediction: The three agents.
        n_steps: Steps of the network in all mazes.
        seconds: Wall time of the trials made in this process.
        seconds_compile: Wall time until the first worker was ready.
    """

    config: "PredictMazeConfig"
    prediction: Prediction
    n_steps: int
    seconds: float
    seconds_compile: float


def run(
    config: "PredictMazeConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> PredictMazeResult:
    """Run true, predicted and flat agents in unseen mazes.

    Raises `ValueRangeError`, `FormatError` (checkpoint), `WorkerError`.
    """
    check_between("--e-right", config.e_right, 0.0, 0.5)
    check_at_least("--agents", config.agents, 1)
    check_sizes(config.mazes, config.trials, config.steps, kinds=3 * config.agents + 1)
    seen, unseen = range(config.mazes), range(config.mazes, 2 * config.mazes)
    study = Study(
        identity_of("predict-maze", config),
        seed=config.seed,
        workers=config.workers,
        progress=progress,
        checkpoint=checkpoint,
    )
    with study:
        n_trials = config.mazes * (1 + 3 * config.agents * config.trials)
        study.start_progress(f"predicting mazes, E right {config.e_right}", n_trials)
        e_right = float(config.e_right)
        firsts = {f"first {m}": AgentRun(TRUE, m, e_right, 1, config.steps) for m in seen}
        first = gather(study.finish(firsts), config.steps)
        priors: dict[int, float | Values] = {
            TRUE: e_right,
            PREDICTED: first.decision_prior,
            FLAT: FLAT_PRIOR,
        }
        runs = {
            f"role {role}, maze {maze}, agent {agent}": AgentRun(
                role + ROLES * agent, maze, prior, config.trials, config.steps
            )
            for role, prior in priors.items()
            for agent in range(config.agents)
            for maze in unseen
        }
        histories = iter(study.finish(runs))
    true, predicted, flat = (
        gather(list(islice(histories, config.agents * config.mazes)), config.steps) for _ in priors
    )
    prediction = Prediction(e_right, first.decision_prior, true, predicted, flat, config.agents)
    n_steps = sum(c.n_steps for c in (first, true, predicted, flat))
    return PredictMazeResult(config, prediction, n_steps, study.seconds, study.seconds_compile)


def true_first_moves(e_right: float) -> Values:
    """Return the prior of the four first moves: up, down, left, right.

    Example:
        >>> true_first_moves(0.25).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    return np.array([0.25, 0.25, 0.5 - e_right, e_right])


def summary_of(prediction: Prediction) -> dict[str, Any]:
    """Return the JSON keys that describe a prediction.

    Example:
        >>> one = Condition(9, np.array([[9, 3], [5, 5]]), np.ones((2, 2)), np.full((2, 256), 2))
        >>> summary_of(Prediction(0.25, np.full(256, 1 / 256), one, one, one))["correlation"]
        1.0
    """
    return {
        "correlation": prediction.correlation,
        "true": prediction.per_maze(prediction.true),
        "predicted": prediction.per_maze(prediction.predicted),
        "flat": prediction.per_maze(prediction.flat),
        "decision_prior_error": prediction.decision_prior_error,
        "decision_prior_estimate": first_moves(prediction.estimate),
        "distance_predicted": prediction.distance(prediction.predicted),
        "distance_flat": prediction.distance(prediction.flat),
    }


def arrays(prediction: Prediction) -> dict[str, Values]:
    """Return a prediction as the arrays of ``results.npz``.

    Example:
        >>> one = Condition(9, np.array([[9, 3], [5, 5]]), np.ones((2, 2)), np.full((2, 256), 2))
        >>> sorted(arrays(Prediction(0.25, np.full(256, 1 / 256), one, one, one)))[:3]
        ['decision_prior_estimate', 'durations_flat', 'durations_predicted']
    """
    conditions = {
        "true": prediction.true,
        "predicted": prediction.predicted,
        "flat": prediction.flat,
    }
    trials = {
        f"{key}_{name}": values
        for name, condition in conditions.items()
        for key, values in arrays_of(condition).items()
        if key != "decision_prior_estimate"
    }
    return {"decision_prior_estimate": prediction.estimate, **trials}


def draw_prediction(predictions: Mapping[str, Prediction]) -> "Figure":
    """Return a figure of predicted against true mean durations, and of the estimated priors.

    Example:
        >>> one = Condition(9, np.array([[9, 3], [5, 5]]), np.ones((2, 2)), np.full((2, 256), 2))
        >>> p = Prediction(0.25, np.full(256, 1 / 256), one, one, one)
        >>> len(draw_prediction({"E right 0.25": p}).axes)
        2
    """
    from hebbayes.plotting import maze as draw
    from hebbayes.plotting import style

    figure = style.new_figure(style.WIDE_MM, 102.0)
    figure.set_layout_engine("compressed")  # square axes
    durations, priors = figure.subplots(1, 2)
    looks = (style.UNBIASED,) if len(predictions) == 1 else style.PRIOR_STYLES
    for (name, p), look in zip(predictions.items(), looks, strict=True):
        true, predicted = p.per_maze(p.true), p.per_maze(p.predicted)
        draw.draw_prediction(true, predicted, durations, style=look, label=name)
        draw.draw_prediction(
            true_first_moves(p.e_right),
            first_moves(p.estimate),
            priors,
            style=look,
            label=name,
            x="true prior of a first move",
            y="read from decisions",
        )
    style.letter_panels([durations, priors])
    style.add_caption(
        figure,
        "a: mean duration per unseen maze, predicted from decisions elsewhere. b: prior of each "
        "first move, read from decisions. On the grey line, prediction and truth agree.",
    )
    return figure


def present(result: PredictMazeResult) -> Outcome:
    """Return the mean durations of the three kinds of agents per unseen maze, and distances."""
    p, config = result.prediction, result.config
    summary = summary_of(p)
    mazes = range(config.mazes, 2 * config.mazes)
    rows = list(zip(mazes, summary["true"], summary["predicted"], summary["flat"], strict=True))
    return Outcome(
        summary={
            **summary,
            "steps_total": result.n_steps,
            "seconds": result.seconds,
            "seconds_compile": result.seconds_compile,
        },
        arrays=arrays(p),
        tables=[
            Table("Mean duration per unseen maze", ("maze", "true", "predicted", "flat"), rows),
            phases_table({"true": p.true, "predicted": p.predicted, "flat": p.flat}),
        ],
        notes=[
            f"Correlation over mazes of true and predicted mean duration: {p.correlation:.3f}.",
            f"Mean distance from the true agent: {summary['distance_predicted']:.0f} steps with "
            f"the estimated prior, {summary['distance_flat']:.0f} with a flat one.",
            f"Largest error of the estimated prior of a first move: {p.decision_prior_error:.4f}.",
        ],
        figures={"prediction": partial(draw_prediction, {f"E right {p.e_right}": p})},
        next_command="hebbayes maze-study",
    )
