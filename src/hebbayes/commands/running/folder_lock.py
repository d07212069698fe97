"""An exclusive lock on a run folder, held while one process reads or writes it."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from hebbayes.core.errors import OutputError

LOCK = ".hebbayes-lock"
"""Name of the lock file, which exists only while the folder is in use."""

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_TRIES = 100


class FolderLock:
    """A lock on a folder, which is made if it does not exist.

    The operating system releases the lock when the process ends, however it ends.
    """

    def __init__(self, folder: Path, made: Sequence[Path] = ()) -> None:
        """Take the lock; ``made`` are folders, made for this run, that `release` may remove.

        Raises `OutputError` if another process holds the lock or the folder cannot be written.
        """
        self._folder = folder
        self._made = list(made)
        try:
            self._descriptor = self._taken()
        except BaseException:
            self._remove_made()
            raise

    def release(self, *, remove_empty: bool = False) -> None:
        """Release the lock; ``remove_empty`` removes the folders made for it, if they are empty."""
        if self._descriptor is None:
            return
        with suppress(OSError):
            if os.fstat(self._descriptor).st_size == 0:  # ours
                (self._folder / LOCK).unlink()
        os.close(self._descriptor)
        self._descriptor = None
        if remove_empty:
            self._remove_made()

    def _taken(self) -> int | None:
        """Return the descriptor of the locked file, which may vanish while it is being locked."""
        path = self._folder / LOCK
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        for _ in range(_TRIES):
            with _as_output_error(self._folder):
                self._made += make_folder(self._folder)
                try:
                    descriptor = os.open(path, flags, 0o644)
                except FileNotFoundError:
                    continue
            try:
                _lock(descriptor, self._folder)
                if os.path.samestat(os.fstat(descriptor), path.lstat()):
                    return descriptor
            except FileNotFoundError:
                pass
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
        raise _in_use(self._folder)

    def _remove_made(self) -> None:
        for folder in sorted(self._made, key=lambda path: -len(path.parts)):
            with suppress(OSError):
                folder.rmdir()


def make_folder(folder: Path) -> list[Path]:
    """Make a folder and its parents; return those that did not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as place:
        ...     [made.name for made in make_folder(Path(place, "runs", "a"))]
        ['runs', 'a']
    """
    made = []
    for path in reversed((folder, *folder.parents)):
        with suppress(FileExistsError):
            if not path.exists():
                path.mkdir()
                made.append(path)
    return made


def _lock(descriptor: int, folder: Path) -> None:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:  # some network file systems have no locks
            raise _in_use(folder) from error


def _in_use(folder: Path) -> OutputError:
    return OutputError(
        f"another run is using {folder}; wait until it ends or choose another --out."
    )


@contextmanager
def _as_output_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OutputError(
            f"cannot write {folder}: {error.strerror or error}; choose another --out."
        ) from error
