"""Equivalence certificate of a fresh run: one network, read as neurons and as a Bayesian agent.

Two trials in a world; the second, after learning, is certified row by row.  docs/certificate.md
lists the formula of each row and what a perturbation breaks; `theory.certificate` computes them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from hebbayes.agents.active_inference import ActiveInferenceAgent
from hebbayes.agents.certification import (
    LearnedRun,
    act_twice,
    actions_of_decisions,
    certify_learned_run,
    observe_random_walk,
    observe_twice,
)
from hebbayes.agents.tasks import find_task
from hebbayes.commands.running.memory import check_memory
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.checks import check_at_least, check_seed
from hebbayes.core.counts import Ratio, digamma_ratio, log_ratio
from hebbayes.core.errors import ValueRangeError
from hebbayes.plotting.certificate import draw_certificate
from hebbayes.theory.certificate.certificate import claim_names

if TYPE_CHECKING:
    from hebbayes.commands.configs import CertifyConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress
    from hebbayes.theory.certificate.certificate import Certificate
    from hebbayes.theory.generative_model import GenerativeModel

TOLERANCE = {"float64": 1e-10, "float32": 1e-4}
RATIOS: dict[str, Ratio] = {"log": log_ratio, "digamma": digamma_ratio}


@dataclass(frozen=True)
class CertifyResult(CommandResult):
    """The certificate of one run.

    Attributes:
        config: The request.
        certificate: All claims about the run.
        n_steps: Number of steps that were certified.
    """

    config: CertifyConfig
    certificate: Certificate
    n_steps: int


def run(
    config: CertifyConfig,
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: Checkpoint | None = None,
) -> CertifyResult:
    """Return the certificate of a fresh run.

    Raises `ValueRangeError` for an unknown task, fewer than one step or step of delay, a row that
    the task lacks, or float64 without JAX's x64 mode.
    """
    check_at_least("--steps", config.steps, 1)
    check_at_least("--delay", config.delay, 1)
    check_seed(config.seed)
    if config.dtype == "float64" and jnp.zeros(()).dtype != jnp.float64:
        raise ValueRangeError(
            "dtype float64 needs JAX's x64 mode; call jax.config.update('jax_enable_x64', True) "
            "before the first array, or ask for float32."
        )
    progress.start("certificate", 2)
    learned = _learned_run(config)
    progress.advance(status="two trials simulated")
    certificate = certify_learned_run(
        learned,
        RATIOS[config.expectation],
        tolerance=TOLERANCE[config.dtype],
        perturb=config.perturb,
        delay=config.delay,
        learns_priors=config.learn_priors,
    )
    progress.advance(status=f"worst {certificate.worst:.1e}")
    return CertifyResult(config, certificate, int(learned.events.observations.shape[0]))


def _learned_run(config: CertifyConfig) -> LearnedRun:
    """Return the run that ``config`` describes; the first third of its key builds the world."""
    task, ratio = find_task(config.task), RATIOS[config.expectation]
    key = jax.random.key(config.seed)
    setup_key = jax.random.split(key, 3)[0]
    world = task.world(setup_key)
    dtype = jnp.dtype(config.dtype)
    model = jax.tree.map(lambda leaf: leaf.astype(dtype), task.model(world, setup_key))
    if config.perturb is not None and config.perturb not in claim_names(model):
        raise ValueRangeError(
            f"--perturb {config.perturb} is no row of the task {config.task}; "
            f"choose from {', '.join(claim_names(model))}."
        )
    check_memory("--steps", config.steps, _bytes_per_step(model))
    if model.policy is None:
        observe = partial(task.observations or observe_random_walk, world)
        return observe_twice(model, observe, config.steps, key=key, ratio=ratio)
    actions = task.actions(world) if task.actions else actions_of_decisions(model, world)
    modulator = task.modulator() if task.modulator else None
    agent = ActiveInferenceAgent(model, actions, ratio)
    return act_twice(agent, world, config.steps, key=key, modulator=modulator)


def _bytes_per_step(model: GenerativeModel) -> int:
    """Return the memory that a certified step takes, measured: 20 numbers per neuron."""
    n_decisions = 0 if model.policy is None else model.n_decisions
    return 8 * 20 * (model.n_outcomes + 2 * model.n_states + 2 * n_decisions)


def present(result: CertifyResult) -> Outcome:
    """Return the certificate as a table, a figure and the keys of the command contract."""
    rows = result.certificate.claims
    config = result.config
    verdict = "network and Bayesian agent agree" if result.certificate.holds else "they differ"
    notes = [
        f"{config.task}, {result.n_steps} steps, {config.dtype}, {config.expectation}: {verdict}; "
        f"largest discrepancy {result.certificate.worst:.1e}."
    ]
    if config.perturb is not None:
        broken = ", ".join(result.certificate.broken) or "none"
        notes.append(f"Perturbed on purpose: {config.perturb}.  Rows that broke: {broken}.")
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
        next_command=_next_command(config),
    )


def _next_command(config: CertifyConfig) -> str:
    """Return a command that perturbs the same task, or repeats it without the perturbation."""
    task = "" if config.task == "maze" else f" --task {config.task}"
    return f"hebbayes certify{task}" + ("" if config.perturb else " --perturb thresholds")
