"""Drawings of the maze study show the numbers given."""

import numpy as np
import pytest

from hebbayes.plotting.maze import (
    draw_durations,
    draw_learning_curve,
    draw_maze,
    draw_position,
    draw_prediction,
    draw_success,
    draw_view,
)
from hebbayes.plotting.style import PRIOR_STYLES

DURATIONS = np.array([[1000, 1000, 400], [1000, 200, 300], [100, 200, 300]])


def test_a_learning_curve_is_the_mean_over_mazes_with_a_standard_error() -> None:
    ax = draw_learning_curve(DURATIONS)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 800], [2, 500], [3, 200]])
    band = ax.collections[0].get_paths()[0].vertices
    error = np.std([1000, 1000, 400], ddof=1) / np.sqrt(3)
    at_first = band[band[:, 0] == 1][:, 1]
    assert np.ptp(at_first) == pytest.approx(2 * error)


def test_one_maze_has_no_band() -> None:
    assert not draw_learning_curve(DURATIONS[:, :1]).collections


def test_three_priors_share_axes_and_differ_in_colour_and_marker() -> None:
    ax = draw_durations(DURATIONS, style=PRIOR_STYLES[0], label="0.15")
    for style, label in zip(PRIOR_STYLES[1:], ("0.25", "0.35")):
        assert draw_durations(DURATIONS, ax, style=style, label=label) is ax
    assert len({line.get_color() for line in ax.lines}) == 3
    assert len({line.get_marker() for line in ax.lines}) == 3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0.15", "0.25", "0.35"]


def test_success_counts_durations_below_the_longest() -> None:
    ax = draw_success(DURATIONS, 1000)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1 / 3, 2 / 3, 1])


def test_the_trail_runs_from_start_to_end_and_draws_an_edge_once() -> None:
    walls = np.ones((5, 7), int)
    positions = np.array([[1, 1], [1, 3], [1, 1], [1, 3], [3, 3]])
    ax = draw_maze(walls, positions)
    start, end = ax.lines
    assert start.get_xydata().tolist() == [[1, 1]]
    assert end.get_xydata().tolist() == [[3, 3]]
    segments = [segment.tolist() for segment in ax.collections[0].get_segments()]
    assert segments == [[[3, 1], [1, 1]], [[1, 1], [3, 1]], [[3, 1], [3, 3]]]  # column, row


def test_a_view_is_laid_out_column_by_column() -> None:
    cells = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    image = draw_view(cells.T.ravel(), 3).images[0]
    np.testing.assert_array_equal(image.get_array(), cells)


def test_prediction_puts_truth_across_and_keeps_every_point_in_sight() -> None:
    ax = draw_prediction(np.array([1.0, 2.0]), np.array([1.5, 9.0]))
    draw_prediction(np.array([3.0]), np.array([4.0]), ax)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 1.5], [2, 9]])
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_ylim()[1] > 9


def test_positions_are_drawn_as_given() -> None:
    assert draw_position(np.array([1, 3, 5])).lines[0].get_ydata().tolist() == [1, 3, 5]
