"""Provenance of a result: versions, git state, seed, machine, inputs, start and end."""

import hashlib
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hebbayes.data.files import fingerprint

_PACKAGES = ("hebbayes", "jax", "jaxlib", "equinox", "numpy", "scipy", "matplotlib")


def collect(
    command: str,
    config: Mapping[str, Any],
    argv: Sequence[str],
    *,
    outputs: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the provenance of a run that starts now; its end is None.

    ``config`` holds the values of the config record; its paths are the inputs, except those of
    ``outputs``.  Raises `FormatError` if an input cannot be read.

    Example:
        >>> collect("maze", {"seed": 3}, ["maze"])["seed"]
        3
    """
    inputs = inputs_of({name: value for name, value in config.items() if name not in outputs})
    return {
        "command": command,
        "argv": list(argv),
        "seed": config.get("seed"),
        "start": now(),
        "end": None,
        "inputs": {str(path.resolve()): sha256(path) for path in inputs},
        "versions": {"python": platform.python_version(), **_versions()},
        "git": git_state(Path(__file__).parent),
        "platform": platform.platform(),
    }


def inputs_of(config: Mapping[str, Any]) -> list[Path]:
    """Return the files that a config names: its paths, and texts or lists that are existing files.

    A table of counts brings the stimulus table beside it.

    Example:
        >>> inputs_of({"file": Path("a.npz"), "compare": "absent.npz", "seed": 3})
        [PosixPath('a.npz')]
    """
    found = [value for value in config.values() if isinstance(value, Path)]
    for text in (value for value in config.values() if isinstance(value, str)):
        pieces = [Path(piece.strip()) for piece in (text, *text.split(",")) if piece.strip()]
        found += [path for path in pieces if _is_file(path)]
    beside = [path.with_name(f"{path.stem}-stimuli.csv") for path in found if path.suffix]
    return list(dict.fromkeys([*found, *(path for path in beside if _is_file(path))]))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file() or (path.is_dir() and bool(path.suffix))
    except (OSError, ValueError):  # a text that is no path
        return False


def now() -> str:
    """Return the current time in UTC, to the second, as ISO 8601.

    Example:
        >>> now()[-6:]
        '+00:00'
    """
    return datetime.now(UTC).isoformat(timespec="seconds")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file or folder in hexadecimal.  Raises `FormatError`.

    Example:
        >>> len(sha256(Path(__file__)))
        64
    """
    return fingerprint(path)


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of text in UTF-8, in hexadecimal.

    Example:
        >>> len(sha256_of_text("a"))
        64
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def git_state(folder: Path) -> dict[str, Any] | None:
    """Return commit and cleanliness of the checkout that tracks ``folder``; None without one.

    Example:
        >>> import tempfile
        >>> git_state(Path(tempfile.gettempdir())) is None
        True
    """
    if not _git(folder, "ls-files"):
        return None
    return {
        "commit": _git(folder, "rev-parse", "HEAD"),
        "is_clean": not _git(folder, "status", "--porcelain"),
    }


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            check=True,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
