"""The causal protocol on every culture of a file: description, forecasts, and comparison.

Cultures are independent and share the cores.  A culture that cannot be analysed becomes a named
failure and the others go on (docs/theory.md sections 8 and 9; docs/recordings.md).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.culture import (
    CausalCulture,
    UndescribedCulture,
    analyze_culture,
)
from hebbayes.commands.analyze.published import analyze_as_published
from hebbayes.commands.analyze.request import Request, read_request
from hebbayes.commands.analyze.result import AnalyzeResult
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.commands.running.workers import count_workers
from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.forecasting.culture import (
    Forecasts,
    gather,
)

if TYPE_CHECKING:
    from hebbayes.commands.configs import AnalyzeConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.data.recording import Recording
    from hebbayes.simulators import SimulatedCulture

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CausalAnalysis(AnalyzeResult):
    """All cultures of a file, read by the causal protocol.

    Attributes:
        config: Options of the analysis.
        condition: Label of the experimental condition.
        cultures: Every culture that shows states.
        undescribed: Cultures without states, with what can be said of them.
        failures: Number of every culture not in ``cultures``, and the reason.
        forecasts: Forecasts over the cultures; None if none could be forecast.
        others: Analyses of the files to compare with.
        seconds: Wall time.
        seconds_simulation: Wall time of the simulation; 0 for a file.
        truth: The simulation behind the embedded culture; None for a file.
    """

    config: "AnalyzeConfig"
    condition: str
    cultures: tuple[CausalCulture, ...]
    undescribed: tuple[UndescribedCulture, ...]
    failures: Mapping[int, str]
    forecasts: Forecasts | None
    others: tuple["CausalAnalysis", ...]
    seconds: float
    seconds_simulation: float
    truth: "SimulatedCulture | None"

    @property
    def read(self) -> tuple[CausalCulture | UndescribedCulture, ...]:
        """Every culture that could be read, with and without states, by number."""
        both: list[CausalCulture | UndescribedCulture] = [*self.cultures, *self.undescribed]
        return tuple(sorted(both, key=lambda culture: culture.number))


def run(
    config: "AnalyzeConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> AnalyzeResult:
    """Return the analysis of every selected culture.  Too short to need a checkpoint.

    Raises `HebbayesError` if a file cannot be read, a culture does not exist, or no culture can
    be analysed.
    """
    del checkpoint
    request = read_request(config)
    if config.protocol == "isomura2023":
        return analyze_as_published(config, request, progress)
    return analyze_causally(config, request, progress)


def analyze_causally(
    config: "AnalyzeConfig", request: Request, progress: Progress
) -> CausalAnalysis:
    """Return the causal analysis of every selected culture.

    Raises `HebbayesError` if no culture can be read, or a file to compare with cannot.

    Example:
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> config = AnalyzeConfig(ensembles="labels")
        >>> result = analyze_causally(config, read_request(config), DEFAULT_PROGRESS)
        >>> result.cultures[0].description.activity.shape
        (2560, 2)
    """
    check_at_least("reward_delay", config.reward_delay, 0)
    started = time.perf_counter()
    progress.start("cultures", len(request.numbers))
    failures = {k: request.held.failures[k] for k in request.numbers if k in request.held.failures}
    cultures: list[CausalCulture] = []
    undescribed: list[UndescribedCulture] = []
    todo = [k for k in request.numbers if k not in failures]
    tasks = [(k, request.held.recordings[k]) for k in todo]
    with open_workers(min(count_workers(config.workers), max(len(tasks), 1))) as workers:
        results = workers.map(partial(_attempt, config), tasks)
        for k, culture in zip(todo, results, strict=True):
            if isinstance(culture, CausalCulture):
                cultures.append(culture)
            elif isinstance(culture, UndescribedCulture):
                undescribed.append(culture)
                failures[k] = culture.why
            else:
                failures[k] = str(culture)
            progress.advance()
    if not cultures and not undescribed:
        first = min(failures)
        raise ValueRangeError(
            f"none of the selected cultures can be analysed; culture {first}: {failures[first]}"
        )
    others = tuple(_other(config, path, progress) for path in _paths(config))
    scored = {c.number: c.forecasts for c in cultures if c.forecasts}
    return CausalAnalysis(
        config,
        request.held.condition,
        tuple(cultures),
        tuple(undescribed),
        dict(sorted(failures.items())),
        gather(scored, seed=config.seed) if scored else None,
        others,
        request.seconds + time.perf_counter() - started,
        request.seconds_simulation,
        request.truth,
    )


def _paths(config: "AnalyzeConfig") -> list[Path]:
    return [Path(name.strip()) for name in (config.compare or "").split(",") if name.strip()]


def _other(config: "AnalyzeConfig", path: Path, progress: Progress) -> CausalAnalysis:
    other = replace(config, file=path, compare=None, paired=False, condition=None, culture="all")
    return analyze_causally(other, read_request(other), progress)


def _attempt(
    config: "AnalyzeConfig", task: tuple[int, "Recording"]
) -> CausalCulture | UndescribedCulture | HebbayesError:
    """Return the culture, or the error that says why it cannot be analysed."""
    try:
        return analyze_culture(config, *task)
    except HebbayesError as error:
        return error
