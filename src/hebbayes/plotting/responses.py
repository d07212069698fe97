"""What was recorded: responses of all units, responses by state, and choices.

Takes arrays, returns axes or a figure one column wide.  Bars are 95 % intervals.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import printable
from hebbayes.plotting.style import (
    NARROW_MM,
    PROBABILITY_MAP,
    SOURCE_OFF,
    SOURCE_ON,
    LineStyle,
    add_caption,
    add_colour_bar,
    axes_or_new,
    integer_axis,
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

STATE_STYLES = (LineStyle(SOURCE_OFF, "o"), LineStyle(SOURCE_ON, "s"))
CHOICE_STYLES = (
    LineStyle("#0072B2", "o"),
    LineStyle("#D55E00", "s"),
    LineStyle("#777777", "^"),
    LineStyle("#CC79A7", "D"),
    LineStyle("#E69F00", "v"),
)


def draw_image(
    values: Values,
    ax: "Axes | None",
    *,
    colours: str,
    unit: str,
    x: str,
    y: str,
    gap: float = 0.02,
) -> "Axes":
    """Return axes with ``values`` (columns, rows) as an image and a colour bar ``gap`` beside it.

    Example:
        >>> ax = draw_image(np.eye(2), None, colours="Greys", unit="nats", x="session", y="unit")
        >>> ax.images[0].get_clim()
        (0.0, 1.0)
    """
    ax = axes_or_new(ax)
    image = ax.imshow(
        values.T, aspect="auto", origin="lower", cmap=colours, interpolation="nearest"
    )
    add_colour_bar(ax, image, unit, pad=gap)
    integer_axis(ax, "x")
    integer_axis(ax, "y")
    return style_axes(ax, x=x, y=y)


def draw_response_image(
    responses: Values, ax: "Axes | None" = None, *, x: str = "session", unit: str = "spikes/trial"
) -> "Axes":
    """Return axes with an image of mean responses (blocks, units).

    Example:
        >>> draw_response_image(np.array([[0.0, 1.0], [2.0, 3.0]])).images[0].get_array().shape
        (2, 2)
    """
    return draw_image(responses, ax, colours=PROBABILITY_MAP, unit=unit, x=x, y="unit")


def draw_means_by_state(
    means: Band,
    ax: "Axes | None" = None,
    *,
    labels: Sequence[str] = ("state off", "state on"),
    x: str = "session",
    y: str = "spikes/trial",
) -> "Axes":
    """Return axes with mean responses (blocks, 2) while a state is off and on, with intervals.

    Example:
        >>> one = np.array([[1.0, 2.0], [1.0, 3.0]])
        >>> draw_means_by_state((one, one, one)).lines[0].get_ydata().tolist()
        [1.0, 1.0]
    """
    ax = axes_or_new(ax)
    for k, (style, label) in enumerate(zip(STATE_STYLES, labels)):
        _draw_series(ax, [part[:, k] for part in means], style, label, shift=0.1 * k)
    integer_axis(ax, "x")
    return style_axes(ax, x=x, y=y, has_legend=True)


def draw_shares(
    shares: Band, labels: Sequence[str], ax: "Axes | None" = None, *, x: str = "session"
) -> "Axes":
    """Return axes with the share of each choice (blocks, choices), with intervals.

    Example:
        >>> half = np.full((3, 2), 0.5)
        >>> draw_shares((half, half, half), ["left", "right"]).get_ylabel()
        'share of choices'
    """
    ax = axes_or_new(ax)
    for k, label in enumerate(labels):
        style = CHOICE_STYLES[k % len(CHOICE_STYLES)]
        shown = printable(label).replace("$", r"\$")
        _draw_series(ax, [part[:, k] for part in shares], style, shown, shift=0.1 * k)
    ax.set_ylim(-0.03, 1.03)
    integer_axis(ax, "x")
    return style_axes(ax, x=x, y="share of choices", has_legend=True)


def recording_figure(
    responses: Values, means: Sequence[Band], *, x: str, unit: str, states: str, name: str
) -> "Figure":
    """Return a recording in one column: all units, and means by the first two states.

    ``responses`` is (blocks, units); each of ``means`` is (blocks, 2); ``states`` says whose.

    Example:
        >>> one = np.ones((3, 2))
        >>> figure = recording_figure(one, [(one, one, one)], x="session", unit="spikes/trial",
        ...                           states="states are the sources", name="culture 0")
        >>> len(figure.axes)  # the third is the colour bar
        3
    """
    shown = list(means)[:2]
    figure = new_figure(NARROW_MM, 48.0 + 38.0 * len(shown))
    panels = list(figure.subplots(1 + len(shown), 1, squeeze=False)[:, 0])
    draw_response_image(responses, panels[0], x=x, unit=unit)
    for k, (ax, one) in enumerate(zip(panels[1:], shown)):
        draw_means_by_state(one, ax, labels=(f"state {k} off", f"state {k} on"), x=x, y=unit)
    letter_panels(panels)
    below = (
        f" Below: mean response of the units of each state, while it is off and on ({states}). "
        "Bars are 95 % intervals."
        if shown
        else ""
    )
    above = "Top: mean" if shown else "Mean"
    add_caption(figure, f"{name}. {above} response of every unit.{below}")
    return figure


def choices_figure(
    shares: Band, labels: Sequence[str], success: Band | None, *, x: str, name: str
) -> "Figure":
    """Return choices in one column: the share of each, and of success if outcomes are known.

    Example:
        >>> half, one = np.full((3, 2), 0.5), np.full(3, 0.5)
        >>> len(choices_figure((half,) * 3, "ab", (one,) * 3, x="session", name="mouse").axes)
        2
    """
    figure = new_figure(NARROW_MM, 45.0 if success is None else 80.0)
    panels = list(figure.subplots(1 if success is None else 2, 1, squeeze=False)[:, 0])
    draw_shares(shares, labels, panels[0], x=x)
    if success is not None:
        _draw_series(panels[1], list(success), LineStyle("black", "o"), "", shift=0.0)
        panels[1].set_ylim(-0.03, 1.03)
        integer_axis(panels[1], "x")
        style_axes(panels[1], x=x, y="good outcomes\n(1 - mean risk)")
        letter_panels(panels)
    below = "" if success is None else " Below: how good outcomes were, the learning curve."
    add_caption(figure, f"{name}. Share of each choice.{below} Bars are 95 % intervals.")
    return figure


def _draw_series(
    ax: "Axes", band: Sequence[Values], style: LineStyle, label: str, *, shift: float
) -> None:
    value, low, high = (np.asarray(part, float) for part in band)
    position = np.arange(len(value)) + shift
    half = np.nan_to_num(np.stack([value - low, high - value]).clip(0))
    ax.errorbar(
        position,
        value,
        half,
        color=style.colour,
        marker=style.marker,
        markersize=3,
        markerfacecolor="white",
        linewidth=0.9,
        elinewidth=0.7,
        label=label or None,
    )
