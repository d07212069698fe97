"""A command's result shows itself in Python as in the terminal."""

import pytest

from hebbayes.commands import sources
from hebbayes.commands.configs import SourcesConfig
from hebbayes.core.errors import ValueRangeError


@pytest.fixture(scope="module")
def separation() -> sources.SourcesResult:
    return sources.run(SourcesConfig(sessions=2, steps=20))


def test_the_text_is_short_and_names_the_tables(separation) -> None:
    assert repr(separation).startswith("<SourcesResult: Source and posterior, ")
    assert len(repr(separation)) < 200


def test_a_notebook_shows_tables_and_notes(separation) -> None:
    page = separation._repr_html_()
    assert page.startswith("<table>\n<caption>Source and posterior")
    assert '<th scope="col">correlation 0</th>' in page
    assert "<p>F is the free energy" in page


def test_plot_returns_the_named_figure_or_the_first(separation) -> None:
    assert separation.plot().axes
    assert separation.plot("sources").axes
    with pytest.raises(ValueRangeError, match="no figure 'sweep'; it has sources"):
        separation.plot("sweep")


def test_a_table_becomes_a_dataframe(separation) -> None:
    frame = separation.to_dataframe()
    assert next(iter(frame.columns)) == "run"
    assert frame["F first"][0] == separation.free_energy_by_session[0, 0]
    with pytest.raises(ValueRangeError, match="has 1 tables; got the number 1"):
        separation.to_dataframe(1)
