"""The tables of docs/any-table.md say what `check` reads today; only seconds may differ."""

import importlib.util
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "any-table.md").read_text(encoding="utf-8")


def load():
    spec = importlib.util.spec_from_file_location("any_table", ROOT / "benchmarks" / "any_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ["behaviour", "recordings"])
def test_a_row_says_what_is_read(kind: str, tmp_path) -> None:
    table = load()
    rows = PAGE.partition(f"<!-- {kind} -->\n")[2].partition("<!-- end")[0].splitlines()[2:]
    shown = {row.rpartition(" | ")[0] for row in rows}
    made = {
        table.row_of(path, convention, flags, 0.0).rpartition(" | ")[0]
        for path, convention, flags in table.files_of(kind, tmp_path)
    }
    public = {row for row in shown if "| public" in row}
    if not os.environ.get("HEBBAYES_REFERENCE_DATA"):
        shown -= public
    assert made == shown
