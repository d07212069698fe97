"""What is wrong with the look of a figure, found from the boxes and texts of what it draws."""

import re
from itertools import combinations, pairwise

import numpy as np
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.text import Text
from matplotlib.transforms import Bbox

_SLACK = 1.0  # pixels


def faults(figure):
    """Return a sentence for every fault of ``figure``."""
    figure.draw_without_rendering()
    found = [] if figure.get_supxlabel().strip() else ["no caption"]
    for number, ax in enumerate(figure.axes):
        if ax.get_visible():
            found += [f"axes {number}: {fault}" for fault in _of_axes(ax)]
    found += _of_texts(figure)
    return found + _between_axes(figure)


def _of_axes(ax):
    found = []
    if ax.axison and not _is_colour_bar(ax):
        found += [
            f"{name} axis without a label"
            for name, axis in (("x", ax.xaxis), ("y", ax.yaxis))
            if len(axis.get_majorticklocs()) and not axis.get_label_text().strip()
        ]
    elif ax.axison and not (ax.get_ylabel() or ax.get_xlabel()):
        found.append("colour bar without a label")
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_offset_text().get_text():
            found.append(f"offset {axis.get_offset_text().get_text()!r} beside an axis")
    legend = ax.get_legend()
    if legend is not None:
        box = legend.get_window_extent()
        if any(_touches(artist, box) for artist in (*ax.lines, *ax.collections, *ax.patches)):
            found.append("legend over data")
    for axis, side in ((ax.xaxis, 0), (ax.yaxis, 1)):
        boxes = _tick_boxes(axis)
        order = sorted(boxes, key=lambda box: box.min[side])
        if any(a.max[side] > b.min[side] + _SLACK for a, b in pairwise(order)):
            found.append(f"{'xy'[side]} tick labels overlap")
    return found


def _is_colour_bar(ax):
    return ax.get_label() == "<colorbar>"


def _tick_boxes(axis):
    low, high = sorted(axis.get_view_interval())
    labels = [
        label
        for label, place in zip(axis.get_ticklabels(), axis.get_ticklocs())
        if low <= place <= high and label.get_text() and label.get_visible()
        and label.get_rotation() % 360 in (0, 90)
    ]  # fmt: skip
    return [label.get_window_extent() for label in labels] if axis.axes.axison else []


def _touches(artist, box):
    """Whether something that ``artist`` draws lies in ``box``."""
    inner = Bbox.from_extents(box.x0 + _SLACK, box.y0 + _SLACK, box.x1 - _SLACK, box.y1 - _SLACK)
    if not artist.get_visible() or inner.width <= 0 or inner.height <= 0:
        return False
    for path in _paths(artist):
        clip = artist.axes.bbox if artist.get_clip_on() else artist.figure.bbox
        seen = Bbox.intersection(inner, clip)
        if seen is None or seen.width <= 0 or seen.height <= 0:
            continue
        if path.intersects_bbox(seen, filled=artist in artist.axes.patches):
            return True
    return False


def _paths(artist):
    if isinstance(artist, PathCollection):
        offsets = artist.get_offset_transform().transform(artist.get_offsets())
        return [_point(place) for place in np.asarray(offsets)]
    if isinstance(artist, LineCollection):
        return [artist.get_transform().transform_path(p) for p in artist.get_paths()]
    if hasattr(artist, "get_paths"):
        return [artist.get_transform().transform_path(p) for p in artist.get_paths()]
    path = artist.get_transform().transform_path(artist.get_path())
    if np.isfinite(path.vertices).all():
        return [path]
    return [_point(place) for place in path.vertices if np.isfinite(place).all()]


def _point(place):
    from matplotlib.path import Path

    x, y = place
    return Path([(x - 1, y - 1), (x + 1, y + 1)])


def _texts(figure):
    """Return every text that is drawn; of tick labels, only those within view."""
    ticks, shown = set(), []
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            every = [
                label
                for tick in (*axis.majorTicks, *axis.minorTicks)
                for label in (tick.label1, tick.label2)
            ]
            ticks |= {id(label) for label in every}
            low, high = sorted(axis.get_view_interval())
            if ax.get_visible() and ax.axison:
                shown += [
                    tick.label1
                    for tick in axis.get_major_ticks(len(axis.get_majorticklocs()))
                    if low <= tick.get_loc() <= high
                ]
    shown += [text for text in figure.findobj(Text) if id(text) not in ticks and _is_shown(text)]
    return [text for text in shown if text.get_visible() and text.get_text().strip()]


def _is_shown(text):
    ax = text.axes
    if ax is None:
        return True
    return ax.get_visible() and (ax.axison or text not in (ax.xaxis.label, ax.yaxis.label))


def _of_texts(figure):
    found = []
    whole = figure.bbox
    for text in _texts(figure):
        words = text.get_text()
        plain = re.sub(r"\$[^$]*\$", "", words) if text.get_parse_math() else words
        if "_" in plain:
            found.append(f"code name {words!r}")
        box = text.get_window_extent()
        inside = (
            box.x0 >= whole.x0 - _SLACK
            and box.x1 <= whole.x1 + _SLACK
            and box.y0 >= whole.y0 - _SLACK
            and box.y1 <= whole.y1 + _SLACK
        )
        if not inside:
            found.append(f"text {words[:40]!r} leaves the figure")
        if text.get_fontsize() < 6.5:
            found.append(f"text {words[:40]!r} is smaller than 6.5 points")
    return found


def _between_axes(figure):
    """Letters, legends, titles and labels of different axes must not lie over each other."""
    boxes = []
    for number, ax in enumerate(figure.axes):
        if not ax.get_visible():
            continue
        parts = [*ax.texts, ax.title, ax._left_title, ax.get_legend()]
        if ax.axison:
            parts += [ax.xaxis.label, ax.yaxis.label]
        boxes += [
            (number, part, part.get_window_extent())
            for part in parts
            if part is not None and not (isinstance(part, Text) and not part.get_text().strip())
        ]
    return [
        f"{_name(a)} of axes {i} over {_name(b)} of axes {j}"
        for (i, a, box), (j, b, other) in combinations(boxes, 2)
        if _overlap(box, other)
    ]


def _overlap(a, b):
    return min(a.x1, b.x1) - max(a.x0, b.x0) > _SLACK and min(a.y1, b.y1) - max(a.y0, b.y0) > _SLACK


def _name(part):
    return repr(part.get_text()[:20]) if isinstance(part, Text) else "legend"
