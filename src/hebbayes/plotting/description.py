"""The causal description of a recording: thresholds, synapses, free energy, forecasts.

Takes arrays, returns axes (docs/recordings.md).  Solid lines are recorded; grey bands are
surrogates without learning.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.audit import draw_loss_intervals
from hebbayes.plotting.dots import draw_dots
from hebbayes.plotting.recording import draw_errors, draw_weights
from hebbayes.plotting.style import (
    NARROW_MM,
    SOURCE_OFF,
    SOURCE_ON,
    TEXT_PT,
    WIDE_MM,
    add_caption,
    add_reference_line,
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
Loss = tuple[float, float, float]
"""One loss and the ends of its interval."""


def draw_free_energy_beside_nulls(
    total: Band, replayed: Band, gain_only: Band, ax: "Axes | None" = None, *, train_sessions: int
) -> "Axes":
    """Return axes with the free energy per session, of the recording and two kinds of surrogates.

    Example:
        >>> one = (np.ones(3), np.zeros(3), np.full(3, 2.0))
        >>> ax = draw_free_energy_beside_nulls(one, one, one, train_sessions=2)
        >>> [line.get_label() for line in ax.lines[:3]]
        ['replayed', 'gain drift only', 'recorded']
    """
    ax = axes_or_new(ax)
    session = np.arange(len(total[0]))
    for (value, low, high), line, label in (
        (replayed, "--", "replayed"),
        (gain_only, ":", "gain drift only"),
    ):
        ax.fill_between(session, low, high, color="#bbbbbb", alpha=0.5, linewidth=0)
        ax.plot(session, value, line, color="#666666", linewidth=1.0, label=label)
    value, low, high = total
    ax.fill_between(session, low, high, color=SOURCE_ON, alpha=0.25, linewidth=0)
    ax.plot(session, value, color=SOURCE_ON, linewidth=1.0, label="recorded")
    add_reference_line(ax, x=train_sessions - 0.5)
    integer_axis(ax, "x")
    return style_axes(ax, x="session", y="free energy (nats)", has_legend=True)


def draw_log_odds(
    consistent: Band, published: Values, ax: "Axes | None" = None, *, labels: Sequence[str]
) -> "Axes":
    """Return axes with phi of every ensemble: the consistent estimate and the published one.

    Example:
        >>> one = (np.array([0.5]), np.array([0.1]), np.array([0.9]))
        >>> draw_log_odds(one, np.array([0.4]), labels=["0"]).get_ylabel()
        'threshold factor $\\\\phi$ (nats)'
    """
    ax = axes_or_new(ax)
    position, (value, low, high) = np.arange(len(published)), consistent
    is_known = np.isfinite(value) & np.isfinite(low) & np.isfinite(high)
    half_widths = np.stack([value - low, high - value])[:, is_known]
    ax.errorbar(
        position[is_known] - 0.1,
        value[is_known],
        half_widths,
        fmt="o",
        color=SOURCE_OFF,
        markersize=4,
        linewidth=1.0,
        label="consistent",
    )
    ax.plot(
        position + 0.1,
        published,
        "s",
        color="black",
        markerfacecolor="white",
        markersize=4,
        label="published",
    )
    add_reference_line(ax, y=0)
    ax.set_xticks(position, list(labels), rotation=90 if len(labels) > 8 else 0)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    return style_axes(ax, x="state", y="threshold factor $\\phi$ (nats)", has_legend=True)


def free_energy_figure(
    total: Band, replayed: Band, gain_only: Band, *, train_sessions: int, name: str
) -> "Figure":
    """Return the free energy of one culture beside its surrogates, in one column.

    Example:
        >>> one = (np.ones(3), np.zeros(3), np.full(3, 2.0))
        >>> figure = free_energy_figure(one, one, one, train_sessions=2, name="culture 0")
        >>> len(figure.axes)
        1
    """
    figure = new_figure(NARROW_MM, 62.0)
    draw_free_energy_beside_nulls(
        total, replayed, gain_only, figure.add_subplot(), train_sessions=train_sessions
    )
    add_caption(
        figure,
        f"{name}. Free energy per session and of surrogates that do not learn: training sessions "
        "replayed, or gains that drift. Bands are 95 % intervals; sessions left of the dotted line "
        "were fitted.",
    )
    return figure


def description_figure(
    *,
    free_energy: tuple[Band, Band, Band],
    log_odds: Band,
    published_log_odds: Values,
    weights: Values,
    errors: Mapping[str, Values],
    losses: tuple[Mapping[str, Loss], str, Collection[str]],
    train_sessions: int,
    name: str,
) -> "Figure":
    """Return one culture on a page.

    ``free_energy`` holds the recording, replays, and surrogates with gain drift only.  ``weights``
    is (sessions, channels, ensembles); the first two ensembles are shown.  ``losses`` are those of
    `draw_loss_intervals`, their reference, and the names of forecasts with the theory.

    Example:
        >>> one = (np.ones(3), np.zeros(3), np.full(3, 2.0))
        >>> figure = description_figure(
        ...     free_energy=(one, one, one), log_odds=one, published_log_odds=np.ones(3),
        ...     weights=np.ones((3, 4, 2)), errors={},
        ...     losses=({"saturated": (1.0, 0.9, 1.1)}, "saturated", ()), train_sessions=2,
        ...     name="culture 0")
        >>> len(figure.axes)
        8
    """
    figure = new_figure(WIDE_MM, 135.0)
    upper, lower = figure.subfigures(2, 1)  # with margins of their own
    panels = dict(zip("abc", upper.subplots(1, 3)))
    panels |= dict(zip("def", lower.subplots(1, 3, width_ratios=[0.9, 0.8, 1.0])))
    draw_free_energy_beside_nulls(*free_energy, panels["a"], train_sessions=train_sessions)
    labels = [str(k) for k in range(len(published_log_odds))]
    draw_log_odds(log_odds, published_log_odds, panels["d"], labels=labels)
    for k in range(2):
        if k < weights.shape[2]:
            draw_weights(weights[:, :, k], panels["bc"[k]])
            panels["bc"[k]].set_ylabel(f"stimulus channel\n(state {k})", fontsize=TEXT_PT)
    if errors:
        draw_errors(errors, panels["e"])
    if losses[0]:
        draw_loss_intervals(*losses[:2], panels["f"], theory=losses[2])
        panels["f"].set_xlabel("relative\nsquared error", fontsize=TEXT_PT)
    for ax in panels.values():
        ax.set_visible(ax.has_data())
    letter_panels([ax for ax in panels.values() if ax.get_visible()])
    add_caption(figure, f"{name}. {_CAPTION}")
    return figure


def conditions_figure(
    log_odds: Mapping[str, Values],
    falls: Mapping[str, Values],
    losses: Mapping[str, Loss],
    reference: str,
    *,
    theory: Collection[str] = (),
    name: str,
) -> "Figure":
    """Return conditions side by side: phi, change of free energy, and losses.

    ``log_odds`` and ``falls`` hold the values of all ensembles or cultures of each condition.

    Example:
        >>> both = {"control": np.array([0.1, 0.2]), "drug": np.array([0.4])}
        >>> len(conditions_figure(both, both, {"a": (1.0, 1.0, 1.0)}, "a", name="two").axes)
        3
    """
    figure = new_figure(WIDE_MM, 65.0)
    panels = figure.subplots(1, 3 if losses else 2)
    for ax, values, y in (
        (panels[0], log_odds, "threshold factor $\\phi$ (nats)"),
        (panels[1], falls, "change of free energy\nper trial (nats)"),
    ):
        draw_dots(values, ax, y=y)
    if losses:
        draw_loss_intervals(losses, reference, panels[2], theory=theory)
    letter_panels(list(panels))
    add_caption(
        figure,
        f"{name}. Dots are ensembles or cultures, lines their means. Losses are "
        "relative squared errors of raw responses after training.",
    )
    return figure


_CAPTION = (
    "Top: free energy per session, and surrogates that replay the training sessions or drift only "
    "in gain; effective weights. Bottom: threshold factors; squared errors after training, of "
    "activity and, relative, of raw responses (orange: with the theory). "
    "Bands and bars are 95 % intervals. All fits use the sessions left of the dotted line."
)
