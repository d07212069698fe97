"""Drawings of a simulated design show the numbers given."""

import numpy as np

from hebbayes.plotting.design import design_figure, draw_estimation_errors, draw_shares


def test_bars_are_two_standard_errors_around_a_share() -> None:
    ax = draw_shares({"phi": (0.9, 0.02), "lambda": (0.5, np.nan)}, 0.95, label="coverage")
    dots, _, (bars,) = ax.containers[0]
    np.testing.assert_array_equal(dots.get_ydata(), [0.9, 0.5])
    np.testing.assert_allclose(bars.get_segments()[0][:, 1], [0.86, 0.94])
    assert ax.lines[-1].get_ydata() == [0.95, 0.95]


def test_errors_are_dots_with_a_line_for_their_mean() -> None:
    dots, mean, zero = draw_estimation_errors({"phi": np.array([0.1, 0.3])}).lines
    np.testing.assert_array_equal(dots.get_ydata(), [0.1, 0.3])
    np.testing.assert_allclose(mean.get_ydata(), [0.2, 0.2])
    assert zero.get_ydata() == [0, 0]


def test_claims_are_a_third_panel() -> None:
    one = {"phi": (0.9, 0.02)}
    figure = design_figure(errors={}, coverage=one, claims=one, name="6 cultures")
    assert len(figure.axes) == 3
    assert len(design_figure(errors={}, coverage=one, claims={}, name="6").axes) == 2
