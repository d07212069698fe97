"""Values, tables and notes as text and HTML.

A table wider than a printed page is split by columns; every part repeats the first column.
"""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hebbayes.reports.page import TableLike

PAGE_CHARACTERS = 96
"""Characters of a table's row that a page has room for, with `_GAP` between columns."""

_GAP = 2
_WRAPS_AT = 32


def cell_text(value: Any) -> str:
    """Return a value of a table as text for people.

    Example:
        >>> [cell_text(v) for v in (True, None, 20000, 0.123456, 11370.6, float("nan"), "maze")]
        ['yes', '–', '20,000', '0.1235', '11,371', '–', 'maze']
    """
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"
    return str(value)


def estimate_text(value: float, low: float, high: float, *, digits: int = 3) -> str:
    """Return an estimate with its interval as text; a dash if it has no value.

    Example:
        >>> estimate_text(0.4567, 0.3, float("inf")), estimate_text(*[float("nan")] * 3)
        ('0.457 [0.3, no bound]', '–')
    """
    if value != value:
        return "–"
    ends = [_end_text(end, digits) for end in (low, high)]
    return f"{_end_text(value, digits)} [{ends[0]}, {ends[1]}]"


def _end_text(value: float, digits: int) -> str:
    if value != value or value in (float("inf"), -float("inf")):
        return "no bound"
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e9 else f"{value:.{digits}g}"


def render_fragment(
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[Any]]]], notes: Sequence[str]
) -> str:
    """Return tables and notes as HTML, for a notebook.

    Example:
        >>> render_fragment([], ["1 < 2"])
        '<p>1 &lt; 2</p>'
    """
    paragraphs = (f"<p>{html.escape(note)}</p>" for note in notes)
    return "\n".join([*(_html(*table) for table in tables), *paragraphs])


def render_table(table: "TableLike") -> str:
    """Return a table as HTML, in as many parts as it needs to fit a page.

    Example:
        >>> from hebbayes.commands.running.outcome import Table
        >>> wide = Table("t", ["key", *("x" * 30 for _ in range(4))], [["a", 1, 2, 3, 4]])
        >>> render_table(wide).count("<table>")
        2
    """
    texts = [[cell_text(value) for value in row] for row in table.rows]
    parts = split_columns(table.header, texts)
    return "\n".join(
        _html(
            table.title if number == 0 else f"{table.title}, continued",
            [table.header[k] for k in columns],
            [[row[k] for k in columns] for row in texts],
        )
        for number, columns in enumerate(parts)
    )


def split_columns(header: Sequence[str], texts: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return the columns of each part of a table, so that no row is wider than a page.

    Example:
        >>> split_columns(["key", "b" * 60, "c" * 60], [])
        [[0, 1], [0, 2]]
    """
    widths = [
        max(_width(header[k], is_header=True), *(_width(row[k]) for row in texts), 1)
        if texts
        else _width(header[k], is_header=True)
        for k in range(len(header))
    ]
    parts: list[list[int]] = []
    room = 0
    for k in range(len(header)):
        if not parts or (len(parts[-1]) > 1 and room < widths[k] + _GAP):
            parts.append([0] if k else [])
            room = PAGE_CHARACTERS - (widths[0] + _GAP if k else 0)
        parts[-1].append(k)
        room -= widths[k] + _GAP
    return parts


def _width(text: str, *, is_header: bool = False) -> int:
    """Return the characters that a cell needs; headers and long texts wrap at spaces."""
    if is_header or len(text) > _WRAPS_AT:
        longest = max(map(len, text.split()), default=0)
        return longest if is_header else max(longest, _WRAPS_AT)
    return len(text)


def _html(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    names = [html.escape(name) for name in header]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "\n".join(f"<tr>{_cells(names, row)}</tr>" for row in rows)
    return (
        f"<table>\n<caption>{html.escape(title)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _cells(names: Sequence[str], row: Sequence[Any]) -> str:
    texts = [html.escape(cell_text(value)) for value in row]
    first = f'<th scope="row">{texts[0]}</th>' if texts else ""
    return first + "".join(
        f'<td data-label="{name}">{text}</td>' for name, text in zip(names[1:], texts[1:])
    )
