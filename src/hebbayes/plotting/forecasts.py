"""Forecasts for subjects: sessions that were held out, and sessions to come.

Takes arrays, returns figures (docs/recordings.md, section Behaviour).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.plotting.behaviour.curves import draw_predicted_curves
from hebbayes.plotting.style import (
    MEDIUM_MM,
    PESSIMIST,
    UNBIASED,
    add_caption,
    add_legend,
    add_reference_line,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.plotting.behaviour.marks import Band, Values

_MOST_CURVES = 3
"""Subjects drawn with a band each; of more, the mean and the range of subjects are drawn."""


def held_out_figure(forecast: "Band", observed: "Values") -> "Figure":
    """Return the figure of observed success against its forecast, one point for each session.

    Example:
        >>> value = np.array([0.5, 0.7])
        >>> figure = held_out_figure((value, value - 0.1, value + 0.1), value + 0.05)
        >>> figure.axes[0].get_xlabel()
        'forecast success'
    """
    value, low, high = forecast
    figure = new_figure(MEDIUM_MM, 88.0)
    ax = figure.add_subplot()
    is_inside = (low <= observed) & (observed <= high)
    ends = [min(0.0, *low), 1.0]
    ax.plot(ends, ends, color="#999999", linewidth=0.8, zorder=0)
    for inside, style in ((True, UNBIASED), (False, PESSIMIST)):
        rows = is_inside == inside
        if not rows.any():
            continue
        ax.vlines(value[rows], low[rows], high[rows], color=style.colour, alpha=0.35, linewidth=1)
        ax.plot(
            value[rows],
            observed[rows],
            linestyle="none",
            marker="o" if inside else "X",
            markersize=3.0 if inside else 4.5,
            color=style.colour,
            label=f"{'inside' if inside else 'outside'} ({int(rows.sum())})",
        )
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    add_legend(ax)
    add_caption(
        figure,
        "Success in sessions that were held out, against its forecast from earlier sessions; "
        "vertical lines are 95 % intervals, including chance; the grey line is equality.",
    )
    style_axes(ax, x="forecast success", y="observed success")
    return figure


def sessions_to_come_figure(
    curves: "Mapping[str, Band]", reversals: Sequence[int] = ()
) -> "Figure":
    """Return the figure of success by session to come, of each subject or of all together.

    Example:
        >>> one = (np.full(3, 0.6), np.full(3, 0.5), np.full(3, 0.7))
        >>> figure = sessions_to_come_figure({"a": one, "b": one}, (1,))
        >>> len(figure.axes[0].collections)
        2
    """
    figure = new_figure(MEDIUM_MM, 80.0)
    ax = figure.add_subplot()
    if len(curves) <= _MOST_CURVES:
        draw_predicted_curves(
            {f"subject {name}": band for name, band in curves.items()}, ax, reversals=reversals
        )
        said = "Bands are 95 % intervals for that subject, including chance"
    else:
        style, values = UNBIASED, np.stack([band[0] for band in curves.values()])
        session = np.arange(values.shape[1])
        ax.plot(session, values.T, color="#999999", linewidth=0.4, alpha=0.6)
        ax.plot(
            session,
            values.mean(0),
            color=style.colour,
            marker=style.marker,
            markersize=4,
            linewidth=1.4,
        )
        for at in reversals:
            add_reference_line(ax, x=at - 0.5)
        ax.set_ylim(0, 1)
        ax.set_xticks(session)
        said = f"Grey: each of {len(curves)} subjects; coloured: their mean"
    add_caption(
        figure,
        f"Forecast success in sessions to come. {said}"
        f"{'; dotted lines are reversals' if reversals else ''}.",
    )
    style_axes(ax, x="session to come", y="success (share)")
    return figure
