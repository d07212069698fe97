"""An audit of forecasts: losses with intervals, what the theory adds, the protocol and its nulls.

Takes arrays, returns a figure (docs/theory.md section 8).
"""

from collections.abc import Collection, Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.groups import draw_model_errors, draw_weight_errors
from hebbayes.plotting.style import (
    NARROW_MM,
    SOURCE_OFF,
    SOURCE_ON,
    WIDE_MM,
    add_caption,
    add_reference_line,
    axes_or_new,
    letter_panels,
    list_rows,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
Band = tuple[float, float, float]
"""Value and the ends of its interval."""

_LONGEST = 16  # characters in a line of a label


def draw_loss_intervals(
    losses: Mapping[str, Band],
    reference: str,
    ax: "Axes | None" = None,
    *,
    theory: Collection[str] = (),
) -> "Axes":
    """Return axes with losses relative to ``reference`` and their intervals, the best below.

    Forecasters with the theory (``theory``) are orange squares.

    Example:
        >>> ax = draw_loss_intervals({"saturated": (1, 1, 1), "constant": (6, 4, 8)}, "saturated")
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['constant', 'saturated']
    """
    ax = axes_or_new(ax)
    names = sorted(losses, key=lambda name: -losses[name][0])
    for has_theory, colour, marker in ((False, SOURCE_OFF, "o"), (True, SOURCE_ON, "s")):
        for row, name in enumerate(names):
            if (name in theory) == has_theory:
                _draw_bands(ax, [losses[name]], colour, marker, start=row)
    if reference in losses:
        add_reference_line(ax, x=1.0)
    ax.set_xscale("log")
    style_axes(ax, x="relative squared error", y="forecast")
    list_rows(ax, names)
    _plain_ticks(ax, losses)
    return ax


def losses_figure(
    losses: Mapping[str, Band], reference: str, theory: Collection[str], *, name: str, over: str
) -> "Figure":
    """Return losses of all forecasters in one column; ``over`` is what intervals are over.

    Example:
        >>> one = {"saturated": (1, 1, 1), "best null and theory": (0.9, 0.8, 1)}
        >>> figure = losses_figure(one, "saturated", ["best null and theory"], name="a file",
        ...                        over="sessions")
        >>> len(figure.axes)
        1
    """
    figure = new_figure(NARROW_MM, 38.0 + 4.2 * len(losses))
    draw_loss_intervals(losses, reference, figure.add_subplot(), theory=theory)
    add_caption(
        figure,
        f"{name}. Squared errors of forecasts after training, relative to: {reference}; the best "
        "at the bottom. Orange squares: with the theory; blue: without. Bars are 95 % intervals "
        f"over {over}.",
    )
    return figure


def draw_loss_reductions(
    reductions: Mapping[str, Band],
    ax: "Axes | None" = None,
    *,
    fixed: Mapping[str, Band] | None = None,
) -> "Axes":
    """Return axes with reductions of the best null's loss in percent; the first is a square.

    ``fixed`` holds reductions by terms of a fixed size, drawn as triangles.

    Example:
        >>> both = {"the verdict": (0.0, 0.0, 0.0), "observer": (0.01, -0.01, 0.03)}
        >>> ax = draw_loss_reductions(both)
        >>> ax.get_xlabel()
        "reduction of the\\nbest null's loss (%)"
    """
    ax = axes_or_new(ax)
    rows = {name: row + 0.25 for row, name in enumerate(reductions)}
    for name, band in (fixed or {}).items():
        _draw_bands(ax, [tuple(100 * end for end in band)], "#777777", "^", start=rows[name])
    bands = [tuple(100 * end for end in band) for band in reductions.values()]
    _draw_bands(ax, bands[1:], SOURCE_OFF, "o", start=1)
    _draw_bands(ax, bands[:1], SOURCE_ON, "s")
    add_reference_line(ax, x=0.0)
    style_axes(ax, x="reduction of the\nbest null's loss (%)", y="forecast with the theory")
    list_rows(ax, (fill(name, _LONGEST) for name in reductions))
    return ax


def draw_cost_decreases(falls: Values, ax: "Axes | None" = None) -> "Axes":
    """Return axes with decreases of L, surrogate against recorded; ``falls`` is (cultures, 2).

    Example:
        >>> draw_cost_decreases(np.array([[1.0, 0.9]])).get_ylabel()
        'surrogates with gain drift'
    """
    ax = axes_or_new(ax)
    ax.plot(falls[:, 0], falls[:, 1], "o", color=SOURCE_OFF, markersize=4)
    ends = np.array([min(0.0, falls.min()), 1.05 * falls.max()])
    ax.plot(ends, ends, color="#888888", linewidth=0.6, linestyle=":")
    return style_axes(ax, x="decrease of L (nats/trial)", y="surrogates with gain drift")


def audit_figure(
    losses: Mapping[str, Band],
    reference: str,
    reductions: Mapping[str, Band],
    protocol: Mapping[str, Mapping[str, Values]],
    models: tuple[str, ...],
    *,
    fixed: Mapping[str, Band] | None = None,
) -> "Figure":
    """Return the audit on one page.

    ``protocol`` holds per group ``errors`` (cultures, models), ``weight_errors`` (cultures, 2) and
    ``falls`` (cultures, 2).  Panels without data are omitted.

    Example:
        >>> one = {"errors": np.ones((2, 1)), "weight_errors": np.ones((2, 2)),
        ...        "falls": np.ones((2, 2))}
        >>> len(audit_figure({"a": (1, 1, 1)}, "a", {"b": (0, 0, 0)}, {"g": one}, ("m",)).axes)
        5
    """
    above = "aab" if reductions else "aaa"
    figure = new_figure(WIDE_MM, 150.0 if protocol else 90.0)
    layout, ratios = ([above, "cde"], [1.3, 1.0]) if protocol else ([above], [1.0])
    panels = figure.subplot_mosaic("\n".join(layout), height_ratios=ratios)
    draw_loss_intervals(losses, reference, panels["a"])
    if reductions:
        draw_loss_reductions(reductions, panels["b"], fixed=fixed)
    if protocol:
        draw_model_errors({n: g["errors"] for n, g in protocol.items()}, models, panels["c"])
        draw_weight_errors({n: g["weight_errors"] for n, g in protocol.items()}, panels["d"])
        draw_cost_decreases(np.concatenate([g["falls"] for g in protocol.values()]), panels["e"])
    letter_panels([panels[name] for name in sorted(panels)])
    return figure


def _draw_bands(
    ax: "Axes", bands: list[Any], colour: str, marker: str, *, start: float = 0
) -> None:
    for row, (value, low, high) in zip(np.arange(len(bands)) + start, bands):
        if np.isfinite([low, high]).all():
            ax.plot([low, high], [row, row], color=colour, linewidth=1.2)
        ax.plot(value, row, marker, color=colour, markersize=4)


def _plain_ticks(ax: "Axes", losses: Mapping[str, Band]) -> None:
    """Label a logarithmic axis with plain numbers within its limits, five at most."""
    from matplotlib.ticker import NullFormatter, NullLocator

    ends = [end for band in losses.values() for end in band if np.isfinite(end) and end > 0]
    low, high = min([*ends, 1.0]) * 0.95, max([*ends, 1.0]) * 1.05
    steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
    if high / low < 4:  # a narrow axis wants ticks between
        step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if (high - low) / s <= 4)
        steps = [round(k * step, 2) for k in range(int(high / step) + 1)]
    inside = [tick for tick in steps if low <= tick <= high]
    inside = inside[:: max(1, -(-len(inside) // 5))]
    ax.set_xlim(low, high)
    ax.set_xticks(inside, [f"{tick:g}" for tick in inside])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
