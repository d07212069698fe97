"""A recorded trace's observations and decisions through our network, compared step by step.

Positions determine observations, decisions what was done; beliefs, risk, free energy and counts are
ours.  The recorded implementation (docs/theory.md section 10) starts every trial from the
un-normalised pair (x, 1 - x) = (0.5 / n, 0.5 / n), with n decisions, uses the same numbers as prior
of states, and leaves the last step out of the free energy: a replay does so too, nothing else does.
"""

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.modulators import ChunkedRisk
from hebbayes.commands.replay.traces import CHUNK_LENGTH, Trace, TraceTrial, Values, read_trace
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import log_ratio
from hebbayes.core.numerics import einsum, log_sigmoid
from hebbayes.core.scan import scan_time
from hebbayes.environments.maze import move, view
from hebbayes.theory.free_energy import free_energy
from hebbayes.theory.generative_model import ExpectedLogs, GenerativeModel, expected_logs
from hebbayes.theory.inference import Beliefs, infer_decisions, infer_states
from hebbayes.theory.learning import Experience, learn

if TYPE_CHECKING:
    from hebbayes.commands.configs import ReplayConfig
    from hebbayes.commands.running.checkpoint import Checkpoint

_BLOCK = 2000  # steps whose free energy is evaluated at once, to bound memory
_RISK_TOLERANCE = 1e-6  # recorded in float32


@dataclass(frozen=True)
class TrialDifference:
    """How far the replay of one trial is from the record.

    Attributes:
        n_steps: Decisions.
        move_mismatches: Moves that end elsewhere.
        risk_mismatches: Chunks of another risk.
        activity_error: Largest difference of a state's posterior.
        output_error: Largest relative difference of a decision's posterior.
        free_energy_error: Relative difference.
    """

    n_steps: int
    move_mismatches: int
    risk_mismatches: int
    activity_error: float
    output_error: float
    free_energy_error: float


@dataclass(frozen=True)
class ReplayResult(CommandResult):
    """Differences of a trace and its replay.

    Attributes:
        config: Options of the command.
        trials: In order.
        count_error: Table a, b, c to largest difference, over largest evidence.
        seconds: Wall time, compilation included.
    """

    config: "ReplayConfig"
    trials: tuple[TrialDifference, ...]
    count_error: dict[str, float]
    seconds: float


class _Replayed(eqx.Module):
    """The trial of our network.

    Attributes:
        activity: Posterior expectations of states at the sampled steps.
        output: The same of decisions.
        free_energy: F, nats.
        model: The model afterwards.
    """

    activity: Array
    output: Array
    free_energy: float
    model: GenerativeModel


