"""Walks all objects of an HDF5 file in search of what hangs, fills memory or reads other files.

A damaged or hostile file can send the HDF5 library into an endless loop or a crash, which no
exception stops.  So `hdf5_check` runs this file as a process of its own: it answers requests, one
line of JSON each, by a fork with limits on time and memory.  It imports nothing of this package.
"""

import json
import os
import resource
import signal
import sys
from typing import Any

MAX_PATHS_EACH, MAX_PATHS = 20, 10_000
"""Paths that hard and soft links may open, per object and in any file."""

_SINGLE_FIELDS, _FIELD_SIZE = ("/", "/general"), 10_000

READ_BYTES = 2**22
"""Plain arrays up to this size are read whole; larger ones only by their chunk index."""


def inspect(path: str, limit: int, is_nwb: bool = False) -> str | None:
    """Return why the file should not be read, or None; ``limit`` is the memory it may take.

    pynwb reads the fields of a file whole when it opens it, so those of NWB files must be small.

    A file that h5py cannot open is left to the reader, whose message is better.

    Example:
        >>> inspect("no-such.nwb", 2**20) is None
        True
    """
    import h5py

    try:
        file = h5py.File(path, "r")
    except Exception:
        return None
    with file:
        try:
            return _walk(h5py, file, limit, is_nwb)
        except Exception as error:
            return "needs more memory than its size justifies" if _is_memory(error) else None


def _walk(h5py: Any, file: Any, limit: int, is_nwb: bool) -> str | None:
    """Visit each object once, deepest first, and count the paths to everything below it."""
    n_paths: dict[int, int] = {}
    stack: list[tuple[Any, int, list[Any] | None]] = [(file, _address(h5py, file), None)]
    open_groups: set[int] = set()
    while stack:
        item, address, children = stack.pop()
        if address in n_paths:
            continue
        if children is None:
            if address in open_groups:
                return f"has links in a circle, at {item.name}"
            if (reason := _object(h5py, item, limit, is_nwb)) is not None:
                return reason
            children = []
            if isinstance(item, h5py.Group):
                children = _children(h5py, item)
                if isinstance(children, str):
                    return children
            open_groups.add(address)
            stack.append((item, address, children))
            stack += [(child, _address(h5py, child), None) for child in children]
            continue
        below = [n_paths[a] for child in children if (a := _address(h5py, child)) in n_paths]
        n_paths[address] = 1 + sum(below)
        open_groups.discard(address)
        if n_paths[address] > MAX_PATHS_EACH * len(n_paths) + MAX_PATHS:
            return f"has links that multiply, at {item.name}"
    return None


def _is_memory(error: Exception) -> bool:
    """Whether memory ran out; the HDF5 library says so in words, as an error of reading."""
    return isinstance(error, MemoryError) or "allocation failed" in str(error)


def _address(h5py: Any, item: Any) -> int:
    return int(h5py.h5o.get_info(item.id).addr)


def _children(h5py: Any, group: Any) -> Any:
    """Return the objects in a group, or why a link of it is refused."""
    children = []
    for name in group:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            return f"links {group.name.rstrip('/')}/{name} to another file, {link.filename}"
        try:
            children.append(group[name])
        except (KeyError, OSError) as error:
            if _is_memory(error):
                raise
            continue  # a dangling link, or damage that the reader names
    return children


def _object(h5py: Any, item: Any, limit: int, is_nwb: bool) -> str | None:
    for name in item.attrs:
        item.attrs.get(name)
    if not isinstance(item, h5py.Dataset):
        return None
    if item.is_virtual:
        return f"takes {item.name} from another file, {item.virtual_sources()[0].file_name}"
    if item.external:
        return f"takes {item.name} from another file, {os.fsdecode(item.external[0][0])}"
    n_bytes = item.size * item.dtype.itemsize if item.shape else 0
    is_field = item.parent.name in _SINGLE_FIELDS
    is_empty = n_bytes > 1000 * item.id.get_storage_size()  # beyond any compression
    if is_nwb and (
        (is_field and item.size and item.size > _FIELD_SIZE) or is_empty * n_bytes > limit
    ):
        return f"states that {item.name} has shape {item.shape}"
    if item.chunks is not None:
        n_chunk = item.dtype.itemsize
        for n in item.chunks:
            n_chunk *= n
        if n_chunk > limit:
            return f"states chunks of {n_chunk} bytes in {item.name}"
        item.id.get_num_chunks()
    if item.dtype.hasobject:
        return _texts(item, limit)
    if n_bytes <= READ_BYTES:
        item[()]
    return None


def _texts(item: Any, limit: int) -> str | None:
    """Read texts and references in parts: many may share one long text."""
    left = limit - 16 * (item.size or 0)
    if left < 0:
        return f"states that {item.name} has shape {item.shape}"
    if item.shape in ((), None):
        item[()]
        return None
    for start in range(0, item.shape[0], 1024):
        for value in item[start : start + 1024].ravel():
            left -= len(value) if isinstance(value, (bytes, str)) else getattr(value, "nbytes", 8)
        if left < 0:
            return f"repeats texts in {item.name} beyond its size"
    return None


def _answer(request: dict[str, Any]) -> str | None:
    """Return the outcome of `inspect` in a fork with limits."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        seconds, memory = int(request["seconds"]), int(request["memory"])
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(2 * seconds)
        outcome = inspect(request["path"], int(request["limit"]), request["is_nwb"])
        os.write(theirs, json.dumps(outcome).encode("ascii", "replace")[:4096])
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as stream:
        content = stream.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        late = os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL)
        return "keeps the HDF5 library busy without end" if late else "crashes the HDF5 library"
    return str(json.loads(content)) if content not in (b"", b"null") else None


def serve() -> None:
    """Answer requests from standard input until it closes.

    Example:
        >>> callable(serve)
        True
    """
    import h5py  # noqa: F401  (loaded once, before forks)

    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    serve()
