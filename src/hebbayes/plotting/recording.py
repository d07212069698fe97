"""A recording and its reading: responses, activity, synapses, cost and predictions.

Takes arrays, returns axes (I23; docs/theory.md section 8).  Solid lines are observed, dashed lines
predicted; colour and marker show the state of a source.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.responses import draw_image
from hebbayes.plotting.style import (
    SOURCE_OFF,
    SOURCE_ON,
    TEXT_PT,
    WEIGHT_MAP,
    WIDE_MM,
    add_caption,
    add_reference_line,
    axes_or_new,
    letter_panels,
    list_rows,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]


def draw_source_responses(
    means: Values,
    ax: "Axes | None" = None,
    *,
    predicted: Values | None = None,
    y: str = "spikes per trial and unit",
) -> "Axes":
    """Return axes with an ensemble's mean response per session, by the state of its source.

    ``means`` and ``predicted`` are (sessions, 2), off first.

    Example:
        >>> ax = draw_source_responses(np.array([[1.0, 2.0], [1.0, 4.0]]))
        >>> ax.lines[1].get_ydata().tolist()
        [2.0, 4.0]
    """
    ax = axes_or_new(ax)
    session = np.arange(len(means))
    for k, (colour, marker) in enumerate(((SOURCE_OFF, "o"), (SOURCE_ON, "s"))):
        ax.plot(
            session,
            means[:, k],
            color=colour,
            marker=marker,
            markevery=max(1, len(session) // 8),
            markersize=3,
            markerfacecolor="white",
            linewidth=1.0,
            label=("off", "on")[k],
        )
        if predicted is not None:
            ax.plot(session, predicted[:, k], "--", color=colour, linewidth=1.0)
    return style_axes(ax, x="session", y=y, has_legend=True)


def draw_weights(weights: Values, ax: "Axes | None" = None) -> "Axes":
    """Return axes with an image of one ensemble's effective weights (sessions, channels).

    Example:
        >>> draw_weights(np.array([[0.0, -2.0]])).images[0].get_clim()
        (-2.0, 0.0)
    """
    return draw_image(
        weights,
        ax,
        colours=WEIGHT_MAP,
        unit="$W_1 - W_0$",
        x="session",
        y="stimulus channel",
        gap=0.03,
    )


def draw_cost(costs: Mapping[int, Values], ax: "Axes | None" = None) -> "Axes":
    """Return axes with the change of L since the first session, per culture.

    Example:
        >>> draw_cost({0: np.array([5.0, 4.0])}).lines[0].get_ydata().tolist()
        [0.0, -1.0]
    """
    ax = axes_or_new(ax)
    for number, cost in costs.items():
        ax.plot(np.arange(len(cost)), cost - cost[0], color="black", linewidth=0.8)
        if len(costs) > 1:
            ends = (len(cost) - 1, cost[-1] - cost[0])
            ax.annotate(
                str(number),
                ends,
                (3, 0),
                textcoords="offset points",
                va="center",
                fontsize=TEXT_PT,
            )
    return style_axes(ax, x="session", y="change of L (nats)")


def draw_priors(priors: Mapping[int, Values], ax: "Axes | None" = None) -> "Axes":
    """Return axes with exp(phi1), the prior that a source is on, of each culture's ensembles.

    Example:
        >>> ax = draw_priors({0: np.array([0.4, 0.6]), 3: np.array([0.5, 0.5])})
        >>> ax.lines[1].get_ydata().tolist()
        [0.6, 0.5]
    """
    ax = axes_or_new(ax)
    position = np.arange(len(priors))
    for k, marker in enumerate("o^"):
        ax.plot(
            position,
            [values[k] for values in priors.values()],
            marker,
            color="black",
            markerfacecolor=("black", "white")[k],
            markersize=4,
            label=f"ensemble {k + 1}",
        )
    add_reference_line(ax, y=0.5)
    ax.set_xticks(position, [str(number) for number in priors])
    ax.set_xlim(-0.5, len(priors) - 0.5)
    return style_axes(ax, x="culture", y="prior $D_1$ = exp $\\phi_1$", has_legend=True)


def draw_errors(errors: Mapping[str, Values], ax: "Axes | None" = None) -> "Axes":
    """Return axes with squared errors by model: a tick each, the mean a dot.

    Example:
        >>> ax = draw_errors({"protocol": np.array([0.2, 0.3]), "constant": np.full(2, 0.1)})
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['protocol', 'constant']
    """
    ax = axes_or_new(ax)
    for row, values in enumerate(errors.values()):
        ax.plot(values, np.full(len(values), row), "|", color="#888888", markersize=6)
        ax.plot(np.mean(values), row, "o", color="black", markersize=4)
    list_rows(ax, errors)
    ax.set_xlim(left=0)
    return style_axes(ax, x="squared error of activity", y="forecast")


def culture_figure(
    *,
    responses: Values,
    activity: Values,
    predicted_activity: Values,
    weights: Values,
    cost: Values,
    errors: Mapping[str, Values],
    name: str,
) -> "Figure":
    """Return one culture on a page: a row per ensemble, then cost and errors.

    ``responses``, ``activity`` and ``predicted_activity`` come from `mean_by_own_source`;
    ``weights`` is (sessions, channels, ensembles).

    Example:
        >>> means, weights = np.ones((3, 2, 2)), np.ones((3, 4, 2))
        >>> figure = culture_figure(
        ...     responses=means, activity=means, predicted_activity=means, weights=weights,
        ...     cost=np.ones(3), errors={"constant": np.ones(2)}, name="culture 0")
        >>> len(figure.axes)
        10
    """
    figure = new_figure(WIDE_MM, 105.0)
    grid = figure.subplots(2, 4)
    for k, row in enumerate(grid):
        title = f"ensemble {k + 1}"
        draw_source_responses(responses[:, :, k], row[0], y=f"{title}\nspikes per trial and unit")
        draw_source_responses(
            activity[:, :, k], row[1], predicted=predicted_activity[:, :, k], y="activity x"
        )
        draw_weights(weights[:, :, k], row[2])
    draw_cost({0: cost}, grid[0, 3])
    draw_errors(errors, grid[1, 3])
    letter_panels(list(grid.ravel()))
    add_caption(figure, f"{name}. " + _CAPTION)
    return figure


def cultures_figure(
    costs: Mapping[int, Values],
    priors: Mapping[int, Values],
    errors: Mapping[str, Values],
    *,
    name: str,
) -> "Figure":
    """Return all cultures side by side: cost, priors, and errors of each model per culture.

    Example:
        >>> both = {0: np.ones(2), 1: np.zeros(2)}
        >>> len(cultures_figure(both, both, {}, name="a condition").axes)
        2
    """
    figure = new_figure(WIDE_MM, 65.0)
    panels = figure.subplots(1, 3 if errors else 2)
    draw_cost(costs, panels[0])
    draw_priors(priors, panels[1])
    if errors:
        draw_errors(errors, panels[2])
    letter_panels(list(panels))
    add_caption(
        figure,
        f"{name}. Cost of each culture (numbered at its end), priors estimated from the first "
        "sessions, squared errors of late single trials (a tick per culture, a dot for the mean).",
    )
    return figure


_CAPTION = (
    "Rows: units that prefer source 1, source 2. From the left: raw responses while the preferred "
    "source is off and on; normalised activity, observed (solid) and predicted by the published "
    "protocol (dashed); effective weights; cost L (top) and squared errors of late single trials, "
    "a tick per session, a dot for the mean (bottom). Normalisation uses labels and all sessions, "
    "so the prediction is no forecast."
)
