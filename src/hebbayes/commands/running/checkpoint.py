"""Work saved while a study runs, so that a kill loses at most the trial in flight."""

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
        """Return the arrays last saved, or None where there are none.  Raises `FormatError`."""
        return load_arrays(self.path) if self.path.exists() else None

    def save(self, arrays: Mapping[str, Any]) -> None:
        """Replace what was saved.  Raises `OutputError`; the older save then stays."""
        save_arrays(self.path, arrays)
