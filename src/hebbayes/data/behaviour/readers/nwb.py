"""The table of trials of an NWB file (HDF5 or Zarr), through pynwb.

Only columns with one entry per trial whose name states a role, or that the user names, are read;
units, spikes and waveforms never are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.behaviour.proposing.names import may_be_used
from hebbayes.data.behaviour.table import Table, table_of_frame
from hebbayes.data.files import fingerprint
from hebbayes.data.formats.nwb.reading import opened_nwb
from hebbayes.data.formats.nwb.tables import column, limited, table_columns
from hebbayes.data.limits import memory_budget

if TYPE_CHECKING:
    from hebbayes.data.behaviour.mapping import Mapping


def read_nwb_trials(path: Path, mapping: Mapping) -> Table:
    """Return the trials of an NWB file.  Raises `FormatError`, `MissingDependencyError`.

    Example:
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> read_nwb_trials(Path("no-such.nwb"), Mapping())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.nwb: No such file or directory.
    """
    import pandas

    provenance: dict[str, Any] = {"file": str(path), "sha256": fingerprint(path)}
    provenance["format"] = "NWB (Zarr)" if path.is_dir() else "NWB (HDF5)"
    messages: list[str] = []
    with limited(memory_budget(path)), opened_nwb(path, messages) as file:
        table = file.trials
        if table is None:
            raise FormatError(f"{path} has no table of trials; write one, or export it as CSV.")
        names = table_columns(table)
        stated = {*mapping.columns(), *mapping.where}
        if absent := [name for name in stated if name not in (*names, "none")]:
            raise FormatError(
                f"the trials of {path} have no column {absent[0]!r}; they have "
                f"{shown_names(names)}."
            )
        wanted = [name for name in names if name in stated or may_be_used(name)]
        flat = {name: column(table, name) for name in wanted if _is_flat(table, name)}
        subject = getattr(file.subject, "subject_id", None)
    if not flat:
        raise FormatError(
            f"no column of the trials of {path} has a known name; pass --choice COL and --outcome "
            f"COL; they have {shown_names(names)}."
        )
    unread = tuple(name for name in names if name not in flat)
    provenance["warnings"] = [f"pynwb warns: {sentence}" for sentence in messages]
    return table_of_frame(
        pandas.DataFrame(flat),
        str(path),
        subject=None if subject is None else str(subject),
        unread=unread,
        provenance=provenance,
    )


def _is_flat(table: Any, name: str) -> bool:
    """Whether a column holds one value per trial, rather than a list or an array."""
    held = table[name]
    return not hasattr(held, "target") and len(getattr(held.data, "shape", (1,))) == 1
