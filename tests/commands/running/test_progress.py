"""Progress is a line below the cell in a notebook and silence in a script."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from hebbayes.commands.running.progress import DEFAULT_PROGRESS, is_notebook


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []

    def display(data, **_):
        shown.append(data["text/plain"])
        return SimpleNamespace(update=lambda data, **_: shown.append(data["text/plain"]))

    ipython, displaying = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    displaying.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", displaying)
    return shown


def test_a_notebook_shows_how_far_a_run_is(notebook) -> None:
    assert is_notebook()
    DEFAULT_PROGRESS.start("runs", 2)
    DEFAULT_PROGRESS.advance(2, "free energy 3")
    assert notebook == ["runs: 0 of 2", "runs: 2 of 2, free energy 3"]


def test_a_script_shows_nothing(capsys, monkeypatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    DEFAULT_PROGRESS.start("runs", 2)
    DEFAULT_PROGRESS.advance(2)
    assert capsys.readouterr() == ("", "")
