"""Can this experiment identify priors and learning?  The user's own design, simulated.

Simulated cultures are analysed as `analyze` does: how far priors, learning rates and synapses are
off, how often intervals cover, what difference between two groups can be found, how often
learning by the theory is seen, and plain Hebbian learning or drift taken for it (docs/design.md).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit

from hebbayes.commands.design.likeness import likeness
from hebbayes.commands.design.plan import Plan, learning_by, plan_of
from hebbayes.commands.design.pools import Pool, Pools
from hebbayes.commands.design.power import FEWEST_TO_JUDGE, Claims, claims_of
from hebbayes.commands.design.precision import (
    COMPARED,
    PARAMETERS,
    Measured,
    Precision,
    precision_of,
    refined_difference,
    share_found,
    smallest_difference,
)
from hebbayes.commands.design.suggestion import Suggestion, suggest
from hebbayes.commands.running.progress import SILENT, Progress
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.simulators import Plasticity

if TYPE_CHECKING:
    from hebbayes.commands.configs.design import DesignConfig
    from hebbayes.commands.running.checkpoint import Checkpoint


@dataclass(frozen=True, eq=False)
class DesignResult:
    """What the design can tell.

    measured: what was read from the recording to be like.  precision: by parameter.
    differences: smallest that two groups show, by parameter.  differences_found: how often
    simulated groups that differ by just that were told apart.  claims: by kind of learning; empty
    where cultures or sessions are too few to judge.  suggestion: None where it was not asked for.
    """

    config: "DesignConfig"
    plan: Plan
    measured: Mapping[str, Any]
    precision: Mapping[str, Precision]
    differences: Mapping[str, Measured]
    differences_found: Mapping[str, Measured]
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
"""Kinds of change; gains of units wander in all of them, and alone in the last."""


def run(
    config: "DesignConfig", *, progress: Progress = SILENT, checkpoint: "Checkpoint | None" = None
) -> DesignResult:
    """Return what the design can tell; cultures that a checkpoint holds are not simulated again.

    Raises `ValueRangeError` for a design that cannot be, `HebbayesError` for a file to be like
    that cannot be read.
    """
    started = time.perf_counter()
    measured = likeness(config) if config.like else {}
    plan = plan_of(config, measured)
    with open_workers(config.workers, remedy=REMEDY) as workers:
        pools = Pools(config.seed, workers, progress, checkpoint)
        pool = pools.take("canonical", plan, config.studies * plan.cultures)
        differences, found = _differences(pools, plan, pool, config.studies)
        claims = _claims(pools, plan, config.studies)
        suggestion = None
        if config.suggest and claims:
            suggestion = suggest(
                pools, plan, claims["canonical"],
                studies=max(config.studies // 2, 8), unit_cost=config.unit_cost,
            )  # fmt: skip
    return DesignResult(
        config=config,
        plan=plan,
        measured=measured,
        precision={name: precision_of(pool, name) for name in PARAMETERS},
        differences=differences,
        differences_found=found,
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
            name, learning_by(plan, plasticity), studies * plan.cultures, is_perceived=False
        )
        claims[name] = claims_of(pool, plan, seed=pools.seed)
    return claims


def _differences(
    pools: Pools, plan: Plan, pool: Pool, studies: int
) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Return the smallest differences of two groups, and how often groups that differ so show it.

    First by formula, then by groups that differ by just that; those of the last look are new.
    """
    n = plan.cultures
    first = {name: smallest_difference(pool, name, n) for name in COMPARED}
    if not any(np.isfinite(v.value) for v in first.values()):
        return first, {}
    other = _another(pools, plan, first, "another group", studies)
    refined = {
        k: refined_difference(pool, other, k, n, v.value) if np.isfinite(v.value) else v
        for k, v in first.items()
    }
    if not any(np.isfinite(v.value) for v in refined.values()):
        return refined, {}
    last = _another(pools, plan, refined, "group at the limit", studies)
    return refined, {
        k: share_found(pool, last, k, n) for k, v in refined.items() if np.isfinite(v.value)
    }


def _another(
    pools: Pools, plan: Plan, differences: Mapping[str, Measured], name: str, studies: int
) -> Pool:
    """Cultures whose true phi and ln lambda differ by what is finite of ``differences``."""
    shift = {k: v.value if np.isfinite(v.value) else 0.0 for k, v in differences.items()}
    design = replace(
        plan.culture,
        state_prior=float(expit(logit(plan.culture.state_prior) + shift["phi"])),
        prior_count=float(plan.culture.prior_count * np.exp(shift["ln_prior_count"])),
    )
    return pools.take(
        name, replace(plan, culture=design), studies * plan.cultures, is_forecast=False
    )
