"""Figures as files: equal figures give equal bytes, and no name runs off an edge.

Names that leave no room for the axes, or that do not fit on the figure, are wrapped or shortened.
Importing this module does not import matplotlib.
"""

import textwrap
import warnings
from typing import TYPE_CHECKING

from hebbayes.data.files import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.text import Text

_SLACK = 1.0  # pixels
_FILLED = 0.95  # share of its room that a wrapped label fills
_NARROWEST = 12  # characters of a line of a wrapped label
_SHORTER = (40, 28, 20, 12)  # characters of names in a figure without room for longer ones


def save_figure(figure: "Figure", path: "Path") -> None:
    """Write ``figure`` in the format that ``path`` ends with; equal figures give equal SVGs.

    Text in SVGs stays text.  Raises `OutputError`; no partial file remains.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from hebbayes.plotting.style import new_figure
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_figure(new_figure(), Path(folder, "empty.svg"))
        ...     Path(folder, "empty.svg").read_text()[:5]
        '<?xml'
    """
    image = _render(figure, path.suffix.lstrip(".").lower())
    write_atomic(path, lambda stream: stream.write(image))


def svg_and_caption(figure: "Figure") -> tuple[str, str]:
    """Return the text of an SVG without its caption, and the caption on one line.

    The caption is taken off ``figure``, so save the figure first.

    Example:
        >>> from hebbayes.plotting.style import add_caption, new_figure
        >>> figure = new_figure()
        >>> add_caption(figure, "What is shown.")
        >>> svg, caption = svg_and_caption(figure)
        >>> "What is shown" in svg, caption
        (False, 'What is shown.')
    """
    caption = " ".join(figure.get_supxlabel().split())
    figure.supxlabel("")
    return _render(figure, "svg").decode(), caption


def _render(figure: "Figure", suffix: str) -> bytes:
    from io import BytesIO

    from matplotlib import rc_context

    _fit_texts(figure)
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix)
    image = BytesIO()
    look = rc_context({"svg.hashsalt": "hebbayes", "svg.fonttype": "none"})
    with look, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph|constrained_layout not applied")
        figure.savefig(image, format=suffix, metadata=metadata)
    return image.getvalue()


def _fit_texts(figure: "Figure") -> None:
    """Wrap labels and shorten names until the axes have room and no text leaves the figure."""
    for change in (None, None, *_SHORTER):
        is_fine = _has_room(figure)
        outside = [text for text in _drawn_texts(figure) if _leaves(figure, text)]
        if is_fine and not outside:
            return
        if change is None:
            _wrap(figure, outside)
        else:
            _shorten(figure, change, outside if is_fine else None)


def _has_room(figure: "Figure") -> bool:
    """Lay the figure out; False if its axes would vanish."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        warnings.filterwarnings("error", message="constrained_layout not applied")
        try:
            figure.draw_without_rendering()
        except UserWarning:
            return False
    return True


def _drawn_texts(figure: "Figure") -> "list[Text]":
    """Return every text but ticks out of view."""
    from matplotlib.text import Text

    ticks, shown = set(), []
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                ticks |= {id(tick.label1), id(tick.label2)}
                if ax.axison and low <= tick.get_loc() <= high:
                    shown.append(tick.label1)
    shown += [text for text in figure.findobj(Text) if id(text) not in ticks]
    return [text for text in shown if _is_drawn(text)]


def _is_drawn(text: "Text") -> bool:
    ax = text.axes
    is_label = ax is not None and text in (ax.xaxis.label, ax.yaxis.label)
    on_page = ax is None or (ax.get_visible() and (ax.axison or not is_label))
    return on_page and text.get_visible() and bool(text.get_text().strip())


def _leaves(figure: "Figure", text: "Text") -> bool:
    box, page = text.get_window_extent(), figure.bbox
    beyond = (page.x0 - box.x0, box.x1 - page.x1, page.y0 - box.y0, box.y1 - page.y1)
    return max(beyond) > _SLACK


def _wrap(figure: "Figure", outside: "list[Text]") -> None:
    """Break labels of axes, titles and entries of legends that are longer than the figure."""
    labels = {id(axis.label) for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)}
    labels |= {id(title) for ax in figure.axes for title in _titles(ax)}
    labels |= {id(text) for legend in _legends(figure) for text in legend.get_texts()}
    for text in outside:
        words = text.get_text()
        if id(text) not in labels or "$" in words:
            continue
        longest = max(map(len, words.splitlines()))
        fitting = int(longest * min(_FILLED * _room(figure, text), 1.0))
        text.set_text(textwrap.fill(words, max(fitting, _NARROWEST)))


def _room(figure: "Figure", text: "Text") -> float:
    """Return how long a text may be where it stands, as a share of its length."""
    box, page = text.get_window_extent(), figure.bbox
    if text.get_rotation() % 180 == 90:
        middle = (box.y0 + box.y1) / 2
        return float(2 * min(middle - page.y0, page.y1 - middle) / box.height)
    if text.get_horizontalalignment() == "left":
        return float((page.x1 - box.x0) / box.width)
    middle = (box.x0 + box.x1) / 2
    return float(2 * min(middle - page.x0, page.x1 - middle) / box.width)


def _titles(ax: "Axes") -> "list[Text]":
    return [ax.title, ax._left_title, ax._right_title]  # type: ignore[attr-defined]


def _legends(figure: "Figure") -> "list[Legend]":
    of_axes = [legend for ax in figure.axes if (legend := ax.get_legend())]
    return [*figure.legends, *of_axes]


def _shorten(figure: "Figure", longest: int, only: "list[Text] | None") -> None:
    """Cut names at ticks, at axes, in titles, legends and plots; None cuts all of them."""
    chosen = None if only is None else {id(text) for text in only}
    texts = [text for legend in _legends(figure) for text in legend.get_texts()]
    for ax in figure.axes:
        texts += [ax.xaxis.label, ax.yaxis.label, *_titles(ax), *ax.texts]
        for axis in (ax.xaxis, ax.yaxis):
            labels = axis.get_ticklabels()
            names = [label.get_text() for label in labels]
            is_chosen = chosen is None or any(id(label) in chosen for label in labels)
            if is_chosen and max(map(len, names), default=0) > longest:
                axis.set_ticks(axis.get_majorticklocs(), [_cut(name, longest) for name in names])
    for text in texts:
        if chosen is None or id(text) in chosen:
            text.set_text(_cut(text.get_text(), longest))


def _cut(words: str, longest: int) -> str:
    """Return the start of long words; formulas stay whole, as half of one is none."""
    if len(words) <= longest or "$" in words:
        return words
    return f"{words[: longest - 1]}…"
