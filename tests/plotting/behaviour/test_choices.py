"""Figures of choices: what is drawn is what was given, and legends cover no data."""

import numpy as np

from hebbayes.plotting.behaviour.choices import (
    choices_figure,
    draw_shares,
    draw_success,
    single_subjects_figure,
)
from hebbayes.plotting.behaviour.held import held_figure

ONE = (np.array([0.5, 0.7, 0.8]), np.array([0.4, 0.6, 0.7]), np.array([0.6, 0.8, 0.9]))


def test_points_are_observed_and_lines_are_models() -> None:
    ax = draw_success(np.arange(3), ONE, {"canonical": ONE, "other": ONE})
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["canonical"].get_ydata(), ONE[0])
    assert [line.get_marker() for line in ax.lines][-1] == "o"


def test_every_choice_has_its_marker() -> None:
    shares = np.full((2, 3), 1 / 3)
    ax = draw_shares((shares, shares, shares), shares, ["tone", "light"], ["a", "b", "c"])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b", "c"]
    assert len(ax.patches) == 6


def test_figures_have_panel_letters_and_a_common_legend() -> None:
    half = np.full((2, 2), 0.5)
    figure = choices_figure(
        np.arange(3), ONE, {"canonical": ONE}, ((half, half, half), half), ("ab", "lr"),
        caption="All subjects.",
    )  # fmt: skip
    assert [ax.texts[0].get_text() for ax in figure.axes] == ["a", "b"]
    assert len(figure.legends) == 1
    panels = single_subjects_figure(
        np.arange(3), {"7": (ONE, {"canonical": ONE}), "$x$": (ONE, {})}, caption="Two."
    )
    assert panels.axes[1].get_xlabel() == "trial of the session, subject $x$"


def test_what_is_held_has_bands_of_the_start_and_markers_of_the_end() -> None:
    start = (np.array([0.6, 0.4]), np.array([0.5, 0.3]), np.array([0.7, 0.5]))
    end = (np.array([[0.9, 0.1]]), np.array([[0.8, 0.0]]), np.array([[1.0, 0.2]]))
    figure = held_figure({"7": (start, end, ["tone"])}, ["left", "right"], caption="One.")
    (ax,) = figure.axes
    markers = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    assert [float(line.get_ydata()[0]) for line in markers] == [0.9, 0.1]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["left", "right"]
    assert len(ax.patches) == 2
