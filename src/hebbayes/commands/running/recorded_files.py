"""The files that a run wrote, as its provenance lists them: the only ones that may be removed.

A folder without a list belongs to the user, and so does every file that the list lacks.  Links are
never followed, and never removed.
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import Any

from hebbayes.commands.running.folder_lock import LOCK
from hebbayes.core.errors import FormatError, OutputError
from hebbayes.data.files import PARTIAL, fingerprint

CONFIG, PROVENANCE, LOG = "config.toml", "provenance.json", "log.txt"
CHECKPOINT, RESULTS, REPORT, RESULT = "checkpoint.npz", "results.npz", "report.html", "result.json"
FIGURES, MADE = "figures", "core"
"""Folders of figures, and of files that a command makes for other programs."""

FIXED = (CONFIG, PROVENANCE, LOG, CHECKPOINT, RESULTS, REPORT, RESULT)
"""Names of all files but those in folders."""

_IN_FOLDER = re.compile(rf"{FIGURES}/[^/\0]+\.(svg|png)|{MADE}/[^/\0]+")


class RecordedFiles:
    """Files of a run folder by name, each with its SHA-256 once it is final."""

    def __init__(self, folder: Path, hashes: dict[str, str | None] | None = None) -> None:
        """Refer to files of ``folder``; nothing is read or written."""
        self.folder = folder
        self.hashes: dict[str, str | None] = dict(hashes or {})

    def add(self, names: Iterable[str]) -> None:
        """List files that are about to be written.

        Raises `OutputError` if one of them exists and is not listed, or is a link.
        """
        names = list(names)
        self.check(names)
        self.hashes |= {name: self.hashes.get(name) for name in names}

    def check(self, names: Iterable[str]) -> None:
        """Raise `OutputError` if a file exists that the run did not write, or is a link."""
        for name in names:
            path = self.folder / name
            for part in (path.parent, path):
                if part != self.folder and part.is_symlink():
                    raise OutputError(
                        f"{part} is a link, which hebbayes does not follow; remove it or choose "
                        "another --out."
                    )
            if path.exists() and name not in self.hashes:
                raise OutputError(
                    f"{path} was not written by this run; move it or choose another --out."
                )

    def seal(self, names: Iterable[str]) -> None:
        """Keep the SHA-256 of finished files."""
        self.hashes |= {name: fingerprint(self.folder / name) for name in names}

    def verify(self) -> None:
        """Raise `FormatError` if a finished file is missing or is not the one that was written."""
        for name, written in self.hashes.items():
            path = self.folder / name
            if written is not None and (path.is_symlink() or fingerprint(path) != written):
                raise FormatError(
                    f"{path} is not the file that the run wrote; pass --force to run again."
                )

    def remove(self, names: Iterable[str]) -> None:
        """Remove those of the named files that are listed; the list itself goes last."""
        listed = [name for name in names if name in self.hashes]
        for name in sorted(listed, key=lambda name: name == PROVENANCE):
            self._remove(self.folder / name)
            del self.hashes[name]
        for inner in (FIGURES, MADE):
            if not (self.folder / inner).is_symlink():
                with suppress(OSError):
                    (self.folder / inner).rmdir()

    def remove_unfinished(self) -> None:
        """Remove unfinished versions of the listed files, which a kill leaves behind."""
        for name in self.hashes:
            path = self.folder / name
            for file in path.parent.glob(f".{escape(path.name)}.*{PARTIAL}"):
                self._remove(file)

    def _remove(self, file: Path) -> None:
        is_linked = file.is_symlink() or (file.parent != self.folder and file.parent.is_symlink())
        if not is_linked and file.is_file():
            file.unlink(missing_ok=True)

    def figures(self) -> list[str]:
        """Return the names of the listed figures and of other files in folders."""
        return [name for name in self.hashes if name not in FIXED]


def read_provenance(folder: Path) -> dict[str, Any] | None:
    """Return the provenance of the run in a folder, or None if the folder holds nothing.

    Raises `OutputError` for a folder that holds other files, and no provenance of ours.

    Example:
        >>> read_provenance(Path(__file__).parent)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.OutputError: ... holds files that hebbayes did not write,
        such as ...; choose another --out.
    """
    path = folder / PROVENANCE
    if path.is_file() and not path.is_symlink():
        record = _parsed(path)
        if record is None:
            raise OutputError(
                f"{path} is damaged or not of hebbayes, so {folder} is left as it is; choose "
                "another --out, or remove the folder."
            )
        return record
    foreign = sorted(entry.name for entry in folder.iterdir() if not _is_ours(entry.name))
    if foreign:
        raise OutputError(
            f"{folder} holds files that hebbayes did not write, such as {foreign[0]}; choose "
            "another --out."
        )
    return None


def _is_ours(name: str) -> bool:
    """Return whether a name is that of the lock, or of an unfinished file."""
    return name == LOCK or (name.startswith(tuple(f".{n}." for n in FIXED)) and PARTIAL in name)


def _parsed(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        is_ours = isinstance(record["command"], str) and isinstance(record["inputs"], dict)
        is_ours = is_ours and isinstance(record["versions"]["hebbayes"], str)
        files = record["files"].items()
        known = all(name in FIXED or _IN_FOLDER.fullmatch(name) for name, _ in files)
        hashed = all(digest is None or isinstance(digest, str) for _, digest in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return record if is_ours and known and hashed else None
