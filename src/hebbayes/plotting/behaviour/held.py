"""What subjects have learnt: the probability of each choice at the start and at the end.

Takes arrays, returns axes (docs/behaviour.md).
"""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.core.errors import printable
from hebbayes.plotting.behaviour.marks import (
    Band,
    add_common_legend,
    choice_mark,
    draw_points,
    name_states,
)
from hebbayes.plotting.style import (
    NARROW_MM,
    WIDE_MM,
    add_caption,
    axes_or_new,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_held(
    start: Band,
    end: Band,
    states: "Sequence[str]",
    choices: "Sequence[str]",
    ax: "Axes | None" = None,
) -> "Axes":
    """Return axes with the probability of each choice: bands before learning, markers at the end.

    ``start`` is (choices,), ``end`` (states, choices).

    Example:
        >>> half = (np.full(2, 0.5),) * 3
        >>> draw_held(half, (np.full((1, 2), 0.5),) * 3, "a", ["left", "right"]).get_ylabel()
        'probability of the choice'
    """
    ax = axes_or_new(ax)
    n, place = len(choices), np.arange(len(states))
    for k, choice in enumerate(choices):
        colour, marker = choice_mark(k)
        ax.axhspan(start[1][k], start[2][k], color=colour, alpha=0.15, linewidth=0)
        ax.axhline(start[0][k], color=colour, linewidth=0.8, linestyle="--")
        draw_points(
            ax,
            place + (k - (n - 1) / 2) * 0.5 / n,
            (end[0][:, k], end[1][:, k], end[2][:, k]),
            colour=colour,
            marker=marker,
            label=printable(choice),
        )
    ax.set_ylim(-0.02, 1.02)
    ax.set_xlim(-0.6, len(states) - 0.4)
    style_axes(ax, x="state that is on", y="probability of the choice")
    name_states(ax, states)
    return ax


def held_figure(
    subjects: "Mapping[str, tuple[Band, Band, Sequence[str]]]",
    choices: "Sequence[str]",
    *,
    caption: str,
) -> "Figure":
    """Return the probability of each choice at the start and the end, one panel per subject.

    Each subject has its start (choices,), its end (states, choices) and the names of its states.

    Example:
        >>> half, one = (np.full(2, 0.5),) * 3, (np.full((1, 2), 0.5),) * 3
        >>> figure = held_figure({"7": (half, one, ["tone"])}, ["a", "b"], caption="What.")
        >>> figure.axes[0].get_xlabel()
        'state that is on, subject 7'
    """
    n_columns = min(2, len(subjects))
    n_rows = -(-len(subjects) // n_columns)
    figure = new_figure(NARROW_MM if n_columns == 1 else WIDE_MM, 30.0 + 50.0 * n_rows)
    axes = list(figure.subplots(n_rows, n_columns, squeeze=False).ravel())
    for ax, (name, (start, end, states)) in zip(axes, subjects.items()):
        draw_held(start, end, states, choices, ax)
        ax.set_xlabel(f"state that is on, subject {printable(name)}", parse_math=False)
    for ax in axes[len(subjects) :]:
        ax.set_visible(False)
    add_common_legend(figure, axes[0])
    letter_panels(axes[: len(subjects)])
    add_caption(figure, caption)
    return figure
