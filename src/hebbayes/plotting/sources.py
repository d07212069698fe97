"""Blind source separation: responses, free energy, synapses and the sweep over the prior D1.

Takes arrays, returns axes or a figure (I20 Figs. 2-3; docs/theory.md section 6).  Sources and
states are numbered from 0.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.plotting.maze import draw_learning_curve
from hebbayes.plotting.style import (
    PUBLISHED_STYLE,
    SOURCE_OFF,
    SOURCE_ON,
    TEXT_PT,
    WEIGHT_MAP,
    WIDE_MM,
    LineStyle,
    add_caption,
    add_colour_bar,
    add_reference_line,
    axes_or_new,
    letter_panels,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = NDArray[Any]
ON_STYLE, OFF_STYLE = LineStyle(SOURCE_ON, "^"), LineStyle(SOURCE_OFF, "o")
OWN_STYLE, OTHER_STYLE = LineStyle("black", "s"), LineStyle("#56B4E9", "o")


def draw_responses(response: Values, ax: "Axes | None" = None, *, state: int = 0) -> "Axes":
    """Return axes with a unit's mean response per session, by the state of its source.

    ``response`` is (runs, sessions, 2), on and off; bands are standard errors over runs.

    Example:
        >>> ax = draw_responses(np.array([[[0.5, 0.5], [0.9, 0.1]]]))
        >>> [line.get_ydata().tolist() for line in ax.lines]
        [[0.5, 0.9], [0.5, 0.1]]
    """
    ax = axes_or_new(ax)
    for index, style, word in ((0, ON_STYLE, "on"), (1, OFF_STYLE, "off")):
        draw_learning_curve(response[..., index].T, ax, style=style, label=f"source {state} {word}")
    ax.set_ylim(-0.03, 1.03)
    return style_axes(ax, x="session", y=f"posterior of state {state}")


def draw_synapses(synapses: Values, ax: "Axes | None" = None) -> "Axes":
    """Return axes with the learnt P(stimulus on | source), a column per source and state.

    ``synapses`` is (2, stimuli, states): source on, source off.

    Example:
        >>> ax = draw_synapses(np.full((2, 4, 2), 0.5))
        >>> [tick.get_text() for tick in ax.get_xticklabels()]
        ['0 on', '1 on', '0 off', '1 off']
    """
    ax = axes_or_new(ax)
    n_states = synapses.shape[-1]
    image = ax.imshow(
        np.hstack(list(synapses)), cmap=WEIGHT_MAP, vmin=0, vmax=1, aspect="auto", origin="lower"
    )
    names = [f"{state} {word}" for word in ("on", "off") for state in range(n_states)]
    style_axes(ax, x="given source", y="stimulus")
    ax.set_xticks(range(len(names)), names, fontsize=TEXT_PT)
    add_colour_bar(ax, image, "P(stimulus on)", ticks=[0, 0.5, 1])
    return ax


def draw_sweep(
    d1: Values,
    correlation: Values,
    ax: "Axes | None" = None,
    *,
    style: LineStyle = OWN_STYLE,
    label: str = "",
) -> "Axes":
    """Return axes with |correlation| against D1: mean and standard error over runs.

    ``correlation`` is (values of D1, runs).  The dotted line is the true prior, 1/2.

    Example:
        >>> ax = draw_sweep(np.array([0.2, 0.5]), np.array([[0.5, 0.7], [0.9, 0.9]]))
        >>> ax.lines[0].get_ydata().round(2).tolist()
        [0.6, 0.9]
    """
    ax = axes_or_new(ax)
    n_runs = correlation.shape[1]
    error = correlation.std(1, ddof=1) / np.sqrt(n_runs) if n_runs > 1 else None
    ax.errorbar(
        d1,
        correlation.mean(1),
        yerr=error,
        color=style.colour,
        marker=style.marker,
        markerfacecolor="white",
        markersize=3.5,
        linewidth=1.0,
        label=label or None,
    )
    add_reference_line(ax, x=0.5)
    ax.set(xlim=(0, 1), ylim=(-0.03, 1.03))
    return style_axes(ax, x="prior D1", y="|correlation|", has_legend=True)


def draw_correlation(
    correlation: Values, reference: Values | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Return axes with the correlation of each source in each run; the reference is dashed.

    ``correlation`` is (runs, sources), ``reference`` (sources,).

    Example:
        >>> ax = draw_correlation(np.array([[0.9, 0.8]]), np.array([0.89, 0.93]))
        >>> [line.get_ydata().tolist() for line in ax.lines]
        [[0.9, 0.8], [0.89, 0.89], [0.93, 0.93]]
    """
    ax = axes_or_new(ax)
    n_runs, n_sources = correlation.shape
    position = np.arange(n_sources)
    spread = np.linspace(-0.15, 0.15, n_runs) if n_runs > 1 else np.zeros(1)
    ax.plot(
        (position + spread[:, None]).ravel(),
        correlation.ravel(),
        OWN_STYLE.marker,
        color=OWN_STYLE.colour,
        markerfacecolor="white",
        markersize=3.5,
        label=None if reference is None else "ours",
    )
    for source, value in enumerate(() if reference is None else reference):
        label = None if source else "reference"
        ax.plot(
            [source - 0.3, source + 0.3],
            [value, value],
            PUBLISHED_STYLE.line,
            color=PUBLISHED_STYLE.colour,
            label=label,
        )
    ax.set(xlim=(-0.6, n_sources - 0.4), ylim=(0, 1.03))
    style_axes(ax, x="source", y="correlation", has_legend=True)
    ax.set_xticks(position, [str(source) for source in position])
    return ax


