"""A table fits the terminal and neither a number nor a word of it is cut."""

import re

import numpy as np
import pytest
from rich.console import Console

from hebbayes.cli.main import DONE, run
from hebbayes.cli.show import print_table
from hebbayes.cli.table_layout import fit_table
from hebbayes.cli.terminal import terminal_width
from hebbayes.commands.running.outcome import Table

NAMES = ["quantity", "conditions", "n", "difference", "low", "high", "p, permutation", "p, ranks"]
TABLES = {
    "many numbers": Table("Numbers", [f"number {k}" for k in range(12)], [[-1.234e-12] * 12] * 5),
    "one row": Table("A row", [f"number {k}" for k in range(12)], [[-1.234e-12] * 12]),
    "long text": Table(
        "A long title that has to be wrapped, as the text of its cells has to be wrapped too",
        ["part", "sentence", "holds"],
        [["network", "every word of this long sentence stays whole, at any width " * 3, True]] * 4,
    ),
    "comparison": Table("Conditions", NAMES, [["late F", "a → b", "3/4", *[-0.012345] * 5]] * 4),
    "missing values": Table("Missing", ["a", "b"], [[None, np.nan], [1, 2.0]]),
    "no rows": Table("Nothing", NAMES, []),
}


def printed(table: Table, width: int, capsys: pytest.CaptureFixture[str]) -> str:
    print_table(table, Console(width=width, highlight=False))
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("name", TABLES)
def test_every_word_and_number_is_whole_and_no_line_is_too_long(name, width, capsys) -> None:
    table = TABLES[name]
    out = printed(table, width, capsys)
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= width
    if not table.rows:
        return
    words = set(re.split(r"[\s│┃:]+", out))
    for cell in [*table.header, *(str(value) for row in table.rows for value in row)]:
        if "nan" not in cell and cell not in ("None", "True", "1", "2.0"):
            assert set(cell.split()) <= words | {"-0.012345"}


def test_blocks_repeat_the_first_column() -> None:
    blocks = fit_table(TABLES["comparison"], 60)
    assert len(blocks) > 1
    assert all(block.header[0] == "quantity" for block in blocks)
    assert [name for block in blocks for name in block.header[1:]] == NAMES[1:]


def test_a_wide_table_of_few_rows_is_transposed() -> None:
    (block,) = fit_table(TABLES["one row"], 80)
    assert [row[0] for row in block.rows] == [f"number {k}" for k in range(1, 12)]


@pytest.mark.parametrize(("columns", "width"), [("0", 80), ("40", 40), ("3", 20), ("", 80)])
def test_the_width_is_that_of_the_terminal(columns, width, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_width() == width


@pytest.mark.parametrize("columns", ["0", "40", "80"])
def test_tables_of_a_command_are_readable_at_any_width(columns, monkeypatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert run(["check"]) == DONE
    out = capsys.readouterr().out
    assert "25,600" in out
    assert "…" not in out


@pytest.mark.parametrize("columns", ["0", "40"])
def test_help_is_readable_at_any_width(columns, monkeypatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", columns)  # rich alone never ends in a terminal of no columns
    assert run(["check", "--help"]) == DONE
    assert "Example: hebbayes check" in capsys.readouterr().out
