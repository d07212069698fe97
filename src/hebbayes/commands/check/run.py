"""Reads a file as a recording or as behaviour, whichever it holds; nothing is analysed."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.check.proposals import (
    NO_SPIKES,
    options_of,
    proposed_recording,
    with_choices,
)
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.errors import FormatError, HebbayesError, ValueRangeError
from hebbayes.data.behaviour.mapping import Mapping, mapping_of
from hebbayes.data.behaviour.proposing.names import looks_like_behaviour, may_be_used
from hebbayes.data.behaviour.reading import read_behaviour
from hebbayes.data.formats.tables.shape import shape_of
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Cultures
from hebbayes.simulators import EXAMPLE, simulate_culture

if TYPE_CHECKING:
    from hebbayes.commands.configs import CheckConfig, ReadingConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.data.behaviour.container import Behaviour

_SHARED = ("instructed", "values", "coding", "missed")
"""Flags of columns that recordings and behaviour have in common."""


@dataclass(frozen=True, eq=False)
class CheckResult(CommandResult):
    """The contents of a file.

    Attributes:
        config: Options of the command.
        held: Every culture of a recording, and why others cannot be read; None for behaviour.
        behaviour: Behaviour that the file holds, perhaps beside the recording.
        reason: Why the file is no recording, in a sentence.
        is_proposed: Whether columns of a recording were named by ``config`` and not by the user.
    """

    config: "CheckConfig"
    held: Cultures | None = None
    behaviour: "Behaviour | None" = None
    reason: str = ""
    is_proposed: bool = False


def run(
    config: "CheckConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> CheckResult:
    """Return what a file holds.  Too short to need a checkpoint.

    Raises `HebbayesError` if the file holds neither a recording nor behaviour, with all flags that
    are missing.
    """
    del checkpoint
    check_reading(config)
    progress.start("files", 1)
    result = _read(config)
    progress.advance()
    return result


def _read(config: "CheckConfig") -> CheckResult:
    mapping = mapping_of(config)
    if config.file is None:
        if stated := mapping.flags():
            raise ValueRangeError(f"{stated[0]} needs a table; name its file first.")
        return CheckResult(config, simulated(config))
    if set(mapping.stated()) - set(_SHARED):
        return CheckResult(config, None, read_behaviour(config.file, mapping))
    try:
        held = _recording(config.file, config)
    except HebbayesError as error:
        if (proposal := proposed_recording(config, error)) is not None:
            proposed, held = proposal
            beside = _beside(config.file, mapping, held)
            return CheckResult(proposed, held, beside, str(error), is_proposed=True)
        return CheckResult(config, None, _behaviour(config.file, mapping, error), str(error))
    if (proposal := with_choices(config, held)) is not None:
        proposed, held = proposal
        return CheckResult(proposed, held, _beside(config.file, mapping, held), is_proposed=True)
    return CheckResult(config, held, _beside(config.file, mapping, held))


def _recording(file: Path, config: "CheckConfig") -> Cultures:
    held = read(file, config)
    if not held.recordings:
        first = min(held.failures)
        raise FormatError(
            f"no culture of {file} can be read; culture {first}: {held.failures[first]}"
        )
    return held


def _behaviour(file: Path, mapping: Mapping, error: HebbayesError) -> "Behaviour":
    """Return the behaviour in a file that is no recording, for the reason in ``error``.

    Raises the error of what the file looks like, or both in one sentence.
    """
    from hebbayes.data.behaviour.readers.registry import PICKLED, is_foreign
    from hebbayes.data.behaviour.reading import read_table

    try:
        table = read_table(file, mapping)
    except HebbayesError as other:
        is_table = is_foreign(file) or NO_SPIKES in str(error) or PICKLED in str(other)
        raise (other if is_table else error) from other
    has_spikes = {"spikes", "spike_times", "spiketimes"} & {*table.names, *table.unread}
    if has_spikes or shape_of(table.names) != "trials":
        raise error
    try:
        return read_behaviour(table, mapping)
    except HebbayesError as other:
        is_nwb = str(table.provenance.get("format")).startswith("NWB")
        is_text = NO_SPIKES in str(error)
        is_known = any(map(may_be_used, table.names)) if is_text else False
        if (is_known or looks_like_behaviour(table.names)) and not is_nwb:
            raise
        recorded = f"as a recording: {error}"
        if is_text:
            recorded = (
                "or, if it is a recording, --spikes SPIKES.csv (its spikes) or --spikes with the "
                "columns of units."
            )
        raise FormatError(f"{str(other).rstrip('.')}; {recorded}") from other


def _beside(file: Path, mapping: Mapping, held: Cultures) -> "Behaviour | None":
    """Return the behaviour in the trials of an NWB recording, if it can be told."""
    formats = {str(one.provenance.get("format")) for one in held.recordings.values()}
    if not any(each.startswith("NWB") for each in formats):
        return None
    try:
        return read_behaviour(file, mapping)
    except HebbayesError:
        return None


def simulated(config: "CheckConfig") -> Cultures:
    """Return the embedded simulated culture.

    Example:
        >>> from hebbayes.commands.configs import CheckConfig
        >>> simulated(CheckConfig()).recordings[0].n_trials
        25600
    """
    culture = simulate_culture(EXAMPLE, seed=config.seed)
    return Cultures(config.condition or "simulated", {0: culture.recording})


def read(file: Path, config: "ReadingConfig") -> Cultures:
    """Return the cultures of a file, read with the options of ``config``.

    Example:
        >>> from hebbayes.commands.configs import ReadingConfig
        >>> read(Path("no-such-file"), ReadingConfig())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such-file: No such file or directory.
    """
    return read_recording(file, **options_of(config))


def check_reading(config: "ReadingConfig") -> None:
    """Raise `ValueRangeError` if an option for reading is out of range.

    Example:
        >>> from hebbayes.commands.configs import ReadingConfig
        >>> check_reading(ReadingConfig(session_length=0))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: --session-length must be at least 1; got 0.
    """
    if config.session_length < 1:
        raise ValueRangeError(f"--session-length must be at least 1; got {config.session_length}.")
    if not -np.inf < config.window_start_s < config.window_end_s < np.inf:
        raise ValueRangeError(
            f"--window-start-s must be before --window-end-s; got {config.window_start_s} and "
            f"{config.window_end_s}."
        )
    if config.rate_hz is not None and not 0 < config.rate_hz < np.inf:
        raise ValueRangeError(f"--rate-hz must be above 0; got {config.rate_hz}.")
    if config.session_trials is not None and config.session_trials < 1:
        raise ValueRangeError(f"--session-trials must be at least 1; got {config.session_trials}.")
    if not 0 <= config.baseline_window_s < np.inf:
        raise ValueRangeError(
            f"--baseline-window-s must be at least 0; got {config.baseline_window_s}."
        )
    if config.time_unit == "samples" and config.rate_hz is None:
        raise ValueRangeError("--time-unit samples needs the sampling rate; pass --rate-hz.")
