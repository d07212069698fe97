"""Figures of the clinic show the numbers given, sorted and named as given."""

import numpy as np
import pytest

from hebbayes.plotting.clinic.cultures import cultures_figure
from hebbayes.plotting.clinic.recovery import confusion_figure, coverage_figure, design_figure
from hebbayes.plotting.clinic.subjects import estimates_figure, odds_figure
from hebbayes.plotting.clinic.treatment import (
    persistence_figure,
    symptoms_figure,
    treatment_figure,
)


def test_bars_of_odds_begin_where_the_last_one_ends_and_verdicts_stand_at_the_right() -> None:
    odds = {"$1": {"healthy": 0.1, "phi": 0.7, "psi": 0.2}, "b": {"healthy": 1, "phi": 0, "psi": 0}}
    figure = odds_figure(odds, ["phi", "healthy"], caption="Odds.")
    (bars,) = figure.axes
    (right,) = bars.child_axes
    first = [bar for bar in bars.patches if bar.get_y() < 0]
    assert [bar.get_x() for bar in first] == pytest.approx([0.0, 0.1, 0.8])
    assert [bar.get_width() for bar in first] == pytest.approx([0.1, 0.7, 0.2])
    assert [label.get_text() for label in bars.get_yticklabels()] == ["$1", "b"]
    assert [label.get_text() for label in right.get_yticklabels()] == ["phi", "healthy"]


def test_only_elements_of_the_verdict_are_diamonds_and_the_band_is_that_of_health() -> None:
    bounds = (np.array([0.0, 3.0]), np.array([-1.0, 2.0]), np.array([1.0, 4.0]))
    figure = estimates_figure(
        {"phi": bounds}, {"phi": (-0.5, 0.5)}, ["a", "b"], {"phi": [False, True]}, caption="All."
    )
    (ax,) = figure.axes
    marked = {line.get_marker(): line.get_xdata().tolist() for line in ax.lines}
    assert marked == {"o": [0.0], "D": [3.0]}
    low, high = ax.patches[0].get_x(), ax.patches[0].get_x() + ax.patches[0].get_width()
    assert (low, high) == (-0.5, 0.5)
    assert [line.get_segments()[0][:, 0].tolist() for line in ax.collections] == [[-1, 1], [2, 4]]


def test_a_heat_map_writes_every_number_and_dark_text_stands_on_light_cells() -> None:
    shares = np.array([[0.9, 0.1], [0.25, 0.75]])
    ax = confusion_figure(shares, ["healthy", "phi"], ["healthy", "phi"], caption="All.").axes[0]
    assert [text.get_text() for text in ax.texts] == ["0.90", "0.10", "0.25", "0.75"]
    assert [text.get_color() for text in ax.texts] == ["#f8f8f8", "#111111", "#111111", "#f8f8f8"]


def test_a_design_is_bold_where_the_class_would_be_told() -> None:
    evidence = np.array([[1.3, 1.5, -2.0]])
    ax = design_figure(evidence, ["one"], ["a", "b", "c"], told=1.4, caption="All.").axes[0]
    assert [text.get_fontweight() for text in ax.texts] == ["normal", "bold", "normal"]
    assert [text.get_text() for text in ax.texts] == ["1.3", "1.5", "0.0"]


def test_low_coverage_is_not_cut_off() -> None:
    ax = coverage_figure({"phi": 0.2}, {"phi": 0.1}, caption="All.").axes[0]
    assert ax.get_xlim()[0] < 0.1


def test_a_symptom_has_a_panel_and_each_element_its_curve_at_its_doses() -> None:
    band = (np.array([0.0, 0.2]), np.array([0.0, 0.1]), np.array([0.0, 0.3]))
    figure = symptoms_figure(
        {"misses": {"phi": band, "psi": band}, "learning": {"phi": band, "psi": band}},
        {"phi": np.array([0.0, 2.0]), "psi": np.array([0.0, -3.0])},
        caption="All.",
    )
    assert [ax.get_ylabel() for ax in figure.axes] == ["misses", "learning"]
    doses = [list(line.get_xdata()) for line in figure.axes[0].lines]
    assert [0.0, 2.0] in doses
    assert [0.0, -3.0] in doses


def test_the_advised_dose_is_marked_on_the_curve_of_its_subject() -> None:
    one = (np.array([0.6]), np.array([0.5]), np.array([0.7]))
    way = (np.array([0.25, 0.5, 1.0]), np.array([0.3, 0.96, 1.1]), 0.5)
    success = {"healthy": one, "impaired": one, "corrected": one}
    figure = treatment_figure(success, ["a"], {"a": way}, caption="All.")
    marks = [
        (line.get_xdata(), line.get_ydata())
        for line in figure.axes[1].lines
        if line.get_marker() not in ("None", "")
    ]
    assert [(float(np.ravel(x)[0]), float(np.ravel(y)[0])) for x, y in marks] == [(0.5, 0.96)]


def test_courses_have_a_panel_for_each_kind_of_report() -> None:
    one = (np.array([1.0, 0.5]), np.array([0.9, 0.4]), np.array([1.0, 0.6]))
    figure = persistence_figure(
        np.array([0, 10]), {"misses": {"plan": one}, "false_percepts": {"plan": one}}, caption="A."
    )
    assert [ax.get_ylabel() for ax in figure.axes] == ["misses (share)", "false percepts (share)"]
    assert figure.axes[0].lines[0].get_ydata().tolist() == [1.0, 0.5]


def test_unknown_cultures_are_left_out_and_p_values_stand_above() -> None:
    both = (np.array([1.0, 3.0, np.nan]), np.array([np.nan]))
    ax = cultures_figure({"phi": both}, ("a", "b"), {"phi": 0.03}, caption="All.").axes[0]
    assert ax.get_title(loc="left") == "p = 0.03"
    assert ax.lines[0].get_ydata().tolist() == [1.0, 3.0]
    assert list(ax.lines[1].get_ydata()) == [2.0, 2.0]
