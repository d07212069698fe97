"""Faults planted in generated sources: each must be caught, or the ladder proves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One edit of a generated file.

    Attributes:
        name: What is wrong, in words.
        file: The file.
        good: Text that the file holds.
        bad: What takes its place.
    """

    name: str
    file: str
    good: str
    bad: str


_V, _C, _LFSR = "core_inference.v", "core_inference.c", "core_lfsr.v"
_ROUNDED = "fraction = (fraction + (1u << (place - LOG_BITS - 1))) >> (place - LOG_BITS)"

INFERENCE_FAULTS = (
    Fault("log2 loses its lowest bit", _V, "if (place + k >= F)", "if (place + k >= F && k != 0)"),
    Fault(
        "one bank is halved without the rounding bit",
        _V,
        "halve(off, rounding) ",
        "halve(off, 1'b0) ",
    ),
    Fault(
        "Home is not halved",
        _V,
        "counted(home_w, learns[0], halving[0])",
        "counted(home_w, learns[0], 1'b0)",
    ),
    Fault("halving comes one event early", _V, "FULL = ", "FULL = -1 + "),
    Fault("events of x = 0 count in the other bank", _V, "line && !fired", "line && fired"),
    Fault("the normaliser is added", _V, "{3'b0, log_off} - gap", "{3'b0, log_off} + gap"),
    Fault("a tap of the register is wrong", _LFSR, "state[29:14]", "state[28:13]"),
    Fault("an entry of the sigmoid is one too low", _C, "[16] = {", "[16] = {-1 + "),
    Fault("log2 rounds up", _C, "fraction >>= place - LOG_BITS", _ROUNDED),
    Fault("K reads complements", _C, "if (!lines[slot]) {", "if (lines[slot] == group) {"),
)
"""Faults of the inference layer; a recurrent spec has them all."""


def plant(fault: Fault, files: Mapping[str, str]) -> dict[str, str]:
    """Return the file with the fault.  KeyError or ValueError if it has no such text.

    Example:
        >>> plant(Fault("adds", "a.c", "a + b", "a - b"), {"a.c": "return a + b;"})
        {'a.c': 'return a - b;'}
    """
    text = files[fault.file]
    if fault.good not in text:
        raise ValueError(f"{fault.file} does not hold {fault.good!r}")
    return {fault.file: text.replace(fault.good, fault.bad, 1)}
