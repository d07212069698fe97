"""The look of every figure: widths, colours, type sizes, axes, legends and captions.

Uses only matplotlib's object interface: no pyplot, no global settings, no windows.  Colours are
safe for colour-blind readers, and each has its own marker or line style.  Importing this module
does not import matplotlib.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from hebbayes.core.errors import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

NARROW_MM, MEDIUM_MM, WIDE_MM = 88.0, 120.0, 180.0
"""One column, one and a half, two columns of a journal page."""

TEXT_PT, TITLE_PT, LETTER_PT = 7.0, 8.0, 10.0

SOURCE_OFF, SOURCE_ON = "#0072B2", "#D55E00"
REFERENCE_COLOUR = "#888888"
PROBABILITY_MAP, WEIGHT_MAP, DIFFERENCE_MAP = "Greys", "cividis", "PuOr"


class LineStyle(NamedTuple):
    """A look that distinguishes a curve with and without colour.

    Attributes:
        colour: Of line and marker.
        marker: Matplotlib's marker; none if empty.
        line: Matplotlib's line style.
    """

    colour: str
    marker: str
    line: str = "-"


PESSIMIST = LineStyle("black", "o")
UNBIASED = LineStyle("#0072B2", "s")
OPTIMIST = LineStyle("#56B4E9", "^")
PUBLISHED_STYLE = LineStyle("#888888", "", "--")
"""Published results are always grey and dashed."""
PRIOR_STYLES = (PESSIMIST, UNBIASED, OPTIMIST)
"""The three decision priors of the maze study, in rising order of P(move right)."""


def new_figure(width_mm: float = NARROW_MM, height_mm: float = 60.0) -> "Figure":
    """Return an empty figure of this size whose layout avoids overlaps.

    Example:
        >>> new_figure(127.0, 50.8).get_size_inches().tolist()
        [5.0, 2.0]
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width_mm / 25.4, height_mm / 25.4), dpi=150, layout="constrained")


def axes_or_new(ax: "Axes | None", width_mm: float = NARROW_MM, height_mm: float = 60.0) -> "Axes":
    """Return ``ax``, or the axes of a new figure of this size.

    Example:
        >>> axes = axes_or_new(None)
        >>> axes_or_new(axes) is axes
        True
    """
    return new_figure(width_mm, height_mm).add_subplot() if ax is None else ax


def style_axes(
    ax: "Axes", *, title: str = "", x: str = "", y: str = "", has_legend: bool = False
) -> "Axes":
    """Return ``ax`` with a title, labels in the common sizes, two spines and, if asked, a legend.

    Example:
        >>> style_axes(axes_or_new(None), x="trial").get_xlabel()
        'trial'
    """
    if has_legend:
        add_legend(ax)
    ax.set_title(title, fontsize=TITLE_PT, loc="left")
    ax.set_xlabel(x, fontsize=TEXT_PT)
    ax.set_ylabel(y, fontsize=TEXT_PT)
    ax.tick_params(which="both", labelsize=TEXT_PT)
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_offset_text().set_fontsize(TEXT_PT)
        _spell_out(axis)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _spell_out(axis: "Axis") -> None:
    """Write whole numbers at ticks, without an offset or a power beside the axis."""
    from matplotlib.ticker import ScalarFormatter

    formatter = axis.get_major_formatter()
    if type(formatter) is ScalarFormatter:
        formatter.set_useOffset(False)
        formatter.set_powerlimits((-5, 8))


def add_legend(ax: "Axes") -> None:
    """Put a frameless legend above the axes, so that it covers no data; none without labels.

    Axes with a legend have no title: use the legend's labels or the caption.

    Example:
        >>> axes = axes_or_new(None)
        >>> add_legend(axes)
        >>> axes.get_legend() is None
        True
    """
    labels = ax.get_legend_handles_labels()[1]
    if labels:
        ax.legend(
            fontsize=TEXT_PT,
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            borderaxespad=0.0,
            ncols=_legend_columns(ax, labels),
            handlelength=1.6,
            columnspacing=1.0,
        )


