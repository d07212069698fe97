"""A simulated design on one page: errors of estimates, coverage, and verdicts of studies."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.style import (
    SOURCE_OFF,
    SOURCE_ON,
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
Shares = Mapping[str, tuple[float, float]]


def draw_shares(shares: Shares, wanted: float, ax: "Axes | None" = None, *, label: str) -> "Axes":
    """Return axes with shares, two standard errors on both sides, and what is wanted dotted.

    Example:
        >>> draw_shares({"phi": (0.9, 0.02)}, 0.95, label="coverage").get_ylabel()
        'coverage'
    """
    ax = axes_or_new(ax)
    place = np.arange(len(shares))
    value, error = np.array(list(shares.values()), float).T if shares else np.zeros((2, 0))
    ax.errorbar(place, value, 2 * np.nan_to_num(error), fmt="o", color=SOURCE_OFF, markersize=4)
    ax.axhline(wanted, color="#888888", linewidth=0.6, linestyle=":")
    ax.set_xticks(place, list(shares))
    ax.set_xlim(-0.5, max(len(shares), 1) - 0.5)
    ax.set_ylim(-0.03, 1.03)
    return style_axes(ax, y=label)


def draw_estimation_errors(errors: Mapping[str, Values], ax: "Axes | None" = None) -> "Axes":
    """Return axes with the error of every estimate, a dot each, and their mean.

    Example:
        >>> draw_estimation_errors({"phi": np.array([0.1, -0.1])}).get_ylabel()
        'estimate - truth'
    """
    ax = axes_or_new(ax)
    for place, error in enumerate(errors.values()):
        shift = np.linspace(-0.25, 0.25, len(error)) if len(error) > 1 else np.zeros(len(error))
        ax.plot(place + shift, error, ".", color=SOURCE_OFF, markersize=2)
        if len(error):
            ax.plot([place - 0.3, place + 0.3], [error.mean()] * 2, color=SOURCE_ON, linewidth=1.0)
    ax.axhline(0, color="#888888", linewidth=0.6, linestyle=":")
    ax.set_xticks(range(len(errors)), list(errors))
    ax.set_xlim(-0.5, max(len(errors), 1) - 0.5)
    return style_axes(ax, y="estimate - truth")


def design_figure(
    *, errors: Mapping[str, Values], coverage: Shares, claims: Shares, name: str
) -> "Figure":
    """Return one design on a page; without verdicts their panel is left out.

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
        draw_shares(claims, 0.8, panels[2], label="studies that claim theory")
    letter_panels(panels)
    add_caption(
        figure,
        f"{name}. Left: errors of ensembles, a dot each, a line for the mean. Bars are two "
        "standard errors of the simulation; dotted lines are the targets for cultures that learn "
        "as the theory says.",
    )
    return figure
