"""A command's result shows itself in Python as in the terminal."""

import builtins

import pytest

from hebbayes.commands import check, sources
from hebbayes.commands.configs import CheckConfig, SourcesConfig
from hebbayes.core.errors import MissingDependencyError, ValueRangeError


@pytest.fixture(scope="module")
def separation() -> sources.SourcesResult:
    return sources.run(SourcesConfig(sessions=2, steps=20))


def test_the_text_is_short_and_names_the_tables(separation) -> None:
    assert repr(separation).startswith("<SourcesResult: Source and posterior, ")
    assert len(repr(separation)) < 200


def test_a_notebook_shows_tables_and_notes(separation) -> None:
    page = separation._repr_html_()
    assert page.startswith("<h2>Source and posterior")
    assert '<th scope="col">correlation 0</th>' in page
    assert "<p>F is the free energy" in page


def test_plot_returns_the_named_figure_or_the_first(separation) -> None:
    assert separation.plot().axes
    assert separation.plot("sources").axes
    with pytest.raises(ValueRangeError, match="no figure 'sweep'; it has sources"):
        separation.plot("sweep")


def test_a_table_becomes_a_dataframe(separation) -> None:
    pytest.importorskip("pandas")
    frame = separation.to_dataframe()
    assert next(iter(frame.columns)) == "run"
    assert frame["F first"][0] == separation.free_energy_by_session[0, 0]
    with pytest.raises(ValueRangeError, match="has 1 tables; got the number 1"):
        separation.to_dataframe(1)


def test_without_pandas_the_message_names_the_package(monkeypatch) -> None:
    real = builtins.__import__

    def without(name, *rest, **named):
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")
        return real(name, *rest, **named)

    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match="pandas"):
        check.run(CheckConfig()).to_dataframe()
