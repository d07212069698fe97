"""Drawings of groups of cultures show the numbers given."""

import numpy as np

from hebbayes.plotting.groups import (
    draw_cost_changes,
    draw_curve_pair,
    draw_group_priors,
    draw_model_errors,
    draw_weight_errors,
    groups_figure,
)
from hebbayes.plotting.sources import OFF_STYLE, ON_STYLE


def test_a_curve_is_the_mean_over_cultures_and_ensembles() -> None:
    values = np.arange(24.0).reshape(2, 3, 2, 2)
    ax = draw_curve_pair(values, styles=(OFF_STYLE, ON_STYLE), labels=("off", "on"), y="x")
    for line, k in zip(ax.lines, (0, 1)):
        np.testing.assert_allclose(line.get_ydata(), values[:, :, k].mean((0, 2)))


def test_costs_change_from_their_first_session_and_name_each_kind_once() -> None:
    ax = draw_cost_changes([np.array([3.0, 1.0])] * 2, [np.array([3.0, 2.0])] * 2)
    assert [line.get_ydata()[-1] for line in ax.lines] == [-1, -1, -2, -2]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["gain drift only", "recorded"]


def test_groups_differ_in_marker_and_keep_their_order() -> None:
    ax = draw_group_priors({"a": np.array([[0.6, 0.5]]), "b": np.array([[0.2, 0.3]])})
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "b"]
    assert ax.lines[0].get_marker() != ax.lines[2].get_marker()
    assert [float(line.get_ydata()[0]) for line in ax.lines[:4]] == [0.6, 0.5, 0.2, 0.3]


def test_weight_errors_share_the_scale_of_both_axes() -> None:
    ax = draw_weight_errors({"a": np.array([[0.1, 0.4]]), "b": np.array([[0.3, 0.2]])})
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlim()[1] > 0.4


def test_model_errors_have_ticks_and_a_mean_per_group() -> None:
    ax = draw_model_errors({"a": np.array([[0.1], [0.3]])}, ["protocol"])
    ticks, mean = ax.lines
    np.testing.assert_array_equal(ticks.get_xdata(), [0.1, 0.3])
    np.testing.assert_allclose(mean.get_xdata(), [0.2])


def test_every_group_has_a_row() -> None:
    shapes = {"activity": (2, 3, 2, 2), "weights": (2, 3, 2, 2), "cost": (2, 3)}
    shapes |= {"surrogate_cost": (2, 3), "prior": (2, 2), "weight_errors": (2, 2), "errors": (2, 1)}
    one = {name: np.ones(shape) for name, shape in shapes.items()}
    figure = groups_figure({"a": one, "b": one}, ["constant"])
    assert len(figure.axes) == 9
    assert figure.axes[3].get_ylabel().startswith("b\n")
