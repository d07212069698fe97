"""Checks a Zarr folder before zarr opens it: regular files only, and links that stay inside."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hebbayes.core.errors import FormatError
from hebbayes.data.limits import parse_json

_ATTRIBUTES = (".zattrs", "zarr.json", ".zmetadata")
_JSON = (".zgroup", ".zarray", *_ATTRIBUTES)


def check_zarr(folder: Path) -> None:
    """Raise `FormatError` if a Zarr folder holds pipes or pickles, or takes data from elsewhere.

    Example:
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     os.symlink(__file__, Path(folder, "0.0"))
        ...     check_zarr(Path(folder))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: ... is a link to another place; copy the data it needs ...
    """
    for place in sorted(folder.rglob("*")):
        if place.is_symlink():
            raise FormatError(
                f"{place} is a link to another place; copy the data it needs into the folder."
            )
        if not (place.is_file() or place.is_dir()):
            raise FormatError(f"{place} is not a regular file; remove it, or export again.")
        if place.name in _JSON:
            try:
                content = parse_json(place.read_bytes(), str(place))
            except OSError as error:
                raise FormatError(f"cannot read {place}: {error.strerror or error}.") from error
            if place.name != ".zattrs" and any(p.get("id") == "pickle" for p in _objects(content)):
                raise FormatError(
                    f"{place} states pickled objects, which can run code when opened; export the "
                    "file again with a newer hdmf-zarr."
                )
            if (source := _foreign_source(content)) is not None:
                raise FormatError(
                    f"{place} takes data from another file, {source}; copy the data it needs into "
                    "the folder."
                )


def _foreign_source(content: Any) -> str | None:
    """Return the first ``source`` of a link or reference that is another file."""
    for part in _objects(content):
        source = part.get("source")
        if "path" in part and isinstance(source, str) and source not in (".", "", "./"):
            return source
    return None


def _objects(content: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON document."""
    parts = [content]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            yield part
            parts += part.values()
        elif isinstance(part, list):
            parts += part
