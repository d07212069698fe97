"""Optional packages, imported inside the function that needs them."""

from importlib import import_module
from types import ModuleType

from hebbayes.core.errors import MissingDependencyError


def require(package: str, extra: str) -> ModuleType:
    """Return an optional package, imported now.

    Raises `MissingDependencyError` with the command that installs it if it is missing.

    Example:
        >>> require("no_such_package", "nwb")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.MissingDependencyError: no_such_package is not installed; install it
        with: pip install "hebbayes[nwb]".
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingDependencyError(
            f'{package} is not installed; install it with: pip install "hebbayes[{extra}]".'
        ) from error
