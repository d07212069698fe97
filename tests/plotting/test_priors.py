"""Drawings of estimated priors show the numbers given."""

import numpy as np

from hebbayes.plotting.priors import (
    draw_estimated_priors,
    draw_forecast_errors,
    draw_trajectories,
    prior_figure,
)


def test_estimates_are_means_with_standard_errors_beside_the_identity() -> None:
    estimates = {"consistent": np.array([[0.0, 2.0], [1.0, 1.0]])}
    ax = draw_estimated_priors(np.array([0.5, 1.5]), estimates)
    dots, _, (bars,) = ax.containers[0]
    np.testing.assert_allclose(dots.get_ydata(), [1, 1])
    np.testing.assert_allclose(bars.get_segments()[0][:, 1], [0, 2])
    identity = next(line for line in ax.lines if line.get_linestyle() == ":")
    np.testing.assert_array_equal(identity.get_xdata(), identity.get_ydata())


def test_predicted_weights_are_dashed_beside_true_ones() -> None:
    weights = np.arange(6.0).reshape(3, 2)
    true, predicted = draw_trajectories(weights, weights + 1, n_shown=1).lines
    np.testing.assert_array_equal(true.get_ydata() + 1, predicted.get_ydata())
    assert predicted.get_linestyle() == "--"


def test_errors_of_0_are_left_out_of_logarithmic_axes() -> None:
    errors = {"flat": np.array([[0.0, 0.0], [1.0, 3.0]])}
    ax = draw_forecast_errors(np.arange(2), errors, x_label="session", y="error")
    np.testing.assert_array_equal(ax.containers[0][0].get_xydata(), [[1, 2]])


def test_errors_by_prior_are_relative_to_the_change_of_weights() -> None:
    values, both = np.full((2, 3, 5), 2.0), (np.ones((7, 4)), np.ones((7, 4)))
    d1, phi = np.array([0.2, 0.8]), np.zeros((2, 3, 2))
    figure = prior_figure(d1, phi, {"flat": values}, 4 * values, both, training=2, shown=0)
    relative = figure.axes[3].containers[0][0]
    np.testing.assert_allclose(relative.get_xydata(), [[0.2, 0.25], [0.8, 0.25]])
