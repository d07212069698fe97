"""Drawings of blind source separation show the numbers given."""

import numpy as np

from hebbayes.plotting.sources import (
    draw_correlation,
    draw_response_panels,
    draw_responses,
    draw_separation,
    draw_sweep,
    draw_sweep_panels,
    draw_synapses,
)


def test_responses_show_on_above_off() -> None:
    response = np.array([[[0.6, 0.4], [0.9, 0.1]], [[0.8, 0.4], [0.9, 0.3]]])
    on, off = draw_responses(response, state=1).lines
    np.testing.assert_allclose(on.get_ydata(), [0.7, 0.9])
    np.testing.assert_allclose(off.get_ydata(), [0.4, 0.2])
    assert on.get_label() == "source 1 on"


def test_synapses_put_sources_that_are_on_before_those_that_are_off() -> None:
    synapses = np.arange(12).reshape(2, 3, 2) / 12
    image = draw_synapses(synapses).images[0].get_array()
    np.testing.assert_allclose(image[:, :2], synapses[0])
    np.testing.assert_allclose(image[:, 2:], synapses[1])


def test_a_sweep_with_one_run_has_no_error_bars() -> None:
    d1 = np.array([0.2, 0.5])
    assert not draw_sweep(d1, np.array([[0.5], [0.9]])).containers[0].has_yerr
    assert draw_sweep(d1, np.array([[0.5, 0.6], [0.9, 0.8]])).containers[0].has_yerr


def test_sweep_panels_show_every_source_against_every_state() -> None:
    correlation = np.zeros((2, 3, 2, 2))
    correlation[:, :, 0, 1] = 0.4  # source 0 with state 1
    figure = draw_sweep_panels(np.array([0.2, 0.5]), correlation)
    drawn = [[line.get_ydata()[0] for line in ax.lines[:2]] for ax in figure.axes]
    np.testing.assert_allclose(drawn, [[0, 0], [0.4, 0]])


def test_correlations_lie_beside_their_reference() -> None:
    ax = draw_correlation(np.array([[0.8, 0.9], [0.7, 0.6]]), np.array([0.89, 0.93]))
    ours, first, second = ax.lines
    np.testing.assert_allclose(ours.get_ydata(), [0.8, 0.9, 0.7, 0.6])
    assert (first.get_ydata()[0], second.get_ydata()[0]) == (0.89, 0.93)
    assert len(draw_correlation(np.array([[0.8, 0.9]])).lines) == 1


def test_the_whole_figure_has_five_panels_and_a_colour_bar() -> None:
    shapes = ((2, 3, 2, 2), (2, 3), (2, 4, 2), (2, 2))
    figure = draw_separation(*map(np.ones, shapes))
    assert len(figure.axes) == 6


def test_a_panel_per_kind_of_network_shows_on_above_off() -> None:
    response = np.broadcast_to([0.9, 0.2], (2, 3, 2, 2))
    figure = draw_response_panels({"normal": response, "hyper": response + np.array([0, 0.5])})
    drawn = [[line.get_ydata()[-1] for line in ax.lines] for ax in figure.axes]
    np.testing.assert_allclose(drawn, [[0.9, 0.2], [0.9, 0.7]])
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["normal", "hyper"]
