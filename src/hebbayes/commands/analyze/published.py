"""The published pipeline on every culture of a file (I23; docs/theory.md section 8).

Its predictions stand beside the simple nulls that they have to beat.  A culture that cannot be
analysed becomes a named failure and the others go on.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.cultures import Asked
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import Progress
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.data.recording import Cultures, Recording
from hebbayes.reverse_engineering.isomura2023.pipeline import (
    PUBLISHED,
    Description,
    Ensembles,
    describe,
    find_ensembles,
    mean_baseline,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.reverse_engineering.statistics.readouts import skill, squared_errors
from hebbayes.simulators import SimulatedCulture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AnalyzedCulture:
    """One culture: what was recorded, its two ensembles, and its description.

    errors: model to squared error of activity in each session scored; empty where a recording is
    too short to score any.  skill: model to 1 - error / error of ``constant``.
    """

    number: int
    recording: Recording
    ensembles: Ensembles
    description: Description
    errors: Mapping[str, Floats]
    skill: Mapping[str, Estimate[float]]


@dataclass(frozen=True, eq=False)
class Analysis:
    """All cultures of a file.  ``truth`` is what stands behind the embedded simulated culture."""

    config: AnalyzeConfig
    condition: str
    baseline: float
    baseline_origin: str
    cultures: tuple[AnalyzedCulture, ...]
    failures: Mapping[int, str]
    seconds: float
    seconds_simulation: float
    truth: SimulatedCulture | None = None


def analyze(config: AnalyzeConfig, asked: Asked, progress: Progress) -> Analysis:
    """Return the description of every culture asked for.

    Raises `HebbayesError` where no culture can be analysed.

    Example:
        >>> from hebbayes.commands.analyze.cultures import ask
        >>> from hebbayes.commands.running.progress import SILENT
        >>> config = AnalyzeConfig(protocol="isomura2023")
        >>> len(analyze(config, ask(config), SILENT).cultures)
        1
    """
    started = time.perf_counter()
    held, truth, numbers = asked.held, asked.truth, asked.numbers
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
        raise ValueRangeError(f"no culture asked for can be analysed; culture {first}: "
                              f"{failures[first]}")  # fmt: skip
    seconds = asked.seconds + time.perf_counter() - started
    return Analysis(
        config, held.condition, baseline, origin, tuple(cultures), failures, seconds,
        asked.seconds_simulation, truth,
    )  # fmt: skip


def _ensembles(held: Cultures, failures: dict[int, str]) -> dict[int, Ensembles]:
    """Every culture of the file has a say in its baseline, also where one is asked for."""
    found = {}
    for k, recording in held.recordings.items():
        try:
            found[k] = find_ensembles(recording)
        except HebbayesError as error:
            failures[k] = str(error)
    return found


def _baseline(
    config: AnalyzeConfig,
    held: Cultures,
    ensembles: Mapping[int, Ensembles],
    truth: SimulatedCulture | None,
) -> tuple[float, str]:
    if config.baseline is not None:
        return config.baseline, "given"
    if truth is not None:
        return truth.design.baseline, "known from the simulation"
    if not ensembles:
        return np.nan, "none"
    mean = mean_baseline((held.recordings[k], found) for k, found in ensembles.items())
    return mean, f"mean over {len(ensembles)} cultures of the file"


def _analyze(
    number: int,
    recording: Recording,
    ensembles: Ensembles,
    baseline: float,
    config: AnalyzeConfig,
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


def tell(result: Analysis) -> Outcome:
    """Return tables, sentences, arrays, and a figure: of the culture, or of all side by side.

    Example:
        >>> from hebbayes.commands.analyze.cultures import ask
        >>> from hebbayes.commands.running.progress import SILENT
        >>> config = AnalyzeConfig(protocol="isomura2023")
        >>> tell(analyze(config, ask(config), SILENT)).summary["protocol"]
        'isomura2023'
    """
    summary = {
        "cultures": [_summary(culture, result.condition) for culture in result.cultures],
        "failures": result.failures,
        "condition": result.condition,
        "protocol": result.config.protocol,
        "baseline": result.baseline,
        "baseline_origin": result.baseline_origin,
        "mean_squared_error": _mean_errors(result),
        "seconds": result.seconds,
    }
    if result.truth is not None:
        summary["seconds_simulation"] = result.seconds_simulation
        summary["truth"] = {"phi1": result.truth.threshold_factors[0]}
        summary["recovered_prior_error"] = recovered_prior_error(result)
    return Outcome(
        summary=summary,
        arrays=_arrays(result),
        tables=_tables(result),
        notes=_notes(result),
        figures=_figures(result),
        next_command="" if result.config.file else "hebbayes analyze recording.mat --out runs/mine",
    )


def recovered_prior_error(result: Analysis) -> float | None:
    """Return the largest |D1 found - D1 true| of the simulated culture; None without a truth.

    Example:
        >>> from hebbayes.commands.analyze.cultures import ask
        >>> from hebbayes.commands.running.progress import SILENT
        >>> config = AnalyzeConfig(protocol="isomura2023", seed=1)
        >>> recovered_prior_error(analyze(config, ask(config), SILENT)) < 0.05
        True
    """
    if result.truth is None:
        return None
    found = np.exp(result.cultures[0].description.threshold_factors[0])
    return float(np.abs(found - np.exp(result.truth.threshold_factors[0])).max())


def _summary(culture: AnalyzedCulture, condition: str) -> dict[str, Any]:
    factors = culture.description.threshold_factors
    means = {model: float(values.mean()) for model, values in culture.errors.items()}
    return {
        "culture": culture.number,
        "condition": condition,
        "units_per_ensemble": [len(units) for units in culture.ensembles.members],
        "units": [culture.recording.unit_ids[units] for units in culture.ensembles.members],
        "phi1": factors[ON],
        "phi0": factors[OFF],
        "cost": culture.description.cost,
        "prediction_mse": means.get("protocol"),
        "mean_squared_error": means,
        "skill": {model: interval.as_dict() for model, interval in culture.skill.items()},
    }


def _mean_errors(result: Analysis) -> dict[str, float]:
    scored = [culture.errors for culture in result.cultures if culture.errors]
    models = scored[0] if scored else {}
    return {model: float(np.mean([e[model].mean() for e in scored])) for model in models}


def _arrays(result: Analysis) -> dict[str, NDArray[Any]]:
    """Layout of the published results: (ensembles, trials) and (ensembles, channels, sessions)."""
    arrays: dict[str, NDArray[Any]] = {}
    for culture in result.cultures:
        found, k = culture.description, culture.number
        arrays |= {
            f"activity_{k}": found.activity.T,
            f"predicted_activity_{k}": found.predicted_activity.T,
            f"weights_{k}": found.weights.transpose(2, 1, 0),
            f"predicted_weights_{k}": found.predicted_weights.transpose(2, 1, 0),
            f"phi1_{k}": found.threshold_factors[ON][:, None],
            f"phi0_{k}": found.threshold_factors[OFF][:, None],
            f"cost_{k}": found.cost,
        }
    return arrays


def _tables(result: Analysis) -> list[Table]:
    described = []
    for culture in result.cultures:
        first, second = (len(units) for units in culture.ensembles.members)
        factors, cost = culture.description.threshold_factors, culture.description.cost
        described.append(
            [culture.number, first, second, *np.exp(factors[ON]), cost[0], cost[-1] - cost[0]]
        )
    header = ["culture", "units 1", "units 2", "D1 of 1", "D1 of 2", "L first", "L change"]
    tables = [Table(f"{result.condition}: what the theory reads", header, described)]
    means = _mean_errors(result)
    if means:
        scored = [c for c in result.cultures if c.errors]
        rows = [[c.number, *(c.errors[model].mean() for model in means)] for c in scored]
        rows.append(["mean", *means.values()])
        title = "Squared error of single-trial activity in the last sessions"
        tables.append(Table(title, ["culture", *means], rows))
    return tables


def _notes(result: Analysis) -> list[str]:
    notes = [
        f"Baseline {result.baseline:.6g} spikes per trial ({result.baseline_origin}).",
        "Ensembles are chosen by the known sources and activity is normalised over all sessions: "
        "this protocol leaks, it describes and does not forecast.",
    ]
    scored = [culture.errors for culture in result.cultures if culture.errors]
    if scored:
        worse = {
            model: sum(e["protocol"].mean() > e[model].mean() for e in scored)
            for model in ("constant", "linear")
        }
        notes.append(
            f"The protocol's prediction is worse than a constant in {worse['constant']} and worse "
            f"than a static linear read-out in {worse['linear']} of {len(scored)} cultures; "
            "floor is a read-out fitted on what it is scored on."
        )
        notes.append(
            "Skill is 1 - error / error of the constant; its 95 % interval is over the sessions "
            "scored in that culture and says nothing about other cultures."
        )
    if (error := recovered_prior_error(result)) is not None:
        notes.append(f"Simulated culture: D1 is recovered to within {error:.3f}.")
    if len(result.cultures) > 1:
        notes.append("Add --culture K for the page of one culture.")
    read = [culture.recording.provenance.get("warnings", ()) for culture in result.cultures]
    warnings = dict.fromkeys(f"Reading: {sentence}" for said in read for sentence in said)
    failed = [f"Culture {k} failed: {why}" for k, why in result.failures.items()]
    return [*notes, *warnings, *failed]


def _figures(result: Analysis) -> "dict[str, Callable[[], Figure]]":
    if len(result.cultures) == 1:
        (culture,) = result.cultures
        return {f"culture_{culture.number}": partial(_draw_one, culture, result.condition)}
    return {"cultures": partial(_draw_all, result)}


def _draw_all(result: Analysis) -> "Figure":
    from hebbayes.plotting.recording import cultures_figure

    scored = [culture.errors for culture in result.cultures if culture.errors]
    return cultures_figure(
        {c.number: c.description.cost for c in result.cultures},
        {c.number: np.exp(c.description.threshold_factors[ON]) for c in result.cultures},
        {model: np.array([e[model].mean() for e in scored]) for model in _mean_errors(result)},
        name=result.condition,
    )


def _draw_one(culture: AnalyzedCulture, condition: str) -> "Figure":
    from hebbayes.plotting.recording import culture_figure, mean_by_own_source

    recording, found = culture.recording, culture.description
    assert recording.sources is not None  # the protocol has refused a recording without
    sources, index = recording.sources.astype(int), recording.session_index
    return culture_figure(
        responses=mean_by_own_source(culture.ensembles.responses, sources, index),
        activity=mean_by_own_source(found.activity, sources, index),
        predicted_activity=mean_by_own_source(found.predicted_activity, sources, index),
        weights=found.weights,
        cost=found.cost,
        errors=culture.errors,
        name=f"{condition}, culture {culture.number}",
    )
