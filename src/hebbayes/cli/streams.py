"""Standard streams that are closed, full, or cannot hold every character."""

import os
import sys
from contextlib import suppress


def prepare_streams() -> None:
    """Make standard streams safe to write to.

    A closed descriptor is opened on the null device, lest a result file take its number; characters
    that an encoding lacks are escaped.

    Example:
        >>> prepare_streams()
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    if sys.stderr is None:  # print(file=None) would write to standard output
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not (stream.encoding or "utf-8").lower().startswith("utf"):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def silence_stdout() -> None:
    """Send the rest of standard output, and what its buffer holds, to the null device.

    Example:
        >>> silence_stdout()  # here it is no file
    """
    with suppress(OSError, ValueError):
        descriptor = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
