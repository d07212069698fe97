"""Fits a table into a number of columns without cutting a number or a word.

A table that is too wide has its text cells wrapped between words; if that is not enough it is
transposed (few rows) or split into blocks that repeat the first column; in a very narrow terminal
every row becomes a list.  Only a single word that is wider than the terminal is folded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hebbayes.core.errors import printable
from hebbayes.reports import cell_text

if TYPE_CHECKING:
    from hebbayes.commands.running.outcome import Table

_FRAME = 3  # a rule and two spaces per column, and one rule more per table
_FEW_ROWS = 3  # at most so many rows are transposed rather than split


@dataclass(frozen=True)
class Block:
    """A part of a table that fits.

    Attributes:
        header: Text above each column.
        rows: Text of each cell.
        widths: Columns of the terminal that each column takes, without its frame.
        is_number: Whether a column holds numbers, which are aligned to the right.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    is_number: Sequence[bool]


def fit_table(table: "Table", width: int) -> list[Block]:
    """Return the blocks that show ``table`` in ``width`` columns; none if it has to be a list.

    Example:
        >>> from hebbayes.commands.running.outcome import Table
        >>> table = Table("Two runs", ["run", "mean", "error"], [[0, 0.25, 0.01], [1, 0.5, 0.02]])
        >>> [block.widths for block in fit_table(table, 80)]
        [[3, 4, 5]]
        >>> [block.header for block in fit_table(table, 20)]
        [['run', 'mean'], ['run', 'error']]
    """
    header = [printable(str(name)) for name in table.header]
    rows = [[printable(cell_text(value)) for value in row] for row in table.rows]
    is_number = [
        all(not isinstance(row[column], (str, bool)) for row in table.rows)
        for column in range(len(header))
    ]
    narrowest = [_longest_word(cells) for cells in zip(header, *rows, strict=True)]
    if _framed(narrowest) <= width:
        return [_block(header, rows, is_number, width)]
    if 0 < len(rows) <= _FEW_ROWS:
        turned = [list(cells) for cells in zip(header, *rows, strict=True)]
        if _framed([_longest_word(column) for column in zip(*turned, strict=True)]) <= width:
            return [_block(turned[0], turned[1:], [False] + [all(is_number)] * len(rows), width)]
    groups = _groups(narrowest, width)
    return [
        _block(
            [header[column] for column in group],
            [[row[column] for column in group] for row in rows],
            [is_number[column] for column in group],
            width,
        )
        for group in groups
    ]


def _groups(narrowest: Sequence[int], width: int) -> list[list[int]]:
    """Return the columns of each block, the first column in all; nothing if one does not fit."""
    groups: list[list[int]] = []
    for column in range(1, len(narrowest)):
        longer = [*groups[-1], column] if groups else [0, column]
        if _framed([narrowest[k] for k in longer]) <= width:
            groups[-1:] = [longer]
        elif _framed([narrowest[0], narrowest[column]]) <= width:
            groups.append([0, column])
        else:
            return []
    return groups


def _block(
    header: Sequence[str], rows: Sequence[Sequence[str]], is_number: Sequence[bool], width: int
) -> Block:
    """Give every column its longest word, then spare columns to the text that wraps most."""
    columns = list(zip(header, *rows, strict=True))
    widths = [_longest_word(cells) for cells in columns]
    wanted = [max(map(len, cells)) for cells in columns]
    for _ in range(width - _framed(widths)):
        missing = [full - has for full, has in zip(wanted, widths, strict=True)]
        if max(missing) == 0:
            break
        widths[missing.index(max(missing))] += 1
    return Block(header, rows, widths, is_number)


def _framed(widths: Sequence[int]) -> int:
    return sum(widths) + _FRAME * len(widths) + 1


def _longest_word(cells: Sequence[str]) -> int:
    return max((len(word) for cell in cells for word in cell.split()), default=1)
