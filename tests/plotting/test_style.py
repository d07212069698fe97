"""The common look: files that are equal byte for byte, nothing global, nothing clipped."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hebbayes.core.errors import OutputError
from hebbayes.plotting.maze import draw_durations
from hebbayes.plotting.style import add_caption, letter_panels, new_figure, save_figure


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


def test_importing_the_drawings_does_not_import_matplotlib() -> None:
    code = (
        "import sys, hebbayes.plotting.maze, hebbayes.plotting.sources;"
        "sys.exit('matplotlib' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_figure_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        save_figure(new_figure(), tmp_path / "file" / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
