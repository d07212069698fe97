"""Subjects of the clinic: odds of each class, estimates beside healthy ones, what a table holds."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.clinic.marks import ROW_MM, STYLES, UNSURE, name_subjects, words
from hebbayes.plotting.dots import draw_dots
from hebbayes.plotting.style import (
    MEDIUM_MM,
    SOURCE_OFF,
    SOURCE_ON,
    TEXT_PT,
    WIDE_MM,
    add_caption,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
Bounds = tuple[Values, Values, Values]
"""Value, low and high of every subject."""

_N_COLUMNS = 5


def odds_figure(
    odds: Mapping[str, Mapping[str, float]], verdicts: Sequence[str], *, caption: str
) -> "Figure":
    """Return the odds of every class, a bar for each subject, and its verdict at the right.

    ``odds`` is subject to class to probability; the first class is healthy.

    Example:
        >>> figure = odds_figure({"S1": {"healthy": 0.1, "phi": 0.9}}, ["phi"], caption="Odds.")
        >>> [text.get_text() for text in figure.axes[0].child_axes[0].get_yticklabels()]
        ['phi']
    """
    figure = new_figure(WIDE_MM, 32.0 + ROW_MM * len(odds))
    ax = figure.add_subplot()
    names = list(next(iter(odds.values())))
    start = np.zeros(len(odds))
    for k, name in enumerate(names):
        share = np.array([one[name] for one in odds.values()])
        colour = STYLES[(k - 1) % len(STYLES)].colour if k else UNSURE
        ax.barh(
            np.arange(len(odds)), share, 0.72, start, color=colour, label=words(name), linewidth=0
        )
        start = start + share
    name_subjects(ax, list(odds))
    ax.set_xlim(0, 1)
    style_axes(ax, x="probability", y="subject")
    _name_verdicts(ax, verdicts)
    figure.legend(
        loc="outside upper center", ncols=min(5, len(names)), fontsize=TEXT_PT, frameon=False,
        handlelength=1.2, columnspacing=1.2,
    )  # fmt: skip
    add_caption(figure, caption)
    return figure


def _name_verdicts(ax: "Axes", verdicts: Sequence[str]) -> None:
    right = ax.secondary_yaxis("right")
    right.set_yticks(range(len(verdicts)), list(map(words, verdicts)))
    right.set_ylabel("verdict", fontsize=TEXT_PT)
    right.tick_params(length=0, labelsize=TEXT_PT)
    right.spines["right"].set_visible(False)


def estimates_figure(
    estimates: Mapping[str, Bounds],
    healthy: Mapping[str, tuple[float, float]],
    subjects: Sequence[str],
    named: Mapping[str, Sequence[bool]],
    *,
    caption: str,
) -> "Figure":
    """Return every element of every subject with its interval, over the band of healthy subjects.

    ``named`` is element to whether the verdict of each subject names it.

    Example:
        >>> one = (np.array([0.5]), np.array([0.1]), np.array([0.9]))
        >>> figure = estimates_figure({"phi": one}, {"phi": (-0.6, 0.6)}, ["S1"], {"phi": [True]},
        ...                           caption="Estimates.")
        >>> figure.axes[0].get_xlabel()
        'phi'
    """
    n_columns = min(_N_COLUMNS, len(estimates))
    n_rows = -(-len(estimates) // n_columns)
    figure = new_figure(WIDE_MM, 14.0 + n_rows * (18.0 + 3.4 * len(subjects)))
    panels = figure.subplots(n_rows, n_columns, squeeze=False)
    for ax, name in zip(panels.ravel(), estimates):
        _draw_element(ax, estimates[name], healthy.get(name), np.asarray(named[name], bool))
        style_axes(ax, x=words(name))
    for ax in panels.ravel():
        name_subjects(ax, subjects)
    for ax in panels[:, 0]:
        ax.set_ylabel("subject", fontsize=TEXT_PT)
    for ax in panels[:, 1:].ravel():
        ax.set_yticks([])
    for ax in panels.ravel()[len(estimates) :]:
        ax.set_visible(False)
    add_caption(figure, caption)
    return figure


def _draw_element(
    ax: "Axes", bounds: Bounds, healthy: tuple[float, float] | None, named: Values
) -> None:
    value, low, high = bounds
    row = np.arange(len(value))
    if healthy is not None:
        ax.axvspan(*healthy, color="#000000", alpha=0.12, linewidth=0)
    for chosen, colour, marker in ((~named, SOURCE_OFF, "o"), (named, SOURCE_ON, "D")):
        ax.hlines(row[chosen], low[chosen], high[chosen], color=colour, linewidth=0.9)
        ax.plot(value[chosen], row[chosen], marker, color=colour, markersize=3)
    ax.locator_params(axis="x", nbins=3)


def table_figure(
    made: Mapping[str, Values], outcome: Mapping[str, Values], *, caption: str
) -> "Figure":
    """Return choices made and their mean outcome, a dot for each subject, by group.

    Example:
        >>> one = {"HC": np.array([10.0])}
        >>> len(table_figure(one, one, caption="What a table holds.").axes)
        2
    """
    figure = new_figure(MEDIUM_MM, 65.0)
    panels = list(figure.subplots(1, 2))
    shown = [{printable(name) or "all": v for name, v in part.items()} for part in (made, outcome)]
    draw_dots(shown[0], panels[0], y="choices made", x="group")
    draw_dots(shown[1], panels[1], y="mean outcome", x="group")
    letter_panels(panels)
    add_caption(figure, caption)
    return figure
