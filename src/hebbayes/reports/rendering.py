"""A report as one HTML file that fetches nothing and escapes all text."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hebbayes.reports.drawings import render_drawing
from hebbayes.reports.stylesheet import STYLE
from hebbayes.reports.tables import render_table

if TYPE_CHECKING:
    from hebbayes.reports.page import Drawing, Report, Section


def render_page(
    report: "Report",
    drawings: "Mapping[str, Drawing] | None" = None,
    records: Mapping[str, Any] | None = None,
) -> str:
    """Return ``report`` as a self-contained HTML file.

    ``drawings`` are its figures by name; those that no section names are left out.  ``records``
    are folded away at the end.

    Example:
        >>> from hebbayes.reports.page import Report
        >>> "<h1>1 &lt; 2</h1>" in render_page(Report("1 < 2"))
        True
    """
    title = html.escape(report.title)
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>",
    ]
    if report.answer:
        parts.append(f'<p class="answer">{html.escape(report.answer)}</p>')
    parts += [render_table(table) for table in report.lead]
    parts += [_section(section, drawings or {}) for section in report.sections]
    if report.limits:
        parts.append(f"<h2>Limits</h2>\n{_list(report.limits)}")
    if report.glossary:
        terms = (
            f"<dt>{html.escape(term)}</dt><dd>{html.escape(meaning)}</dd>"
            for term, meaning in report.glossary.items()
        )
        parts.append("<h2>Glossary</h2>\n<dl>" + "\n".join(terms) + "</dl>")
    if report.methods:
        parts.append(f"<h2>Methods</h2>\n<p>{html.escape(report.methods)}</p>")
    parts += [_record(name, record) for name, record in (records or {}).items()]
    return "\n".join([*parts, "</body>\n</html>\n"])


def _section(section: "Section", drawings: "Mapping[str, Drawing]") -> str:
    """Return one section: its answer, its figures, its tables, and what the answer rests on."""
    answer, *basis = section.sentences or ("",)
    figures = [render_drawing(name, drawings[name]) for name in section.figures if name in drawings]
    parts = [f"<h2>{html.escape(section.heading)}</h2>"]
    if answer:
        parts.append(f"<p>{html.escape(answer)}</p>")
    if figures:
        parts.append('<div class="figures">\n' + "\n".join(figures) + "\n</div>")
    parts += [render_table(table) for table in section.tables]
    return "\n".join([*parts, *([_list(basis)] if basis else [])])


def _list(sentences: Sequence[str]) -> str:
    items = "\n".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="basis">\n{items}\n</ul>'


def _record(name: str, record: Any) -> str:
    text = html.escape(json.dumps(record, indent=2, ensure_ascii=False))
    return f"<details><summary>{html.escape(name)}</summary><pre>{text}</pre></details>"
