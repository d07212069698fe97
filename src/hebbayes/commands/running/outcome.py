"""The outcome of a command: numbers, tables, notes and figures.

Every command module has ``run(config, *, progress, checkpoint) -> Result`` (the science) and
``present(result) -> Outcome`` (how it is shown).  Front doors know only `Outcome`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.reports import Report


@dataclass(frozen=True)
class Table:
    """A table of plain values; front doors format numbers.

    Attributes:
        title: Line above the table.
        header: Name of each column.
        rows: Cells of each row.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Outcome:
    """One result, ready to be shown.

    Attributes:
        summary: JSON keys of the command contract; NumPy values are welcome.
        arrays: Contents of ``results.npz``.
        tables: Tables, shown first.
        notes: Plain sentences: what the result means, what failed, what limits it.
        figures: Name to a function that draws it, called only if figures are wanted.
        files: Name to text of files for other programs, written to ``core/`` of the run folder.
        holds: False if a check the user asked for failed (exit status 1).
        next_command: The command to try next.
        document: Text printed verbatim, instead of tables and notes.
        report: The page for readers; None makes one of tables, notes and figures.
    """

    summary: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    figures: Mapping[str, Callable[[], "Figure"]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    holds: bool = True
    next_command: str = ""
    document: str = ""
    report: "Report | None" = None


def plain(value: Any) -> Any:
    """Return ``value`` for JSON: NumPy unpacked, paths as text, NaN and infinity as null.

    Example:
        >>> plain({"a": np.array([1.0, np.nan])})
        {'a': [1.0, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)
