"""An SVG of matplotlib as part of a page: ids of its own, and the page's own ink and paper."""

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hebbayes.reports.page import Drawing

NARROW_PT = 300.0
"""Figures up to this width stand side by side; one column of a journal is 250 points."""

_COLOURS = {"#000000": "currentColor", "#ffffff": "var(--paper)"}


def render_drawing(name: str, drawing: "Drawing") -> str:
    """Return a figure whose black and white follow the reader's light or dark setting.

    Ids are its own, so that figures share no marker or clip path.

    Example:
        >>> from hebbayes.reports.page import Drawing
        >>> render_drawing("a", Drawing('<svg width="90pt" id="b"></svg>', "What."))[:22]
        '<figure class="narrow"'
    """
    svg = drawing.svg[drawing.svg.index("<svg") :]
    prefix = re.sub(r"\W", "-", name)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    for colour, own in _COLOURS.items():
        svg = re.sub(colour, own, svg, flags=re.IGNORECASE)
    svg = re.sub(r"\n\s*", "\n", svg)
    label = html.escape(drawing.caption.split(". ")[0])
    svg = svg.replace("<svg", f'<svg role="img" fill="currentColor" aria-label="{label}"', 1)
    width = re.search(r'width="([\d.]+)pt"', svg)
    kind = "narrow" if width and float(width[1]) <= NARROW_PT else "wide"
    caption = html.escape(drawing.caption)
    return f'<figure class="{kind}">\n{svg.strip()}\n<figcaption>{caption}</figcaption>\n</figure>'
