"""Values as dots: groups in columns with a line for each mean; scores against costs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.style import (
    SOURCE_OFF,
    TEXT_PT,
    add_reference_line,
    axes_or_new,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_dots(
    values: Mapping[str, NDArray[Any]],
    ax: "Axes | None" = None,
    *,
    y: str,
    x: str = "condition",
    width: float = 0.25,
    size: float = 3.0,
) -> "Axes":
    """Return axes with a column of dots per group and a line for its mean; 0 is dotted.

    ``width`` is that of a column; columns are 1 apart.  NaN is left out.

    Example:
        >>> ax = draw_dots({"phi": np.array([1.0, 3.0])}, y="error")
        >>> [line.get_ydata().tolist() for line in ax.lines[:2]]
        [[1.0, 3.0], [2.0, 2.0]]
    """
    ax = axes_or_new(ax)
    for position, group in enumerate(values.values()):
        shift = np.linspace(-width / 2, width / 2, len(group)) if len(group) > 1 else 0.0
        ax.plot(position + shift * np.ones(len(group)), group, "o", color=SOURCE_OFF, ms=size)
        if np.isfinite(group).any():
            ends = position + (width + 0.15) / 2 * np.array([-1, 1])
            ax.plot(ends, np.full(2, np.nanmean(group)), color="black", linewidth=1.0)
    add_reference_line(ax, y=0)
    ax.set_xticks(range(len(values)), list(map(printable, values)), parse_math=False)
    ax.set_xlim(-0.5, max(len(values), 1) - 0.5)
    return style_axes(ax, x=x, y=y)


def draw_front(
    points: Mapping[str, tuple[float, float]],
    front: Sequence[str],
    ax: "Axes | None" = None,
    *,
    x: str,
    y: str,
    reference: float,
) -> "Axes":
    """Return axes with a dot per (cost, score), names along the ``front`` and its line.

    ``reference`` is the score that a dotted line marks.

    Example:
        >>> points = {"8 bits": (1.0, 0.9), "10 bits": (2.0, 0.95), "12 bits": (3.0, 0.94)}
        >>> ax = draw_front(points, ["8 bits", "10 bits"], x="pJ", y="score", reference=0.96)
        >>> [text.get_text() for text in ax.texts]
        ['8 bits', '10 bits']
    """
    ax = axes_or_new(ax)
    ax.plot(*zip(*points.values()), "o", color=SOURCE_OFF, ms=3.0)
    best = [points[name] for name in front]
    ax.plot(*zip(*best), color="black", linewidth=1.0)
    for name, place in zip(front, best):
        ax.annotate(
            printable(name), place, (2, -3), textcoords="offset points", fontsize=TEXT_PT, va="top"
        )
    add_reference_line(ax, y=reference)
    ax.margins(0.15)
    return style_axes(ax, x=x, y=y)
