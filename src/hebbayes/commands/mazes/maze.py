"""The maze study of one condition: agents that learn, each in a maze of its own.

I22 Figs. 4-5; docs/theory.md section 7.  `study` runs the trials; this module summarises them.  The
decision prior is estimated from the decisions of first trials alone, before anything is learnt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.agents.maze_agent import N_MOVES
from hebbayes.commands.mazes.agent_runs import AgentRun, History
from hebbayes.commands.mazes.study import Study
from hebbayes.commands.running.memory import check_memory
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.checks import check_at_least, check_between

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.configs import MazeConfig
    from hebbayes.commands.running.checkpoint import Checkpoint

Values = NDArray[Any]

TRUE, PREDICTED, FLAT = 1, 2, 3
"""Roles of agents: with the condition's prior, with its estimate, with a flat prior."""

ROLES = 10
"""Each further agent of a role adds this: 12 is the second with the estimate."""

LONGEST_PHASE = 10
"""Number of first and of last trials that are compared; half the trials in shorter runs."""


_BYTES_PER_RUN, _BYTES_PER_TRIAL = 8192, 100  # lists, their checkpoint and the results


@dataclass(frozen=True)
class Condition:
    """Trials of agents with one prior; each column is a maze.

    Attributes:
        steps: Longest duration of a trial; an unsolved one counts as this.
        durations: (trials, mazes), number of decisions plus one.
        free_energy: (trials, mazes), nats, without the divergence of parameters.
        first_taken: (mazes, decisions), counts of each decision in the first trial.
    """

    steps: int
    durations: Values
    free_energy: Values
    first_taken: Values

    @property
    def n_steps(self) -> int:
        """Steps of the network."""
        return int((self.durations - 1).sum())

    @property
    def phase(self) -> int:
        """Number of first and of last trials to compare: ten, or half of fewer than twenty."""
        return min(LONGEST_PHASE, max(len(self.durations) // 2, 1))

    @property
    def success_first(self) -> float:
        """Share of the first trials (`phase`) that were solved."""
        return float((self.durations[: self.phase] < self.steps).mean())

    @property
    def success_last(self) -> float:
        """Share of the last trials (`phase`) that were solved."""
        return float((self.durations[-self.phase :] < self.steps).mean())

    @property
    def decision_prior(self) -> Values:
        """Share of each decision in all first trials."""
        return self.first_taken.sum(0) / self.first_taken.sum()


@dataclass(frozen=True)
class MazeResult(CommandResult):
    """The condition and the time it took.

    Attributes:
        config: Configuration of the run.
        condition: Trials of the agents.
        seconds: Wall time of the trials made in this process.
        seconds_compile: Wall time until the first worker was ready.
    """

    config: "MazeConfig"
    condition: Condition
    seconds: float
    seconds_compile: float


def run(
    config: "MazeConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> MazeResult:
    """Run the agents.  Trials that the checkpoint holds are not repeated.

    Raises `ValueRangeError`, `FormatError` (checkpoint), `WorkerError`.
    """
    check_between("--e-right", config.e_right, 0.0, 0.5)
    check_sizes(config.mazes, config.trials, config.steps)
    runs = {
        f"maze {maze}": AgentRun(
            TRUE, maze, float(config.e_right), config.trials, config.steps, config.learning
        )
        for maze in range(config.mazes)
    }
    study = Study(
        identity_of("maze", config),
        seed=config.seed,
        workers=config.workers,
        progress=progress,
        checkpoint=checkpoint,
    )
    with study:
        study.start_progress(f"mazes, E right {config.e_right}", config.mazes * config.trials)
        condition = gather(study.finish(runs), config.steps)
    return MazeResult(config, condition, study.seconds, study.seconds_compile)


def check_sizes(mazes: int, trials: int, steps: int, kinds: int = 1) -> None:
    """Raise `ValueRangeError` unless there is something to run, whose results fit in memory.

    Each maze is run by agents of ``kinds`` kinds.

    Example:
        >>> check_sizes(0, 1, 2)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: --mazes must be at least 1; got 0.
    """
    check_at_least("--mazes", mazes, 1)
    check_at_least("--trials", trials, 1)
    check_at_least("--steps", steps, 2)
    check_memory("mazes", mazes, kinds * _BYTES_PER_RUN)
    check_memory("mazes x trials", mazes * trials, kinds * _BYTES_PER_TRIAL)


def identity_of(command: str, config: Any) -> dict[str, Any]:
    """Return everything that determines the numbers of a study: its config without the workers.

    Example:
        >>> from hebbayes.commands.configs import MazeConfig
        >>> identity_of("maze", MazeConfig(0.25, mazes=2))["mazes"]
        2
    """
    return {"command": command} | {k: v for k, v in asdict(config).items() if k != "workers"}


def gather(histories: Sequence[History], steps: int) -> Condition:
    """Return finished histories, one per maze, as one condition.

    Example:
        >>> histories = [History([20, 7], [9.0, 8.0], np.array([3, 16])),
        ...              History([20, 20], [9.5, 9.0], np.array([1, 18]))]
        >>> condition = gather(histories, steps=20)
        >>> condition.durations.tolist(), condition.success_last
        ([[20, 20], [7, 20]], 0.5)
    """
    return Condition(
        steps=steps,
        durations=np.array([h.durations for h in histories]).T,
        free_energy=np.array([h.free_energy for h in histories]).T,
        first_taken=np.array([h.first_taken for h in histories]),
    )


def first_moves(decision_prior: Values) -> Values:
    """Return the probability of each first move (up, down, left, right) of a decision prior.

    Example:
        >>> first_moves(np.full(256, 1 / 256)).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    return decision_prior.reshape(N_MOVES, -1).sum(1)


def summary_of(condition: Condition) -> dict[str, Any]:
    """Return the JSON keys that describe a condition.

    Example:
        >>> one = Condition(9, np.array([[9], [5]]), np.ones((2, 1)), np.full((1, 256), 2))
        >>> summary_of(one)["steps_total"]
        12
    """
    return {
        "steps_total": condition.n_steps,
        "durations": condition.durations,
        "success_first": condition.success_first,
        "success_last": condition.success_last,
        "free_energy": condition.free_energy,
        "decision_prior_estimate": first_moves(condition.decision_prior),
    }


def phases_table(conditions: Mapping[str, Condition]) -> Table:
    """Return a table of success and mean duration in the first and the last trials.

    Runs with fewer than twenty trials are compared by halves.

    Example:
        >>> one = Condition(9, np.array([[9], [5]]), np.ones((2, 1)), np.full((1, 256), 2))
        >>> table = phases_table({"E right 0.25": one})
        >>> table.title, table.rows
        ('First and last trial', [('E right 0.25', 0.0, 1.0, 9.0, 5.0)])
    """
    n = min(condition.phase for condition in conditions.values())
    rows = [
        (
            name,
            condition.success_first,
            condition.success_last,
            float(condition.durations[: condition.phase].mean()),
            float(condition.durations[-condition.phase :].mean()),
        )
        for name, condition in conditions.items()
    ]
    header = ("", f"solved, first {n}", f"solved, last {n}", "duration, first", "duration, last")
    return Table(f"First and last {n} trials" if n > 1 else "First and last trial", header, rows)


def arrays_of(condition: Condition) -> dict[str, Values]:
    """Return a condition as the arrays of ``results.npz``.

    Example:
        >>> one = Condition(9, np.array([[9], [5]]), np.ones((2, 1)), np.full((1, 256), 2))
        >>> sorted(arrays_of(one))
        ['decision_prior_estimate', 'durations', 'first_taken', 'free_energy']
    """
    return {
        "durations": condition.durations,
        "free_energy": condition.free_energy,
        "first_taken": condition.first_taken,
        "decision_prior_estimate": condition.decision_prior,
    }


def draw_condition(condition: Condition) -> "Figure":
    """Return a figure of durations, success and free energy per trial, mean over mazes.

    Example:
        >>> one = Condition(9, np.array([[9], [5]]), np.ones((2, 1)), np.full((1, 256), 2))
        >>> [ax.get_ylabel() for ax in draw_condition(one).axes]
        ['duration (steps)', 'mazes solved', 'free energy (nats)']
    """
    from hebbayes.plotting import maze as draw
    from hebbayes.plotting import style

    figure = style.new_figure(style.WIDE_MM, 65.0)
    durations, success, energy = figure.subplots(1, 3)
    draw.draw_durations(condition.durations, durations, longest=condition.steps)
    draw.draw_success(condition.durations, condition.steps, success)
    draw.draw_free_energy(condition.free_energy, energy)
    style.letter_panels([durations, success, energy])
    style.add_caption(
        figure,
        "Steps per trial, share of mazes solved, and free energy; means over mazes, bands are "
        "standard errors. Dotted: the time limit.",
    )
    return figure


def present(result: MazeResult) -> Outcome:
    """Return success and durations of the first and last trials, and the estimated prior."""
    condition, config = result.condition, result.config
    moves = ", ".join(f"{p:.4f}" for p in first_moves(condition.decision_prior))
    left = 0.5 - config.e_right
    rate = condition.n_steps / result.seconds if result.seconds else float("nan")
    return Outcome(
        summary={
            **summary_of(condition),
            "seconds": result.seconds,
            "seconds_compile": result.seconds_compile,
        },
        arrays=arrays_of(condition),
        tables=[phases_table({f"E right {config.e_right}": condition})],
        notes=[
            f"First moves (up, down, left, right), estimated from decisions in first trials: "
            f"{moves}; true: 0.25, 0.25, {left:.4g}, {config.e_right:.4g}.",
            f"{condition.n_steps:,} steps in {result.seconds:.1f} s ({rate:,.0f} steps/s).",
        ],
        figures={"learning": partial(draw_condition, condition)},
        next_command=f"hebbayes predict-maze --e-right {config.e_right}",
    )
