"""The trials of one agent in one maze, simulated one after another in float32 by a worker."""

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from hebbayes.agents.finite_trial import TrialSummary, finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.commands.mazes.agent_runs import (
    TABLES,
    AgentRun,
    Assignment,
    TrialReport,
    Values,
)
from hebbayes.core.counts import Counts
from hebbayes.core.errors import ValueRangeError
from hebbayes.environments.maze import maze_world, random_maze

if TYPE_CHECKING:
    from jaxtyping import PRNGKeyArray

    from hebbayes.environments.base import FiniteWorld
    from hebbayes.theory.generative_model import GenerativeModel

MAZE_ROLE = 0
"""Role whose random numbers make the mazes; those of agents are greater."""

_ACTIONS = np.asarray(first_move_of_decision())


def simulate_trials(assignment: Assignment) -> Iterator[TrialReport]:
    """Yield one report per trial, from the assignment's first trial to the run's last.

    Raises `ValueRangeError` if the free energy of a trial is not finite.

    Example:
        >>> run = AgentRun(role=1, maze=0, decision_prior=0.25, trials=1, steps=10)
        >>> [report.duration for report in simulate_trials(Assignment(run, 0, 0, {}))]
        [10]
    """
    run = assignment.run
    model = _with_evidence(initial_model(run), assignment.evidence)
    root = jax.random.key(assignment.seed)
    world = _world(_key(root, MAZE_ROLE, run.maze))
    for trial in range(assignment.first_trial, run.trials):
        model, summary = _trial(run, model, world, _key(root, run.role, run.maze, trial))
        free_energy = float(np.asarray(summary.free_energy, np.float64).sum())
        if not np.isfinite(free_energy):
            raise ValueRangeError(
                f"the free energy of maze {run.maze}, trial {trial} is {free_energy}; "
                "wanted a finite number."
            )
        yield TrialReport(
            duration=int(summary.n_steps) + 1,
            free_energy=free_energy,
            taken=np.asarray(summary.n_taken, np.int64) if trial == 0 else None,
            evidence={table: np.asarray(getattr(model, table).evidence) for table in TABLES},
        )


def initial_model(run: AgentRun) -> "GenerativeModel":
    """Return the generative model with which a run starts, in float32.

    Example:
        >>> initial_model(AgentRun(1, 0, decision_prior=0.25, trials=1, steps=10)).n_decisions
        256
    """
    prior = run.decision_prior
    if isinstance(prior, float):
        return maze_agent_model(prior, dtype=jnp.float32)
    return maze_agent_model(0.0, decision_prior=jnp.asarray(prior), dtype=jnp.float32)


@cache
def compile_trial(steps: int, is_learning: bool) -> None:
    """Run a trial that is over at once, so that the clock of the next leaves compilation out.

    Example:
        >>> compile_trial(10, True)
    """
    run = AgentRun(1, 0, 0.25, 1, steps, is_learning)
    key = jax.random.key(0)
    world = _world(_key(key, MAZE_ROLE, run.maze))
    over = dataclasses.replace(world, is_goal=jnp.ones_like(world.is_goal))
    jax.block_until_ready(_trial(run, initial_model(run), over, key))


def _trial(
    run: AgentRun, model: "GenerativeModel", world: "FiniteWorld", key: "PRNGKeyArray"
) -> "tuple[GenerativeModel, TrialSummary]":
    return finite_trial(
        model,
        world,
        jnp.asarray(_ACTIONS),
        n_steps=run.steps - 1,
        key=key,
        is_learning=run.is_learning,
    )


@jax.jit
def _world(key: "PRNGKeyArray") -> "FiniteWorld":
    return maze_world(random_maze(key=key))


def _key(root: "PRNGKeyArray", *numbers: int) -> "PRNGKeyArray":
    for number in numbers:
        root = jax.random.fold_in(root, number)
    return root


def _with_evidence(model: "GenerativeModel", evidence: Mapping[str, Values]) -> "GenerativeModel":
    tables = {
        table: Counts(getattr(model, table).prior, jnp.asarray(counts))
        for table, counts in evidence.items()
    }
    return dataclasses.replace(model, **tables)
