"""One self-contained page about a run: tables, notes, figures, configuration, provenance.

Takes plain values, returns HTML.  The page fetches nothing, escapes all text, embeds the SVGs of
the run folder and follows the reader's light or dark setting.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #d5d5d5; --soft: #666; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #16181b; --line: #3a3d42; --soft: #a0a0a0; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem 1.2rem .2rem 0; border-bottom: 1px solid var(--line); }
.wide { overflow-x: auto; }
figure { margin: 1.5rem 0; padding: 1rem; background: #fff; border: 1px solid var(--line);
  border-radius: 6px; overflow-x: auto; }
figure svg { display: block; zoom: 1.4; max-width: 100%; height: auto; margin: auto; }
figcaption { color: #555; font-size: .85rem; }
details { margin: 1rem 0; } summary { cursor: pointer; color: var(--soft); }
pre { overflow-x: auto; font-size: .8rem; }
"""


@dataclass(frozen=True)
class Page:
    """The contents of a report.

    Attributes:
        title: Headline.
        tables: Title, header and rows of each.
        notes: Sentences.
        figures: Names and texts of SVG files.
        records: Collapsed sections at the end, such as the configuration.
    """

    title: str
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[Any]]]] = ()
    notes: Sequence[str] = ()
    figures: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, Any] = field(default_factory=dict)


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


def render_page(page: Page) -> str:
    """Return ``page`` as a self-contained HTML file.

    Example:
        >>> "<h1>1 &lt; 2</h1>" in render_page(Page("1 < 2"))
        True
    """
    title = html.escape(page.title)
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>",
        render_fragment(page.tables, page.notes),
        *(_figure(name, svg) for name, svg in page.figures.items()),
        *(_record(name, record) for name, record in page.records.items()),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def render_fragment(
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[Any]]]], notes: Sequence[str]
) -> str:
    """Return tables and notes as HTML, for a page or a notebook.

    Example:
        >>> render_fragment([], ["1 < 2"])
        '<p>1 &lt; 2</p>'
    """
    paragraphs = (f"<p>{html.escape(note)}</p>" for note in notes)
    return "\n".join([*(_table(*table) for table in tables), *paragraphs])


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in header)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(cell_text(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return (
        f'<h2>{html.escape(title)}</h2>\n<div class="wide"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _figure(name: str, svg: str) -> str:
    """Inline an SVG with ids of its own, so that figures share no marker or clip path."""
    drawing = svg[svg.index("<svg") :]
    prefix = re.sub(r"\W", "-", name)
    drawing = re.sub(r'\bid="', f'id="{prefix}-', drawing)
    drawing = re.sub(r'href="#', f'href="#{prefix}-', drawing)
    drawing = re.sub(r"url\(#", f"url(#{prefix}-", drawing)
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    words = dict.fromkeys(name.split("_"))  # "maze_maze_1" is "maze 1"
    label = html.escape(" ".join(words))
    drawing = drawing.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    return f"<figure>\n{drawing}<figcaption>{label}</figcaption>\n</figure>"


def _record(name: str, record: Any) -> str:
    text = html.escape(json.dumps(record, indent=2, ensure_ascii=False))
    return f"<details><summary>{html.escape(name)}</summary><pre>{text}</pre></details>"
