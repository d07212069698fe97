"""Drawings of a recording show the numbers given."""

import numpy as np

from hebbayes.plotting.recording import (
    culture_figure,
    cultures_figure,
    draw_cost,
    draw_errors,
    draw_priors,
    draw_source_responses,
    draw_weights,
)


def test_predicted_responses_are_dashed_in_the_colour_of_observed_ones() -> None:
    means = np.array([[1.0, 2.0], [1.5, 3.0]])
    ax = draw_source_responses(means, predicted=means + 1)
    off, off_predicted, on, on_predicted = ax.lines
    np.testing.assert_array_equal(off_predicted.get_ydata(), [2.0, 2.5])
    np.testing.assert_array_equal(on.get_ydata(), [2.0, 3.0])
    assert (off_predicted.get_linestyle(), on_predicted.get_linestyle()) == ("--", "--")
    assert off.get_color() == off_predicted.get_color() != on.get_color()


def test_weights_have_sessions_across_and_channels_up() -> None:
    weights = np.arange(6.0).reshape(2, 3)
    image = draw_weights(weights).images[0]
    np.testing.assert_array_equal(image.get_array(), weights.T)
    assert image.origin == "lower"


def test_costs_of_several_cultures_carry_their_numbers() -> None:
    ax = draw_cost({3: np.array([5.0, 4.0]), 7: np.array([1.0, 4.0])})
    assert [(text.get_text(), text.xy) for text in ax.texts] == [("3", (1, -1.0)), ("7", (1, 3.0))]
    assert not draw_cost({3: np.array([5.0, 4.0])}).texts


def test_errors_have_a_tick_each_and_a_dot_for_the_mean() -> None:
    ticks, mean = draw_errors({"constant": np.array([0.2, 0.4])}).lines
    np.testing.assert_allclose(ticks.get_xdata(), [0.2, 0.4])
    np.testing.assert_allclose(mean.get_xdata(), [0.3])


def test_priors_of_both_ensembles_differ_in_filling() -> None:
    first, second, half = draw_priors({2: np.array([0.4, 0.6])}).lines
    assert (first.get_ydata(), second.get_ydata()) == ([0.4], [0.6])
    assert first.get_markerfacecolor() != second.get_markerfacecolor()
    assert half.get_ydata() == [0.5, 0.5]


def test_figures_name_their_recording_and_leave_out_missing_errors() -> None:
    means, weights = np.ones((3, 2, 2)), np.ones((3, 4, 2))
    figure = culture_figure(
        responses=means,
        activity=means,
        predicted_activity=means,
        weights=weights,
        cost=np.ones(3),
        errors={"constant": np.ones(2)},
        name="culture 5",
    )
    assert figure.get_supxlabel().startswith("culture 5. ")
    both = {0: np.ones(2), 1: np.zeros(2)}
    assert len(cultures_figure(both, both, {"m": np.ones(2)}, name="drug").axes) == 3
    assert len(cultures_figure(both, both, {}, name="drug").axes) == 2