def run(
    config: "ReplayConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> ReplayResult:
    """Return how far our network's run differs from the recorded one.

    Raises `FormatError` or `ShapeError` for a trace that cannot be replayed.
    """
    trace = read_trace(config.trace)
    started = time.perf_counter()
    progress.start("replaying trials", len(trace.trials))
    model = maze_agent_model(trace.e_right, trace.n_states, depth=trace.depth)
    differences = []
    for trial in trace.trials:
        risk = _risk(trial)
        ours = _replay(model, trace, trial, risk)
        model = ours.model
        differences.append(_difference(trace, trial, risk, ours))
        progress.advance(1, f"free energy {ours.free_energy:.3e}")
    errors = _count_error(model, trace)
    return ReplayResult(config, tuple(differences), errors, time.perf_counter() - started)


def _difference(trace: Trace, trial: TraceTrial, risk: Values, ours: _Replayed) -> TrialDifference:
    wrong_risk = np.abs(risk[::CHUNK_LENGTH] - trial.risk) > _RISK_TOLERANCE
    return TrialDifference(
        n_steps=len(trial.decision),
        move_mismatches=_move_mismatches(trace, trial),
        risk_mismatches=int(wrong_risk.sum()),
        activity_error=_largest(np.abs(np.asarray(ours.activity) - trial.activity)),
        output_error=_largest(_relative(np.asarray(ours.output), trial.output)),
        free_energy_error=_largest(
            _relative(np.array([ours.free_energy]), np.array([trial.free_energy]))
        ),
    )


def _risk(trial: TraceTrial) -> Values:
    """Return the risk of every decision, from the moves that were made."""
    gain = np.sign(np.diff(trial.position[:, 1])).astype(float)
    return np.asarray(ChunkedRisk(chunk_length=CHUNK_LENGTH).risk(jnp.asarray(gain)))


def _move_mismatches(trace: Trace, trial: TraceTrial) -> int:
    actions = first_move_of_decision(trace.depth)[trial.decision]
    step = jax.jit(jax.vmap(partial(move, jnp.asarray(trace.maze))))
    ends = np.stack(step(*jnp.asarray(trial.position[:-1].T), actions), axis=1)
    return int((ends != trial.position[1:]).any(1).sum())


def _replay(model: GenerativeModel, trace: Trace, trial: TraceTrial, risk: Values) -> _Replayed:
    logs = expected_logs(model, log_ratio)
    dtype = logs.state_prior.dtype
    start = jnp.full((2, model.n_states), 0.5 / model.n_decisions, dtype)
    logs = eqx.tree_at(lambda tree: tree.state_prior, logs, jnp.log(start))
    places, place = np.unique(trial.position[:-1], axis=0, return_inverse=True)
    look = jax.vmap(partial(view, jnp.asarray(trace.maze), size=trace.view_size))
    seen = look(*jnp.asarray(places.T)).astype(dtype)
    log_states = _infer(logs, seen, jnp.asarray(place.ravel()), start)
    states = jnp.exp(log_states)
    previous = jnp.concatenate([start[None], states[:-1]])
    observations, risk_of_step = seen[place.ravel()], jnp.asarray(risk, dtype)
    energies = [
        np.asarray(_energy(logs, *parts), np.float64)
        for parts in _blocks(log_states, observations, previous, risk_of_step)
    ]
    decided = jax.nn.one_hot(trial.decision, model.n_decisions, dtype=dtype)
    experience = Experience(observations, states, previous, decided, risk_of_step)
    return _Replayed(
        activity=states[trial.sample, ON],
        output=jnp.exp(infer_decisions(logs, previous[trial.sample])[:, ON]),
        free_energy=float(np.concatenate(energies)[:-1].sum()),
        model=_learn(model, experience),
    )


@jax.jit
def _infer(logs: ExpectedLogs, seen: Array, place: Array, start: Array) -> Array:
    """Return the log posterior of states at every step, from what is seen at each place."""
    assert logs.transition is not None  # a maze agent remembers
    nothing = jnp.zeros((seen.shape[0], *start.shape), start.dtype)
    alone = infer_states(logs, seen, nothing)
    sensory = alone[:, ON] - alone[:, OFF]
    memory = logs.transition[:, ON] - logs.transition[:, OFF]

    def step(previous: Array, here: Array) -> tuple[Array, Array]:
        log_odds = sensory[here] + einsum("vij,vi->j", memory, previous)  # eq. 2
        log_states = jnp.stack([log_sigmoid(log_odds), log_sigmoid(-log_odds)])
        return jnp.exp(log_states), log_states

    return scan_time(step, start, place)[1]


@jax.jit
def _energy(
    logs: ExpectedLogs, log_states: Array, observations: Array, previous: Array, risk: Array
) -> Array:
    beliefs = Beliefs(log_states, infer_decisions(logs, previous))
    return free_energy(logs, beliefs, observations, previous, risk).total


_learn = jax.jit(partial(learn, chunk_length=CHUNK_LENGTH))


def _blocks(*arrays: Array) -> list[tuple[Array, ...]]:
    starts = range(0, arrays[0].shape[0], _BLOCK)
    return [tuple(array[start : start + _BLOCK] for array in arrays) for start in starts]


def _relative(ours: Values, recorded: Values) -> Values:
    """Return |ours - recorded| / |recorded|, 0 where both are 0."""
    difference = np.abs(ours - recorded)
    return np.divide(
        difference,
        np.abs(recorded),
        out=np.where(difference > 0, np.inf, 0.0),
        where=recorded != 0,
    )


def _largest(errors: Values) -> float:
    return float(errors.max(initial=0.0))


def _count_error(model: GenerativeModel, trace: Trace) -> dict[str, float]:
    tables = {"a": model.likelihood, "b": model.transition, "c": model.policy}
    errors = {}
    for name, counts in tables.items():
        assert counts is not None  # a maze agent has both layers
        recorded = trace.counts[name] - np.asarray(counts.prior, float)
        difference = np.abs(recorded - np.asarray(counts.evidence, float)).max()
        errors[name] = float(difference / max(np.abs(recorded).max(), 1e-300))
    return errors
