"""Learning curves of animals in a new task: predicted, and those of a true animal.

Takes arrays, returns axes (docs/recordings.md, section Behaviour).
"""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.plotting.style import (
    MEDIUM_MM,
    PRIOR_STYLES,
    add_caption,
    add_legend,
    add_reference_line,
    axes_or_new,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hebbayes.plotting.behaviour.marks import (
        Band,
        Values,
    )


def draw_predicted_curves(
    curves: "Mapping[str, Band]", ax: "Axes | None" = None, *, reversals: "Sequence[int]" = ()
) -> "Axes":
    """Return axes with the share of correct decisions per session; bands are intervals.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> draw_predicted_curves({"unchanged": one}, reversals=(1,)).get_ylabel()
        'correct decisions (share)'
    """
    from matplotlib.ticker import MaxNLocator

    ax = axes_or_new(ax)
    for (label, (value, low, high)), style in zip(curves.items(), reversed(PRIOR_STYLES)):
        session = np.arange(len(value))
        ax.fill_between(session, low, high, color=style.colour, alpha=0.2, linewidth=0)
        ax.plot(
            session,
            value,
            style.line,
            color=style.colour,
            marker=style.marker,
            markersize=3.5,
            markerfacecolor="white",
            linewidth=1.0,
            label=label,
        )
    for session_of_reversal in reversals:
        add_reference_line(ax, x=session_of_reversal - 0.5)
    ax.set_ylim(0, 1)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    add_legend(ax)
    return style_axes(ax, x="session", y="correct decisions (share)")


def learning_curves_figure(
    curves: "Mapping[str, Band]", reversals: "Sequence[int]", true_runs: "Values | None" = None
) -> "Figure":
    """Return the figure of predicted curves; ``true_runs`` (runs, sessions) are grey.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> len(learning_curves_figure({"unchanged": one}, ()).axes)
        1
    """
    figure = new_figure(MEDIUM_MM, 80.0)
    ax = figure.add_subplot()
    if true_runs is not None:
        ax.plot(np.arange(true_runs.shape[1]), true_runs.T, color="#999999", linewidth=0.5)
    draw_predicted_curves(curves, ax, reversals=reversals)
    grey = "" if true_runs is None else " Grey: runs of the true animal for the last curve."
    add_caption(
        figure,
        "Predicted share of correct decisions in the new task; bands are 95 % intervals for one "
        f"animal, including chance; dotted lines are reversals.{grey}",
    )
    return figure
