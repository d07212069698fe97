"""Names of the past: `x_delayed` is x one step ago, `o_delayed_3` is o three steps ago."""

import re

_DELAYED = re.compile(r"(?P<base>.+?)_(?:delayed|delay|previous|lag)_?(?P<lag>\w+)?")


def delayed_parts(name: str) -> tuple[str, str] | None:
    """Return (what is delayed, lag) of a name such as ``x_delayed`` or ``o_delayed3``.

    Example:
        >>> delayed_parts("x_delayed"), delayed_parts("o_delayed_3"), delayed_parts("x")
        (('x', '1'), ('o', '3'), None)
    """
    match = _DELAYED.fullmatch(name)
    return None if match is None else (match["base"], match["lag"] or "1")
