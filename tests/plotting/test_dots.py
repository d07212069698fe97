"""Groups of dots show the numbers given."""

import numpy as np

from hebbayes.plotting.dots import draw_dots


def test_dots_of_a_group_lie_within_its_column() -> None:
    ax = draw_dots({"a": np.arange(3.0), "b": np.arange(4.0)}, y="value", width=0.4)
    across = ax.lines[2].get_xdata()
    np.testing.assert_allclose([across.min(), across.max()], [0.8, 1.2])


def test_nan_and_empty_groups_have_no_mean() -> None:
    ax = draw_dots({"a": np.array([np.nan]), "b": np.array([])}, y="value")
    assert len(ax.lines) == 3  # two groups, the line at 0
