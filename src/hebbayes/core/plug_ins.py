"""Plug-ins: objects that other installed packages register as entry points."""

import importlib.metadata
from importlib.metadata import EntryPoint
from typing import TypeVar

from hebbayes.core.errors import FormatError

T = TypeVar("T")


def plug_ins(group: str) -> list[EntryPoint]:
    """Return the entry points of other packages in a group, in order of name; nothing is loaded.

    Example:
        >>> plug_ins("hebbayes.nothing")
        []
    """
    points = importlib.metadata.entry_points(group=group)
    others = [point for point in points if point.module.partition(".")[0] != "hebbayes"]
    return sorted(others, key=lambda point: point.name)


def load_plug_in(point: EntryPoint, kind: type[T], role: str) -> T:
    """Return the object behind an entry point.

    Raises `FormatError` with the name of the plug-in if it cannot be loaded or is not a ``kind``.

    Example:
        >>> load_plug_in(EntryPoint("pi", "math:pi", "numbers"), float, "number")
        3.141592653589793
    """
    try:
        loaded = point.load()
    except Exception as error:  # an import may raise anything
        raise FormatError(
            f"the {role} plug-in {point.name} ({point.value}) cannot be loaded "
            f"({type(error).__name__}: {error}); repair it or uninstall it."
        ) from error
    if not isinstance(loaded, kind):
        raise FormatError(
            f"the {role} plug-in {point.name} ({point.value}) is of type {type(loaded).__name__}; "
            f"wanted a {kind.__module__}.{kind.__qualname__}; repair it or uninstall it."
        )
    return loaded
