"""Shows how a recording is read: its sizes, dropped trials, and the reasons.

A culture that cannot be read is reported; the others are still read.  Nothing is analysed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.errors import FormatError, ValueRangeError
from hebbayes.data.decisions import count_decisions
from hebbayes.data.provenance import total
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Cultures, Recording
from hebbayes.simulators import EXAMPLE, simulate_culture

if TYPE_CHECKING:
    from hebbayes.commands.configs import CheckConfig, ReadingConfig
    from hebbayes.commands.running.checkpoint import Checkpoint

UNREADABLE = "cultures that cannot be read"
_MOST_CODES = 16  # decisions that are listed one by one
_SIZES = ("trials", "sessions", "channels", "units")


@dataclass(frozen=True, eq=False)
class CheckResult(CommandResult):
    """The contents of a file.

    Attributes:
        config: Options of the command.
        held: Every culture of the file, and why others cannot be read.
    """

    config: "CheckConfig"
    held: Cultures


def run(
    config: "CheckConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> CheckResult:
    """Return the cultures of a file.  Too short to need a checkpoint.

    Raises `HebbayesError` if the file, or every culture in it, cannot be read.
    """
    del checkpoint
    check_reading(config)
    progress.start("files", 1)
    held = simulated(config) if config.file is None else read(config.file, config)
    progress.advance()
    if not held.recordings:
        first = min(held.failures)
        raise FormatError(
            f"no culture of {config.file} can be read; culture {first}: {held.failures[first]}"
        )
    return CheckResult(config, held)


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
    return read_recording(
        file,
        condition=config.condition,
        session_length=config.session_length,
        window=(config.window_start_s, config.window_end_s),
        time_unit=config.time_unit,
        rate_hz=config.rate_hz,
        trials=config.trials,
        session_column=config.session_column,
        stimuli=config.stimuli,
        columns=config.columns,
        spikes=config.spikes,
        onset=config.onset,
        session_trials=config.session_trials,
        decision_column=config.decision_column,
        outcome_column=config.outcome_column,
        instructed=config.instructed,
        values=config.values,
        coding=config.coding,
        sort_spikes=config.sort_spikes,
        baseline_window_s=config.baseline_window_s,
    )


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


def present(result: CheckResult) -> Outcome:
    """Return a row per culture, the dropped trials by reason, and all warnings."""
    held = result.held
    cultures = [_summary(k, recording) for k, recording in held.recordings.items()]
    dropped = total(culture["dropped"] for culture in cultures)
    if held.failures:
        dropped[UNREADABLE] = len(held.failures)
    distinct = dict.fromkeys(warning for culture in cultures for warning in culture["warnings"])
    warnings = [*distinct, *(f"culture {k}: {why}" for k, why in held.failures.items())]
    first = next(iter(held.recordings.values())).provenance
    return Outcome(
        summary={
            **{key: _common(cultures, key) for key in _SIZES},
            "dropped": dropped,
            "warnings": warnings,
            "condition": held.condition,
            "format": first.get("format"),
            "cultures": cultures,
            "failures": held.failures,
            "provenance": first,
        },
        tables=_tables(result, cultures, dropped),
        notes=warnings,
        next_command=f"hebbayes analyze {result.config.file or 'recording.nwb'} --out runs/mine",
    )


def _shown(decisions: dict[str, Any]) -> list[tuple[Any, int]]:
    """Return decisions and their numbers of trials, or one row for many."""
    if len(decisions["codes"]) <= _MOST_CODES:
        return list(zip(decisions["codes"], decisions["taken"]))
    return [(f"{len(decisions['codes'])} different", sum(decisions["taken"]))]


def _common(cultures: list[dict[str, Any]], key: str) -> Any:
    """Return the number that all cultures share, or a list with one per culture."""
    values = [culture[key] for culture in cultures]
    return values[0] if len(set(values)) == 1 else values


def _summary(number: int, recording: Recording) -> dict[str, Any]:
    observed = np.where(recording.valid, recording.responses, 0)
    is_silent = recording.valid.any(axis=0) & ~(observed != 0).any(axis=0)
    lengths = np.bincount(recording.session_index)
    counts = count_decisions(recording)
    return {
        "culture": number,
        "trials": recording.n_trials,
        "sessions": recording.n_sessions,
        "trials_per_session": [int(lengths.min()), int(lengths.max())],
        "channels": recording.n_channels,
        "units": recording.n_units,
        "sources": 0 if recording.sources is None else int(recording.sources.shape[1]),
        "silent_units": recording.unit_ids[is_silent],
        "unobserved_units": recording.unit_ids[~recording.valid.any(axis=0)],
        "constant_channels": recording.channel_ids[np.ptp(recording.stimuli, axis=0) == 0],
        "mean_response": float(observed.sum() / max(recording.valid.sum(), 1)),
        "valid_fraction": float(recording.valid.mean()),
        "window_s": recording.window_s,
        "decisions": None if counts is None else counts.as_dict(),
        "dropped": recording.provenance.get("dropped", {}),
        "warnings": [*recording.provenance.get("warnings", ()), *_warnings(recording, is_silent)],
    }


def _warnings(recording: Recording, is_silent: Any) -> list[str]:
    """Return warnings about contents that are valid but often a mistake."""
    warnings = []
    for name, wrong in (
        ("units never respond", is_silent),
        ("units were never observed", ~recording.valid.any(axis=0)),
        ("stimulus channels never change", np.ptp(recording.stimuli, axis=0) == 0),
    ):
        if wrong.any():
            warnings.append(f"{int(wrong.sum())} of {wrong.size} {name}.")
    counts = count_decisions(recording)
    return warnings + ([] if counts is None else list(counts.warnings))


def _tables(
    result: CheckResult, cultures: list[dict[str, Any]], dropped: Mapping[str, int]
) -> list[Table]:
    columns = {
        "culture": "culture",
        "trials": "trials",
        "sessions": "sessions",
        "channels": "channels",
        "units": "units",
        "sources": "sources",
        "mean response": "mean_response",
        "observed": "valid_fraction",
    }
    rows = [[culture[key] for key in columns.values()] for culture in cultures]
    source = "the simulation" if result.config.file is None else result.config.file.name
    title = f"{result.held.condition}: what was read from {source}"
    reasons = [[reason, count] for reason, count in dropped.items()] or [["nothing", 0]]
    tables = [Table(title, list(columns), rows), Table("Dropped", ["reason", "count"], reasons)]
    decided = [(culture["culture"], culture["decisions"]) for culture in cultures]
    choices = [
        [number, *pair, one["missing"], one["mean_risk"]]
        for number, one in decided
        if one is not None
        for pair in _shown(one)
    ]
    header = ["culture", "decision", "trials", "trials without decision", "mean risk"]
    return tables + ([Table("Decisions", header, choices)] if choices else [])
