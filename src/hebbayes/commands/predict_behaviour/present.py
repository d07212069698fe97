"""Predicted behaviour as JSON keys, arrays, a table, notes and a figure."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.embedded import embedded_table, miss_sentences
from hebbayes.commands.behaviour_presentation import (
    behaviour_notes,
    behaviour_summary,
    rivals_table,
)
from hebbayes.commands.behaviour_report import with_behaviour_report
from hebbayes.commands.predict_behaviour.embedded import embedded_estimates
from hebbayes.commands.predict_behaviour.run import (
    AS_IS,
    CHANGED,
    AnimalPrediction,
)
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.reverse_engineering.behaviour import PredictedBehaviour
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]


def present(result: AnimalPrediction) -> Outcome:
    """Return learning curves with intervals, the estimates behind them, and a figure.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> from hebbayes.commands.predict_behaviour.run import run
        >>> config = PredictBehaviourConfig(task_sessions=2, task_trials=20, draws=20, lives=1)
        >>> present(run(config)).arrays["success"].shape
        (3, 2)
    """
    curves = {label: _curves(one) for label, one in result.predictions.items()}
    summary: dict[str, Any] = {
        **curves[AS_IS],
        "changed": curves.get(CHANGED),
        "change": asdict(result.change),
        "behaviour": behaviour_summary(result.behaviour),
        "seconds": result.seconds,
    }
    embedded = embedded_estimates(result)
    missed = any(one.is_missed for one in embedded)
    if result.true_success is not None:
        summary["true_success"] = result.true_success.mean(0)
        summary["true_within"] = _within(result)
        summary["truth"] = {
            "inside": {one.name: one.is_inside for one in embedded},
            "missed": missed,
        }
    outcome = Outcome(
        summary=summary,
        arrays=_arrays(result),
        tables=[
            *([embedded_table(embedded, "animal")] if embedded else []),
            _table(result),
            rivals_table(result.behaviour, result.name),
        ],
        notes=[*miss_sentences(embedded), *_notes(result)],
        holds=not missed,
        figures={"learning_curves": partial(_draw, result)},
        next_command=""
        if result.config.file or CHANGED in result.predictions
        else "hebbayes predict-behaviour --gain-factor 0.3",
    )
    title, seed = f"Forecast for {result.name}", result.config.seed
    return with_behaviour_report(outcome, title=title, seed=seed)


def _curves(one: "PredictedBehaviour") -> dict[str, Any]:
    return {
        "success": _plain(one.success),
        "expected_success": _plain(one.expected_success),
        "taken": _plain(one.taken),
    }


def _plain(estimate: "Estimate") -> dict[str, Floats]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _within(result: AnimalPrediction) -> float:
    """Return the share of the animal's own sessions inside the interval for one animal."""
    assert result.true_success is not None
    success, predicted = result.true_success, list(result.predictions.values())[-1].success
    return float(np.mean((predicted.low <= success) & (success <= predicted.high)))


def _arrays(result: AnimalPrediction) -> dict[str, Floats]:
    arrays = {}
    for label, one in result.predictions.items():
        end = "" if label == AS_IS else "_changed"
        for name in ("success", "expected_success", "taken"):
            e = getattr(one, name)
            arrays[name + end] = np.stack([e.value, e.low, e.high])
    if result.true_success is not None:
        arrays["true_success"] = result.true_success
    return arrays


def _table(result: AnimalPrediction) -> Table:
    header = [
        "session",
        *(
            f"{part}, {label}"
            for label in result.predictions
            for part in ("success", "low", "high")
        ),
    ]
    columns = [
        getattr(one.success, part)
        for one in result.predictions.values()
        for part in ("value", "low", "high")
    ]
    if result.true_success is not None:
        header.append(f"truth, {list(result.predictions)[-1]}")
        columns.append(result.true_success.mean(0))
    rows = [[k, *values] for k, values in enumerate(zip(*columns))]
    return Table(f"{result.name}: share of correct decisions in the new task", header, rows)


def _notes(result: AnimalPrediction) -> list[str]:
    rivals, layer = result.behaviour.rivals, result.behaviour.output_layer
    assert rivals is not None  # else predict_behaviour raises
    assert rivals.winner is not None
    estimated = f"Estimated from {result.behaviour.n_used} decisions"
    if layer is not None:
        psi = ", ".join(f"{value:.2f}" for value in layer.decision_prior.threshold_factor.value)
        estimated += (
            f": psi {psi}; lambda / gain {layer.ratio.value:.3g} [{layer.ratio.low:.3g}, "
            f"{layer.ratio.high:.3g}]"
        )
    notes = [
        f"{estimated}. Forecasts come from the model that won: {rivals.winner.model.description}.",
        *behaviour_notes(result.behaviour),
        "95 % intervals are for ONE animal and include the chance in its decisions. The new task "
        "determines what it sees and how it infers states; its decisions do not show this.",
    ]
    untaken = sorted(set(range(result.behaviour.n_decisions)) - set(rivals.winner.taken.tolist()))
    if untaken:
        notes.append(
            f"Decisions {', '.join(map(str, untaken))} (numbered from 0) were never taken and are "
            "predicted never to be."
        )
    if result.true_success is not None:
        notes.append(
            f"{_within(result):.0%} of the sessions in {len(result.true_success)} simulated lives "
            "of the true animal lie inside the intervals."
        )
    return notes


def _draw(result: AnimalPrediction) -> "Figure":
    from hebbayes.plotting.behaviour.curves import learning_curves_figure

    return learning_curves_figure(
        {
            k: (p.success.value, p.success.low, p.success.high)
            for k, p in result.predictions.items()
        },
        result.task.reversals,
        result.true_success,
    )
