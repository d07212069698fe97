"""What a network believes before any evidence, and how fast evidence changes it.

Takes arrays, returns axes or a figure one column wide.  Bars are 95 % intervals.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.style import (
    NARROW_MM,
    SOURCE_OFF,
    add_caption,
    add_legend,
    add_reference_line,
    axes_or_new,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
Band = tuple[Values, Values, Values]
"""Value and the ends of its interval, of equal shape."""


def draw_estimates(
    estimates: Band, labels: Sequence[str], ax: "Axes | None" = None, *, x: str, label: str = ""
) -> "Axes":
    """Return axes with a row per estimate and its interval, the first at the top.

    Estimates that are not finite leave their row empty; open intervals end at the axes.

    Example:
        >>> one = (np.array([0.4]), np.array([0.3]), np.array([0.5]))
        >>> [tick.get_text() for tick in draw_estimates(one, ["state 0"], x="P").get_yticklabels()]
        ['state 0']
    """
    ax = axes_or_new(ax)
    value, low, high = (np.asarray(part, float) for part in estimates)
    row = np.arange(len(value))
    known = np.isfinite(value)
    half = np.stack([value - low, high - value])
    ax.errorbar(
        value[known],
        row[known],
        xerr=np.where(np.isfinite(half), half, 0)[:, known].clip(0),
        fmt="o",
        color=SOURCE_OFF,
        markersize=4,
        linewidth=1.0,
        label=label or None,
    )
    ax.set_yticks(row, list(labels), parse_math=False)
    ax.set_ylim(len(value) - 0.5, -0.5)
    return style_axes(ax, x=x, y="state")


def priors_figure(
    priors: Band, conventional: Values, published: Values, labels: Sequence[str], *, name: str
) -> "Figure":
    """Return the prior probability of every state: identified, by convention, and published.

    Example:
        >>> one = (np.array([0.4]), np.array([0.3]), np.array([0.5]))
        >>> figure = priors_figure(one, np.array([0.45]), np.array([0.5]), ["0"], name="culture 0")
        >>> [float(end) for end in figure.axes[0].get_xlim()]
        [0.0, 1.0]
    """
    figure = new_figure(NARROW_MM, 34.0 + 5.5 * len(labels))
    ax = figure.add_subplot()
    row = np.arange(len(labels))
    draw_estimates(priors, labels, ax, x="prior probability that the state is on", label="estimate")
    for values, marker, label, lift in (
        (conventional, "^", "by convention", 0.17),
        (published, "s", "published method", -0.17),
    ):
        ax.plot(
            values, row + lift, marker, color="black", mfc="white", ms=3.5, label=label, ls="none"
        )
    add_reference_line(ax, x=0.5)
    ax.set_xlim(0, 1)
    add_legend(ax)
    add_caption(
        figure,
        f"{name}. Filled: estimate with its 95 % interval, drawn only if the recording identifies "
        "it. Triangles assume a scale set by the range of responses. Dotted: no preference.",
    )
    return figure


def learning_figure(counts: Band, labels: Sequence[str], *, name: str) -> "Figure":
    """Return the prior count of every state: how many trials the first beliefs are worth.

    Example:
        >>> one = (np.array([500.0]), np.array([400.0]), np.array([600.0]))
        >>> learning_figure(one, ["0"], name="culture 0").axes[0].get_xscale()
        'log'
    """
    figure = new_figure(NARROW_MM, 30.0 + 5.5 * len(labels))
    ax = figure.add_subplot()
    draw_estimates(counts, labels, ax, x="prior count λ (trials)")
    value = np.asarray(counts[0], float)
    if (value[np.isfinite(value)] > 0).any():
        ax.set_xscale("log")
        _plain_decades(ax, [np.asarray(part, float) for part in counts])
    add_caption(
        figure,
        f"{name}. Trials after which what was seen weighs as much as what was believed at first, "
        "with 95 % intervals; the further right, the slower the learning.",
    )
    return figure


def _plain_decades(ax: "Axes", parts: Sequence[Values]) -> None:
    """Label a logarithmic axis with plain numbers around its values."""
    from matplotlib.ticker import NullFormatter

    ends = np.concatenate(parts)
    ends = ends[np.isfinite(ends) & (ends > 0)]
    low, high = ends.min() / 1.5, ends.max() * 1.5
    ax.set_xlim(low, high)
    nice = [f * 10.0**k for k in range(-2, 8) for f in (1, 2, 5)]
    inside = [tick for tick in nice if low <= tick <= high]
    inside = inside[:: max(1, -(-len(inside) // 6))]
    ax.set_xticks(inside, [f"{tick:,g}" for tick in inside])
    ax.xaxis.set_minor_formatter(NullFormatter())
