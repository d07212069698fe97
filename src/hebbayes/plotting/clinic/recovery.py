"""How often diagnosis is right, and which task tells which element."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.clinic.marks import draw_heat_map, words
from hebbayes.plotting.style import (
    SOURCE_OFF,
    SOURCE_ON,
    WIDE_MM,
    add_caption,
    add_legend,
    list_rows,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WANTED = (0.90, 0.98)  # coverage of 95 % intervals that is near enough


def confusion_figure(
    shares: NDArray[Any], truths: Sequence[str], reported: Sequence[str], *, caption: str
) -> "Figure":
    """Return the share of each report (columns) for each truth (rows).

    Example:
        >>> figure = confusion_figure(np.eye(2), ["healthy", "phi"], ["healthy", "phi"],
        ...                           caption="Reports by truth.")
        >>> figure.axes[0].get_ylabel()
        'truth'
    """
    figure = new_figure(WIDE_MM, 48.0 + 6.5 * len(truths))
    ax = draw_heat_map(
        shares, truths, reported, figure.add_subplot(), unit="share of subjects", highest=1.0
    )
    style_axes(ax, x="verdict", y="truth")
    add_caption(figure, caption)
    return figure


def coverage_figure(
    coverage: Mapping[str, float], own: Mapping[str, float], *, caption: str
) -> "Figure":
    """Return the share of intervals that hold the truth, over all patients and where impaired.

    Example:
        >>> coverage_figure({"phi": 0.95}, {}, caption="Coverage.").axes[0].get_xlabel()
        'intervals that hold the truth (share)'
    """
    figure = new_figure(height_mm=32.0 + 4.6 * len(coverage))
    ax = figure.add_subplot()
    row = np.arange(len(coverage))
    ax.axvspan(*_WANTED, color="#000000", alpha=0.12, linewidth=0)
    ax.plot(list(coverage.values()), row, "o", color=SOURCE_OFF, ms=4, label="all patients")
    impaired = [own.get(name, np.nan) for name in coverage]
    ax.plot(impaired, row, "D", color=SOURCE_ON, ms=4, mfc="none", label="where impaired")
    list_rows(ax, map(words, coverage))
    ax.set_xlim(min(0.5, np.nanmin([*coverage.values(), *impaired, 0.5])) - 0.02, 1.02)
    add_legend(ax)
    style_axes(ax, x="intervals that hold the truth (share)", y="element")
    add_caption(figure, caption)
    return figure


def design_figure(
    evidence: NDArray[Any],
    tasks: Sequence[str],
    elements: Sequence[str],
    *,
    told: float,
    caption: str,
) -> "Figure":
    """Return the evidence of each task (rows) for each element (columns); bold is told.

    Example:
        >>> figure = design_figure(np.array([[3.0, 0.1]]), ["embedded"], ["phi", "lapse"],
        ...                        told=1.4, caption="Evidence.")
        >>> [text.get_fontweight() for text in figure.axes[0].texts]
        ['bold', 'normal']
    """
    figure = new_figure(WIDE_MM, 48.0 + 6.0 * len(tasks))
    ax = draw_heat_map(
        np.maximum(evidence, 0),
        tasks,
        elements,
        figure.add_subplot(),
        unit="evidence (nats)",
        highest=10.0,
        form="{:.1f}",
        bold_above=told,
    )
    style_axes(ax, x="impaired element", y="task")
    add_caption(figure, caption)
    return figure
