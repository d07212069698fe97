"""What an audit says of targets beside raw responses: synapses, free energy, decisions, success."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hebbayes.commands.published.reproduction import interval_number

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.judging.other_targets import TargetForecasts


def target_numbers(targets: Mapping[str, "TargetForecasts"]) -> dict[str, Any]:
    """Return losses relative to each target's reference, what theory adds, settings tried.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.judging import other_targets
        >>> from hebbayes.reverse_engineering.statistics.estimate import Estimate
        >>> losses = {"trend": Estimate(2.0, 1.0, 3.0)}
        >>> one = other_targets.TargetForecasts("replay", losses, None, 2)
        >>> target_numbers({"free_energy": one})
        {'free energy: loss of trend / replay': {'ours': 2.0, 'low': 1.0, 'high': 3.0}}
    """
    numbers: dict[str, Any] = {}
    for target, one in targets.items():
        name = target.replace("_", " ")
        numbers |= {
            f"{name}: loss of {model} / {one.reference}": interval_number(interval)
            for model, interval in one.losses.items()
            if model != one.reference
        }
        if (verdict := one.verdict) is not None:
            numbers[f"{name}: theory adds"] = interval_number(verdict.gain)
            numbers[f"{name}: settings tried"] = {"ours": verdict.settings_tried}
    return numbers


def target_sentences(targets: Mapping[str, "TargetForecasts"]) -> list[str]:
    """Return the verdict on every target.

    Example:
        >>> target_sentences({})
        []
    """
    return [
        f"Target {name.replace('_', ' ')}: theory adds {one.verdict.gain.value:.2%} "
        f"[{one.verdict.gain.low:.2%}, {one.verdict.gain.high:.2%}] of the best null's loss, over "
        f"{one.n_recordings} recordings; {one.verdict.settings_tried} settings were tried"
        f"{'' if one.verdict.adds else ' (no claim)'}."
        for name, one in targets.items()
        if one.verdict is not None
    ]
