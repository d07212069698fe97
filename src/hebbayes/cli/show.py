"""Results on standard output: rich tables for a person, or exactly one JSON object."""

import json
import sys
from typing import Literal

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from hebbayes.cli.table_layout import Block, fit_table
from hebbayes.cli.terminal import PlainConsole
from hebbayes.commands.running.outcome import Outcome, Table, plain
from hebbayes.core.errors import printable
from hebbayes.reports import cell_text


def print_json(outcome: Outcome) -> None:
    """Print the summary as one strict JSON object.

    Example:
        >>> print_json(Outcome(summary={"correlation": float("nan")}))
        {"correlation": null}
    """
    print(json.dumps(plain(outcome.summary), allow_nan=False))


def print_outcome(outcome: Outcome) -> None:
    """Print tables and notes, and end by naming the next command.

    Example:
        >>> print_outcome(Outcome(summary={}, notes=["It holds."], next_command="hebbayes demo"))
        It holds.
        next: hebbayes demo
    """
    console = PlainConsole()
    if outcome.document:
        sys.stdout.write(printable(outcome.document))
    else:
        for table in outcome.tables:
            print_table(table, console)
        for note in outcome.notes:
            console.print(_text(note))
    if report := outcome.summary.get("report"):
        console.print(_text(f"report: {report}"), soft_wrap=True)
    if outcome.next_command:
        console.print(_text(f"next: {outcome.next_command}"), soft_wrap=True)


def print_table(table: Table, console: Console) -> None:
    """Print a table within the console's width, no number or word of it cut.

    Example:
        >>> print_table(Table("Runs", ["run"], [[0], [1]]), Console(width=40))
        Runs
        ┏━━━━━┓
        ┃ run ┃
        ┡━━━━━┩
        │   0 │
        │   1 │
        └─────┘
    """
    console.print(_text(table.title, style="italic"))
    blocks = fit_table(table, console.width)
    for block in blocks:
        console.print(_rich_table(block))
    if not blocks:
        for row in table.rows:
            for name, value in zip(table.header, row, strict=True):
                console.print(_text(f"{name}: {cell_text(value)}"))
            console.print()


def _text(text: str, style: str = "") -> Text:
    """Return text as it is: no markup, no control characters."""
    return Text(printable(text), style=style)


def _rich_table(block: Block) -> RichTable:
    drawn = RichTable()
    for name, width, is_number in zip(block.header, block.widths, block.is_number, strict=True):
        justify: Literal["left", "right"] = "right" if is_number else "left"
        drawn.add_column(_text(name), justify=justify, width=width, overflow="fold")
    for row in block.rows:
        drawn.add_row(*map(_text, row))
    return drawn
