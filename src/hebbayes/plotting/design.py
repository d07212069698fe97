"""A simulated design on one page: errors of estimates, coverage, and verdicts of studies."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.dots import draw_dots
from hebbayes.plotting.style import (
    SOURCE_OFF,
    WIDE_MM,
    add_caption,
    add_reference_line,
    axes_or_new,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
Shares = Mapping[str, tuple[float, float]]


def draw_shares(
    shares: Shares, target: float, ax: "Axes | None" = None, *, label: str, x: str = "quantity"
) -> "Axes":
    """Return axes with shares, bars of two standard errors, and the target dotted.

    Example:
        >>> draw_shares({"phi": (0.9, 0.02)}, 0.95, label="coverage").get_ylabel()
        'coverage'
    """
    ax = axes_or_new(ax)
    position = np.arange(len(shares))
    value, error = np.array(list(shares.values()), float).T if shares else np.zeros((2, 0))
    ax.errorbar(position, value, 2 * np.nan_to_num(error), fmt="o", color=SOURCE_OFF, markersize=4)
    add_reference_line(ax, y=target)
    ax.set_xticks(position, list(shares))
    ax.set_xlim(-0.5, max(len(shares), 1) - 0.5)
    ax.set_ylim(-0.03, 1.03)
    return style_axes(ax, x=x, y=label)


def draw_estimation_errors(errors: Mapping[str, Values], ax: "Axes | None" = None) -> "Axes":
    """Return axes with a dot per estimate, its error, and a line for the mean.

    Example:
        >>> draw_estimation_errors({"phi": np.array([0.1, -0.1])}).get_ylabel()
        'estimate - truth'
    """
    return draw_dots(errors, ax, x="quantity", y="estimate - truth", width=0.5, size=1.5)


def design_figure(
    *, errors: Mapping[str, Values], coverage: Shares, claims: Shares, name: str
) -> "Figure":
    """Return one design on a page; without ``claims``, their panel is omitted.

    Example:
        >>> one = {"phi": (0.9, 0.02)}
        >>> len(design_figure(errors={}, coverage=one, claims={}, name="6 cultures").axes)
        2
    """
    figure = new_figure(WIDE_MM, 65.0)
    panels = list(np.atleast_1d(figure.subplots(1, 3 if claims else 2)))
    draw_estimation_errors(errors, panels[0])
    draw_shares(coverage, 0.95, panels[1], label="coverage of 95 % intervals")
    if claims:
        draw_shares(claims, 0.8, panels[2], label="studies that claim theory", x="true plasticity")
    letter_panels(panels)
    add_caption(
        figure,
        f"{name}. Left: dots are errors of single ensembles, lines their means. Bars are two "
        "standard errors of the simulation. Dotted lines are the targets for cultures that learn "
        "as the theory says.",
    )
    return figure
