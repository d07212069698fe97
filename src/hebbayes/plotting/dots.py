"""Groups of values as dots in columns, each with a line for its mean."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.style import SOURCE_OFF, add_reference_line, axes_or_new, style_axes

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
