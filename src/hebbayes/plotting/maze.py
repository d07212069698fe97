"""The maze study: learning curves, mazes with an agent's trail, predictions for unseen mazes.

Takes arrays, returns axes (I22 Figs. 4-5; docs/theory.md section 7).  A duration equal to the time
limit is a failure.  Each call draws one curve, so that conditions share axes.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.style import (
    NARROW_MM,
    PROBABILITY_MAP,
    REFERENCE_COLOUR,
    TEXT_PT,
    UNBIASED,
    WIDE_MM,
    LineStyle,
    add_reference_line,
    axes_or_new,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[Any]


def draw_learning_curve(
    values: Values,
    ax: "Axes | None" = None,
    *,
    style: LineStyle = UNBIASED,
    label: str = "",
    x: str = "trial",
    y: str = "",
) -> "Axes":
    """Return axes with the mean over repetitions per trial and a band of one standard error.

    ``values`` is (trials, repetitions).  Pass ``ax`` to add conditions.

    Example:
        >>> ax = draw_learning_curve(np.array([[3.0, 1.0], [1.0, 1.0]]), label="ours")
        >>> ax.lines[0].get_ydata().tolist()
        [2.0, 1.0]
    """
    from matplotlib.ticker import MaxNLocator

    ax = axes_or_new(ax)
    values = np.asarray(values, float)
    trial, mean = np.arange(1, len(values) + 1), values.mean(1)
    ax.plot(
        trial,
        mean,
        style.line,
        color=style.colour,
        marker=style.marker,
        markevery=max(1, len(trial) // 10),
        markersize=3.5,
        markerfacecolor="white",
        linewidth=1.0,
        label=label or None,
    )
    if values.shape[1] > 1:
        error = values.std(1, ddof=1) / np.sqrt(values.shape[1])
        ax.fill_between(trial, mean - error, mean + error, color=style.colour, alpha=0.2, lw=0)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    return style_axes(ax, x=x, y=y, has_legend=True)


def draw_returns(
    returns: Values, random_return: float, final_return: float, ax: "Axes | None" = None
) -> "Axes":
    """Return axes with the return of training episodes, and two levels to compare it with.

    The curve is the mean of some hundred stretches of episodes; the levels are those of random
    actions and of the most probable decision after training.

    Example:
        >>> ax = draw_returns(np.arange(4.0), 0.0, 3.0)
        >>> ax.lines[0].get_ydata().tolist()
        [0.0, 1.0, 2.0, 3.0]
    """
    ax = axes_or_new(ax)
    stretches = np.array_split(np.asarray(returns, float), max(1, min(100, len(returns))))
    ends = np.cumsum([len(stretch) for stretch in stretches])
    means = [stretch.mean() if len(stretch) else np.nan for stretch in stretches]
    ax.plot(ends, means, color=UNBIASED.colour, linewidth=1.0, label="while learning")
    ax.axhline(final_return, color="black", linewidth=0.8, label="most probable decision")
    ax.axhline(random_return, color=REFERENCE_COLOUR, linewidth=0.8, ls="--", label="random")
    return style_axes(ax, x="episode", y="return", has_legend=True)


def draw_durations(
    durations: Values,
    ax: "Axes | None" = None,
    *,
    longest: float | None = None,
    style: LineStyle = UNBIASED,
    label: str = "",
) -> "Axes":
    """Return axes with the steps per trial: mean over mazes and standard error.

    ``durations`` is (trials, mazes); ``longest``, the time limit, is dotted.

    Example:
        >>> draw_durations(np.array([[900, 700], [500, 300]]), longest=1000).get_ylabel()
        'duration (steps)'
    """
    ax = draw_learning_curve(durations, ax, style=style, label=label, y="duration (steps)")
    if longest is not None:
        add_reference_line(ax, y=longest)
    ax.set_ylim(bottom=0)
    return ax


def draw_success(
    durations: Values,
    longest: float,
    ax: "Axes | None" = None,
    *,
    style: LineStyle = UNBIASED,
    label: str = "",
) -> "Axes":
    """Return axes with the share of mazes solved per trial and its standard error.

    Example:
        >>> ax = draw_success(np.array([[1000, 700], [500, 300]]), 1000)
        >>> ax.lines[0].get_ydata().tolist()
        [0.5, 1.0]
    """
    solved = np.asarray(durations) < longest
    ax = draw_learning_curve(solved, ax, style=style, label=label, y="mazes solved")
    ax.set_ylim(-0.03, 1.03)
    return ax


def draw_free_energy(
    free_energy: Values,
    ax: "Axes | None" = None,
    *,
    style: LineStyle = UNBIASED,
    label: str = "",
) -> "Axes":
    """Return axes with the free energy of every trial: mean over mazes and standard error.

    Example:
        >>> draw_free_energy(np.array([[9.0, 7.0], [5.0, 3.0]])).get_ylabel()
        'free energy (nats)'
    """
    return draw_learning_curve(free_energy, ax, style=style, label=label, y="free energy (nats)")


def draw_maze(
    walls: Values,
    positions: Values | None = None,
    ax: "Axes | None" = None,
    *,
    title: str = "",
) -> "Axes":
    """Return axes with the map (1 = wall) and an agent's trail, from pale to dark.

    ``positions`` is (time, 2): row, column, 0-based.  The start is a ring, the end a disc.

    Example:
        >>> walls = np.array([[1, 1, 1], [0, 0, 0], [1, 1, 1]])
        >>> ax = draw_maze(walls, np.array([[1, 0], [1, 2]]))
        >>> ax.images[0].get_array().shape
        (3, 3)
    """
    n_rows, n_columns = np.shape(walls)
    ax = axes_or_new(ax, WIDE_MM, max(30.0, (WIDE_MM - 8) * n_rows / n_columns + 10))
    ax.imshow(walls, cmap=PROBABILITY_MAP, vmin=0, vmax=1.6, interpolation="nearest")
    if positions is not None and len(positions):
        _draw_trail(np.asarray(positions), ax)
    style_axes(ax, title=title)
    ax.set_axis_off()
    return ax


def _draw_trail(positions: Values, ax: "Axes") -> None:
    from matplotlib.collections import LineCollection

    # a step moves two cells; each edge is drawn once, in the order last walked
    edges = np.concatenate([positions[:-1], positions[1:]], axis=1)
    _, last = np.unique(edges[::-1], axis=0, return_index=True)
    order = np.sort(len(edges) - 1 - last)
    segments = edges[order].reshape(-1, 2, 2)[:, :, ::-1]
    trail = LineCollection(list(segments), cmap="YlOrBr", linewidths=1.3, capstyle="round")
    trail.set_array(order / max(1, len(edges)))
    trail.set_clim(-0.4, 1.0)
    ax.add_collection(trail)
    (start_row, start_column), (end_row, end_column) = positions[0], positions[-1]
    ax.plot(start_column, start_row, "o", mfc="white", mec="black", ms=4)
    ax.plot(end_column, end_row, "o", mfc="black", mec="black", ms=4)


def draw_position(
    columns: Values,
    ax: "Axes | None" = None,
    *,
    every: int = 1,
    colour: str = "black",
    label: str = "",
) -> "Axes":
    """Return axes with the agent's column against time in one trial, every ``every`` steps.

    Example:
        >>> draw_position(np.array([1, 3, 5]), every=2).lines[0].get_xydata().tolist()
        [[0.0, 1.0], [2.0, 5.0]]
    """
    ax = axes_or_new(ax)
    steps = np.arange(0, len(columns), every)
    ax.plot(steps, np.asarray(columns)[steps], color=colour, lw=0.8, label=label or None)
    return style_axes(ax, x="step", y="column", has_legend=True)


def draw_prediction(
    true: Values,
    predicted: Values,
    ax: "Axes | None" = None,
    *,
    style: LineStyle = UNBIASED,
    label: str = "",
    x: str = "true mean duration (steps)",
    y: str = "predicted (steps)",
) -> "Axes":
    """Return axes with predicted against true values, such as durations, and the identity.

    Example:
        >>> ax = draw_prediction(np.array([1.0, 2.0]), np.array([1.1, 2.2]))
        >>> ax.get_xlabel()
        'true mean duration (steps)'
    """
    ax = axes_or_new(ax, NARROW_MM, 80.0)
    ax.plot(
        true,
        predicted,
        style.marker,
        color=style.colour,
        markerfacecolor="white",
        markersize=5,
        label=label or None,
    )
    limits = (0.0, 1.05 * max(ax.dataLim.x1, ax.dataLim.y1))
    ax.axline((0, 0), slope=1, color="0.6", linewidth=0.6, zorder=0)
    ax.set(xlim=limits, ylim=limits, aspect="equal")
    return style_axes(ax, x=x, y=y, has_legend=True)


def draw_view(values: Values, view: int, ax: "Axes | None" = None, *, title: str = "") -> "Axes":
    """Return axes with the ``view`` x ``view`` cells around the agent, 0 white and 1 black.

    ``values`` are flattened by column, like observations and beliefs.  A cross marks the agent.

    Example:
        >>> draw_view(np.arange(9) / 8, 3).images[0].get_array()[:, 0].tolist()
        [0.0, 0.125, 0.25]
    """
    ax = axes_or_new(ax, 40.0, 40.0)
    return _draw_cells(np.asarray(values, float).reshape(view, view).T, 1.0, ax, title)


def draw_decisions(weights: Values, ax: "Axes | None" = None, *, title: str = "") -> "Axes":
    """Return axes with the end points of decisions: the darker, the likelier.

    ``weights`` is (4^depth,), one per sequence of moves up, down, left, right.  A cross marks the
    agent.

    Example:
        >>> ax = draw_decisions(np.array([0.0, 0.0, 0.25, 0.75]))
        >>> ax.images[0].get_array().tolist()
        [[0.0, 0.0, 0.0], [0.25, 0.0, 0.75], [0.0, 0.0, 0.0]]
    """
    ax = axes_or_new(ax, 40.0, 40.0)
    depth = round(np.log(len(weights)) / np.log(4))
    digits = np.arange(len(weights))[:, None] // 4 ** np.arange(depth) % 4
    ends = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])[digits].sum(1) + depth
    share = np.zeros((2 * depth + 1, 2 * depth + 1))
    np.add.at(share, (ends[:, 0], ends[:, 1]), np.asarray(weights, float) / np.sum(weights))
    return _draw_cells(share, share.max(), ax, title)


def _draw_cells(cells: Values, darkest: float, ax: "Axes", title: str) -> "Axes":
    ax.imshow(cells, cmap=PROBABILITY_MAP, vmin=0, vmax=darkest, interpolation="nearest")
    ax.plot(cells.shape[1] // 2, cells.shape[0] // 2, "x", color="#D55E00", ms=5, mew=1.4)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title, fontsize=TEXT_PT)
    return ax
