"""Learning curves and choices of animals and people: predicted, observed and simulated.

Takes arrays, returns axes (docs/recordings.md, section Behaviour; docs/behaviour.md).  Points are
observed, bands are predictions or what simulated subjects do.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.style import (
    MEDIUM_MM,
    NARROW_MM,
    PRIOR_STYLES,
    SOURCE_OFF,
    SOURCE_ON,
    TEXT_PT,
    WIDE_MM,
    LineStyle,
    add_caption,
    add_legend,
    add_reference_line,
    axes_or_new,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
Band = tuple[Values, Values, Values]
"""Value and the ends of its interval, of equal shape."""


MODEL_STYLES = (LineStyle(SOURCE_OFF, "", "-"), LineStyle(SOURCE_ON, "", "--"))
_CHOICE_MARKERS = "osv^D<>pP*"
_CHOICE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def draw_predicted_curves(
    curves: Mapping[str, Band], ax: "Axes | None" = None, *, reversals: Sequence[int] = ()
) -> "Axes":
    """Return axes with the share of correct decisions per session; bands are intervals.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> draw_predicted_curves({"unchanged": one}, reversals=(1,)).get_ylabel()
        'correct decisions (share)'
    """
    from matplotlib.ticker import MaxNLocator

    ax = axes_or_new(ax)
    for (label, (value, low, high)), style in zip(curves.items(), reversed(PRIOR_STYLES)):
        session = np.arange(len(value))
        ax.fill_between(session, low, high, color=style.colour, alpha=0.2, linewidth=0)
        ax.plot(
            session,
            value,
            style.line,
            color=style.colour,
            marker=style.marker,
            markersize=3.5,
            markerfacecolor="white",
            linewidth=1.0,
            label=label,
        )
    for session_of_reversal in reversals:
        add_reference_line(ax, x=session_of_reversal - 0.5)
    ax.set_ylim(0, 1)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    add_legend(ax)
    return style_axes(ax, x="session", y="correct decisions (share)")


def learning_curves_figure(
    curves: Mapping[str, Band], reversals: Sequence[int], true_runs: Values | None = None
) -> "Figure":
    """Return the figure of predicted curves; ``true_runs`` (runs, sessions) are grey.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> len(learning_curves_figure({"unchanged": one}, ()).axes)
        1
    """
    figure = new_figure(MEDIUM_MM, 80.0)
    ax = figure.add_subplot()
    if true_runs is not None:
        ax.plot(np.arange(true_runs.shape[1]), true_runs.T, color="#999999", linewidth=0.5)
    draw_predicted_curves(curves, ax, reversals=reversals)
    grey = "" if true_runs is None else " Grey: runs of the true animal for the last curve."
    add_caption(
        figure,
        "Predicted share of correct decisions in the new task; bands are 95 % intervals for one "
        f"animal, including chance; dotted lines are reversals.{grey}",
    )
    return figure


def draw_success(
    place: Values, observed: Band, models: Mapping[str, Band], ax: "Axes | None" = None
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
    _points(ax, place, observed, colour="black", marker="o", label="observed")
    ax.set_ylim(-0.02, 1.02)
    return style_axes(ax, x="trial of the session", y="success (share)")


def draw_shares(
    observed: Band,
    simulated: Values,
    states: Sequence[str],
    choices: Sequence[str],
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
        colour = _CHOICE_COLOURS[k % len(_CHOICE_COLOURS)]
        at = place + (k - (n - 1) / 2) * 0.8 / n
        ax.bar(at, simulated[:, k], 0.7 / n, color=colour, alpha=0.3, linewidth=0)
        band = tuple(part[:, k] for part in observed)
        _points(
            ax,
            at,
            (band[0], band[1], band[2]),
            colour=colour,
            marker=_CHOICE_MARKERS[k % len(_CHOICE_MARKERS)],
            label=printable(choice),
        )
    ax.set_ylim(0, 1)
    add_legend(ax)
    style_axes(ax, x="state that is on", y="choices (share)")
    _name_states(ax, states)
    return ax


def draw_held(
    start: Band, end: Band, states: Sequence[str], choices: Sequence[str], ax: "Axes | None" = None
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
        colour = _CHOICE_COLOURS[k % len(_CHOICE_COLOURS)]
        ax.axhspan(start[1][k], start[2][k], color=colour, alpha=0.15, linewidth=0)
        ax.axhline(start[0][k], color=colour, linewidth=0.8, linestyle="--")
        _points(
            ax,
            place + (k - (n - 1) / 2) * 0.5 / n,
            (end[0][:, k], end[1][:, k], end[2][:, k]),
            colour=colour,
            marker=_CHOICE_MARKERS[k % len(_CHOICE_MARKERS)],
            label=printable(choice),
        )
    ax.set_ylim(-0.02, 1.02)
    ax.set_xlim(-0.6, len(states) - 0.4)
    style_axes(ax, x="state that is on", y="probability of the choice")
    _name_states(ax, states)
    return ax


def choices_figure(
    place: Values,
    observed: Band,
    models: Mapping[str, Band],
    shares: tuple[Band, Values],
    names: tuple[Sequence[str], Sequence[str]],
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
    _add_common_legend(figure, first)
    letter_panels([first, second])
    add_caption(figure, caption)
    return figure


def single_subjects_figure(
    place: Values, subjects: Mapping[str, tuple[Band, Mapping[str, Band]]], *, caption: str
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
    _add_common_legend(figure, axes[0])
    letter_panels(axes[: len(subjects)])
    add_caption(figure, caption)
    return figure


def held_figure(
    subjects: Mapping[str, tuple[Band, Band, Sequence[str]]],
    choices: Sequence[str],
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
    _add_common_legend(figure, axes[0])
    letter_panels(axes[: len(subjects)])
    add_caption(figure, caption)
    return figure


def _name_states(ax: "Axes", states: Sequence[str]) -> None:
    names = [printable(name) for name in states]
    turn = 30 if max(map(len, names)) > 3 else 0
    ax.set_xticks(np.arange(len(names)), names, rotation=turn, parse_math=False)
    ax.tick_params(labelsize=TEXT_PT)


def _add_common_legend(figure: "Figure", ax: "Axes") -> None:
    """Put the legend of ``ax`` above all panels, whose width it must not narrow."""
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=len(labels),
        fontsize=TEXT_PT,
        frameon=False,
    )


def _points(ax: "Axes", place: Values, band: Band, *, colour: str, marker: str, label: str) -> None:
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