def draw_separation(
    response: Values,
    nats: Values,
    synapses: Values,
    correlation: Values,
    reference: Values | None = None,
) -> "Figure":
    """Return a figure: responses of two states, free energy, learnt synapses, correlations.

    ``response`` is (runs, sessions, states, 2), ``nats`` (runs, sessions); ``synapses`` belong to
    one run.  Other shapes are those of the functions that draw each panel.

    Example:
        >>> shapes = ((1, 3, 2, 2), (1, 3), (2, 4, 2), (1, 2))
        >>> len(draw_separation(*map(np.ones, shapes)).axes)  # the sixth is the colour bar
        6
    """
    figure = new_figure(WIDE_MM, 115.0)
    panels = figure.subplot_mosaic("aaabbb;ccddee")
    for state, name in enumerate("ab"):
        draw_responses(response[:, :, state], panels[name], state=state)
    draw_learning_curve(
        nats.T / 1000, panels["c"], style=OWN_STYLE, x="session", y="free energy (knats/session)"
    )
    draw_synapses(synapses, panels["d"])
    draw_correlation(correlation, reference, panels["e"])
    letter_panels([panels[name] for name in "abcde"])
    add_caption(
        figure,
        "a, b: posterior of each state while its source is on and off. c: free energy. d: learnt "
        "synapses of one run. e: |correlation| of each state with its source, a marker per run. "
        "Lines are means over runs, bands their standard errors.",
    )
    return figure


def draw_sweep_panels(d1: Values, correlation: Values) -> "Figure":
    """Return a figure with one panel per state: |correlation| with each source against D1.

    ``correlation`` is (values of D1, runs, sources, states).

    Example:
        >>> len(draw_sweep_panels(np.array([0.2, 0.5]), np.ones((2, 3, 2, 2))).axes)
        2
    """
    n_states = correlation.shape[-1]
    figure = new_figure(WIDE_MM, 65.0)
    axes = figure.subplots(1, n_states, sharey=True, squeeze=False)[0]
    for state, ax in enumerate(axes):
        for source in range(correlation.shape[-2]):
            style = OWN_STYLE if source == state else OTHER_STYLE
            values = correlation[:, :, source, state]
            draw_sweep(d1, values, ax, style=style, label=f"with source {source}")
        ax.set_ylabel(f"|correlation| of state {state}", fontsize=TEXT_PT)
    letter_panels(list(axes))
    add_caption(
        figure,
        "How well each state encodes each source under a prior D1. Mean over runs and standard "
        "error; the dotted line is the true prior.",
    )
    return figure


def draw_response_panels(responses: "Mapping[str, Values]") -> "Figure":
    """Return a figure with a panel per kind of network: response while its source is on and off.

    Each of ``responses`` is (runs, sessions, states, 2); the states of a run are pooled.
    Triangles are the source on, circles off.

    Example:
        >>> len(draw_response_panels({"normal": np.ones((2, 3, 2, 2))}).axes)
        1
    """
    figure = new_figure(WIDE_MM, 65.0)
    axes = figure.subplots(1, len(responses), sharey=True, squeeze=False)[0]
    for (title, response), ax in zip(responses.items(), axes):
        for index, style in ((0, ON_STYLE), (1, OFF_STYLE)):
            draw_learning_curve(response[..., index].mean(2).T, ax, style=style)
        ax.set_ylim(-0.03, 1.03)
        style_axes(ax, title=title, x="session", y="mean posterior" if ax is axes[0] else "")
    letter_panels(list(axes))
    return figure
