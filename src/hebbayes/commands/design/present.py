"""Presentation of the result of `design`: tables, notes, JSON, arrays and one figure."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.reverse_engineering.experimental_design.plan import size_of
from hebbayes.reverse_engineering.experimental_design.precision import (
    PARAMETERS,
    MonteCarloEstimate,
)
from hebbayes.reverse_engineering.experimental_design.suggestion import LEVERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.design.run import DesignResult
    from hebbayes.reverse_engineering.experimental_design.plan import Plan
    from hebbayes.reverse_engineering.experimental_design.suggestion import Suggestion

NAMES = {"phi": "phi", "ln_prior_count": "ln lambda", "weights": "weights"}


def present(result: "DesignResult") -> Outcome:
    """Return the result of `design` as the front doors show it."""
    return Outcome(
        summary=_summary(result),
        arrays={f"canonical_{name}": values for name, values in result.pool.items()},
        tables=_tables(result),
        notes=_notes(result),
        figures={"design": partial(_draw, result)},
        next_command="hebbayes simulate-culture culture.npz --help",
    )


def _summary(result: "DesignResult") -> dict[str, Any]:
    learning = result.claims["canonical"].smallest_detectable if result.claims else _UNKNOWN
    values = {
        "recovery_error": {k: p.recovery_error for k, p in result.precision.items()},
        "coverage": {k: p.coverage for k, p in result.precision.items()},
        "smallest_detectable": {**result.differences, "learning": learning},
        "told": {k: p.identified for k, p in result.precision.items()},
        "bias": {k: p.bias for k, p in result.precision.items()},
        "smallest_found": dict(result.detection_rates),
        "power": {"canonical": result.claims["canonical"].share} if result.claims else {},
        "false_claims": {k: c.share for k, c in result.claims.items() if k != "canonical"},
        "theory_adds": {k: c.adds for k, c in result.claims.items()},
    }
    return {
        **{key: {k: m.value for k, m in part.items()} for key, part in values.items()},
        "standard_errors": {key: {k: m.error for k, m in p.items()} for key, p in values.items()},
        "suggestion": None if result.suggestion is None else _suggested(result),
        "design": _design(result.plan),
        "measured": dict(result.measured),
        "studies": result.config.studies,
        "seconds": result.seconds,
    }


_UNKNOWN = MonteCarloEstimate(float("nan"), float("nan"))


def _design(plan: "Plan") -> dict[str, Any]:
    culture = plan.culture
    assert culture.readout is not None  # a plan always has one
    return {
        **{lever: size_of(plan, lever) for lever in LEVERS},
        "sources": culture.n_sources,
        "stimuli": culture.n_stimuli,
        "train_sessions": plan.train_sessions,
        "d1": culture.state_prior,
        "prior_count": culture.prior_count,
        "rest": culture.readout.rest,
        "evoked": culture.readout.evoked,
        "spread": culture.readout.spread,
        "fano": culture.fano,
        "noise": culture.noise,
        "gain_drift": culture.gain_drift,
        "stimulation": _stimulation(plan),
    }


def _stimulation(plan: "Plan") -> str:
    if not plan.culture.is_repeated:
        return "fresh"
    return "shuffled" if plan.culture.is_shuffled else "repeated"


def _suggested(result: "DesignResult") -> dict[str, Any]:
    suggestion, plan = result.suggestion, result.plan
    assert suggestion is not None  # checked by the caller
    options = [
        {
            "change": option.lever,
            "from": size_of(plan, option.lever),
            "to": option.size,
            "cost": option.cost,
            "power_by_law": option.predicted_power,
            "power": None if option.power is None else option.power.value,
            "standard_error": None if option.power is None else option.power.error,
            "reaches": option.reaches,
        }
        for option in suggestion.options
    ]
    best = next((option for option in options if option["reaches"]), None)
    return {
        "is_reached": suggestion.is_reached,
        "cost": suggestion.cost,
        "cheapest": best,
        "options": options,
        "exponents": suggestion.exponents,
    }


def _tables(result: "DesignResult") -> list[Table]:
    plan = result.plan
    rows = [
        (NAMES[k], *_pair(p.recovery_error), *_pair(p.coverage), p.identified.value)
        for k, p in result.precision.items()
    ]
    header = ("parameter", "recovery error", "s.e.", "coverage", "s.e.", "identified")
    tables = [
        Table("Design", ("setting", "value"), list(_design(plan).items())),
        Table("Recovery, and coverage of 95 % intervals", header, rows),
        Table(
            f"Smallest effects that 80 % of studies detect ({plan.cultures} cultures per group)",
            ("effect", "size", "s.e.", "detection rate", "s.e."),
            _smallest_rows(result),
        ),
    ]
    if result.claims:
        claims = [
            (k.replace("_", " "), *_pair(c.share), *_pair(c.adds)) for k, c in result.claims.items()
        ]
        columns = ("source of change", "theory claimed", "s.e.", "theory adds", "s.e.")
        tables.append(Table("Verdicts of simulated studies", columns, claims))
    if result.suggestion is not None and result.suggestion.options:
        tables.append(_option_table(plan, result.suggestion))
    return tables


def _smallest_rows(result: "DesignResult") -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [
        (
            f"group difference in {NAMES[k]}",
            *_pair(v),
            *_pair(result.detection_rates.get(k, _UNKNOWN)),
        )
        for k, v in result.differences.items()
    ]
    if result.claims:
        learning = result.claims["canonical"].smallest_detectable
        rows.append(("learning, share of the best null's loss", *_pair(learning), "", ""))
    return rows


def _option_table(plan: "Plan", suggestion: "Suggestion") -> Table:
    rows = [
        (
            option.lever,
            f"{size_of(plan, option.lever)} -> {option.size}",
            option.cost / suggestion.cost,
            option.predicted_power,
            *(("not simulated", "") if option.power is None else _pair(option.power)),
        )
        for option in suggestion.options
    ]
    header = ("change", "size", "relative cost", "predicted power", "power", "s.e.")
    return Table("Changes of design", header, rows)


def _pair(estimate: MonteCarloEstimate) -> tuple[float, float]:
    return estimate.value, estimate.error


def _notes(result: "DesignResult") -> list[str]:
    studies = result.config.studies
    notes = [
        f"{studies} simulated studies per kind of change; standard errors (s.e.) are those of "
        "the simulation; more --studies reduce them.",
        "The source of each unit is taken as known; groups are compared in phi and ln lambda by "
        "Welch's test at 5 %, unadjusted.",
        "phi and lambda are estimated with the read-out taken as affine and synapses as lasting; "
        "intervals of analyze, which assumes neither, are wider.",
    ]
    if not result.config.phi_spread and not result.config.lambda_spread:
        notes.append(
            "Cultures differ in stimuli and noise only; --phi-spread and --lambda-spread let their "
            "true priors differ."
        )
    notes += [
        _too_narrow(k, result)
        for k in PARAMETERS
        if (c := result.precision[k].coverage).value + 2 * c.error < 0.9
    ]
    notes += [
        f"{NAMES[k]}: only {result.precision[k].identified.value:.0%} can be identified; responses "
        "are too few or too far from saturation."
        for k in PARAMETERS
        if result.precision[k].identified.value < 0.95
    ]
    return [*notes, *_verdict_notes(result)]


def _too_narrow(parameter: str, result: "DesignResult") -> str:
    reached = result.precision[parameter].coverage.value
    remedy = "" if result.config.fit_gain else "; --fit-gain shows the effect of fitting gains"
    return f"95 % intervals of {NAMES[parameter]} contain the truth in only {reached:.0%}{remedy}."


def _verdict_notes(result: "DesignResult") -> list[str]:
    if not result.claims:
        return ["Power needs at least three cultures and a session after training."]
    suggestion, plan = result.suggestion, result.plan
    if suggestion is None:
        return []
    if suggestion.is_reached:
        return ["At least 80 % of studies detect canonical learning; no change is needed."]
    costs = "cultures x sessions x trials" + (
        f" x units ** {result.config.unit_cost:g}" if result.config.unit_cost else ""
    )
    if (best := suggestion.best) is None:
        return [
            f"No single change up to eightfold lets 80 % of studies detect canonical learning "
            f"(costs: {costs})."
        ]
    free = ""
    if best.lever == "units" and not result.config.unit_cost:
        free = " Units are free by default; --unit-cost gives them a cost."
    return [
        f"Cheapest sufficient change: {best.lever} from {size_of(plan, best.lever)} to "
        f"{best.size}, at {best.cost / suggestion.cost:.2g} times the cost ({costs}).{free}"
    ]


def _draw(result: "DesignResult") -> "Figure":
    from hebbayes.plotting.design import design_figure

    estimates = {}
    for name in ("phi", "ln_prior_count"):
        value, _, _, truth = np.moveaxis(result.pool[name], 1, 0)
        error = (value - truth).ravel()
        estimates[NAMES[name]] = error[np.isfinite(error)]
    return design_figure(
        errors=estimates,
        coverage={NAMES[k]: _pair(p.coverage) for k, p in result.precision.items()},
        claims={k.replace("_", " "): _pair(c.share) for k, c in result.claims.items()},
        name=f"{result.plan.cultures} cultures, {result.config.studies} simulated studies",
    )
