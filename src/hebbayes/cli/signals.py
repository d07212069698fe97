"""Signals that end a command as Ctrl-C does: work is saved, and one sentence says so."""

import signal
from collections.abc import Sequence
from types import FrameType

STATUS_OF_SIGNAL = 128
"""Exit status of a command that a signal ended, less the number of the signal."""


class Terminated(KeyboardInterrupt):
    """A signal other than Ctrl-C ended the command."""

    def __init__(self, number: int, message: str = "") -> None:
        """Keep the number of the signal, and a clause about what is saved."""
        super().__init__(message)
        self.number = number


def terminate_on_signals(names: Sequence[str] = ("SIGTERM", "SIGHUP")) -> None:
    """Raise `Terminated` on these signals, unless the parent process ignores them (nohup).

    SIGPIPE stays ignored: writing to a closed pipe raises `BrokenPipeError`.

    Example:
        >>> terminate_on_signals(["SIGNAL_OF_ANOTHER_SYSTEM"])
    """
    for name in names:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)


def saying(interrupt: KeyboardInterrupt, message: str) -> KeyboardInterrupt:
    """Return the same interrupt with a clause about what is saved.

    Example:
        >>> saying(Terminated(15), "nothing was saved").number
        15
    """
    if isinstance(interrupt, Terminated):
        return Terminated(interrupt.number, message)
    return KeyboardInterrupt(message)


def ending_of(interrupt: KeyboardInterrupt) -> tuple[int, str]:
    """Return the exit status and the sentence of an interrupted command.

    Example:
        >>> ending_of(Terminated(15, "nothing was saved"))
        (143, 'ended by SIGTERM: nothing was saved.')
        >>> ending_of(KeyboardInterrupt())
        (130, 'interrupted: nothing was saved.')
    """
    saved = f"{str(interrupt) or 'nothing was saved'}."
    if isinstance(interrupt, Terminated):
        name = signal.Signals(interrupt.number).name
        return STATUS_OF_SIGNAL + interrupt.number, f"ended by {name}: {saved}"
    return STATUS_OF_SIGNAL + signal.SIGINT, f"interrupted: {saved}"
