"""Drawings of predicted learning curves show the numbers given."""

import numpy as np

from hebbayes.plotting.behaviour.curves import draw_predicted_curves, learning_curves_figure

CURVE = (np.array([0.5, 0.7]), np.array([0.4, 0.6]), np.array([0.6, 0.8]))


def test_curves_have_bands_and_reversals_fall_between_sessions() -> None:
    ax = draw_predicted_curves({"one": CURVE, "other": CURVE}, reversals=(1,))
    one, other, reversal = ax.lines
    np.testing.assert_array_equal(one.get_ydata(), CURVE[0])
    assert (one.get_color(), one.get_marker()) != (other.get_color(), other.get_marker())
    assert reversal.get_xdata() == [0.5, 0.5]
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (0.4, 0.8)


def test_true_runs_are_grey_and_named_in_the_caption() -> None:
    figure = learning_curves_figure({"one": CURVE}, (), np.full((3, 2), 0.5))
    assert len(figure.axes[0].lines) == 4
    assert "Grey" in figure.get_supxlabel()
    assert "Grey" not in learning_curves_figure({"one": CURVE}, ()).get_supxlabel()
