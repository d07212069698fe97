"""Forecasts of decisions in an analysis: every null, every rule of learning, and who won."""

from typing import TYPE_CHECKING

from hebbayes.commands.running.outcome import Table
from hebbayes.reverse_engineering.forecasting.labels import model_label
from hebbayes.reverse_engineering.forecasting.other.decision_rivals import RIVAL, WINNER

if TYPE_CHECKING:
    from hebbayes.commands.analyze.run import CausalAnalysis

_TARGETS = {"decisions": "Squared error of decisions", "success": "Squared error of success"}

_THEORY = "output_layer"


def decision_tables(result: "CausalAnalysis") -> list[Table]:
    """Return one table of losses for decisions and one for success, if they were forecast.

    Example:
        >>> from types import SimpleNamespace as Some
        >>> decision_tables(Some(forecasts=Some(targets={}), cultures=()))
        []
    """
    tables = []
    targets = {} if result.forecasts is None else result.forecasts.targets
    for name, title in _TARGETS.items():
        if name not in targets:
            continue
        target = targets[name]
        ordered = sorted(target.losses.items(), key=lambda item: item[1].value)
        rows = [[_label(model, result), *one.as_tuple()] for model, one in ordered]
        title = f"{title} after training / {model_label(target.reference)}"
        tables.append(Table(title, ["model", "mean", "low", "high"], rows))
    return tables


def decision_notes(result: "CausalAnalysis") -> list[str]:
    """Return who forecasts decisions, beside the theory and the best of all.

    Example:
        >>> from types import SimpleNamespace as Some
        >>> decision_notes(Some(forecasts=None, cultures=()))
        []
    """
    notes = [
        f"Culture {one.number}: decisions after training are forecast by the model that won "
        f"training, {one.forecasts.winner} (winner in the table)."
        for one in result.cultures
        if one.forecasts is not None and one.forecasts.winner
    ]
    targets = {} if result.forecasts is None else result.forecasts.targets
    for name in _TARGETS:
        if name in targets and WINNER in (losses := targets[name].losses):
            winner, theory = losses[WINNER].value, losses[_THEORY].value
            notes.append(
                f"For {name}, the winner's squared error is {winner:.3g} relative to "
                f"{targets[name].reference}, that of the theory's own output layer {theory:.3g}."
            )
    return notes


def _label(model: str, result: "CausalAnalysis") -> str:
    """Rules of learning by their descriptions, the winner with its own."""
    from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS  # Numba

    words = {one.forecasts.winner for one in result.cultures if one.forecasts is not None}
    if model == WINNER and len(words) == 1:
        return f"{WINNER}: {words.pop()}"
    described = {RIVAL + one.name: f"rule: {one.description}" for one in MODELS}
    return described.get(model, model_label(model))