def _legend_columns(ax: "Axes", labels: list[str]) -> int:
    """Return how many labels side by side are no wider than the axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    room = ax.get_position().width * figure.get_figwidth() * 72 / TEXT_PT
    widths = [0.55 * len(label) + 3.2 for label in labels]
    for n in range(min(3, len(labels)), 1, -1):
        if sum(max(widths[k::n]) for k in range(n)) <= room:
            return n
    return 1


def add_colour_bar(ax: "Axes", image: "AxesImage", unit: str, **options: Any) -> None:
    """Put a colour bar with the name of its unit beside ``ax``; ``options`` are matplotlib's.

    Example:
        >>> axes = axes_or_new(None)
        >>> add_colour_bar(axes, axes.imshow([[0.0, 1.0]]), "nats", ticks=[0, 1])
        >>> axes.figure.axes[1].get_ylabel()
        'nats'
    """
    bar = ax.figure.colorbar(image, ax=ax, **options)
    bar.set_label(unit, fontsize=TEXT_PT)
    bar.ax.tick_params(labelsize=TEXT_PT)


def list_rows(ax: "Axes", names: Iterable[str]) -> None:
    """Name the rows 0, 1, ... of a plot, the first at the top.

    Example:
        >>> axes = axes_or_new(None)
        >>> list_rows(axes, ["constant", "linear"])
        >>> [label.get_text() for label in axes.get_yticklabels()]
        ['constant', 'linear']
    """
    labels = list(names)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)


def integer_axis(ax: "Axes", axis: str) -> None:
    """Put ticks of axis ``x`` or ``y`` at whole numbers.

    Example:
        >>> axes = axes_or_new(None)
        >>> integer_axis(axes, "x")
        >>> bool((axes.get_xticks() % 1 == 0).all())
        True
    """
    from matplotlib.ticker import MaxNLocator

    getattr(ax, f"{axis}axis").set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))


def add_reference_line(ax: "Axes", *, x: float | None = None, y: float | None = None) -> None:
    """Draw a thin dotted line at ``x`` or ``y``.

    Example:
        >>> axes = axes_or_new(None)
        >>> add_reference_line(axes, y=0.5)
        >>> axes.lines[0].get_ydata()
        [0.5, 0.5]
    """
    draw, place = (ax.axhline, y) if x is None else (ax.axvline, x)
    if place is not None:
        draw(place, color=REFERENCE_COLOUR, linewidth=0.6, linestyle=":")


def letter_panels(axes: "list[Axes]") -> None:
    """Mark panels a, b, c, ... at their upper left.

    Example:
        >>> axes = [axes_or_new(None), axes_or_new(None)]
        >>> letter_panels(axes)
        >>> [a.texts[0].get_text() for a in axes]
        ['a', 'b']
    """
    for letter, ax in zip("abcdefghijklmnop", axes):
        ax.annotate(
            letter,
            xy=(0.0, 1.0),
            xycoords="axes fraction",
            xytext=(-26.0, 8.0),
            textcoords="offset points",
            fontsize=LETTER_PT,
            fontweight="bold",
        )


def add_caption(figure: "Figure", text: str) -> None:
    """Write ``text`` below the panels of ``figure``, wrapped to its width, dollars and all.

    Example:
        >>> figure = new_figure()
        >>> add_caption(figure, "What is shown.")
        >>> figure.get_supxlabel()
        'What is shown.'
    """
    import textwrap

    characters = int(figure.get_figwidth() * 72 / (TEXT_PT * 0.6))
    figure.supxlabel(
        textwrap.fill(printable(text), characters),
        fontsize=TEXT_PT,
        x=0.01,
        ha="left",
        multialignment="left",
        parse_math=False,
    )
