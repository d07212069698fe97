"""The cultures that figures of recordings are drawn from, by group.

Files named by ``--files``, or every MATLAB file in the folder ``culture`` of the reference data
that the environment variable HEBBAYES_REFERENCE_DATA names.  A group is a file: one condition.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.commands.published.maze_reference import REFERENCE_DATA
from hebbayes.core.errors import FormatError, ValueRangeError
from hebbayes.data.reading import read_recording

if TYPE_CHECKING:
    from hebbayes.commands.configs import ReproduceConfig
    from hebbayes.data.recording import Recording

POOLED_BASELINE = 2.6403707268003216
"""Spikes per trial and unit in I23, over cultures with a drug and controls that are not public."""

_POOLED = ("bicuculline", "diazepam")
STATED_GROUPS = ("bicuculline", "mixing0")
"""Groups whose losses, pooled, are known."""


@dataclass(frozen=True, eq=False)
class Group:
    """Cultures of one condition.

    Attributes:
        name: Name of the file, without its suffix.
        recordings: Cultures by number in the file.
        failures: Why each of the other cultures cannot be read.
        baseline: The baseline of I23; None for the mean over the file.
        sha256: Hash of the file; empty if its reader does not report one.
    """

    name: str
    recordings: Mapping[int, "Recording"]
    failures: Mapping[int, str]
    baseline: float | None = None
    sha256: str = ""


def read_groups(config: "ReproduceConfig") -> list[Group]:
    """Return the groups in the order of ``--files``, or those of the reference data by name.

    Raises `ValueRangeError` without any, and `HebbayesError` if a file or all its cultures
    cannot be read.

    Example:
        >>> from hebbayes.commands.configs import ReproduceConfig
        >>> read_groups(ReproduceConfig("what-theory-adds", files="no-such-file"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such-file: No such file or directory.
    """
    named = [Path(name.strip()) for name in (config.files or "").split(",") if name.strip()]
    if named:
        return _distinct([_read(path, None) for path in named])
    folder = os.environ.get(REFERENCE_DATA, "")
    paths = sorted(Path(folder, "culture").glob("*.mat")) if folder else []
    if not paths:
        raise ValueRangeError(
            f"{config.name} needs recordings of cultures and there are none; name them with "
            f"--files, or set {REFERENCE_DATA} to the folder of reference data."
        )
    return [_read(path, POOLED_BASELINE if path.stem in _POOLED else None) for path in paths]


def public_names(groups: list[Group], config: "ReproduceConfig") -> tuple[str, ...]:
    """Return the names of groups from the reference data, whose numbers may be known.

    Example:
        >>> from hebbayes.commands.configs import ReproduceConfig
        >>> public_names([Group("bicuculline", {}, {})], ReproduceConfig(files="bicuculline.mat"))
        ()
    """
    return () if config.files else tuple(group.name for group in groups)


def sentence_about(groups: list[Group]) -> str:
    """Return a sentence that lists the groups and their checksums.

    Example:
        >>> sentence_about([Group("control", {}, {0: "it is empty."}, sha256="ab" * 32)])
        'Read control: 0 cultures (SHA-256 abababababab). control, culture 0 failed: it is empty.'
    """
    sizes = [
        f"{group.name}: {len(group.recordings)} cultures"
        + (f" (SHA-256 {group.sha256[:12]})" if group.sha256 else "")
        for group in groups
    ]
    failed = [
        f" {group.name}, culture {k} failed: {why}"
        for group in groups
        for k, why in group.failures.items()
    ]
    return f"Read {'; '.join(sizes)}.{''.join(failed)}"


def _read(path: Path, baseline: float | None) -> Group:
    held = read_recording(path)
    if not held.recordings:
        first = min(held.failures)
        raise FormatError(
            f"no culture of {path} can be read; culture {first}: {held.failures[first]}"
        )
    provenance = next(iter(held.recordings.values())).provenance
    sha256 = str(provenance.get("sha256", ""))
    return Group(path.stem, held.recordings, held.failures, baseline, sha256)


def _distinct(groups: list[Group]) -> list[Group]:
    names = [group.name for group in groups]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueRangeError(
            f"--files names {doubled[0]} more than once; groups are identified by the names of "
            "their files: give each its own name."
        )
    return groups
