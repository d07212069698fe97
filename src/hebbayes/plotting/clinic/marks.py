"""What figures of the clinic share: colours of classes, rows of subjects, heat maps with values."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.style import (
    PROBABILITY_MAP,
    TEXT_PT,
    LineStyle,
    add_colour_bar,
    list_rows,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_MM = 4.4
"""Height of the row of one subject."""

UNSURE = "#9A9A9A"
"""Colour of what is like healthy subjects, or not told."""

STYLES = (
    LineStyle("#0072B2", "o"),
    LineStyle("#D55E00", "s"),
    LineStyle("#009E73", "^"),
    LineStyle("#CC79A7", "D"),
    LineStyle("#E69F00", "v"),
    LineStyle("#56B4E9", "P"),
    LineStyle("#882255", "X"),
    LineStyle("#999933", "*"),
)
"""One for each class or curve."""

_ON_LIGHT, _ON_DARK = "#111111", "#f8f8f8"  # not pure, which pages turn with their paper


def words(name: str) -> str:
    """Return a key of results as words that are safe to show.

    Example:
        >>> words("false_belief")
        'false belief'
    """
    return printable(name.replace("_", " "))


def name_subjects(ax: "Axes", names: Sequence[str]) -> None:
    """Name a row for each subject, the first at the top; dollars are no formula.

    Example:
        >>> from hebbayes.plotting.style import axes_or_new
        >>> axes = axes_or_new(None)
        >>> name_subjects(axes, ["$1", "$2"])
        >>> [label.get_text() for label in axes.get_yticklabels()]
        ['$1', '$2']
    """
    list_rows(ax, map(printable, names))
    for label in ax.get_yticklabels():
        label.set_parse_math(False)


def draw_heat_map(
    values: NDArray[Any],
    rows: Sequence[str],
    columns: Sequence[str],
    ax: "Axes",
    *,
    unit: str,
    highest: float,
    form: str = "{:.2f}",
    bold_above: float = np.inf,
) -> "Axes":
    """Return axes with ``values`` (rows, columns) as shades and numbers; 0 is white.

    Values above ``highest`` have its shade, those above ``bold_above`` are bold.

    Example:
        >>> from hebbayes.plotting.style import axes_or_new
        >>> ax = draw_heat_map(np.eye(2), "ab", "cd", axes_or_new(None), unit="share", highest=1.0)
        >>> [text.get_text() for text in ax.texts]
        ['1.00', '0.00', '0.00', '1.00']
    """
    image = ax.imshow(values, PROBABILITY_MAP, vmin=0, vmax=highest, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            ax.text(
                j,
                i,
                form.format(value),
                ha="center",
                va="center",
                fontsize=TEXT_PT,
                color=_ON_DARK if value > 0.55 * highest else _ON_LIGHT,
                fontweight="bold" if value > bold_above else "normal",
            )
    style_axes(ax)
    ax.set_xticks(range(len(columns)), list(map(words, columns)), rotation=40, ha="right")
    list_rows(ax, map(words, rows))
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    add_colour_bar(ax, image, unit, shrink=0.8)
    return ax
