"""Optional packages, imported where a reader needs them and named by the extra that brings them."""

from importlib import import_module
from types import ModuleType

from hebbayes.core.errors import MissingDependencyError


def needed(package: str, extra: str) -> ModuleType:
    """Return an optional package; raise `MissingDependencyError` naming the ``extra`` without it.

    Example:
        >>> needed("no_such_package", "nwb")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.MissingDependencyError: no_such_package is not installed; wanted to
        read this format: pip install "hebbayes[nwb]".
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingDependencyError(
            f"{package} is not installed; wanted to read this format: "
            f'pip install "hebbayes[{extra}]".'
        ) from error
