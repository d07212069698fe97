"""A causal analysis told: JSON keys, arrays, tables, plain sentences, figures."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.quantities import compared, falls_of, log_odds_of
from hebbayes.commands.analyze.run import CausalAnalysis, CausalCulture
from hebbayes.commands.analyze.sentences import notes
from hebbayes.commands.behaviour_tables import (
    behaviour_arrays,
    behaviour_summary,
    behaviour_table,
)
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.description import CausalDescription
from hebbayes.reverse_engineering.forecasting.culture import Forecasts
from hebbayes.reverse_engineering.forecasting.judging.other_targets import TargetForecasts
from hebbayes.reverse_engineering.forecasting.judging.verdict import Verdict
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.reverse_engineering.statistics.groups import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


def tell(result: CausalAnalysis) -> Outcome:
    """Return the outcome of a causal analysis.

    Example:
        >>> from hebbayes.commands.analyze.run import analyze
        >>> from hebbayes.commands.analyze.cultures import ask
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> from hebbayes.commands.running.progress import SILENT
        >>> config = AnalyzeConfig(ensembles="labels")
        >>> tell(analyze(config, ask(config), SILENT)).summary["protocol"]
        'causal'
    """
    comparisons = compared(result)
    summary: dict[str, Any] = {
        "cultures": [_culture(c, result) for c in result.cultures],
        "failures": result.failures,
        "condition": result.condition,
        "protocol": result.config.protocol,
        "train_sessions": result.config.train_sessions,
        **_forecasts(result.forecasts),
        "comparisons": [_comparison(one) for one in comparisons],
        "seconds": result.seconds,
    }
    if result.truth is not None:
        summary["seconds_simulation"] = result.seconds_simulation
        summary["truth"] = {"phi": _log_odds(result.truth.threshold_factors)}
    return Outcome(
        summary=summary,
        arrays={k: v for c in result.cultures for k, v in _arrays(c).items()},
        tables=_tables(result, comparisons),
        notes=notes(result),
        figures=_figures(result),
        next_command="" if result.config.file else "hebbayes analyze recording.nwb --out runs/mine",
    )


def _culture(culture: CausalCulture, result: CausalAnalysis) -> dict[str, Any]:
    found = culture.description
    means = {model: float(values.mean()) for model, values in culture.errors.items()}
    told = {
        "culture": culture.number,
        "condition": result.condition,
        "ensembles": result.config.ensembles,
        "units_per_ensemble": [len(units) for units in found.population.units],
        "units": list(found.population.units),
        "excluded_units": len(found.population.excluded),
        **_network(found),
        "cost": found.free_energy.total.value,
        "free_energy": {
            part: _estimate(getattr(found.free_energy, part))
            for part in ("accuracy", "complexity", "total")
        },
        "cost_replayed": _estimate(found.replayed),
        "cost_gain_only": _estimate(found.gain_only),
        "prediction_mse": means.get("protocol"),
        "mean_squared_error": means,
        "skill": {model: interval.as_dict() for model, interval in culture.skill.items()},
        "theory_adds": _verdict(_within(result.forecasts, culture.number)),
        "no_forecast": culture.no_forecast,
    }
    if culture.match is not None:
        told["source_correlation"] = culture.match.correlation
        told["ensemble_of_source"] = culture.match.ensemble
    if culture.behaviour is not None:
        told["behaviour"] = behaviour_summary(culture.behaviour)
    if culture.no_behaviour:
        told["no_behaviour"] = culture.no_behaviour
    return told


def _network(found: CausalDescription) -> dict[str, Any]:
    """Return what is known of the network behind the ensembles."""
    unknown = np.full(found.published_factors.shape[1], np.nan)
    network = found.perception
    factors = np.stack([unknown] * 2) if network is None else network.threshold_factors.value
    return {
        "phi1": factors[ON],
        "phi0": factors[OFF],
        "phi": _estimate(found.log_odds),
        "phi_assumed": _estimate(found.assumed_log_odds),
        "fits_gain": found.fits_gain,
        "phi1_published": found.published_factors[ON],
        "phi0_published": found.published_factors[OFF],
        "prior_count": None if network is None else _estimate(network.prior_count),
        "prior_count_used": found.prior_count,
        "undetermined": () if network is None else network.undetermined,
        "lack_of_fit": unknown if network is None else network.lack_of_fit,
        "refusal": found.refusal,
    }


def _within(forecasts: Forecasts | None, number: int) -> Verdict | None:
    return None if forecasts is None else forecasts.within.get(number)


def _estimate(estimate: Estimate) -> dict[str, Floats]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _log_odds(factors: Floats) -> Floats:
    return np.asarray(factors[ON] - factors[OFF])


def _verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    names = ("adds", "least", "smallest_detectable", "settings_tried", "over")
    return verdict.gain.as_dict() | {name: getattr(verdict, name) for name in names}


def _forecasts(forecasts: Forecasts | None) -> dict[str, Any]:
    """Over the file; with fewer than three cultures the verdict is that of a single one."""
    if forecasts is None:
        return {"losses": {}, "theory_adds": None, "settings_tried": 0, "targets": {}}
    within = list(forecasts.within.values())
    verdict = forecasts.verdict or (within[0] if forecasts.n_cultures == 1 and within else None)
    tried = verdict or (within[0] if within else None)
    return {
        "losses": {name: interval.value for name, interval in forecasts.losses.items()},
        "losses_interval": {name: one.as_dict() for name, one in forecasts.losses.items()},
        "losses_reference": forecasts.reference,
        "targets": {name: _target(one) for name, one in forecasts.targets.items()},
        "theory_adds": _verdict(verdict),
        "settings_tried": tried.settings_tried if tried else 0,
    }


def _target(one: TargetForecasts) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "losses": {name: interval.as_dict() for name, interval in one.losses.items()},
        "theory_adds": _verdict(one.verdict),
        "n_recordings": one.n_recordings,
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in one.__dataclass_fields__:
        value = getattr(one, name)
        found[name] = value
        if name == "difference":
            found |= {"difference": value.value, "low": value.low, "high": value.high}
    return found


def _arrays(culture: CausalCulture) -> dict[str, NDArray[Any]]:
    found, k = culture.description, culture.number
    arrays: dict[str, NDArray[Any]] = {
        f"activity_{k}": found.activity.T,
        f"predicted_activity_{k}": found.predicted_activity.T,
        f"weights_{k}": found.weights.transpose(2, 1, 0),
        f"predicted_weights_{k}": found.predicted_weights.transpose(2, 1, 0),
        f"phi_{k}": np.stack([found.log_odds.value, found.log_odds.low, found.log_odds.high]),
        f"published_factors_{k}": found.published_factors,
        f"cost_{k}": found.free_energy.total.value,
        f"cost_replayed_{k}": found.replayed.value,
        f"cost_gain_only_{k}": found.gain_only.value,
        f"projection_{k}": found.population.projection.weights,
        f"offset_{k}": found.population.projection.offset,
        f"unit_ids_{k}": found.population.projection.standardisation.unit_ids,
    }
    if found.perception is not None:
        fitted = found.perception.weights
        for name in ("value", "low", "high"):
            arrays[f"network_weights_{name}_{k}"] = getattr(fitted, name).transpose(2, 1, 0)
    if culture.behaviour is not None:
        arrays |= {f"{name}_{k}": v for name, v in behaviour_arrays(culture.behaviour).items()}
    return arrays


def _tables(result: CausalAnalysis, comparisons: list[Comparison]) -> list[Table]:
    rows = []
    for c in result.cultures:
        found = c.description
        total = found.free_energy.total.value
        for k, units in enumerate(found.population.units):
            phi = found.log_odds[k]
            rows.append(
                [c.number, k, len(units), phi.value, phi.low, phi.high,
                 found.assumed_log_odds.value[k],
                 _log_odds(found.published_factors)[k], total[-1] - total[0],
                 found.replayed.value[-1] - total[0]]
            )  # fmt: skip
    header = ["culture", "ensemble", "units", "phi", "low", "high", "phi by convention",
              "published phi", "F change", "replayed"]  # fmt: skip
    tables = [Table(f"{result.condition}: what the theory reads", header, rows)]
    tables += [behaviour_table(c.behaviour, f"{result.condition}, culture {c.number}")
               for c in result.cultures if c.behaviour is not None]  # fmt: skip
    if result.forecasts is not None:
        losses = result.forecasts.losses
        title = f"Squared error of raw responses after training / {result.forecasts.reference}"
        tables.append(
            Table(title, ["model", "mean", "low", "high"],
                  [[name, *interval.as_tuple()] for name, interval in losses.items()])
        )  # fmt: skip
    if comparisons:
        header = ["quantity", "conditions", "n", "difference", "low", "high", "p", "p, ranks"]
        rows = [
            [one.quantity, " → ".join(one.conditions), "/".join(map(str, one.n)),
             *one.difference.as_tuple(), one.p, one.p_rank]
            for one in comparisons
        ]  # fmt: skip
        tables.append(Table("Conditions compared over cultures", header, rows))
    return tables


def _figures(result: CausalAnalysis) -> "dict[str, Callable[[], Figure]]":
    figures: dict[str, Callable[[], Figure]] = {
        f"culture_{c.number}": partial(_draw_one, c, result) for c in result.cultures
    }
    if len(result.cultures) > 1 or result.others:
        figures["conditions"] = partial(_draw_all, result)
    return figures


def _draw_all(result: CausalAnalysis) -> "Figure":
    from hebbayes.plotting.description import conditions_figure

    all_of = (result, *result.others)
    losses = {} if result.forecasts is None else result.forecasts.losses
    return conditions_figure(
        {one.condition: log_odds_of(one) for one in all_of},
        {one.condition: np.array(list(falls_of(one).values())) for one in all_of},
        {name: interval.value for name, interval in losses.items()},
        "" if result.forecasts is None else result.forecasts.reference,
        name=" and ".join(one.condition for one in all_of),
    )


def _draw_one(culture: CausalCulture, result: CausalAnalysis) -> "Figure":
    from hebbayes.plotting.description import description_figure
    from hebbayes.reverse_engineering.forecasting.scoring import losses

    found, scored = culture.description, culture.forecasts
    reference = result.forecasts.reference if result.forecasts else ""
    relative = {}
    if scored is not None and reference in (table := losses(scored.scores)):
        relative = {name: value / table[reference] for name, value in table.items()}
    return description_figure(
        free_energy=tuple(
            (one.value, one.low, one.high)
            for one in (found.free_energy.total, found.replayed, found.gain_only)
        ),  # type: ignore[arg-type]
        log_odds=(found.log_odds.value, found.log_odds.low, found.log_odds.high),
        published_log_odds=_log_odds(found.published_factors),
        weights=found.weights,
        errors=culture.errors,
        losses=relative,
        reference=reference,
        train_sessions=result.config.train_sessions,
        name=f"{result.condition}, culture {culture.number}",
    )
