"""The causal protocol on every culture of a file: description, forecasts, and comparison.

Cultures are independent and share the cores.  A culture that cannot be analysed becomes a named
failure and the others go on (docs/theory.md sections 8 and 9; docs/recordings.md).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.published import analyze_as_published
from hebbayes.commands.analyze.request import Request, read_request
from hebbayes.commands.analyze.result import AnalyzeResult
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.commands.running.workers import count_workers
from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.behaviour import describe_from_units
from hebbayes.reverse_engineering.description import CausalDescription, describe_causally
from hebbayes.reverse_engineering.ensembles.match import Match, match_to_labels
from hebbayes.reverse_engineering.ensembles.population import (
    population_by_labels,
    population_without_labels,
)
from hebbayes.reverse_engineering.forecasting.culture import (
    CultureForecasts,
    Forecasts,
    gather,
    score_culture,
)
from hebbayes.reverse_engineering.perception import every_session, every_trial, no_learning
from hebbayes.reverse_engineering.statistics.readouts import skill, squared_errors

if TYPE_CHECKING:
    from hebbayes.commands.configs import AnalyzeConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.behaviour import BehaviourDescription
    from hebbayes.reverse_engineering.statistics.estimate import Estimate
    from hebbayes.simulators import SimulatedCulture

Floats = NDArray[np.float64]

SCHEDULES = {"online": every_trial, "per-session": every_session, "static": no_learning}


@dataclass(frozen=True, eq=False)
class CausalCulture:
    """One culture.

    Attributes:
        number: Its number in the file.
        recording: What was recorded.
        description: Its ensembles, and the network and free energy read from them.
        match: Ensembles beside known sources, for scoring only; None without labels.
        errors: Model to squared error of activity in each scored session.
        skill: Model to 1 - error / error of ``constant``.
        forecasts: Forecasts of raw responses, or None.
        no_forecast: Why there is no forecast.
        behaviour: What decisions say, or None.
        no_behaviour: Why decisions say nothing; empty if none were recorded.
    """

    number: int
    recording: "Recording"
    description: CausalDescription
    match: Match | None
    errors: Mapping[str, Floats]
    skill: Mapping[str, "Estimate[float]"]
    forecasts: CultureForecasts | None
    no_forecast: str
    behaviour: "BehaviourDescription | None"
    no_behaviour: str = ""


@dataclass(frozen=True, eq=False)
class CausalAnalysis(AnalyzeResult):
    """All cultures of a file, read by the causal protocol.

    Attributes:
        config: Options of the analysis.
        condition: Label of the experimental condition.
        cultures: Every culture that could be analysed.
        failures: Number of every other culture, and why it could not be analysed.
        forecasts: Forecasts over the cultures; None if none could be forecast.
        others: Analyses of the files to compare with.
        seconds: Wall time.
        seconds_simulation: Wall time of the simulation; 0 for a file.
        truth: The simulation behind the embedded culture; None for a file.
    """

    config: "AnalyzeConfig"
    condition: str
    cultures: tuple[CausalCulture, ...]
    failures: Mapping[int, str]
    forecasts: Forecasts | None
    others: tuple["CausalAnalysis", ...]
    seconds: float
    seconds_simulation: float
    truth: "SimulatedCulture | None"


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

    Raises `HebbayesError` if no culture can be analysed, or a file to compare with cannot.

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
    cultures = []
    todo = [k for k in request.numbers if k not in failures]
    tasks = [(k, request.held.recordings[k]) for k in todo]
    with open_workers(min(count_workers(config.workers), max(len(tasks), 1))) as workers:
        results = workers.map(partial(_attempt, config), tasks)
        for k, culture in zip(todo, results, strict=True):
            if isinstance(culture, CausalCulture):
                cultures.append(culture)
            else:
                failures[k] = culture
            progress.advance()
    if not cultures:
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


def _attempt(config: "AnalyzeConfig", task: tuple[int, "Recording"]) -> CausalCulture | str:
    """Return the culture, or the sentence that says why it cannot be analysed."""
    try:
        return analyze_culture(config, *task)
    except HebbayesError as error:
        return str(error)


def analyze_culture(config: "AnalyzeConfig", number: int, recording: "Recording") -> CausalCulture:
    """Return the causal analysis of one culture.

    Raises `HebbayesError` if it cannot be analysed.

    Example:
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> config = AnalyzeConfig(ensembles="labels")
        >>> recording = read_request(config).held.recordings[0]
        >>> analyze_culture(config, 0, recording).match.correlation.round(1).tolist()
        [0.9, 0.9]
    """
    n_train = config.train_sessions
    description = describe_causally(
        recording,
        _finder(config),
        train_sessions=n_train,
        schedule=SCHEDULES[config.plasticity],
        seed=config.seed,
    )
    match = None
    if recording.sources is not None:
        match = match_to_labels(description.population.activity, recording.sources)
    errors: dict[str, Floats] = {}
    if recording.n_sessions > n_train:
        errors = squared_errors(
            description.activity,
            description.predicted_activity,
            recording.stimuli,
            recording.session_index,
            n_train,
        )
    rng = np.random.default_rng((config.seed, number))
    forecasts, no_forecast = _forecasts(config, recording, description)
    skills = _skills(errors, rng)
    behaviour, no_behaviour = _behaviour(config, recording, description, rng)
    return CausalCulture(
        number,
        recording,
        description,
        match,
        errors,
        skills,
        forecasts,
        no_forecast,
        behaviour,
        no_behaviour,
    )


def _forecasts(
    config: "AnalyzeConfig", recording: "Recording", description: CausalDescription
) -> tuple[CultureForecasts | None, str]:
    """Return forecasts, or None and the sentence that says why there are none."""
    try:
        forecasts = score_culture(
            recording,
            config.train_sessions,
            activity=description.activity,
            reward_delay=config.reward_delay,
        )
        return forecasts, ""
    except HebbayesError as error:
        return None, str(error)


def _behaviour(
    config: "AnalyzeConfig",
    recording: "Recording",
    description: CausalDescription,
    rng: np.random.Generator,
) -> tuple["BehaviourDescription | None", str]:
    """Return what decisions say, or a sentence that says why they say nothing."""
    if recording.decisions is None:
        return None, ""
    try:
        behaviour = describe_from_units(
            recording, lambda: description.activity, config.reward_delay, rng=rng
        )
        return behaviour, ""
    except HebbayesError as error:
        return None, str(error)


def _finder(config: "AnalyzeConfig") -> Callable:
    if config.ensembles == "labels":
        return partial(population_by_labels, train_sessions=config.train_sessions)
    return partial(
        population_without_labels,
        train_sessions=config.train_sessions,
        n_ensembles=config.n_ensembles or None,
        seed=config.seed,
    )


def _skills(errors: Mapping[str, Floats], rng: np.random.Generator) -> dict[str, "Estimate[float]"]:
    return {
        model: skill(values, errors["constant"], rng=rng)
        for model, values in errors.items()
        if model != "constant" and errors["constant"].all()
    }
