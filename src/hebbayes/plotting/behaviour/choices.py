"""Success and choices of subjects: points are observed, bands what simulated subjects do.

Takes arrays, returns axes (docs/behaviour.md).
"""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.core.errors import printable
from hebbayes.plotting.behaviour.marks import (
    Band,
    Values,
    add_common_legend,
    choice_mark,
    draw_points,
    name_states,
)
from hebbayes.plotting.style import (
    SOURCE_OFF,
    SOURCE_ON,
    WIDE_MM,
    LineStyle,
    add_caption,
    add_legend,
    axes_or_new,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODEL_STYLES = (LineStyle(SOURCE_OFF, "", "-"), LineStyle(SOURCE_ON, "", "--"))


def draw_success(
    place: Values, observed: Band, models: "Mapping[str, Band]", ax: "Axes | None" = None
) -> "Axes":
    """Return axes with success by trial of a session: points observed, bands of each model.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> draw_success(np.arange(3), one, {"canonical": one}).get_ylabel()
        'success (share)'
    """
    ax = axes_or_new(ax)
    for (label, (value, low, high)), style in zip(models.items(), MODEL_STYLES):
        ax.fill_between(place, low, high, color=style.colour, alpha=0.2, linewidth=0)
        ax.plot(place, value, style.line, color=style.colour, linewidth=1.0, label=label)
    draw_points(ax, place, observed, colour="black", marker="o", label="observed")
    ax.set_ylim(-0.02, 1.02)
    return style_axes(ax, x="trial of the session", y="success (share)")


def draw_shares(
    observed: Band,
    simulated: Values,
    states: "Sequence[str]",
    choices: "Sequence[str]",
    ax: "Axes | None" = None,
) -> "Axes":
    """Return axes with the share of each choice in each state: markers observed, bars simulated.

    ``observed`` and ``simulated`` are (states, choices).

    Example:
        >>> half = np.full((2, 2), 0.5)
        >>> draw_shares((half, half, half), half, "ab", ["left", "right"]).get_ylabel()
        'choices (share)'
    """
    ax = axes_or_new(ax)
    n = len(choices)
    place = np.arange(len(states))
    for k, choice in enumerate(choices):
        colour, marker = choice_mark(k)
        at = place + (k - (n - 1) / 2) * 0.8 / n
        ax.bar(at, simulated[:, k], 0.7 / n, color=colour, alpha=0.3, linewidth=0)
        band = tuple(part[:, k] for part in observed)
        draw_points(
            ax,
            at,
            (band[0], band[1], band[2]),
            colour=colour,
            marker=marker,
            label=printable(choice),
        )
    ax.set_ylim(0, 1)
    add_legend(ax)
    style_axes(ax, x="state that is on", y="choices (share)")
    name_states(ax, states)
    return ax


def choices_figure(
    place: Values,
    observed: Band,
    models: "Mapping[str, Band]",
    shares: tuple[Band, Values],
    names: tuple["Sequence[str]", "Sequence[str]"],
    *,
    caption: str,
) -> "Figure":
    """Return success by trial and choices by state; ``names`` are those of states and choices.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> half = np.full((2, 2), 0.5)
        >>> figure = choices_figure(np.arange(3), one, {"canonical": one}, ((half,) * 3, half),
        ...                         ("ab", ["left", "right"]), caption="What is shown.")
        >>> len(figure.axes)
        2
    """
    figure = new_figure(WIDE_MM, 80.0)
    first, second = figure.subplots(1, 2)
    draw_success(place, observed, models, first)
    draw_shares(shares[0], shares[1], *names, second)
    add_common_legend(figure, first)
    letter_panels([first, second])
    add_caption(figure, caption)
    return figure


def single_subjects_figure(
    place: Values, subjects: "Mapping[str, tuple[Band, Mapping[str, Band]]]", *, caption: str
) -> "Figure":
    """Return success by trial, one panel per subject.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> figure = single_subjects_figure(np.arange(3), {"7": (one, {"canonical": one})},
        ...                                 caption="What is shown.")
        >>> figure.axes[0].get_xlabel()
        'trial of the session, subject 7'
    """
    n_columns = min(2, len(subjects))
    n_rows = -(-len(subjects) // n_columns)
    figure = new_figure(WIDE_MM, 25.0 + 55.0 * n_rows)
    axes = list(np.atleast_1d(figure.subplots(n_rows, n_columns, squeeze=False)).ravel())
    for ax, (name, (observed, models)) in zip(axes, subjects.items()):
        draw_success(place, observed, models, ax)
        ax.set_xlabel(f"trial of the session, subject {printable(name)}", parse_math=False)
    for ax in axes[len(subjects) :]:
        ax.set_visible(False)
    add_common_legend(figure, axes[0])
    letter_panels(axes[: len(subjects)])
    add_caption(figure, caption)
    return figure
