"""Cultures of two conditions, quantity by quantity."""

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.style import (
    SOURCE_OFF,
    SOURCE_ON,
    WIDE_MM,
    add_caption,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_N_COLUMNS = 3
_LABEL = 22  # characters of a line of a label


def cultures_figure(
    values: Mapping[str, tuple[NDArray[Any], NDArray[Any]]],
    conditions: tuple[str, str],
    p: Mapping[str, float],
    *,
    caption: str,
) -> "Figure":
    """Return a panel for each quantity, a dot for each culture, a line for each mean.

    ``p`` are adjusted p-values; NaN if unknown.

    Example:
        >>> both = (np.array([0.1, 0.2]), np.array([0.4, np.nan]))
        >>> figure = cultures_figure({"phi": both}, ("control", "drug"), {"phi": 0.04},
        ...                          caption="Cultures.")
        >>> figure.axes[0].get_title(loc="left")
        'p = 0.04'
    """
    n_columns = min(_N_COLUMNS, len(values))
    n_rows = -(-len(values) // n_columns)
    figure = new_figure(WIDE_MM, 22.0 + 42.0 * n_rows)
    panels = list(figure.subplots(n_rows, n_columns, squeeze=False).ravel())
    for ax, (name, both) in zip(panels, values.items()):
        _draw_quantity(ax, both)
        said = f"p = {p[name]:.2g}" if np.isfinite(p.get(name, np.nan)) else "not compared"
        ax.set_xticks(
            [0, 1], list(map(printable, conditions)), rotation=20, ha="right", parse_math=False
        )
        style_axes(ax, title=said, x="condition", y=textwrap.fill(name, _LABEL))
    for ax in panels[len(values) :]:
        ax.set_visible(False)
    add_caption(figure, caption)
    return figure


def _draw_quantity(ax: "Axes", both: tuple[NDArray[Any], NDArray[Any]]) -> None:
    for k, (part, colour, marker) in enumerate(zip(both, (SOURCE_OFF, SOURCE_ON), "oD")):
        known = part[np.isfinite(part)]
        spread = np.linspace(-0.15, 0.15, len(known)) if len(known) > 1 else np.zeros(len(known))
        ax.plot(k + spread, known, marker, color=colour, markersize=3, markerfacecolor="none")
        if known.size:
            ax.plot([k - 0.3, k + 0.3], [known.mean()] * 2, color=colour, linewidth=1.2)
    ax.set_xlim(-0.6, 1.6)
    ax.locator_params(axis="y", nbins=4)
