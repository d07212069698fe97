"""An analysis as JSON keys, arrays, tables, notes and figures."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.causal_figures import causal_figures, loss_table_rows
from hebbayes.commands.analyze.comparisons import compare_conditions
from hebbayes.commands.analyze.decision_forecasts import decision_tables
from hebbayes.commands.analyze.embedded import (
    embedded_estimates,
    embedded_table,
    miss_sentences,
)
from hebbayes.commands.analyze.notes import causal_notes
from hebbayes.commands.analyze.published import PublishedAnalysis
from hebbayes.commands.analyze.published_outcome import published_outcome
from hebbayes.commands.analyze.report import causal_report
from hebbayes.commands.analyze.run import CausalAnalysis
from hebbayes.commands.behaviour_presentation import (
    behaviour_arrays,
    behaviour_summary,
    behaviour_tables,
)
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.forecasting.labels import model_label
from hebbayes.reverse_engineering.statistics.estimate import Estimate

if TYPE_CHECKING:
    from hebbayes.commands.analyze.culture import CausalCulture, UndescribedCulture
    from hebbayes.commands.analyze.result import AnalyzeResult
    from hebbayes.reverse_engineering.description import CausalDescription
    from hebbayes.reverse_engineering.forecasting.culture import Forecasts
    from hebbayes.reverse_engineering.forecasting.judging.other_targets import TargetForecasts
    from hebbayes.reverse_engineering.forecasting.judging.verdict import Verdict
    from hebbayes.reverse_engineering.statistics.groups import Comparison

Floats = NDArray[np.float64]


def present(result: "AnalyzeResult") -> Outcome:
    """Return tables, notes, arrays and figures of an analysis by either protocol."""
    if isinstance(result, PublishedAnalysis):
        return published_outcome(result)
    assert isinstance(result, CausalAnalysis)
    return _causal_outcome(result)


def _causal_outcome(result: CausalAnalysis) -> Outcome:
    comparisons, embedded = compare_conditions(result), embedded_estimates(result)
    missed = any(one.is_missed for one in embedded)
    summary: dict[str, Any] = {
        "cultures": [_culture(c, result) for c in result.cultures],
        "failures": result.failures,
        "undescribed": [_undescribed(c) for c in result.undescribed],
        "condition": result.condition,
        "protocol": result.config.protocol,
        "train_sessions": result.config.train_sessions,
        **_forecasts(result.forecasts),
        "loss_table": _loss_table(result),
        "comparisons": [_comparison(one) for one in comparisons],
        "seconds": result.seconds,
    }
    if result.truth is not None:
        summary["seconds_simulation"] = result.seconds_simulation
        summary["truth"] = {
            "phi": _log_odds(result.truth.threshold_factors),
            "prior_count": result.truth.prior_count,
            "inside": {one.name: one.is_inside for one in embedded},
            "missed": missed,
        }
    outcome = Outcome(
        summary=summary,
        arrays={
            **{k: v for c in result.cultures for k, v in _arrays(c).items()},
            **{k: v for c in result.undescribed for k, v in _of_behaviour(c).items()},
        },
        tables=[
            *([embedded_table(embedded)] if embedded else []),
            *_tables(result, comparisons),
        ],
        notes=[*miss_sentences(embedded), *causal_notes(result)],
        figures=causal_figures(result),
        holds=not missed,
        next_command="" if result.config.file else "hebbayes analyze recording.nwb --out runs/mine",
    )
    return replace(outcome, report=causal_report(result, outcome))


def _loss_table(result: CausalAnalysis) -> list[dict[str, Any]]:
    rows = loss_table_rows(result)
    return [{"model": row.name, "kind": row.role, **row.loss.as_dict()} for row in rows]


def _culture(culture: "CausalCulture", result: CausalAnalysis) -> dict[str, Any]:
    description = culture.description
    means = {model: float(values.mean()) for model, values in culture.errors.items()}
    summary = {
        "culture": culture.number,
        "condition": result.condition,
        "ensembles": result.config.ensembles,
        "units_per_ensemble": [len(units) for units in description.population.units],
        "units": list(description.population.units),
        "excluded_units": len(description.population.excluded),
        "states_from": culture.states.origin,
        "train_sessions": culture.train_sessions,
        **_network(description),
        "cost": description.free_energy.total.value,
        "free_energy": {
            part: _estimate(getattr(description.free_energy, part))
            for part in ("accuracy", "complexity", "total")
        },
        "cost_replayed": _estimate(description.replayed),
        "cost_gain_only": _estimate(description.gain_only),
        "prediction_mse": means.get("protocol"),
        "mean_squared_error": means,
        "skill": {model: interval.as_dict() for model, interval in culture.skill.items()},
        "theory_adds": _verdict(_within(result.forecasts, culture.number)),
        "no_forecast": culture.no_forecast,
        "decisions_forecast_by": (culture.forecasts.winner or None) if culture.forecasts else None,
    }
    if culture.match is not None:
        summary["source_correlation"] = culture.match.correlation
        summary["ensemble_of_source"] = culture.match.ensemble
    if culture.behaviour is not None:
        summary["behaviour"] = behaviour_summary(culture.behaviour)
    if culture.no_behaviour:
        summary["no_behaviour"] = culture.no_behaviour
    return summary


def _undescribed(culture: "UndescribedCulture") -> dict[str, Any]:
    return {
        "culture": culture.number,
        "reason": culture.why,
        "trials": culture.recording.n_trials,
        "decoders": [
            {
                "of": one.of,
                "verdict": one.verdict,
                "auc": one.auc,
                "p": one.p,
                "detectable_auc": one.detectable_auc,
            }
            for one in culture.states.decodings
        ],
        "behaviour": culture.behaviour and behaviour_summary(culture.behaviour),
        "no_behaviour": culture.no_behaviour,
    }


def _network(description: "CausalDescription") -> dict[str, Any]:
    """Return what is known of the network behind the ensembles."""
    unknown = np.full(description.published_factors.shape[1], np.nan)
    network = description.perception
    unfitted = Estimate(unknown, unknown, unknown)
    factors = np.stack([unknown] * 2) if network is None else network.threshold_factors.value
    return {
        "phi1": factors[ON],
        "phi0": factors[OFF],
        "phi": _estimate(description.log_odds),
        "phi_affine": _estimate(unfitted if network is None else network.affine_log_odds),
        "phi_slope": unknown if network is None else network.log_odds_slope,
        "phi_assumed": _estimate(description.assumed_log_odds),
        "fits_gain": description.fits_gain,
        "phi1_published": description.published_factors[ON],
        "phi0_published": description.published_factors[OFF],
        "prior_count": None if network is None else _estimate(network.prior_count),
        "memory": unknown if network is None else network.memory,
        "prior_count_used": description.prior_count,
        "undetermined": () if network is None else network.undetermined,
        "lack_of_fit": unknown if network is None else network.lack_of_fit,
        "refusal": description.refusal,
    }


def _within(forecasts: "Forecasts | None", number: int) -> "Verdict | None":
    return None if forecasts is None else forecasts.within.get(number)


def _estimate(estimate: "Estimate") -> dict[str, Floats]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _log_odds(factors: Floats) -> Floats:
    return np.asarray(factors[ON] - factors[OFF])


def _verdict(verdict: "Verdict | None") -> dict[str, Any] | None:
    if verdict is None:
        return None
    names = ("adds", "least", "smallest_detectable", "settings_tried", "over")
    return verdict.gain.as_dict() | {name: getattr(verdict, name) for name in names}


def _forecasts(forecasts: "Forecasts | None") -> dict[str, Any]:
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


def _target(one: "TargetForecasts") -> dict[str, Any]:
    return {
        "reference": one.reference,
        "losses": {name: interval.as_dict() for name, interval in one.losses.items()},
        "theory_adds": _verdict(one.verdict),
        "n_recordings": one.n_recordings,
    }


def _comparison(one: "Comparison") -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for name in one.__dataclass_fields__:
        value = getattr(one, name)
        entry[name] = value
        if name == "difference":
            entry |= {"difference": value.value, "low": value.low, "high": value.high}
    return entry


def _arrays(culture: "CausalCulture") -> dict[str, NDArray[Any]]:
    description, k = culture.description, culture.number
    arrays: dict[str, NDArray[Any]] = {
        f"activity_{k}": description.activity.T,
        f"predicted_activity_{k}": description.predicted_activity.T,
        f"weights_{k}": description.weights.transpose(2, 1, 0),
        f"predicted_weights_{k}": description.predicted_weights.transpose(2, 1, 0),
        f"phi_{k}": np.stack(
            [description.log_odds.value, description.log_odds.low, description.log_odds.high]
        ),
        f"published_factors_{k}": description.published_factors,
        f"cost_{k}": description.free_energy.total.value,
        f"cost_replayed_{k}": description.replayed.value,
        f"cost_gain_only_{k}": description.gain_only.value,
        f"projection_{k}": description.population.projection.weights,
        f"offset_{k}": description.population.projection.offset,
        f"unit_ids_{k}": description.population.projection.standardisation.unit_ids,
    }
    if description.perception is not None:
        fitted = description.perception.weights
        for name in ("value", "low", "high"):
            arrays[f"network_weights_{name}_{k}"] = getattr(fitted, name).transpose(2, 1, 0)
    return arrays | _of_behaviour(culture)


def _of_behaviour(culture: "CausalCulture | UndescribedCulture") -> dict[str, NDArray[Any]]:
    if culture.behaviour is None:
        return {}
    arrays = behaviour_arrays(culture.behaviour)
    return {f"{name}_{culture.number}": values for name, values in arrays.items()}


def _tables(result: CausalAnalysis, comparisons: list["Comparison"]) -> list[Table]:
    tables = [_theory_table(result)] if result.cultures else []
    for c in result.read:
        if c.behaviour is not None:
            tables += behaviour_tables(c.behaviour, f"{result.condition}, culture {c.number}")
    if result.forecasts is not None:
        reference = model_label(result.forecasts.reference)
        title = f"Squared error of raw responses after training / {reference}"
        rows = [
            [model_label(row.name), row.role, *row.loss.as_tuple()]
            for row in loss_table_rows(result)
        ]
        tables.append(Table(title, ["forecast", "kind", "loss", "low", "high"], rows))
        tables += decision_tables(result)
    if comparisons:
        tables.append(_comparison_table(comparisons))
    return tables


def _theory_table(result: CausalAnalysis) -> Table:
    rows = []
    for culture in result.cultures:
        description = culture.description
        total, network = description.free_energy.total.value, description.perception
        unknown = np.full(len(description.population.units), np.nan)
        affine = unknown if network is None else network.affine_log_odds.value
        slope = unknown if network is None else network.log_odds_slope
        for k, units in enumerate(description.population.units):
            phi = description.log_odds[k]
            rows.append(
                [
                    culture.number,
                    k,
                    len(units),
                    phi.value,
                    phi.low,
                    phi.high,
                    affine[k],
                    slope[k],
                    description.assumed_log_odds.value[k],
                    _log_odds(description.published_factors)[k],
                    total[-1] - total[0],
                    description.replayed.value[-1] - total[0],
                ]
            )
    interval = [
        "phi",
        "low",
        "high",
        "phi if affine",
        "slope",
        "phi by convention",
        "published phi",
    ]
    header = ["culture", "ensemble", "units", *interval, "F change", "replayed"]
    return Table(f"{result.condition}: estimates by the theory", header, rows)


def _comparison_table(comparisons: list["Comparison"]) -> Table:
    header = ["quantity", "conditions", "n", "difference", "low", "high", "p", "p, ranks"]
    rows = [
        [
            one.quantity,
            " → ".join(one.conditions),
            "/".join(map(str, one.n)),
            *one.difference.as_tuple(),
            one.p,
            one.p_rank,
        ]
        for one in comparisons
    ]
    return Table("Conditions compared over cultures", header, rows)
