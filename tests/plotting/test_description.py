"""Figures of causal descriptions show the numbers given and leave out missing panels."""

import numpy as np
import pytest

from hebbayes.core.errors import printable
from hebbayes.plotting.description import (
    conditions_figure,
    description_figure,
    draw_free_energy_beside_nulls,
    draw_log_odds,
    free_energy_figure,
)
from hebbayes.plotting.saving import save_figure

BAND = (np.array([3.0, 2.0, 1.0]), np.array([2.5, 1.5, 0.5]), np.array([3.5, 2.5, 1.5]))


def test_the_dotted_line_ends_training() -> None:
    ax = draw_free_energy_beside_nulls(BAND, BAND, BAND, train_sessions=2)
    assert ax.lines[-1].get_xdata() == [1.5, 1.5]
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), BAND[0])
    assert len(ax.collections) == 3


def test_an_unknown_phi_is_left_out_and_the_published_one_stays() -> None:
    value, low, high = np.array([0.5, np.nan]), np.array([0.1, -1.0]), np.array([0.9, 1.0])
    ax = draw_log_odds((value, low, high), np.array([0.4, 0.2]), labels=["a", "b"])
    dots, _, (bars,) = ax.containers[0]
    np.testing.assert_array_equal(dots.get_ydata(), [0.5])
    np.testing.assert_allclose(bars.get_segments()[0][:, 1], [0.1, 0.9])
    published = next(line for line in ax.lines if line.get_label() == "published")
    np.testing.assert_array_equal(published.get_ydata(), [0.4, 0.2])


def test_the_free_energy_has_a_figure_of_its_own() -> None:
    figure = free_energy_figure(BAND, BAND, BAND, train_sessions=2, name="culture 3")
    (ax,) = figure.axes
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), BAND[0])
    assert figure.get_supxlabel().startswith("culture 3. Free energy")


@pytest.mark.parametrize(
    ("n_ensembles", "errors", "n_visible"),
    [(2, {"constant": np.ones(2)}, 6), (1, {}, 4)],
)
def test_panels_without_data_disappear_with_their_letters(
    n_ensembles: int, errors: dict[str, np.ndarray], n_visible: int
) -> None:
    figure = description_figure(
        free_energy=(BAND, BAND, BAND),
        log_odds=BAND,
        published_log_odds=np.ones(3),
        weights=np.ones((3, 4, n_ensembles)),
        errors=errors,
        losses=({"saturated": (1.0, 0.9, 1.1)}, "saturated", ()),
        train_sessions=2,
        name="culture 0",
    )
    lettered = [ax for ax in figure.axes if ax.texts]
    assert len(lettered) == n_visible
    assert all(ax.get_visible() for ax in lettered)


def test_conditions_stand_side_by_side_with_their_means() -> None:
    phi = {"control": np.array([0.1, 0.3]), "drug": np.array([np.nan])}
    figure = conditions_figure(phi, phi, {}, "saturated", name="two")
    assert len(figure.axes) == 2
    dots, mean, missing, _ = figure.axes[0].lines  # no mean of nothing
    np.testing.assert_array_equal(dots.get_ydata(), [0.1, 0.3])
    np.testing.assert_allclose(mean.get_ydata(), [0.2, 0.2])
    assert np.isnan(missing.get_ydata()).all()


@pytest.mark.parametrize("label", [r"$\frac{", "$1 per $2", "\x1b[2J", "a_b^c"])
def test_a_label_of_a_file_is_shown_as_it_is(label: str, tmp_path) -> None:
    both = {label: np.array([0.1]), "drug": np.array([0.4])}
    figure = conditions_figure(both, both, {}, "saturated", name=label)
    save_figure(figure, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text().count(printable(label)) >= 3
