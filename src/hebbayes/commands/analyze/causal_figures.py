"""Figures of the causal protocol: one per culture, and one of all conditions."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.analyze.comparisons import free_energy_changes, published_log_odds
from hebbayes.core.arrays import OFF, ON

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.analyze.culture import CausalCulture
    from hebbayes.commands.analyze.run import CausalAnalysis


def causal_figures(result: "CausalAnalysis") -> "dict[str, Callable[[], Figure]]":
    """Return a figure of each culture, and one of all side by side if there are several.

    Example:
        >>> from types import SimpleNamespace
        >>> result = SimpleNamespace(cultures=[SimpleNamespace(number=3)], others=())
        >>> list(causal_figures(result))
        ['culture_3']
    """
    figures: dict[str, Callable[[], Figure]] = {
        f"culture_{c.number}": partial(_draw_one, c, result) for c in result.cultures
    }
    if len(result.cultures) > 1 or result.others:
        figures["conditions"] = partial(_draw_all, result)
    return figures


def _draw_all(result: "CausalAnalysis") -> "Figure":
    from hebbayes.plotting.description import conditions_figure

    all_of = (result, *result.others)
    losses = {} if result.forecasts is None else result.forecasts.losses
    return conditions_figure(
        {one.condition: published_log_odds(one) for one in all_of},
        {one.condition: np.array(list(free_energy_changes(one).values())) for one in all_of},
        {name: interval.value for name, interval in losses.items()},
        "" if result.forecasts is None else result.forecasts.reference,
        name=" and ".join(one.condition for one in all_of),
    )


def _draw_one(culture: "CausalCulture", result: "CausalAnalysis") -> "Figure":
    from hebbayes.plotting.description import description_figure
    from hebbayes.reverse_engineering.forecasting.scoring import losses

    description, scored = culture.description, culture.forecasts
    reference = result.forecasts.reference if result.forecasts else ""
    relative = {}
    if scored is not None and reference in (table := losses(scored.scores)):
        relative = {name: value / table[reference] for name, value in table.items()}
    return description_figure(
        free_energy=tuple(
            (one.value, one.low, one.high)
            for one in (description.free_energy.total, description.replayed, description.gain_only)
        ),  # type: ignore[arg-type]
        log_odds=(description.log_odds.value, description.log_odds.low, description.log_odds.high),
        published_log_odds=description.published_factors[ON] - description.published_factors[OFF],
        weights=description.weights,
        errors=culture.errors,
        losses=relative,
        reference=reference,
        train_sessions=culture.train_sessions,
        name=f"{result.condition}, culture {culture.number}",
    )
