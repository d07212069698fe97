"""How a recording looks in `check`: sizes, decisions, dropped responses, and their reasons."""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.configs import ReadingConfig
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.core.errors import shown_names
from hebbayes.data.decisions import count_decisions
from hebbayes.data.provenance import total

if TYPE_CHECKING:
    from hebbayes.commands.configs import CheckConfig
    from hebbayes.data.recording import Cultures, Recording

UNREADABLE = "cultures that cannot be read"
_MOST_CODES = 16  # decisions that are listed one by one
_SIZES = ("trials", "sessions", "channels", "units")


def recording_outcome(
    config: "CheckConfig", held: "Cultures", remarks: Sequence[str] = ()
) -> Outcome:
    """Return a row per culture, the dropped trials by reason, and all warnings.

    Example:
        >>> from hebbayes.commands.check.run import simulated
        >>> from hebbayes.commands.configs import CheckConfig
        >>> recording_outcome(CheckConfig(), simulated(CheckConfig())).summary["units"]
        64
    """
    cultures = [_summary(k, recording) for k, recording in held.recordings.items()]
    dropped = total(culture["dropped"] for culture in cultures)
    if held.failures:
        dropped[UNREADABLE] = len(held.failures)
    distinct = dict.fromkeys(warning for culture in cultures for warning in culture["warnings"])
    warnings = [*distinct, *(f"culture {k}: {why}" for k, why in held.failures.items())]
    names = [{"channel_ids": r.channel_ids.tolist()} for r in held.recordings.values()]
    first = next(iter(held.recordings.values())).provenance
    command = next_command(config)
    return Outcome(
        summary={
            "kind": "recording",
            **{key: _common(cultures, key) for key in _SIZES},
            "channel_ids": _common(names, "channel_ids"),
            "subjects": len(cultures),
            "groups": {},
            **_decided(cultures),
            "dropped": dropped,
            "not_used": list(first.get("not_used", ())),
            "read_as": list(first.get("read_as", ())),
            "warnings": warnings,
            "next_command": command,
            "condition": held.condition,
            "format": first.get("format"),
            "cultures": cultures,
            "failures": held.failures,
            "provenance": first,
        },
        tables=_tables(config, held, cultures, dropped),
        notes=[*_sentences(first), *warnings, *remarks],
        next_command=shlex.join(command) if config.file else "hebbayes analyze --out runs/mine",
    )


def _sentences(provenance: Mapping[str, Any]) -> list[str]:
    """Return what flags became, and which columns have no meaning."""
    unused = list(provenance.get("not_used", ()))
    more = [f"Columns that are not used: {shown_names(unused)}."] if unused else []
    read_as = [sentence[:1].upper() + sentence[1:] for sentence in provenance.get("read_as", ())]
    return [*read_as, *more]


def next_command(config: "CheckConfig") -> list[str]:
    """Return the words of the command that analyses the recording, read in the same way.

    Example:
        >>> from pathlib import Path
        >>> from hebbayes.commands.configs import CheckConfig
        >>> next_command(CheckConfig(file=Path("a.nwb"), rate_hz=20_000.0))
        ['hebbayes', 'analyze', 'a.nwb', '--rate-hz', '20000.0']
    """
    words = ["hebbayes", "analyze", *([] if config.file is None else [file_word(config.file)])]
    for field in fields(ReadingConfig):
        value = getattr(config, field.name)
        if value != field.default:
            words += flag_words(field.name, value)
    return words


def file_word(file: Path) -> str:
    """Return the word of a command line that names a file; one that looks like a flag is marked.

    Example:
        >>> file_word(Path("-a.csv"))
        './-a.csv'
    """
    return f"./{file}" if str(file).startswith("-") else str(file)


def flag_words(name: str, value: Any) -> list[str]:
    """Return the words that state a field of a config.

    Example:
        >>> flag_words("sort_spikes", True), flag_words("window_start_s", -0.1)
        (['--sort-spikes'], ['--window-start-s=-0.1'])
    """
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        return [flag]
    return [f"{flag}={value}"] if str(value).startswith("-") else [flag, str(value)]


def _decided(cultures: list[dict[str, Any]]) -> dict[str, Any]:
    """Return choices counted by value, missed trials and the mean outcome, 1 - risk."""
    counts: Counter[str] = Counter()
    decided = [culture["decisions"] for culture in cultures if culture["decisions"]]
    for one in decided:
        counts.update(dict(zip(one["labels"], one["taken"])))
    means = [1 - one["mean_risk"] for one in decided if one["mean_risk"] is not None]
    return {
        "choices": dict(counts),
        "missed": sum(one["missing"] for one in decided),
        "mean_outcome": float(np.mean(means)) if means else None,
    }


def _shown(decisions: dict[str, Any]) -> list[tuple[Any, int]]:
    """Return decisions and their numbers of trials, or one row for many."""
    if len(decisions["codes"]) <= _MOST_CODES:
        is_coded = decisions["labels"] == list(map(str, decisions["codes"]))
        return list(zip(decisions["codes" if is_coded else "labels"], decisions["taken"]))
    return [(f"{len(decisions['codes'])} different", sum(decisions["taken"]))]


def _common(cultures: list[dict[str, Any]], key: str) -> Any:
    """Return the number that all cultures share, or a list with one per culture."""
    values = [culture[key] for culture in cultures]
    return values[0] if all(value == values[0] for value in values) else values


def _summary(number: int, recording: "Recording") -> dict[str, Any]:
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


def _warnings(recording: "Recording", is_silent: Any) -> list[str]:
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
    config: "CheckConfig",
    held: "Cultures",
    cultures: list[dict[str, Any]],
    dropped: Mapping[str, int],
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
    source = "the simulation" if config.file is None else config.file.name
    title = f"{held.condition}: what was read from {source}"
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
