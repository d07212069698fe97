"""Drawings of an audit show the numbers given."""

import numpy as np

from hebbayes.plotting.audit import (
    audit_figure,
    draw_cost_decreases,
    draw_loss_intervals,
    draw_loss_reductions,
)


def test_the_best_model_is_at_the_bottom_and_missing_intervals_are_not_drawn() -> None:
    losses = {"a": (1.0, np.nan, np.nan), "b": (6.0, 4.0, 8.0), "c": (0.5, 0.4, 0.6)}
    ax = draw_loss_intervals(losses, "a")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "a", "c"]
    intervals = [tuple(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2]
    assert intervals == [(4.0, 8.0), (0.4, 0.6), (1.0, 1.0)]  # the last is the reference line


def test_forecasts_with_the_theory_are_squares_of_another_colour() -> None:
    losses = {"a": (1.0, 0.9, 1.1), "b": (0.8, 0.7, 0.9)}
    ax = draw_loss_intervals(losses, "a", theory=["b"])
    marked = {line.get_marker(): line for line in ax.lines if len(line.get_xdata()) == 1}
    assert marked["s"].get_xdata().tolist() == [0.8]
    assert marked["o"].get_xdata().tolist() == [1.0]
    assert marked["s"].get_color() != marked["o"].get_color()


def test_reductions_are_percentages_and_the_verdict_is_a_square() -> None:
    reductions = {"the verdict": (0.01, 0.0, 0.02), "observer": (0.03, 0.02, 0.04)}
    ax = draw_loss_reductions(reductions, fixed={"observer": (0.05, 0.04, 0.06)})
    dots = {
        line.get_marker(): line.get_xydata()[0] for line in ax.lines if len(line.get_xdata()) == 1
    }
    np.testing.assert_allclose(dots["s"], [1, 0])
    np.testing.assert_allclose(dots["o"], [3, 1])
    np.testing.assert_allclose(dots["^"], [5, 1.25])


def test_decreases_are_compared_with_the_diagonal() -> None:
    dots, diagonal = draw_cost_decreases(np.array([[1.0, 0.9], [2.0, 0.1]])).lines
    np.testing.assert_array_equal(dots.get_xydata(), [[1.0, 0.9], [2.0, 0.1]])
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())


def test_panels_without_data_are_omitted() -> None:
    assert len(audit_figure({"a": (1, 1, 1)}, "a", {}, {}, ()).axes) == 1
    assert len(audit_figure({"a": (1, 1, 1)}, "a", {"b": (0, 0, 0)}, {}, ()).axes) == 2
