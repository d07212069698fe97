"""What goes wrong with a user's input, as one family of exceptions.

A message is one sentence: what, wanted, got, remedy.  The command line prints it and exits 2.
"""


class HebbayesError(Exception):
    """Base of every error that a user can mend."""


class ShapeError(HebbayesError, ValueError):
    """An array has the wrong shape."""


class ValueRangeError(HebbayesError, ValueError):
    """A value lies outside what is allowed, or a result is not finite."""


class FormatError(HebbayesError, ValueError):
    """A file is not what it should be: empty, truncated, wrong keys, or unreadable."""


class MissingDependencyError(HebbayesError, ImportError):
    """An optional package is needed; the message names the extra that brings it."""


class OutputError(HebbayesError, OSError):
    """A result could not be written; nothing half-written is left behind."""
