"""The whole story on embedded data, in one report.

A certificate that network and Bayesian agent agree; a short maze study in which the network
learns; hidden sources that it separates without labels; and a simulated culture whose priors,
synapses and free energy are estimated and compared with the known truth.  `CRITERIA` states what
must hold, before anything is run.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands import analyze, certify, sources
from hebbayes.commands.configs import (
    AnalyzeConfig,
    CertifyConfig,
    DemoConfig,
    MazeConfig,
    SourcesConfig,
)
from hebbayes.commands.mazes import maze
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint

Summaries = Mapping[str, Mapping[str, Any]]

_MODULES: dict[str, ModuleType] = {
    "certificate": certify,
    "maze": maze,
    "sources": sources,
    "culture": analyze,
}


@dataclass(frozen=True)
class Criterion:
    """A claim that must hold.

    Attributes:
        name: Its JSON key.
        claim: The claim in words.
        holds: Tests the claim on the summaries of all chapters.
    """

    name: str
    claim: str
    holds: Callable[[Summaries], bool]


CRITERIA = (
    Criterion(
        "certificate_holds",
        "network and Bayesian agent agree to 1e-10 in every row",
        lambda summaries: bool(certificate_worst(summaries) <= 1e-10),
    ),
    Criterion(
        "maze_is_learnt",
        "success in the last ten trials exceeds that in the first ten by 0.1 or more",
        lambda summaries: bool(
            summaries["maze"]["success_last"] - summaries["maze"]["success_first"] >= 0.1
        ),
    ),
    Criterion(
        "sources_are_found",
        "the posterior of each source correlates 0.75 or more with the source",
        lambda summaries: bool(np.min(summaries["sources"]["correlation"]) >= 0.75),
    ),
    Criterion(
        "prior_is_recovered",
        "priors of the simulated culture are recovered to within 0.05",
        lambda summaries: bool(summaries["culture"]["recovered_prior_error"] <= 0.05),
    ),
    Criterion(
        "free_energy_falls",
        "the simulated culture's free energy is lower in its last session than in its first",
        lambda summaries: bool(free_energy_change(summaries) < 0),
    ),
)


@dataclass(frozen=True)
class DemoResult(CommandResult):
    """All chapters of the demo.

    Attributes:
        chapters: Name to outcome, in order.
        seconds: Wall time of the computation.
        seconds_compile: Wall time of the compilation.
    """

    chapters: Mapping[str, Outcome]
    seconds: float
    seconds_compile: float

    @property
    def summaries(self) -> Summaries:
        """Chapter to its summary."""
        return {name: outcome.summary for name, outcome in self.chapters.items()}

    @property
    def checks(self) -> dict[str, bool]:
        """Name of each criterion, and whether it holds."""
        return {criterion.name: criterion.holds(self.summaries) for criterion in CRITERIA}


def certificate_worst(summaries: Summaries) -> float:
    """Return the largest discrepancy of the certificate; NaN if any is NaN.

    Example:
        >>> certificate_worst({"certificate": {"rows": [{"discrepancy": 1e-13}]}})
        1e-13
    """
    return float(np.max([row["discrepancy"] for row in summaries["certificate"]["rows"]]))


def free_energy_change(summaries: Summaries) -> float:
    """Return the simulated culture's cost in the last session minus the first, in nats.

    Example:
        >>> free_energy_change({"culture": {"cultures": [{"cost": [3.0, 2.0, 1.0]}]}})
        -2.0
    """
    cost = summaries["culture"]["cultures"][0]["cost"]
    return float(cost[-1] - cost[0])


def run(
    config: DemoConfig,
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> DemoResult:
    """Return all chapters.  Too short to need a checkpoint."""
    del checkpoint
    started = time.perf_counter()
    configs: dict[str, Any] = {
        "certificate": CertifyConfig(seed=config.seed),
        "maze": MazeConfig(e_right=0.25, mazes=6, trials=25, seed=config.seed),
        "sources": SourcesConfig(seed=config.seed),
        "culture": AnalyzeConfig(protocol="isomura2023", seed=config.seed),
    }
    chapters = {
        name: _MODULES[name].present(_MODULES[name].run(settings, progress=progress))
        for name, settings in configs.items()
    }
    compiled = sum(o.summary.get("seconds_compile", 0.0) for o in chapters.values())
    return DemoResult(chapters, time.perf_counter() - started - compiled, compiled)


def present(result: DemoResult) -> Outcome:
    """Return the verdicts first, then the tables, notes, arrays and figures of every chapter."""
    summaries, checks = result.summaries, result.checks
    chapters = result.chapters.items()
    verdicts = [(criterion.claim, checks[criterion.name]) for criterion in CRITERIA]
    return Outcome(
        summary={
            "seconds": result.seconds,
            "seconds_compile": result.seconds_compile,
            "checks": checks,
            "certificate_worst": certificate_worst(summaries),
            "maze_success_first": summaries["maze"]["success_first"],
            "maze_success_last": summaries["maze"]["success_last"],
            "sources_correlation": summaries["sources"]["correlation"],
            "recovered_prior_error": summaries["culture"]["recovered_prior_error"],
        },
        arrays={f"{n}_{key}": value for n, o in chapters for key, value in o.arrays.items()},
        tables=[
            Table("What the demo shows", ("claim", "holds"), verdicts),
            *(table for _, outcome in chapters for table in outcome.tables),
        ],
        notes=[note for _, outcome in chapters for note in outcome.notes],
        figures={f"{n}_{key}": draw for n, o in chapters for key, draw in o.figures.items()},
        holds=all(checks.values()),
        next_command="hebbayes maze --e-right 0.15 --mazes 4 --trials 40",
    )
