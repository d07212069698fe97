"""Equivalence certificate of a fresh run: one network, read as neurons and as a Bayesian agent.

Two trials in a world; the second, after learning, is certified row by row (docs/certificate.md
has the table row -> formula -> what a perturbation breaks).  `theory.certificate` does the work.
"""

from dataclasses import asdict, dataclass

import jax
import jax.numpy as jnp
from jaxtyping import PRNGKeyArray

from hebbayes.agents.active_inference import ActiveInferenceAgent, experience_of, learn_from
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.modulators import ChunkedRisk
from hebbayes.agents.rollout import rollout
from hebbayes.commands.configs import CertifyConfig
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import SILENT, Progress
from hebbayes.core.checks import check_at_least
from hebbayes.core.counts import Ratio, digamma_ratio, log_ratio
from hebbayes.core.errors import ValueRangeError
from hebbayes.environments.hidden_sources import (
    block_mixing,
    draw_mixtures,
    hidden_sources,
    naive_model,
)
from hebbayes.environments.maze import Maze, random_maze
from hebbayes.plotting.certificate import draw_certificate
from hebbayes.theory.certificate.certificate import Certificate, certify_run, claim_names
from hebbayes.theory.certificate.damage import damage
from hebbayes.theory.certificate.runs import Events, bayesian_run, neural_run
from hebbayes.theory.generative_model import GenerativeModel

TOLERANCE = {"float64": 1e-10, "float32": 1e-4}
RATIOS: dict[str, Ratio] = {"log": log_ratio, "digamma": digamma_ratio}


@dataclass(frozen=True)
class CertifyResult:
    """The certificate of one run, and what was asked for."""

    config: CertifyConfig
    certificate: Certificate
    n_steps: int


def run(
    config: CertifyConfig,
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> CertifyResult:
    """Return the certificate of a fresh run.

    Raises `ValueRangeError` for fewer than one step, a row that the task lacks, or float64 where
    JAX works in float32.
    """
    check_at_least("--steps", config.steps, 1)
    if config.dtype == "float64" and jnp.zeros(()).dtype != jnp.float64:
        raise ValueRangeError(
            "dtype float64 needs JAX's x64 mode; call jax.config.update('jax_enable_x64', True) "
            "before the first array, or ask for float32."
        )
    _check_row(config)
    ratio = RATIOS[config.expectation]
    build = _maze_run if config.task == "maze" else _sources_run
    progress.start("certificate", 3)
    model, events = build(config, ratio, key=jax.random.key(config.seed))
    progress.advance(status="two trials made")
    chunk_length = ChunkedRisk().chunk_length
    bayesian = bayesian_run(model, events, ratio, chunk_length=chunk_length)
    neural = neural_run(model, events, ratio, chunk_length=chunk_length)
    if config.perturb is not None:
        neural = damage(neural, config.perturb)
    progress.advance(status="both readings made")
    tolerance = TOLERANCE[config.dtype]
    certificate = certify_run(
        bayesian, neural, ratio, tolerance=tolerance, chunk_length=chunk_length
    )
    progress.advance(status=f"worst {certificate.worst:.1e}")
    return CertifyResult(config, certificate, int(events.observations.shape[0]))


def _check_row(config: CertifyConfig) -> None:
    """Refuse a row that the task lacks before anything is run: a small model has the same rows."""
    small = (
        maze_agent_model(0.25, 1)
        if config.task == "maze"
        else naive_model(2, jnp.full(2, 0.5), key=jax.random.key(0))
    )
    if config.perturb is not None and config.perturb not in claim_names(small):
        raise ValueRangeError(
            f"--perturb {config.perturb} is no row of the task {config.task}; "
            f"choose from {', '.join(claim_names(small))}."
        )


def _maze_run(
    config: CertifyConfig, ratio: Ratio, *, key: PRNGKeyArray
) -> tuple[GenerativeModel, Events]:
    """A maze agent's model after one trial, and the events of its next."""
    maze_key, *trial_keys = jax.random.split(key, 3)
    world = Maze(random_maze(key=maze_key))
    model = maze_agent_model(0.25, world.n_outcomes, dtype=jnp.dtype(config.dtype))
    agent = ActiveInferenceAgent(model, first_move_of_decision(), ratio)
    modulator = ChunkedRisk()
    for trial_key in trial_keys:
        before = agent
        trajectory = rollout(agent, world, config.steps, key=trial_key)
        risk = modulator.risk(trajectory.reward, trajectory.is_active)
        agent = learn_from(agent, trajectory, risk, chunk_length=modulator.chunk_length)
    n_made = int(trajectory.n_actions_made)
    seen = experience_of(trajectory, risk, model.n_decisions)
    assert seen.decisions is not None
    assert seen.risk is not None
    events = Events(seen.observations[:n_made], seen.decisions[:n_made], seen.risk[:n_made])
    return before.model, events


def _sources_run(
    config: CertifyConfig, ratio: Ratio, *, key: PRNGKeyArray
) -> tuple[GenerativeModel, Events]:
    """A naive network's model after one session of mixed sources, and the stimuli of the next."""
    model_key, *session_keys = jax.random.split(key, 3)
    world = hidden_sources(block_mixing())
    model = naive_model(world.n_outcomes, jnp.full(2, 0.5), key=model_key)
    dtype = jnp.dtype(config.dtype)
    model = jax.tree.map(lambda leaf: leaf.astype(dtype), model)
    first, second = (
        Events(draw_mixtures(world, config.steps, key=k).stimuli.astype(dtype))
        for k in session_keys
    )
    return bayesian_run(model, first, ratio).after, second


def present(result: CertifyResult) -> Outcome:
    """Return the certificate as a table, a figure and the keys of the command contract."""
    rows = result.certificate.claims
    config = result.config
    reading = "network and Bayesian agent agree" if result.certificate.holds else "they differ"
    notes = [
        f"{config.task}, {result.n_steps} steps, {config.dtype}, {config.expectation}: {reading}; "
        f"largest discrepancy {result.certificate.worst:.1e}."
    ]
    if config.perturb is not None:
        broken = ", ".join(result.certificate.broken) or "none"
        notes.append(f"Damaged on purpose: {config.perturb}.  Rows that broke: {broken}.")
    return Outcome(
        summary={
            "holds": result.certificate.holds,
            "rows": [asdict(row) | {"holds": row.holds} for row in rows],
            "broken": list(result.certificate.broken),
            "steps": result.n_steps,
        },
        arrays={"discrepancy": jnp.array([row.discrepancy for row in rows]).__array__()},
        tables=[
            Table(
                "Certificate of equivalence",
                ("claim", "discrepancy", "tolerance", "holds"),
                [
                    (
                        row.name,
                        f"{row.discrepancy:.1e}",
                        row.tolerance,
                        "yes" if row.holds else "NO",
                    )
                    for row in rows
                ],
            )
        ],
        notes=notes,
        figures={"certificate": lambda: draw_certificate(rows)},
        holds=result.certificate.holds,
        next_command="hebbayes certify --perturb thresholds",
    )


def yes_or_no(holds: bool) -> str:
    """Return how a table says whether a claim holds.

    Example:
        >>> yes_or_no(False)
        'NO'
    """
    return "yes" if holds else "NO"
