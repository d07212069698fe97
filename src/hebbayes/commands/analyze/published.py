"""The published pipeline on every culture of a file (I23; docs/theory.md section 8).

Its predictions stand beside the simple nulls that they have to beat.  A culture that cannot be
analysed becomes a named failure and the others go on.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.result import AnalyzeResult
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.isomura2023.pipeline import (
    PUBLISHED,
    Description,
    Ensembles,
    describe,
    find_ensembles,
    mean_baseline,
)
from hebbayes.reverse_engineering.statistics.readouts import skill, squared_errors

if TYPE_CHECKING:
    from hebbayes.commands.analyze.request import Request
    from hebbayes.commands.configs import AnalyzeConfig
    from hebbayes.commands.running.progress import Progress
    from hebbayes.data.recording import Cultures, Recording
    from hebbayes.reverse_engineering.statistics.estimate import Estimate
    from hebbayes.simulators import SimulatedCulture

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AnalyzedCulture:
    """One culture with its two ensembles and its description.

    Attributes:
        number: Its number in the file.
        recording: What was recorded.
        ensembles: The units that prefer each source.
        description: What the published pipeline reads from them.
        errors: Model to squared error of activity in each scored session; empty if the recording
            is too short to score any.
        skill: Model to 1 - error / error of ``constant``.
    """

    number: int
    recording: "Recording"
    ensembles: Ensembles
    description: Description
    errors: Mapping[str, Floats]
    skill: Mapping[str, "Estimate[float]"]


@dataclass(frozen=True, eq=False)
class PublishedAnalysis(AnalyzeResult):
    """All cultures of a file, read by the published pipeline.

    Attributes:
        config: Options of the analysis.
        condition: Label of the experimental condition.
        baseline: Responses per trial that count as none.
        baseline_origin: Where the baseline comes from.
        cultures: Every culture that could be analysed.
        failures: Number of every other culture, and why it could not be analysed.
        seconds: Wall time.
        seconds_simulation: Wall time of the simulation; 0 for a file.
        truth: The simulation behind the embedded culture; None for a file.
    """

    config: "AnalyzeConfig"
    condition: str
    baseline: float
    baseline_origin: str
    cultures: tuple[AnalyzedCulture, ...]
    failures: Mapping[int, str]
    seconds: float
    seconds_simulation: float
    truth: "SimulatedCulture | None" = None


def analyze_as_published(
    config: "AnalyzeConfig", request: "Request", progress: "Progress"
) -> PublishedAnalysis:
    """Return the description of every selected culture.

    Raises `HebbayesError` if no culture can be analysed.

    Example:
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> from hebbayes.commands.analyze.request import read_request
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> config = AnalyzeConfig(protocol="isomura2023")
        >>> len(analyze_as_published(config, read_request(config), DEFAULT_PROGRESS).cultures)
        1
    """
    started = time.perf_counter()
    held, truth, numbers = request.held, request.truth, request.numbers
    progress.start("cultures", len(numbers))
    failures = dict(held.failures)
    ensembles = _ensembles(held, failures)
    baseline, origin = _baseline(config, held, ensembles, truth)
    cultures = []
    for k in numbers:
        if k in ensembles:
            try:
                cultures.append(_analyze(k, held.recordings[k], ensembles[k], baseline, config))
            except HebbayesError as error:
                failures[k] = str(error)
        progress.advance()
    failures = {k: failures[k] for k in numbers if k in failures}
    if not cultures:
        first = numbers[0]
        raise ValueRangeError(
            f"none of the selected cultures can be analysed; culture {first}: {failures[first]}"
        )
    seconds = request.seconds + time.perf_counter() - started
    return PublishedAnalysis(
        config,
        held.condition,
        baseline,
        origin,
        tuple(cultures),
        failures,
        seconds,
        request.seconds_simulation,
        truth,
    )


def _ensembles(held: "Cultures", failures: dict[int, str]) -> dict[int, Ensembles]:
    """Every culture of the file contributes to its baseline, even if only one is analysed."""
    ensembles = {}
    for k, recording in held.recordings.items():
        try:
            ensembles[k] = find_ensembles(recording)
        except HebbayesError as error:
            failures[k] = str(error)
    return ensembles


def _baseline(
    config: "AnalyzeConfig",
    held: "Cultures",
    ensembles: Mapping[int, Ensembles],
    truth: "SimulatedCulture | None",
) -> tuple[float, str]:
    if config.baseline is not None:
        return config.baseline, "given"
    if truth is not None:
        return truth.design.baseline, "known from the simulation"
    if not ensembles:
        return np.nan, "none"
    mean = mean_baseline((held.recordings[k], members) for k, members in ensembles.items())
    return mean, f"mean over {len(ensembles)} cultures of the file"


def _analyze(
    number: int,
    recording: "Recording",
    ensembles: Ensembles,
    baseline: float,
    config: "AnalyzeConfig",
) -> AnalyzedCulture:
    description = describe(recording, ensembles, baseline)
    errors: dict[str, Floats] = {}
    if recording.n_sessions > PUBLISHED.first_sessions:
        errors = squared_errors(
            description.activity,
            description.predicted_activity,
            recording.stimuli,
            recording.session_index,
            PUBLISHED.first_sessions,
        )
    rng = np.random.default_rng((config.seed, number))
    skills = {
        model: skill(values, errors["constant"], rng=rng)
        for model, values in errors.items()
        if model != "constant" and errors["constant"].all()
    }
    return AnalyzedCulture(number, recording, ensembles, description, errors, skills)


def recovered_prior_error(result: PublishedAnalysis) -> float | None:
    """Return the largest |estimated D1 - true D1| of the simulated culture; None for a file.

    Example:
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> from hebbayes.commands.analyze.request import read_request
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> config = AnalyzeConfig(protocol="isomura2023", seed=1)
        >>> result = analyze_as_published(config, read_request(config), DEFAULT_PROGRESS)
        >>> recovered_prior_error(result) < 0.05
        True
    """
    if result.truth is None:
        return None
    estimate = np.exp(result.cultures[0].description.threshold_factors[0])
    return float(np.abs(estimate - np.exp(result.truth.threshold_factors[0])).max())
