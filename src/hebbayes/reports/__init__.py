"""One self-contained page about a run: its answer first, then data, questions, limits, methods.

Takes plain values and SVG texts, returns HTML; no science and no files.
"""

from hebbayes.reports.page import Drawing, Report, Section
from hebbayes.reports.rendering import render_page
from hebbayes.reports.tables import cell_text, estimate_text, render_fragment

__all__ = [
    "Drawing",
    "Report",
    "Section",
    "cell_text",
    "estimate_text",
    "render_fragment",
    "render_page",
]
