"""Text templates of the C and the Verilog: readable files with ``@{name}`` where a value goes."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files

_PLACE = re.compile(r"@\{(\w+)\}")


def fill(text: str, values: Mapping[str, object]) -> str:
    """Return a text with the value of ``name`` at every ``@{name}``.  KeyError if it has none.

    Example:
        >>> fill("always @(posedge clock) count <= @{width}'d0;", {"width": 4})
        "always @(posedge clock) count <= 4'd0;"
    """
    return _PLACE.sub(lambda place: str(values[place.group(1)]), text)


def render(name: str, values: Mapping[str, object]) -> str:
    """Return the template file ``name`` filled with ``values``.

    Example:
        >>> "module" in render("lfsr.v", {"prefix": "core"})
        True
    """
    return fill((files(__package__) / "templates" / name).read_text(encoding="utf-8"), values)


def hex_lines(values: Iterable[int], bits: int) -> str:
    """Return two's complement words of ``bits`` bits, one a line, as ``$readmemh`` reads.

    Example:
        >>> hex_lines([10, -1], 8).split()
        ['0a', 'ff']
    """
    digits, mask = (bits + 3) // 4, (1 << bits) - 1
    return "".join(f"{int(value) & mask:0{digits}x}\n" for value in values)
