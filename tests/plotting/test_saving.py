"""Files of figures: equal byte for byte, nothing global, no name beyond an edge."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from hebbayes.core.errors import OutputError
from hebbayes.plotting import style
from hebbayes.plotting.maze import draw_durations
from hebbayes.plotting.saving import save_figure
from hebbayes.plotting.style import add_caption, letter_panels, new_figure

from .looks import faults


def drawing(path: Path) -> bytes:
    figure = new_figure()
    ax = draw_durations(np.array([[900, 700], [500, 300]]), figure.subplots(), label="ours")
    letter_panels([ax])
    add_caption(figure, "What is shown. " * 20)
    save_figure(figure, path)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_equal_figures_are_equal_files(tmp_path: Path, suffix: str) -> None:
    assert drawing(tmp_path / f"a.{suffix}") == drawing(tmp_path / f"b.{suffix}")


def test_text_of_a_vector_figure_stays_text(tmp_path: Path) -> None:
    assert b">duration (steps)</text>" in drawing(tmp_path / "a.svg")


def test_no_text_leaves_the_figure(tmp_path: Path) -> None:
    figure = new_figure()
    ax = draw_durations(np.array([[90_000, 70_000], [5, 3]]), figure.subplots(), label="ours")
    letter_panels([ax])
    add_caption(figure, "What is shown. " * 20)
    save_figure(figure, tmp_path / "a.png")
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height


def test_drawing_changes_no_global_setting(tmp_path: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    drawing(tmp_path / "a.svg")
    assert dict(mpl.rcParams) == before


def test_a_figure_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        save_figure(new_figure(), tmp_path / "file" / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_long_names_are_shortened_until_the_axes_have_room(suffix: str, tmp_path: Path) -> None:
    names = [f"a name of many characters that never ends, number {k}" for k in range(4)]
    figure = style.new_figure(60.0, 40.0)
    ax = figure.add_subplot()
    ax.plot(range(4), label=" ".join(names))
    ax.set_xticks(range(4), names, rotation=90)
    style.list_rows(ax, names)
    style.style_axes(ax, x=" ".join(names), has_legend=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_figure(figure, tmp_path / f"a.{suffix}")
    assert (tmp_path / f"a.{suffix}").stat().st_size > 1000
    assert all(label.get_text().endswith("…") for label in ax.get_yticklabels())


def test_names_that_fit_are_whole(tmp_path: Path) -> None:
    names = [f"a name of many characters, number {k}" for k in range(4)]
    figure = style.new_figure(style.WIDE_MM, 90.0)
    style.list_rows(figure.add_subplot(), names)
    save_figure(figure, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert all(name in text for name in names)


def test_letters_that_the_font_lacks_cause_no_warning(tmp_path: Path) -> None:
    figure = style.new_figure()
    style.list_rows(figure.add_subplot(), ["左", "右"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_figure(figure, tmp_path / "a.svg")
    assert "左" in (tmp_path / "a.svg").read_text()


def crowded(words: str):
    figure = new_figure(60.0, 45.0)
    ax = figure.add_subplot()
    ax.plot([0, 1], label=words)
    ax.set_xticks([0, 1], [words, words])
    style.style_axes(ax, x=words, y=words, has_legend=True)
    add_caption(figure, words)
    return figure


@pytest.mark.parametrize(
    "words",
    [
        "what is seen",
        "a quantity of which much is to be said before its unit is given, per trial and unit",
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenhersteller" * 2,
    ],
)
def test_every_text_lies_on_the_figure(words: str, tmp_path: Path) -> None:
    figure = crowded(words)
    save_figure(figure, tmp_path / "a.png")
    beyond = [fault for fault in faults(figure) if "leaves the figure" in fault]
    assert beyond == []
    (ax,) = figure.axes
    assert ax.get_position().width > 0.2
    assert ax.get_position().height > 0.15


def test_a_long_label_is_wrapped_and_not_cut_if_that_is_enough(tmp_path: Path) -> None:
    figure = new_figure(60.0, 60.0)
    words = "share of the choices that were made by the old rule after a reversal"
    ax = style.style_axes(figure.add_subplot(), x=words, y="y")
    save_figure(figure, tmp_path / "a.png")
    assert " ".join(ax.get_xlabel().split()) == words
    assert "\n" in ax.get_xlabel()


def test_a_formula_that_does_not_fit_leaves_the_names_beside_it_whole(tmp_path: Path) -> None:
    figure = new_figure(80.0, 60.0)
    ax = figure.add_subplot()
    names = ["a name of many characters", "another name of many characters"]
    style.list_rows(ax, names)
    style.style_axes(ax, x="$" + "x + " * 40 + "x$", y="y")
    save_figure(figure, tmp_path / "a.png")
    assert [label.get_text() for label in ax.get_yticklabels()] == names
