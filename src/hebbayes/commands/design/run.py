"""Can this experiment identify priors and learning?  A simulation of the user's design.

Simulated cultures are analysed as by `analyze`.  The result says how well priors, learning rates
and synapses are recovered, how often intervals cover the truth, which difference between two groups
is detectable, how often learning by the theory is detected, and how often plain Hebbian learning or
drift is mistaken for it (docs/design.md).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.design.plan import measure_file, plan_from_config
from hebbayes.commands.design.pools import Pools
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.reverse_engineering.experimental_design.plan import (
    Plan,
    plan_with_plasticity,
    resized_plan,
    shifted_plan,
)
from hebbayes.reverse_engineering.experimental_design.power import (
    FEWEST_TO_JUDGE,
    Claims,
    judge_studies,
)
from hebbayes.reverse_engineering.experimental_design.precision import (
    COMPARED,
    PARAMETERS,
    MonteCarloEstimate,
    Pool,
    Precision,
    detection_rate,
    precision_of,
    refined_difference,
    smallest_difference,
)
from hebbayes.reverse_engineering.experimental_design.suggestion import Suggestion, suggest_change
from hebbayes.simulators import Plasticity

if TYPE_CHECKING:
    from hebbayes.commands.configs.design import DesignConfig
    from hebbayes.commands.running.checkpoint import Checkpoint


@dataclass(frozen=True, eq=False)
class DesignResult(CommandResult):
    """What the design can identify.

    Attributes:
        config: The flags.
        plan: The design that was simulated.
        measured: Values measured on the recording given as ``--like``, by flag.
        precision: Recovery, by parameter.
        differences: Smallest detectable difference between two groups, by parameter.
        detection_rates: How often simulated groups with that difference differ significantly.
        claims: Verdicts by kind of learning; empty with too few cultures or sessions to judge.
        suggestion: Change of design; None if not requested.
        pool: Measures of the cultures that learn by the theory.
        seconds: Time that the command took.
    """

    config: "DesignConfig"
    plan: Plan
    measured: Mapping[str, Any]
    precision: Mapping[str, Precision]
    differences: Mapping[str, MonteCarloEstimate]
    detection_rates: Mapping[str, MonteCarloEstimate]
    claims: Mapping[str, Claims]
    suggestion: Suggestion | None
    pool: Pool
    seconds: float


REMEDY = "finished cultures are saved: run the same command with --resume."

SCENARIOS = {
    "canonical": Plasticity.CANONICAL,
    "hebbian": Plasticity.HEBBIAN,
    "gain_drift": Plasticity.NONE,
}
"""Kinds of change.  Gains of units drift in all of them; in the last nothing else changes."""


def run(
    config: "DesignConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> DesignResult:
    """Return what the design can identify; reuses the cultures that a checkpoint holds.

    Raises `ValueRangeError` for an impossible design, and `HebbayesError` if the file given as
    ``like`` cannot be read.
    """
    started = time.perf_counter()
    measured = measure_file(config) if config.like else {}
    plan = plan_from_config(config, measured)
    with open_workers(config.workers, remedy=REMEDY) as workers:
        pools = Pools(config.seed, workers, progress, checkpoint)
        pool = pools.take("canonical", plan, config.studies * plan.cultures)
        differences, rates = _differences(pools, plan, pool, config.studies)
        claims = _claims(pools, plan, config.studies)
        suggestion = None
        if config.suggest and claims:
            simulate = partial(_claims_at_size, pools, plan, max(config.studies // 2, 8))
            suggestion = suggest_change(
                plan, claims["canonical"], simulate, unit_cost=config.unit_cost
            )
    return DesignResult(
        config=config,
        plan=plan,
        measured=measured,
        precision={name: precision_of(pool, name) for name in PARAMETERS},
        differences=differences,
        detection_rates=rates,
        claims=claims,
        suggestion=suggestion,
        pool=pool,
        seconds=time.perf_counter() - started,
    )


def _claims(pools: Pools, plan: Plan, studies: int) -> dict[str, Claims]:
    if not plan.is_forecast or plan.cultures < FEWEST_TO_JUDGE:
        return {}
    claims = {}
    for name, plasticity in SCENARIOS.items():
        pool = pools.take(
            name,
            plan_with_plasticity(plan, plasticity),
            studies * plan.cultures,
            is_perceived=False,
        )
        claims[name] = judge_studies(pool, plan, seed=pools.seed)
    return claims


def _differences(
    pools: Pools, plan: Plan, pool: Pool, studies: int
) -> tuple[dict[str, MonteCarloEstimate], dict[str, MonteCarloEstimate]]:
    """Return the smallest detectable differences of two groups, and their detection rates.

    A formula gives the first estimate, simulated groups with that difference refine it, and new
    groups with the refined difference give the detection rate.
    """
    n = plan.cultures
    first = {name: smallest_difference(pool, name, n) for name in COMPARED}
    if not any(np.isfinite(v.value) for v in first.values()):
        return first, {}
    other = _shifted_group(pools, plan, first, "another group", studies)
    refined = {
        k: refined_difference(pool, other, k, n, v.value) if np.isfinite(v.value) else v
        for k, v in first.items()
    }
    if not any(np.isfinite(v.value) for v in refined.values()):
        return refined, {}
    last = _shifted_group(pools, plan, refined, "group at the limit", studies)
    return refined, {
        k: detection_rate(pool, last, k, n) for k, v in refined.items() if np.isfinite(v.value)
    }


def _shifted_group(
    pools: Pools,
    plan: Plan,
    differences: Mapping[str, MonteCarloEstimate],
    name: str,
    studies: int,
) -> Pool:
    """Cultures whose true phi and ln lambda are shifted by the finite ``differences``."""
    shifted = shifted_plan(plan, {name: change.value for name, change in differences.items()})
    return pools.take(name, shifted, studies * plan.cultures, is_forecast=False)


def _claims_at_size(pools: Pools, plan: Plan, studies: int, lever: str, size: int) -> Claims:
    other = resized_plan(plan, lever, size)
    name = "canonical" if lever == "cultures" else f"{lever} {size}"
    n = studies * max(other.cultures, FEWEST_TO_JUDGE)
    pool = pools.take(name, other, n, is_perceived=False)
    return judge_studies(pool, other, seed=pools.seed)
