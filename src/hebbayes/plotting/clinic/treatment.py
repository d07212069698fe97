"""What impaired elements do, what corrections return, and what persists."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.clinic.marks import ROW_MM, STYLES, UNSURE, name_subjects, words
from hebbayes.plotting.style import (
    SOURCE_OFF,
    SOURCE_ON,
    TEXT_PT,
    WIDE_MM,
    add_caption,
    add_legend,
    add_reference_line,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
Band = tuple[Values, Values, Values]
"""Value, low and high."""

_SUCCESS = {
    "healthy": (UNSURE, "s"),
    "impaired": (SOURCE_ON, "X"),
    "corrected": (SOURCE_OFF, "o"),
}


def symptoms_figure(
    changes: Mapping[str, Mapping[str, Band]], doses: Mapping[str, Values], *, caption: str
) -> "Figure":
    """Return the change of every symptom against the dose, a curve for each element.

    ``changes`` is symptom to element to its changes at ``doses`` of the element.

    Example:
        >>> one = (np.array([0.0, 0.2]), np.array([0.0, 0.1]), np.array([0.0, 0.3]))
        >>> figure = symptoms_figure({"misses": {"phi": one}}, {"phi": np.array([0.0, 1.0])},
        ...                          caption="Dose and response.")
        >>> figure.axes[0].get_ylabel()
        'misses'
    """
    n_columns = min(4, len(changes))
    n_rows = -(-len(changes) // n_columns)
    figure = new_figure(WIDE_MM, 30.0 + 46.0 * n_rows)
    panels = list(figure.subplots(n_rows, n_columns, squeeze=False).ravel())
    for ax, (symptom, curves) in zip(panels, changes.items()):
        for (element, (value, low, high)), style in zip(curves.items(), _cycled(len(curves))):
            ax.errorbar(
                doses[element],
                value,
                np.abs([value - low, high - value]),
                fmt=f"{style.line}{style.marker}",
                color=style.colour,
                markersize=3,
                linewidth=0.9,
                label=words(element),
            )
        add_reference_line(ax, y=0)
        style_axes(ax, x="dose", y=words(symptom))
    for ax in panels[len(changes) :]:
        ax.set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper center", ncols=min(5, len(labels)), fontsize=TEXT_PT,
        frameon=False,
    )  # fmt: skip
    add_caption(figure, caption)
    return figure


def _cycled(n: int) -> Sequence[Any]:
    return [STYLES[k % len(STYLES)] for k in range(n)]


def treatment_figure(
    success: Mapping[str, Band],
    subjects: Sequence[str],
    returned: Mapping[str, tuple[Values, Values, float]],
    *,
    caption: str,
) -> "Figure":
    """Return success in health, impaired and corrected, and what each dose returns.

    ``returned`` is subject to doses as shares of the whole way back, what each returns, and the
    advised share.

    Example:
        >>> one = (np.array([0.8]), np.array([0.7]), np.array([0.9]))
        >>> way = (np.array([0.5, 1.0]), np.array([0.6, 1.0]), 1.0)
        >>> figure = treatment_figure({"healthy": one}, ["S1"], {"S1": way}, caption="Success.")
        >>> [ax.get_xlabel() for ax in figure.axes]
        ['success (share)', 'dose (share of the way back)']
    """
    figure = new_figure(WIDE_MM, max(70.0, 40.0 + ROW_MM * len(subjects)))
    first, second = figure.subplots(1, 2)
    row = np.arange(len(subjects))
    for k, (name, (value, low, high)) in enumerate(success.items()):
        colour, marker = _SUCCESS[name]
        at = row + 0.18 * (k - 1)
        first.hlines(at, low, high, color=colour, linewidth=0.8)
        first.plot(value, at, marker, color=colour, markersize=4, label=name)
    name_subjects(first, subjects)
    add_legend(first)
    style_axes(first, x="success (share)", y="subject")
    _draw_returned(second, returned)
    letter_panels([first, second])
    add_caption(figure, caption)
    return figure


def _draw_returned(ax: "Axes", returned: Mapping[str, tuple[Values, Values, float]]) -> None:
    for (share, back, advised), style in zip(returned.values(), _cycled(len(returned))):
        ax.plot(share, back, "-", color=style.colour, linewidth=0.8, alpha=0.8)
        at = int(np.argmin(np.abs(share - advised)))
        ax.plot(share[at], back[at], style.marker, color=style.colour, markersize=4)
    add_reference_line(ax, y=0)
    add_reference_line(ax, y=1)
    ax.set_xlim(0, 1.05)
    style_axes(ax, x="dose (share of the way back)", y="lost success returned (share)")


def persistence_figure(
    trials: Values, courses: Mapping[str, Mapping[str, Band]], *, caption: str
) -> "Figure":
    """Return reports during retraining, a panel for each kind and a curve for each course.

    ``courses`` is kind of report to course to its band over ``trials``.

    Example:
        >>> one = (np.ones(2), np.ones(2), np.ones(2))
        >>> figure = persistence_figure(np.array([0, 100]), {"misses": {"healthy": one}},
        ...                             caption="Reports.")
        >>> figure.axes[0].get_ylabel()
        'misses (share)'
    """
    figure = new_figure(WIDE_MM, 85.0)
    panels = list(figure.subplots(1, len(courses), squeeze=False).ravel())
    for ax, (kind, curves) in zip(panels, courses.items()):
        for (name, (value, low, high)), style in zip(curves.items(), _cycled(len(curves))):
            ax.fill_between(trials, low, high, color=style.colour, alpha=0.2, linewidth=0)
            ax.plot(
                trials,
                value,
                f"{style.line}{style.marker}",
                color=style.colour,
                markersize=3,
                linewidth=0.9,
                label=words(name),
            )
        ax.set_ylim(-0.03, 1.03)
        style_axes(ax, x="trials since the correction", y=f"{words(kind)} (share)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper center", ncols=min(3, len(labels)), fontsize=TEXT_PT,
        frameon=False,
    )  # fmt: skip
    letter_panels(panels)
    add_caption(figure, caption)
    return figure
