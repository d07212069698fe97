"""Priors estimated from early activity, and the synapses that they predict (I20 Fig. 4).

Takes arrays, returns axes or a figure.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.style import (
    WIDE_MM,
    LineStyle,
    add_legend,
    add_reference_line,
    axes_or_new,
    integer_axis,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]

FORECAST_STYLES: Mapping[str, LineStyle] = {
    "consistent": LineStyle("#0072B2", "o"),
    "published": LineStyle("black", "s"),
    "flat": LineStyle("#56B4E9", "^"),
    "replay": LineStyle("#D55E00", "D", "--"),
    "unchanged": LineStyle("#888888", "v", ":"),
}


def draw_estimated_priors(
    true: Values, estimates: Mapping[str, Values], ax: "Axes | None" = None
) -> "Axes":
    """Return axes with estimates of phi (values, runs) against its true values: mean and error.

    Example:
        >>> ax = draw_estimated_priors(np.array([0.0, 1.0]), {"published": np.zeros((2, 3))})
        >>> ax.get_ylabel()
        'estimated phi'
    """
    ax = axes_or_new(ax)
    for name, values in estimates.items():
        _draw_mean(ax, true, values, name)
    ends = [float(true.min()), float(true.max())]
    ax.plot(ends, ends, color="#888888", linewidth=0.6, linestyle=":")
    return style_axes(ax, x="true phi", y="estimated phi", has_legend=True)


def draw_trajectories(
    weights: Values, predicted: Values, ax: "Axes | None" = None, *, n_shown: int = 8
) -> "Axes":
    """Return axes with true and predicted weights (sessions + 1, stimuli) of some stimuli.

    Example:
        >>> ax = draw_trajectories(np.ones((3, 4)), np.ones((3, 4)), n_shown=2)
        >>> len(ax.lines)
        4
    """
    ax = axes_or_new(ax)
    session = np.arange(len(weights))
    for k, stimulus in enumerate(np.linspace(0, weights.shape[1] - 1, n_shown).astype(int)):
        label = ("true", "predicted") if k == 0 else (None, None)
        ax.plot(session, weights[:, stimulus], color="#999999", linewidth=1.6, label=label[0])
        ax.plot(
            session, predicted[:, stimulus], "--", color="#0072B2", linewidth=0.9, label=label[1]
        )
    integer_axis(ax, "x")
    return style_axes(ax, x="session", y="$W_1 - W_0$", has_legend=True)


def draw_forecast_errors(
    x: Values, errors: Mapping[str, Values], ax: "Axes | None" = None, *, x_label: str, y: str
) -> "Axes":
    """Return logarithmic axes with errors (x, runs) of each forecast: mean and standard error.

    Example:
        >>> ax = draw_forecast_errors(np.arange(3), {"flat": np.ones((3, 2))}, x_label="x", y="e")
        >>> ax.get_yscale()
        'log'
    """
    ax = axes_or_new(ax)
    for name, values in errors.items():
        is_positive = values.mean(1) > 0
        _draw_mean(ax, x[is_positive], values[is_positive], name)
    ax.set_yscale("log")
    return style_axes(ax, x=x_label, y=y)


def prior_figure(
    d1: Values,
    phi: Values,
    errors: Mapping[str, Values],
    change: Values,
    trajectories: tuple[Values, Values],
    *,
    training: int,
    shown: int,
) -> "Figure":
    """Return estimated priors, trajectories, and errors of forecasts by session and by prior.

    phi: (values of D1, runs, 2), consistent and published.  errors, change: (values of D1, runs,
    sessions from ``training`` on).  trajectories: true and predicted weights at ``d1[shown]``.

    Example:
        >>> values = np.ones((2, 3, 5))
        >>> both = (np.ones((7, 4)), np.ones((7, 4)))
        >>> figure = prior_figure(np.array([0.2, 0.8]), np.zeros((2, 3, 2)), {"flat": values},
        ...                       values, both, training=2, shown=0)
        >>> len(figure.axes)
        4
    """
    figure = new_figure(WIDE_MM, 135.0)
    grid = figure.subplots(2, 2)
    estimates = {"consistent": phi[..., 0], "published": phi[..., 1]}
    draw_estimated_priors(np.log(d1 / (1 - d1)), estimates, grid[0, 0])
    draw_trajectories(*trajectories, grid[0, 1])
    add_reference_line(grid[0, 1], x=training)
    session = training + np.arange(change.shape[-1])
    by_session = {name: values[shown].T for name, values in errors.items()}
    draw_forecast_errors(
        session, by_session, grid[1, 0], x_label="session", y="error of forecast weights"
    )
    relative = {name: values[..., -1] / change[..., -1] for name, values in errors.items()}
    draw_forecast_errors(
        d1, relative, grid[1, 1], x_label="true prior D1", y="error / change of weights"
    )
    add_legend(grid[1, 0])
    letter_panels(list(grid.ravel()))
    return figure


def _draw_mean(ax: "Axes", x: Values, values: Values, name: str) -> None:
    """Draw the mean over the last axis and its standard error, in the forecast's style."""
    style, n = FORECAST_STYLES[name], values.shape[1]
    error = values.std(1, ddof=1) / np.sqrt(n) if n > 1 else None
    bars = error if len(x) <= 20 else None
    ax.errorbar(
        x,
        values.mean(1),
        yerr=bars,
        color=style.colour,
        marker=style.marker,
        linestyle=style.line,
        markevery=max(1, len(x) // 10),
        markersize=3.5,
        markerfacecolor="white",
        linewidth=1.0,
        label=name,
    )
