"""The error of the equation language: one sentence, the line, and a caret below the mistake."""

from hebbayes.core.errors import FormatError


class EquationError(FormatError):
    """An equation cannot be parsed; the notes of the exception show the position."""


def fault(source: str, start: int, end: int, sentence: str) -> EquationError:
    """Return an error whose notes show the line and a caret below the mistake.

    Example:
        >>> fault("dx/dt = x +", 10, 11, "an operand is missing.").__notes__[1]
        '            ^'
    """
    begin = source.rfind("\n", 0, start) + 1
    line = source[begin:].partition("\n")[0]
    width = max(1, min(end, begin + len(line)) - start)
    error = EquationError(sentence)
    error.add_note(f"  {line}")
    error.add_note("  " + " " * (start - begin) + "^" * width)
    return error
