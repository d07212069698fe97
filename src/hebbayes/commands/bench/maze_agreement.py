"""Agreement of the public implementation with the timed kernel in the maze.

Our agent walks two trials and learns after each.  Its draws are then moved to the middle of the
intervals of its decisions, so that rounding changes none; the kernel repeats the walk, and the
peer receives the same observations and decisions.  Expected (docs/theory.md section 10): outputs
differ by 1e-4, as the peer starts trials elsewhere, and float32 counts of 1e9 move in steps of 64.
"""

from typing import TYPE_CHECKING, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import PRNGKeyArray
from numpy.typing import NDArray

from hebbayes.agents.active_inference import ActiveInferenceAgent, InferenceRecord, decision_weights
from hebbayes.agents.finite_trial import TrialSummary, finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision
from hebbayes.agents.modulators import ChunkedRisk
from hebbayes.agents.rollout import rollout
from hebbayes.commands.bench.peers import PublicMaze, blocks
from hebbayes.core.arrays import ON
from hebbayes.core.counts import Counts, total
from hebbayes.environments.base import FiniteEnvironment, FiniteWorld

if TYPE_CHECKING:
    from hebbayes.theory.generative_model import GenerativeModel

CHUNK = ChunkedRisk().chunk_length
_N_TRIALS = 2


class RecordedTrial(NamedTuple):
    """A trial of our agent, time-first, and draws that reproduce its decisions.

    Attributes:
        observations: (time, cells).
        decisions: (time,).
        risk_of_chunks: (chunks,).
        activity: (time, cells), posterior of the states.
        output: (time, decisions), posterior of the decisions.
        uniforms: (time,), draws.
    """

    observations: NDArray[np.float32]
    decisions: NDArray[np.integer]
    risk_of_chunks: NDArray[np.floating]
    activity: NDArray[np.float32]
    output: NDArray[np.float32]
    uniforms: Array


def agreement(model: "GenerativeModel", world: FiniteWorld, n_steps: int) -> dict[str, float]:
    """Return the largest differences between the peer and us over two trials.

    activity: absolute.  output, free_energy: relative.  counts_a, counts_b, counts_c: over the
    largest evidence of the table.  decisions: steps at which the kernel did not repeat the trial.

    Example:
        >>> from hebbayes.agents.maze_agent import maze_agent_model
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> from hebbayes.commands.bench.peers import PUBLIC, find_peers
        >>> world = maze_world(random_maze(key=jax.random.key(0)))
        >>> names, _ = find_peers([PUBLIC])
        >>> differences = agreement(maze_agent_model(0.25), world, 200) if names else {}
        >>> all(difference < 0.05 for difference in differences.values())
        True
    """
    world, actions, before = without_goals(world), first_move_of_decision(), model
    peer = PublicMaze(model, n_steps + 1)
    worst: dict[str, float] = {}
    for number in range(_N_TRIALS):
        key = jax.random.key(number)
        trial = walk_through(model, world, n_steps, key=key)
        model, summary = finite_trial(
            model, world, actions, n_steps=n_steps, key=key, uniforms=trial.uniforms
        )
        for name, difference in _trial_differences(peer, trial, summary).items():
            worst[name] = max(difference, worst.get(name, 0.0))
    return worst | _count_differences(peer, before, model)


def walk_through(
    model: "GenerativeModel", world: FiniteWorld, n_steps: int, *, key: PRNGKeyArray
) -> RecordedTrial:
    """Return ``n_steps`` of an agent with that ``model`` in a ``world`` without goals.

    Example:
        >>> from hebbayes.agents.maze_agent import maze_agent_model
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> world = without_goals(maze_world(random_maze(5, 7, key=jax.random.key(0)), view_size=3))
        >>> walk_through(maze_agent_model(0.25, 9), world, 5, key=jax.random.key(1)).output.shape
        (5, 256)
    """
    agent = ActiveInferenceAgent(model, first_move_of_decision())
    trajectory = eqx.filter_jit(rollout)(agent, FiniteEnvironment(world), n_steps, key=key)
    record: InferenceRecord = trajectory.record
    log_decisions = jnp.asarray(record.beliefs.log_decisions)
    return RecordedTrial(
        observations=np.asarray(trajectory.observation, np.float32),
        decisions=np.asarray(record.decision),
        risk_of_chunks=np.asarray(ChunkedRisk().risk(trajectory.reward))[::CHUNK],
        activity=np.exp(np.asarray(record.beliefs.log_states)[:, ON]),
        output=np.exp(np.asarray(log_decisions)[:, ON]),
        uniforms=_middles(jax.vmap(decision_weights)(log_decisions), record.decision),
    )


def without_goals(world: FiniteWorld) -> FiniteWorld:
    """Return ``world`` without goals, so that every trial takes all its steps.

    Example:
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> world = maze_world(random_maze(5, 7, key=jax.random.key(0)))
        >>> bool(world.is_goal.any()), bool(without_goals(world).is_goal.any())
        (True, False)
    """
    return eqx.tree_at(lambda w: w.is_goal, world, jnp.zeros_like(world.is_goal))


def _middles(weights: Array, decisions: Array) -> Array:
    """The middle of each decision's share of [0, 1)."""
    cumulative = jnp.cumsum(weights, -1)
    upper = jnp.take_along_axis(cumulative, decisions[:, None], -1)[:, 0]
    own = jnp.take_along_axis(weights, decisions[:, None], -1)[:, 0]
    return (upper - own / 2) / cumulative[:, -1]


def _trial_differences(
    peer: PublicMaze, trial: RecordedTrial, summary: TrialSummary
) -> dict[str, float]:
    # its free energy omits the last step: add one
    peer.infer(np.concatenate([trial.observations, trial.observations[:1]]))
    free_energy = peer.free_energy(trial.risk_of_chunks, CHUNK)
    peer.infer(trial.observations)
    peer.decide(trial.decisions)
    activity, output = peer.beliefs()
    peer.learn(trial.risk_of_chunks, CHUNK)
    taken = np.bincount(trial.decisions, minlength=output.shape[1])
    ours = np.asarray(summary.free_energy, float).sum()
    return {
        "activity": _largest(activity - trial.activity),
        "output": _largest(output / trial.output - 1),
        "free_energy": abs(ours / free_energy - 1),
        "decisions": _largest(np.asarray(summary.n_taken) - taken),
    }


def _count_differences(
    peer: PublicMaze, before: "GenerativeModel", after: "GenerativeModel"
) -> dict[str, float]:
    names = {"likelihood": "counts_a", "transition": "counts_b", "policy": "counts_c"}
    differences = {}
    for (table, name), theirs in zip(names.items(), peer.counts()):
        prior, counts = getattr(before, table), getattr(after, table)
        assert isinstance(prior, Counts)  # `PublicMaze` has refused one layer
        evidence = blocks(counts.evidence - prior.evidence).astype(float)
        start = blocks(total(prior)).astype(np.float32)
        difference = theirs.astype(float) - start - evidence
        differences[name] = _largest(difference) / _largest(evidence)
    return differences


def _largest(values: NDArray[np.floating] | NDArray[np.integer]) -> float:
    return float(np.abs(values).max())
