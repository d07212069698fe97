"""A recording described causally: thresholds, synapses, free energy beside its nulls, forecasts.

Arrays in, axes out (docs/recordings.md).  Solid lines are measured; grey bands are surrogates
without learning.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.recording import draw_errors, draw_weights
from hebbayes.plotting.style import (
    SOURCE_OFF,
    SOURCE_ON,
    TEXT_PT,
    WIDE_MM,
    add_caption,
    axes_or_new,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
Band = tuple[Values, Values, Values]
"""Value, low and high, alike in shape."""


def draw_free_energy_beside_nulls(
    total: Band, replayed: Band, gain_only: Band, ax: "Axes | None" = None, *, train_sessions: int
) -> "Axes":
    """Return axes with free energy per session, and what two kinds of surrogates show.

    Example:
        >>> one = (np.ones(3), np.zeros(3), np.full(3, 2.0))
        >>> ax = draw_free_energy_beside_nulls(one, one, one, train_sessions=2)
        >>> [line.get_label() for line in ax.lines[:3]]
        ['replayed', 'gain drift only', 'recorded']
    """
    ax = axes_or_new(ax)
    session = np.arange(len(total[0]))
    for (value, low, high), line, label in (
        (replayed, "--", "replayed"),
        (gain_only, ":", "gain drift only"),
    ):
        ax.fill_between(session, low, high, color="#bbbbbb", alpha=0.5, linewidth=0)
        ax.plot(session, value, line, color="#666666", linewidth=1.0, label=label)
    value, low, high = total
    ax.fill_between(session, low, high, color=SOURCE_ON, alpha=0.25, linewidth=0)
    ax.plot(session, value, color=SOURCE_ON, linewidth=1.0, label="recorded")
    ax.axvline(train_sessions - 0.5, color="#888888", linewidth=0.6, linestyle=":")
    ax.legend(fontsize=TEXT_PT, frameon=False, loc="best")
    return style_axes(ax, x="session", y="free energy (nats)")


def draw_log_odds(
    consistent: Band, published: Values, ax: "Axes | None" = None, *, labels: Sequence[str]
) -> "Axes":
    """Return axes with phi of every ensemble: consistent with its interval, and published.

    Example:
        >>> one = (np.array([0.5]), np.array([0.1]), np.array([0.9]))
        >>> draw_log_odds(one, np.array([0.4]), labels=["0"]).get_ylabel()
        'threshold factor $\\\\phi$'
    """
    ax = axes_or_new(ax)
    place, (value, low, high) = np.arange(len(published)), consistent
    known = np.isfinite(value) & np.isfinite(low) & np.isfinite(high)
    reach = np.stack([value - low, high - value])[:, known]
    ax.errorbar(
        place[known] - 0.1,
        value[known],
        reach,
        fmt="o",
        color=SOURCE_OFF,
        markersize=4,
        linewidth=1.0,
        label="consistent, 95 %",
    )
    ax.plot(
        place + 0.1,
        published,
        "s",
        color="black",
        markerfacecolor="white",
        markersize=4,
        label="published",
    )
    ax.axhline(0, color="#888888", linewidth=0.6, linestyle=":")
    ax.set_xticks(place, list(labels), rotation=90 if len(labels) > 8 else 0)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    ax.legend(fontsize=TEXT_PT, frameon=False, loc="best")
    return style_axes(ax, x="ensemble", y="threshold factor $\\phi$")


def draw_losses(losses: Mapping[str, float], reference: str, ax: "Axes | None" = None) -> "Axes":
    """Return axes with the loss of every model relative to the reference, a bar each.

    Example:
        >>> len(draw_losses({"saturated": 1.0, "constant": 6.3}, "saturated").patches)
        2
    """
    ax = axes_or_new(ax)
    names = list(losses)
    values = np.array([losses[name] for name in names])
    ax.barh(np.arange(len(names)), values, color="#999999", height=0.6)
    ax.axvline(1.0, color="black", linewidth=0.6, linestyle=":")
    ax.set_yticks(np.arange(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    return style_axes(ax, x=f"squared error / {reference}")


def description_figure(
    *,
    free_energy: tuple[Band, Band, Band],
    log_odds: Band,
    published_log_odds: Values,
    weights: Values,
    errors: Mapping[str, Values],
    losses: Mapping[str, float],
    reference: str,
    train_sessions: int,
    name: str,
) -> "Figure":
    """Return one culture on a page.

    ``free_energy`` holds what was recorded, replayed, and gain drift alone; ``weights`` is
    (sessions, channels, ensembles), of which the first two ensembles are shown.

    Example:
        >>> one = (np.ones(3), np.zeros(3), np.full(3, 2.0))
        >>> figure = description_figure(
        ...     free_energy=(one, one, one), log_odds=one, published_log_odds=np.ones(3),
        ...     weights=np.ones((3, 4, 2)), errors={}, losses={"saturated": 1.0},
        ...     reference="saturated", train_sessions=2, name="culture 0")
        >>> len(figure.axes)
        8
    """
    figure = new_figure(WIDE_MM, 110.0)
    grid = figure.subplots(2, 3)
    draw_free_energy_beside_nulls(*free_energy, grid[0, 0], train_sessions=train_sessions)
    labels = [str(k) for k in range(len(published_log_odds))]
    draw_log_odds(log_odds, published_log_odds, grid[1, 0], labels=labels)
    for k in range(2):
        if k < weights.shape[2]:
            draw_weights(weights[:, :, k], grid[k, 1])
            grid[k, 1].set_ylabel(f"channel (ensemble {k})", fontsize=TEXT_PT)
        else:
            grid[k, 1].set_axis_off()
    for panel, values, draw in (
        (grid[0, 2], errors, lambda ax: draw_errors(errors, ax)),
        (grid[1, 2], losses, lambda ax: draw_losses(losses, reference, ax)),
    ):
        if values:
            draw(panel)
        else:
            panel.set_axis_off()
    letter_panels([ax for ax in grid.ravel() if ax.axison])
    add_caption(figure, f"{name}. {_CAPTION}")
    return figure


def conditions_figure(
    log_odds: Mapping[str, Values],
    falls: Mapping[str, Values],
    losses: Mapping[str, float],
    reference: str,
    *,
    name: str,
) -> "Figure":
    """Return conditions side by side: phi, change of free energy, and losses over cultures.

    ``log_odds`` and ``falls`` hold the values of all ensembles, of all cultures, per condition.

    Example:
        >>> both = {"control": np.array([0.1, 0.2]), "drug": np.array([0.4])}
        >>> len(conditions_figure(both, both, {"saturated": 1.0}, "saturated", name="two").axes)
        3
    """
    figure = new_figure(WIDE_MM, 65.0)
    panels = figure.subplots(1, 3 if losses else 2)
    for ax, values, y in (
        (panels[0], log_odds, "threshold factor $\\phi$"),
        (panels[1], falls, "change of free energy\nper trial (nats)"),
    ):
        for place, known in enumerate(values.values()):
            shift = np.linspace(-0.12, 0.12, len(known)) if len(known) > 1 else np.zeros(len(known))
            ax.plot(place + shift, known, "o", color=SOURCE_OFF, markersize=3)
            ax.plot([place - 0.2, place + 0.2], [np.nanmean(known)] * 2, color="black") if np.size(
                known
            ) and np.isfinite(known).any() else None
        ax.axhline(0, color="#888888", linewidth=0.6, linestyle=":")
        ax.set_xticks(range(len(values)), list(values))
        ax.set_xlim(-0.5, len(values) - 0.5)
        style_axes(ax, y=y)
    if losses:
        draw_losses(losses, reference, panels[2])
    letter_panels(list(panels))
    add_caption(
        figure,
        f"{name}. A dot per ensemble or culture, a line for the mean; squared "
        "errors of raw responses after training, relative.",
    )
    return figure


_CAPTION = (
    "Left: free energy per session (top) beside surrogates in which training sessions are replayed "
    "and in which only units' gains drift, with 95 % bands; threshold factors (bottom). Middle: "
    "effective weights. Right: squared errors of activity after training (top), of raw responses, "
    "relative (bottom). Everything is fitted on the sessions left of the dotted line."
)
