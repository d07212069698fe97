"""A worker process of a study: one agent at a time, trial by trial, in float32 on one core.

It is told assignments on its standard input and reports on its standard output.  When that input
closes, its parent is gone (even by ``kill -9``), and it ends at once.
"""

import dataclasses
import os
import queue
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from typing import IO

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from hebbayes.agents.finite_trial import TrialSummary, finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.commands.mazes.lives.messages import (
    TABLES,
    Assignment,
    Life,
    Report,
    Values,
    receive,
    send,
)
from hebbayes.core.counts import Counts
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.environments.base import FiniteWorld
from hebbayes.environments.maze import maze_world, random_maze
from hebbayes.theory.generative_model import GenerativeModel

MAZE_ROLE = 0
"""Role whose random numbers make the mazes; those of agents are greater."""

_ACTIONS = np.asarray(first_move_of_decision())


def main() -> None:
    """Serve the parent process until it is done or gone."""
    reports = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints goes to standard error
    assignments: queue.SimpleQueue[Assignment] = queue.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(sys.stdin.buffer, assignments), daemon=True)
    listener.start()
    try:
        assignment = assignments.get()
        _compile(assignment.life)
        send(reports, Report())
        while True:
            for report in live(assignment):
                send(reports, report)
            assignment = assignments.get()
    except HebbayesError as error:
        send(reports, Report(failure=str(error)))
    except Exception:
        send(reports, Report(failure=traceback.format_exc()))


def _listen(stream: IO[bytes], assignments: "queue.SimpleQueue[Assignment]") -> None:
    while (assignment := receive(stream)) is not None:
        assignments.put(assignment)
    os._exit(0)


def live(assignment: Assignment) -> Iterator[Report]:
    """Yield one report per trial, from the assignment's first trial to the life's last.

    Raises `ValueRangeError` where the free energy of a trial is no number.

    Example:
        >>> life = Life(role=1, maze=0, habit=0.25, trials=1, steps=10)
        >>> [report.duration for report in live(Assignment("a", life, 0, 0, {}))]
        [10]
    """
    life = assignment.life
    model = _with_evidence(newborn(life), assignment.evidence)
    root = jax.random.key(assignment.seed)
    world = _world(_key(root, MAZE_ROLE, life.maze))
    for trial in range(assignment.first_trial, life.trials):
        key = _key(root, life.role, life.maze, trial)
        model, summary = _trial(life, model, world, key)
        free_energy = float(np.asarray(summary.free_energy, np.float64).sum())
        if not np.isfinite(free_energy):
            raise ValueRangeError(
                f"the free energy of maze {life.maze}, trial {trial} is {free_energy}; "
                "wanted a finite number."
            )
        yield Report(
            name=assignment.name,
            duration=int(summary.n_steps) + 1,
            free_energy=free_energy,
            taken=np.asarray(summary.n_taken, np.int64) if trial == 0 else None,
            evidence={table: np.asarray(getattr(model, table).evidence) for table in TABLES},
        )


def newborn(life: Life) -> GenerativeModel:
    """Return the generative model that a life begins with, in float32.

    Example:
        >>> newborn(Life(role=1, maze=0, habit=0.25, trials=1, steps=10)).n_decisions
        256
    """
    if isinstance(life.habit, float):
        return maze_agent_model(life.habit, dtype=jnp.float32)
    return maze_agent_model(0.0, decision_prior=jnp.asarray(life.habit), dtype=jnp.float32)


def _trial(
    life: Life, model: GenerativeModel, world: FiniteWorld, key: PRNGKeyArray
) -> tuple[GenerativeModel, TrialSummary]:
    return finite_trial(
        model, world, _ACTIONS, n_steps=life.steps - 1, key=key, is_learning=life.is_learning
    )


def _compile(life: Life) -> None:
    """Go through a trial that is over at once."""
    key = _key(jax.random.key(0), MAZE_ROLE, life.maze)
    world = _world(key)
    over = dataclasses.replace(world, is_goal=jnp.ones_like(world.is_goal))
    jax.block_until_ready(_trial(life, newborn(life), over, key))


@jax.jit
def _world(key: PRNGKeyArray) -> FiniteWorld:
    return maze_world(random_maze(key=key))


def _key(root: PRNGKeyArray, *numbers: int) -> PRNGKeyArray:
    for number in numbers:
        root = jax.random.fold_in(root, number)
    return root


def _with_evidence(model: GenerativeModel, evidence: Mapping[str, Values]) -> GenerativeModel:
    tables = {
        table: Counts(getattr(model, table).prior, jnp.asarray(counts))
        for table, counts in evidence.items()
    }
    return dataclasses.replace(model, **tables)
