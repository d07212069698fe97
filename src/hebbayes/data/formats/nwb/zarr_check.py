"""Checks a Zarr folder before zarr opens it: regular files only, and links that stay inside."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hebbayes.core.errors import FormatError
from hebbayes.data.limits import parse_json

_ATTRIBUTES = (".zattrs", "zarr.json", ".zmetadata")
_JSON = (".zgroup", ".zarray", *_ATTRIBUTES)
_MAX_LINKS, _MAX_PATHS = 1000, 10_000


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
    links: list[tuple[str, str]] = []
    for place in sorted(folder.rglob("*")):
        if place.is_symlink():
            raise FormatError(
                f"{place} is a link to another place; copy the data it needs into the folder."
            )
        if not (place.is_file() or place.is_dir()):
            raise FormatError(f"{place} is not a regular file; remove it, or export again.")
        if place.name in _JSON:
            content = _checked_json(place)
            if place.name != ".zmetadata":  # a copy of the others
                at = posixpath.join("/", place.parent.relative_to(folder).as_posix())
                links += [(posixpath.normpath(at), target) for target in _link_targets(content)]
    _check_links(folder, links)


def _checked_json(place: Path) -> Any:
    try:
        content = parse_json(place.read_bytes(), str(place))
    except OSError as error:
        raise FormatError(f"cannot read {place}: {error.strerror or error}.") from error
    objects = list(_objects(content))
    if place.name != ".zattrs" and any(part.get("id") == "pickle" for part in objects):
        raise FormatError(
            f"{place} states pickled objects, which can run code when opened; export the file "
            "again with a newer hdmf-zarr."
        )
    for part in objects:
        source = part.get("source")
        if "path" in part and isinstance(source, str) and source not in (".", "", "./"):
            raise FormatError(
                f"{place} takes data from another file, {source}; copy the data it needs into the "
                "folder."
            )
    return content


def _check_links(folder: Path, links: list[tuple[str, str]]) -> None:
    """Raise `FormatError` if links form a circle, or open too many paths."""
    if len(links) > _MAX_LINKS:
        raise FormatError(f"{folder} has {len(links)} links; {_MAX_LINKS} at most are followed.")
    opens = np.array(
        [[_is_inside(at, target) for at, _ in links] for _, target in links], float
    ).reshape(len(links), len(links))
    n_paths, before = np.ones(len(links)), np.zeros(len(links))
    for _ in range(len(links) + 1):  # a chain without a circle is no longer
        if (n_paths == before).all() or n_paths.sum() > _MAX_PATHS:
            break
        n_paths, before = 1 + opens @ n_paths, n_paths
    if not (n_paths == before).all():
        raise FormatError(
            f"{folder} has links in a circle, or links that multiply; export it again."
        )


def _is_inside(path: str, group: str) -> bool:
    return path == group or path.startswith(group.rstrip("/") + "/")


def _link_targets(content: Any) -> Iterator[str]:
    """Yield the paths that the links in the attributes of a group lead to."""
    for part in _objects(content):
        links = part.get("zarr_link")
        for link in links if isinstance(links, list) else ():
            if isinstance(link, dict) and isinstance(link.get("path"), str):
                yield posixpath.normpath(posixpath.join("/", link["path"]))


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
