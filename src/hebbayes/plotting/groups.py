"""Groups of cultures side by side (I23; docs/theory.md section 8).

Takes arrays, returns a figure.  Each group has a row: activity, effective weights, cost and its
surrogates.  The last row compares groups: priors, errors of forecast synapses and activity.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.maze import draw_learning_curve
from hebbayes.plotting.sources import OFF_STYLE, ON_STYLE, OTHER_STYLE, OWN_STYLE
from hebbayes.plotting.style import (
    PRIOR_STYLES,
    SOURCE_ON,
    WIDE_MM,
    LineStyle,
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
_MORE = (LineStyle("#CC79A7", "D"), LineStyle("#009E73", "v"), LineStyle("#E69F00", "P"))


def draw_curve_pair(
    values: Values,
    ax: "Axes | None" = None,
    *,
    styles: Sequence[LineStyle],
    labels: Sequence[str],
    y: str,
) -> "Axes":
    """Return axes with two curves per session: mean and standard error over cultures.

    ``values`` is (cultures, sessions, 2, ensembles), the curves along the third axis.

    Example:
        >>> styles = (ON_STYLE, OFF_STYLE)
        >>> ax = draw_curve_pair(np.ones((1, 3, 2, 2)), styles=styles, labels="ab", y="x")
        >>> len(ax.lines)
        2
    """
    ax = axes_or_new(ax)
    for k, (style, label) in enumerate(zip(styles, labels)):
        curve = values[:, :, k].transpose(1, 0, 2).reshape(values.shape[1], -1)
        draw_learning_curve(curve, ax, style=style, label=label, x="session", y=y)
    return ax


def draw_cost_changes(
    cost: Sequence[Values], surrogate: Sequence[Values], ax: "Axes | None" = None
) -> "Axes":
    """Return axes with the change of L per trial of each culture; its surrogates are dashed.

    Example:
        >>> ax = draw_cost_changes([np.array([3.0, 1.0])], [np.array([3.0, 2.0])])
        >>> [line.get_ydata().tolist() for line in ax.lines]
        [[0.0, -1.0], [0.0, -2.0]]
    """
    ax = axes_or_new(ax)
    for curves, colour, line, label in (
        (surrogate, "#777777", "--", "gain drift only"),
        (cost, SOURCE_ON, "-", "recorded"),
    ):
        for k, curve in enumerate(curves):
            session = np.arange(1, len(curve) + 1)
            ax.plot(
                session,
                curve - curve[0],
                line,
                color=colour,
                linewidth=0.8,
                label=None if k else label,
            )
    return style_axes(ax, x="session", y="change of L (nats per trial)", has_legend=True)


def draw_group_priors(priors: Mapping[str, Values], ax: "Axes | None" = None) -> "Axes":
    """Return axes with D1 of both ensembles (filled, open) of each culture, by group.

    Example:
        >>> draw_group_priors({"drug": np.array([[0.6, 0.5]])}).get_ylabel()
        'prior $D_1$ = exp $\\\\phi_1$'
    """
    ax = axes_or_new(ax)
    for position, (values, style) in enumerate(zip(priors.values(), _styles(priors))):
        spread = np.linspace(-0.25, 0.25, len(values)) if len(values) > 1 else np.zeros(1)
        for k, filled in ((0, style.colour), (1, "white")):
            ax.plot(
                position + spread,
                values[:, k],
                style.marker,
                color=style.colour,
                markerfacecolor=filled,
                markersize=4,
            )
    add_reference_line(ax, y=0.5)
    ax.set_xlim(-0.6, len(priors) - 0.4)
    style_axes(ax, x="condition", y="prior $D_1$ = exp $\\phi_1$")
    names = [printable(name) for name in priors]
    ax.set_xticks(range(len(names)), names, rotation=25 if len(names) > 3 else 0, parse_math=False)
    return ax


def draw_weight_errors(errors: Mapping[str, Values], ax: "Axes | None" = None) -> "Axes":
    """Return axes with errors of forecast synapses: the protocol against a replay.

    ``errors`` holds (cultures, 2) per group: replay, protocol.

    Example:
        >>> ax = draw_weight_errors({"drug": np.array([[0.1, 0.2]])})
        >>> ax.lines[0].get_xydata().tolist()
        [[0.1, 0.2]]
    """
    ax = axes_or_new(ax)
    for (name, values), style in zip(errors.items(), _styles(errors)):
        ax.plot(
            values[:, 0], values[:, 1], style.marker, color=style.colour, markersize=4, label=name
        )
    largest = 1.05 * max(float(np.max(values)) for values in errors.values())
    ax.plot([0, largest], [0, largest], color="#888888", linewidth=0.6, linestyle=":")
    ax.set(xlim=(0, largest), ylim=(0, largest))
    return style_axes(
        ax, x="error of W, replayed sessions", y="error of W, protocol", has_legend=True
    )


def draw_model_errors(
    errors: Mapping[str, Values], models: Sequence[str], ax: "Axes | None" = None
) -> "Axes":
    """Return axes with squared errors (cultures, models) by group: a tick each, the mean a marker.

    Example:
        >>> ax = draw_model_errors({"drug": np.array([[0.2, 0.1]])}, ["protocol", "constant"])
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['protocol', 'constant']
    """
    ax = axes_or_new(ax)
    shifts = np.linspace(-0.2, 0.2, len(errors)) if len(errors) > 1 else np.zeros(1)
    for shift, (values, style) in zip(shifts, zip(errors.values(), _styles(errors))):
        for row, model_errors in enumerate(values.T):
            ax.plot(
                model_errors,
                np.full(len(model_errors), row + shift),
                "|",
                color=style.colour,
                markersize=5,
            )
            ax.plot(
                model_errors.mean(),
                row + shift,
                style.marker,
                color=style.colour,
                markersize=4,
                markerfacecolor="white",
            )
    style_axes(ax, x="squared error of activity", y="forecast")
    list_rows(ax, models)
    ax.set_xlim(left=0)
    return ax


def groups_figure(groups: Mapping[str, Mapping[str, Values]], models: Sequence[str]) -> "Figure":
    """Return all groups on a page; ``models`` names the columns of ``errors``.

    Each group holds: activity and weights (cultures, sessions, 2, ensembles), cost and
    surrogate_cost (cultures, sessions), prior (cultures, 2), weight_errors (cultures, 2), errors
    (cultures, models).

    Example:
        >>> shapes = {"activity": (1, 3, 2, 2), "weights": (1, 3, 2, 2), "cost": (1, 3),
        ...           "surrogate_cost": (1, 3), "prior": (1, 2), "weight_errors": (1, 2),
        ...           "errors": (1, 1)}
        >>> one = {name: np.ones(shape) for name, shape in shapes.items()}
        >>> len(groups_figure({"drug": one}, ["constant"]).axes)
        6
    """
    figure = new_figure(WIDE_MM, 62.0 + 50.0 * len(groups) + 22.0)
    grid = figure.subplots(len(groups) + 1, 3)
    for row, (name, group) in zip(grid, groups.items()):
        draw_curve_pair(
            group["activity"],
            row[0],
            styles=(OFF_STYLE, ON_STYLE),
            labels=("source off", "source on"),
            y=f"{printable(name)}\nactivity x".replace("$", r"\$"),
        )
        draw_curve_pair(
            group["weights"],
            row[1],
            styles=(OWN_STYLE, OTHER_STYLE),
            labels=("own stimuli", "others"),
            y="$W_1 - W_0$",
        )
        draw_cost_changes(list(group["cost"]), list(group["surrogate_cost"]), row[2])
    draw_group_priors({name: group["prior"] for name, group in groups.items()}, grid[-1, 0])
    draw_weight_errors({n: group["weight_errors"] for n, group in groups.items()}, grid[-1, 1])
    draw_model_errors({n: group["errors"] for n, group in groups.items()}, models, grid[-1, 2])
    letter_panels(list(grid.ravel()))
    return figure


def _styles(groups: Mapping[str, Any]) -> list[LineStyle]:
    known = (*PRIOR_STYLES, *_MORE)
    return [known[k % len(known)] for k in range(len(groups))]
