"""Work saved while a command runs, so that an interruption loses little."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hebbayes.data.files import load_arrays, save_arrays


class Checkpoint:
    """The file ``checkpoint.npz`` of a run folder, replaced whole at every save."""

    def __init__(self, path: Path) -> None:
        """Refer to ``path``; nothing is read or written yet."""
        self.path = path

    def load(self) -> dict[str, NDArray[Any]] | None:
        """Return the arrays last saved, or None.  Raises `FormatError` if the file is damaged."""
        return load_arrays(self.path) if self.path.exists() else None

    def save(self, arrays: Mapping[str, Any]) -> None:
        """Replace the last save.  If it raises `OutputError`, the last save stays."""
        save_arrays(self.path, arrays)
