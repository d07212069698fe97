"""Learning curves that were predicted for an animal, with their intervals.

Arrays in, axes out (docs/recordings.md, section Behaviour).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.style import (
    MEDIUM_MM,
    PRIOR_STYLES,
    add_caption,
    add_legend,
    axes_or_new,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
Band = tuple[Values, Values, Values]
"""Value, low and high, alike in shape."""


def draw_predicted_curves(
    curves: Mapping[str, Band], ax: "Axes | None" = None, *, reversals: Sequence[int] = ()
) -> "Axes":
    """Return axes with the share of right decisions per session, a band for each curve's interval.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> draw_predicted_curves({"as it is": one}, reversals=(1,)).get_ylabel()
        'right decisions (share)'
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
    for one in reversals:
        ax.axvline(one - 0.5, color="#888888", linewidth=0.6, linestyle=":")
    ax.set_ylim(0, 1)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    add_legend(ax)
    return style_axes(ax, x="session", y="right decisions (share)")


def learning_curves_figure(
    curves: Mapping[str, Band], reversals: Sequence[int], lives: Values | None = None
) -> "Figure":
    """Return the figure of predicted curves; ``lives`` (lives, sessions) of the animal in grey.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> len(learning_curves_figure({"as it is": one}, ()).axes)
        1
    """
    figure = new_figure(MEDIUM_MM, 80.0)
    ax = figure.add_subplot()
    if lives is not None:
        ax.plot(np.arange(lives.shape[1]), lives.T, color="#999999", linewidth=0.5)
    draw_predicted_curves(curves, ax, reversals=reversals)
    grey = "" if lives is None else " Grey: lives of the true animal under the last of them."
    add_caption(
        figure,
        "Predicted share of correct decisions in the new task; bands are 95 % intervals for one "
        f"animal, including chance; dotted lines are reversals.{grey}",
    )
    return figure
