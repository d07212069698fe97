"""A limit on the computing time of a derivation, in any thread.

SymPy may work for hours on a short formula, and no bound on the text excludes that.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

POLL_S = 0.02
SYMPY_S = 0.25
"""Limit for one integral or one solution; without it the formula stays as it is."""
_interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc


class _TimeIsUpError(BaseException):
    """Raised in the thread that is limited; no `except Exception` of SymPy catches it."""


@contextmanager
def time_limit(seconds: float, error: Exception) -> Iterator[None]:
    """Raise ``error`` if what follows takes more computing time than ``seconds``.

    Example:
        >>> with time_limit(0.1, ValueError("too long")):
        ...     while True:
        ...         pass
        Traceback (most recent call last):
            ...
        ValueError: too long
    """
    thread, done = threading.get_ident(), threading.Event()
    clock = _clock_of(thread)
    stop = time.clock_gettime(clock) + seconds

    def watch() -> None:
        while not done.wait(POLL_S):
            if time.clock_gettime(clock) > stop:
                _interrupt(ctypes.c_ulong(thread), ctypes.py_object(_TimeIsUpError))
                done.wait(0.2)  # again if it was caught on its way

    watcher = threading.Thread(target=watch, daemon=True)
    hook = sys.unraisablehook
    sys.unraisablehook = _silent_hook  # it may arrive in a finaliser, which reports it only
    watcher.start()
    try:
        yield
    except _TimeIsUpError:
        raise error from None
    finally:
        with suppress(_TimeIsUpError):  # it may arrive as late as here
            done.set()
            watcher.join()
            _interrupt(ctypes.c_ulong(thread), None)
        sys.unraisablehook = hook


def _silent_hook(report: "sys.UnraisableHookArgs") -> None:
    if report.exc_type is not _TimeIsUpError:
        sys.__unraisablehook__(report)


def _clock_of(thread: int) -> int:
    """Return the clock of a thread's computing time, or of elapsed time where there is none."""
    if hasattr(time, "pthread_getcpuclockid"):
        return time.pthread_getcpuclockid(thread)
    return time.CLOCK_MONOTONIC
