"""Results on standard output: rich tables for a person, or exactly one JSON object."""

import json
import sys

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from hebbayes.commands.running.outcome import Outcome, Table, plain
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
    console = Console(highlight=False)
    if outcome.document:
        sys.stdout.write(outcome.document)
    else:
        _print_tables(outcome, console)
    if report := outcome.summary.get("report"):
        console.print(Text(f"report: {report}"), soft_wrap=True)
    if outcome.next_command:
        console.print(Text(f"next: {outcome.next_command}"), soft_wrap=True)


def _print_tables(outcome: Outcome, console: Console) -> None:
    for table in outcome.tables:
        console.print(_rich(table))
    for note in outcome.notes:
        console.print(Text(note))


def _rich(table: Table) -> RichTable:
    drawn = RichTable(title=Text(table.title), title_justify="left")
    for column, name in enumerate(table.header):
        numbers = all(not isinstance(row[column], (str, bool)) for row in table.rows)
        drawn.add_column(Text(name), justify="right" if numbers else "left")
    for row in table.rows:
        drawn.add_row(*(Text(cell_text(value)) for value in row))
    return drawn
