"""The published pipeline's analysis as tables, notes, arrays and figures."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.embedded import PRIOR_TOLERANCE, prior_table
from hebbayes.commands.analyze.published import (
    AnalyzedCulture,
    PublishedAnalysis,
    recovered_prior_error,
)
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.isomura2023.preference import mean_by_own_source

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def published_outcome(result: PublishedAnalysis) -> Outcome:
    """Return tables, notes, arrays, and a figure: of one culture, or of all side by side.

    Example:
        >>> from hebbayes.commands.analyze.published import analyze_as_published
        >>> from hebbayes.commands.analyze.request import read_request
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> config = AnalyzeConfig(protocol="isomura2023")
        >>> result = analyze_as_published(config, read_request(config), DEFAULT_PROGRESS)
        >>> published_outcome(result).summary["protocol"]
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
        tables=[*([prior_table(result)] if result.truth is not None else []), *_tables(result)],
        notes=_notes(result),
        holds=(recovered_prior_error(result) or 0.0) <= PRIOR_TOLERANCE,
        figures=_figures(result),
        next_command="" if result.config.file else "hebbayes analyze recording.mat --out runs/mine",
    )


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


def _mean_errors(result: PublishedAnalysis) -> dict[str, float]:
    scored = [culture.errors for culture in result.cultures if culture.errors]
    models = scored[0] if scored else {}
    return {model: float(np.mean([e[model].mean() for e in scored])) for model in models}


def _arrays(result: PublishedAnalysis) -> dict[str, NDArray[Any]]:
    """Layout of the published results: (ensembles, trials) and (ensembles, channels, sessions)."""
    arrays: dict[str, NDArray[Any]] = {}
    for culture in result.cultures:
        description, k = culture.description, culture.number
        arrays |= {
            f"activity_{k}": description.activity.T,
            f"predicted_activity_{k}": description.predicted_activity.T,
            f"weights_{k}": description.weights.transpose(2, 1, 0),
            f"predicted_weights_{k}": description.predicted_weights.transpose(2, 1, 0),
            f"phi1_{k}": description.threshold_factors[ON][:, None],
            f"phi0_{k}": description.threshold_factors[OFF][:, None],
            f"cost_{k}": description.cost,
        }
    return arrays


def _tables(result: PublishedAnalysis) -> list[Table]:
    described = []
    for culture in result.cultures:
        first, second = (len(units) for units in culture.ensembles.members)
        factors, cost = culture.description.threshold_factors, culture.description.cost
        described.append(
            [culture.number, first, second, *np.exp(factors[ON]), cost[0], cost[-1] - cost[0]]
        )
    header = ["culture", "units 1", "units 2", "D1 of 1", "D1 of 2", "L first", "L change"]
    tables = [Table(f"{result.condition}: estimates by the theory", header, described)]
    means = _mean_errors(result)
    if means:
        scored = [c for c in result.cultures if c.errors]
        rows = [[c.number, *(c.errors[model].mean() for model in means)] for c in scored]
        rows.append(["mean", *means.values()])
        title = "Squared error of single-trial activity in the last sessions"
        tables.append(Table(title, ["culture", *means], rows))
    return tables


def _notes(result: PublishedAnalysis) -> list[str]:
    notes = [
        f"Baseline {result.baseline:.6g} spikes per trial ({result.baseline_origin}).",
        "Ensembles are chosen by the known sources and activity is normalised over all sessions: "
        "this protocol leaks, so it describes but does not forecast.",
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
            "floor is a read-out fitted on the scored sessions themselves."
        )
        notes.append(
            "Skill is 1 - error / error of the constant; its 95 % interval is over the sessions "
            "scored in that culture and says nothing about other cultures."
        )
    if (error := recovered_prior_error(result)) is not None:
        notes.append(f"Simulated culture: D1 is recovered to within {error:.3f}.")
        if error > PRIOR_TOLERANCE:
            notes.insert(
                0,
                f"MISSED: an estimate of D1 is wrong by {error:.3f} ({PRIOR_TOLERANCE} is "
                "allowed); do not trust this analysis.",
            )
    if len(result.cultures) > 1:
        notes.append("Add --culture K to see one culture in detail.")
    read = [culture.recording.provenance.get("warnings", ()) for culture in result.cultures]
    warnings = dict.fromkeys(f"Reading: {sentence}" for said in read for sentence in said)
    failed = [f"Culture {k} failed: {why}" for k, why in result.failures.items()]
    return [*notes, *warnings, *failed]


def _figures(result: PublishedAnalysis) -> "dict[str, Callable[[], Figure]]":
    if len(result.cultures) == 1:
        (culture,) = result.cultures
        return {f"culture_{culture.number}": partial(_draw_one, culture, result.condition)}
    return {"cultures": partial(_draw_all, result)}


def _draw_all(result: PublishedAnalysis) -> "Figure":
    from hebbayes.plotting.recording import cultures_figure

    scored = [culture.errors for culture in result.cultures if culture.errors]
    return cultures_figure(
        {c.number: c.description.cost for c in result.cultures},
        {c.number: np.exp(c.description.threshold_factors[ON]) for c in result.cultures},
        {model: np.array([e[model].mean() for e in scored]) for model in _mean_errors(result)},
        name=result.condition,
    )


def _draw_one(culture: AnalyzedCulture, condition: str) -> "Figure":
    from hebbayes.plotting.recording import culture_figure

    recording, description = culture.recording, culture.description
    assert recording.sources is not None  # the protocol has refused a recording without
    sources, index = recording.sources.astype(int), recording.session_index
    return culture_figure(
        responses=mean_by_own_source(culture.ensembles.responses, sources, index),
        activity=mean_by_own_source(description.activity, sources, index),
        predicted_activity=mean_by_own_source(description.predicted_activity, sources, index),
        weights=description.weights,
        cost=description.cost,
        errors=culture.errors,
        name=f"{condition}, culture {culture.number}",
    )
