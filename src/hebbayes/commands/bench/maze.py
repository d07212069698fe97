"""A step of the maze study, timed: infer, sample, move, learn, free energy.

`finite_trial` runs a whole trial in a maze without goals, so that no trial ends early.  Learning
and free energy are summed while the trial runs, so a step's share of them is part of its time.
The command `maze` is timed too, with one agent in one process.  Everything
is float32.  The bound is one read of K and V; W o is a row of a table.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from hebbayes.agents.finite_trial import finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.commands.bench.maze_agreement import without_goals
from hebbayes.commands.bench.maze_peer import MazePeer
from hebbayes.commands.bench.memory import (
    fraction,
    memory_candidates,
    memory_rows,
    product_bytes,
    reading_time,
)
from hebbayes.commands.bench.peers import PUBLIC, PYMDP, find_peers
from hebbayes.commands.bench.present import Measurement, Row
from hebbayes.commands.bench.timing import Candidate, Samples, alternate, repeated, row_of
from hebbayes.commands.configs import MazeConfig
from hebbayes.commands.mazes import maze as study
from hebbayes.environments.maze import maze_world, random_maze

if TYPE_CHECKING:
    from hebbayes.commands.bench.workload import Workload
    from hebbayes.environments.base import FiniteWorld
    from hebbayes.theory.generative_model import GenerativeModel

STEP = "maze step: infer, sample, move, learn, free energy"
WITHOUT_LEARNING = "maze step: infer, sample, move, free energy"
COMMAND = "command maze: one agent, all included but start and compilation"
_E_RIGHT = 0.25
_NO_PYMDP = (
    f"{PYMDP} was not measured on the maze: it requires one table of an outcome over all states "
    "that it depends on, here 2^121 entries, while this network multiplies one small table per "
    "state; "
    "`hebbayes bench sources --peers` compares the two."
)


def measure(workload: "Workload", *, has_peers: bool, seed: int) -> Measurement:
    """Return the rows of the bound, of bare products, of our step and of the peer's.

    Example:
        >>> from hebbayes.commands.bench.workload import Workload
        >>> tiny = Workload(rounds=1, maze_steps=200, maze_trials=2, studies=0, products=10)
        >>> [row.steps for row in measure(tiny, has_peers=False, seed=0).rows]
        [10, 10, 10, 400, 400]
    """
    model = maze_agent_model(_E_RIGHT, dtype=jnp.float32)
    world = without_goals(maze_world(random_maze(key=jax.random.key(seed))))
    names, notes = find_peers([PUBLIC]) if has_peers else ({}, ())
    peer = MazePeer(names[PUBLIC], model, world) if names else None
    n_synapses = model.n_states + model.n_decisions, model.n_states  # K above V
    candidates = [
        *memory_candidates(*n_synapses, workload.products),
        *_our_candidates(model, world, workload),
        *(peer.candidates(workload.maze_steps, workload.agreement_steps) if peer else ()),
    ]
    samples = alternate(candidates, workload.rounds)
    n_bytes = product_bytes(*n_synapses)
    step, *rest = [*_our_rows(samples, n_bytes), *_command_rows(samples, n_bytes, workload, seed)]
    if peer:
        step = peer.beside(step, samples, workload.agreement_steps)
        rest = [*(peer.compared(row, samples) for row in rest), *peer.rows(samples)]
    rows = (*memory_rows(samples, n_bytes), step, *rest)
    return Measurement(rows, (*notes, _NO_PYMDP) if has_peers else (), samples.warm_up_seconds)


def _our_candidates(
    model: "GenerativeModel", world: "FiniteWorld", workload: "Workload"
) -> tuple[Candidate, ...]:
    actions, key, n_steps = first_move_of_decision(), jax.random.key(0), workload.maze_steps

    def trials(*, is_learning: bool) -> Callable[[], object]:
        trial = partial(finite_trial, n_steps=n_steps, key=key, is_learning=is_learning)
        return repeated(
            lambda: jax.block_until_ready(trial(model, world, actions)), workload.maze_trials
        )

    n_made = n_steps * workload.maze_trials
    return (
        Candidate(STEP, trials(is_learning=True), n_made),
        Candidate(WITHOUT_LEARNING, trials(is_learning=False), n_made),
    )


def _our_rows(samples: Samples, n_bytes: int) -> list[Row]:
    return [
        samples.row(what, bytes_per_step=n_bytes, fraction_of_bandwidth=fraction(samples, what))
        for what in (STEP, WITHOUT_LEARNING)
    ]


def _command_rows(samples: Samples, n_bytes: int, workload: "Workload", seed: int) -> list[Row]:
    """Seconds of the command over its steps, after the rounds, since it starts a process."""
    if not workload.studies:
        return []
    runs = [
        study.run(
            MazeConfig(
                e_right=_E_RIGHT,
                mazes=1,
                trials=workload.study_trials,
                steps=workload.maze_steps + 1,
                workers=1,
                seed=seed + number,
            )
        )
        for number in range(workload.studies)
    ]
    times = np.array([run.seconds / run.condition.n_steps * 1e6 for run in runs])
    n_steps = sum(run.condition.n_steps for run in runs) // len(runs)
    share = float(np.median(reading_time(samples)) / np.median(times))
    return [row_of(COMMAND, times, n_steps, bytes_per_step=n_bytes, fraction_of_bandwidth=share)]
