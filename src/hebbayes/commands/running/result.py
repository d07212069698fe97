"""What every command's result can do in Python: a short text, HTML, a figure, a table.

Everything is rendered from the `Outcome` that the command's ``present`` returns, so a notebook
shows the same numbers as the terminal.
"""

import html
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hebbayes.core.errors import ValueRangeError, printable
from hebbayes.reports import render_fragment

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from hebbayes.commands.running.outcome import Outcome


class CommandResult:
    """Base of the result of every command; its module or package has ``present``.

    Example:
        >>> from hebbayes.commands.check import run
        >>> from hebbayes.commands.configs import CheckConfig
        >>> run(CheckConfig())
        <CheckResult: simulated: what was read from the simulation (1 row); Dropped (1 row)>
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Keep dataclasses from printing every array, unless the class has a text of its own."""
        super().__init_subclass__(**keywords)
        if "__repr__" not in vars(cls):
            cls.__repr__ = CommandResult.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        """Return the titles of the tables that the command shows."""
        tables = [
            f"{table.title} ({len(table.rows)} row{'s' * (len(table.rows) != 1)})"
            for table in self.outcome().tables
        ]
        return f"<{type(self).__name__}: {printable('; '.join(tables)) or 'no tables'}>"

    def _repr_html_(self) -> str:
        """Return tables and notes as a notebook shows them."""
        outcome = self.outcome()
        if outcome.document:
            return f"<pre>{html.escape(outcome.document)}</pre>"
        tables = [(table.title, table.header, table.rows) for table in outcome.tables]
        return render_fragment(tables, outcome.notes)

    def outcome(self) -> "Outcome":
        """Return what the command shows: tables, notes, figures, and the values of ``--json``.

        Example:
            >>> from hebbayes.commands.check import run
            >>> from hebbayes.commands.configs import CheckConfig
            >>> run(CheckConfig()).outcome().summary["trials"]
            25600
        """
        outcome: Outcome = _present_of(type(self).__module__)(self)
        return outcome

    def plot(self, name: str | None = None) -> "Figure":
        """Return the figure called ``name``; the first one by default.

        Raises `ValueRangeError` if the result has no such figure.

        Example:
            >>> from hebbayes.commands.check import run
            >>> from hebbayes.commands.configs import CheckConfig
            >>> run(CheckConfig()).plot()
            Traceback (most recent call last):
                ...
            hebbayes.core.errors.ValueRangeError: CheckResult has no figures.
        """
        figures = self.outcome().figures
        if not figures:
            raise ValueRangeError(f"{type(self).__name__} has no figures.")
        if name is not None and name not in figures:
            raise ValueRangeError(
                f"{type(self).__name__} has no figure {name!r}; it has {', '.join(figures)}."
            )
        return figures[name or next(iter(figures))]()

    def to_dataframe(self, table: int = 0) -> "pd.DataFrame":
        """Return one of the command's tables, the first by default.

        Raises `ValueRangeError` if the result has no such table, and `MissingDependencyError`
        without pandas.

        Example:
            >>> from hebbayes.commands.check import run
            >>> from hebbayes.commands.configs import CheckConfig
            >>> run(CheckConfig()).to_dataframe().loc[0, "trials"].item()
            25600
        """
        tables = self.outcome().tables
        if not 0 <= table < len(tables):
            raise ValueRangeError(
                f"{type(self).__name__} has {len(tables)} tables; got the number {table}."
            )
        import pandas

        shown = tables[table]
        frame: pd.DataFrame = pandas.DataFrame(list(map(list, shown.rows)), columns=shown.header)
        return frame


def _present_of(module: str) -> "Callable[[Any], Outcome]":
    """Return ``present`` of a command's module, or of the package that holds it."""
    present: Any = getattr(import_module(module), "present", None)
    if not callable(present):
        present = import_module(module.rpartition(".")[0]).present
    return present
