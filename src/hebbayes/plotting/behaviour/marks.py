"""What figures of behaviour share: bands, marks of choices, names of states, one legend."""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.style import TEXT_PT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values: TypeAlias = NDArray[Any]
Band: TypeAlias = tuple[Values, Values, Values]
"""Value and the ends of its interval, of equal shape."""

_CHOICE_MARKERS = "osv^D<>pP*"
_CHOICE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def choice_mark(number: int) -> tuple[str, str]:
    """Return colour and marker of a choice.

    Example:
        >>> choice_mark(0)
        ('#0072B2', 'o')
    """
    colour = _CHOICE_COLOURS[number % len(_CHOICE_COLOURS)]
    return colour, _CHOICE_MARKERS[number % len(_CHOICE_MARKERS)]


def name_states(ax: "Axes", states: "Sequence[str]") -> None:
    """Name the states along the x axis, turned if the names are long.

    Example:
        >>> from hebbayes.plotting.style import axes_or_new
        >>> axes = axes_or_new(None)
        >>> name_states(axes, ["tone"])
        >>> [label.get_text() for label in axes.get_xticklabels()]
        ['tone']
    """
    names = [printable(name) for name in states]
    turn = 30 if max(map(len, names)) > 3 else 0
    ax.set_xticks(np.arange(len(names)), names, rotation=turn, parse_math=False)
    ax.tick_params(labelsize=TEXT_PT)


def add_common_legend(figure: "Figure", ax: "Axes") -> None:
    """Put the legend of ``ax`` above all panels, whose width it must not narrow.

    Example:
        >>> from hebbayes.plotting.style import axes_or_new
        >>> axes = axes_or_new(None)
        >>> _ = axes.plot([0], label="one")
        >>> add_common_legend(axes.figure, axes)
        >>> len(axes.figure.legends)
        1
    """
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=len(labels),
        fontsize=TEXT_PT,
        frameon=False,
    )


def draw_points(
    ax: "Axes", place: Values, band: Band, *, colour: str, marker: str, label: str
) -> None:
    """Draw values with the bars of their intervals.

    Example:
        >>> from hebbayes.plotting.style import axes_or_new
        >>> axes, one = axes_or_new(None), np.ones(2)
        >>> draw_points(axes, np.arange(2), (one, one, one), colour="black", marker="o", label="a")
        >>> axes.get_legend_handles_labels()[1]
        ['a']
    """
    value, low, high = band
    ax.errorbar(
        place,
        value,
        yerr=np.abs(np.stack([value - low, high - value])),
        fmt=marker,
        color=colour,
        markersize=3,
        markerfacecolor="white",
        linewidth=0.8,
        label=label,
    )
