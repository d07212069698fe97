"""How behaviour looks in `check`: what each column became, choices, groups, the next command."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.check.recordings import file_word
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.data.behaviour.mapping import SETTINGS, Mapping

if TYPE_CHECKING:
    from hebbayes.commands.configs import CheckConfig
    from hebbayes.data.behaviour.container import Behaviour

_MOST_CHANNELS = 24  # channels that are listed one by one


def behaviour_command(file: Path, behaviour: "Behaviour") -> list[str]:
    """Return the words of the command that describes the behaviour, every mapping flag filled in.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour import Behaviour
        >>> frame = pandas.DataFrame({"choice": ["L", "R"], "reward": [0, 1]})
        >>> behaviour_command(Path("a.csv"), Behaviour.from_frame(frame))[3:7]
        ['--choice', 'choice', '--reward', 'reward']
    """
    mapping = Mapping(**behaviour.provenance.get("mapping", {}))
    return ["hebbayes", "behaviour", file_word(file), *mapping.flags()]


def behaviour_outcome(
    config: "CheckConfig", behaviour: "Behaviour", remarks: Sequence[str] = ()
) -> Outcome:
    """Return what every column became, choices by value, dropped rows and the next command.

    Example:
        >>> import pandas
        >>> from hebbayes.commands.configs import CheckConfig
        >>> from hebbayes.data.behaviour import Behaviour
        >>> frame = pandas.DataFrame({"choice": ["L", "R", None], "reward": [0, 1, None]})
        >>> shown = behaviour_outcome(CheckConfig(file=Path("a.csv")), Behaviour.from_frame(frame))
        >>> shown.summary["choices"], shown.summary["missed"], shown.summary["mean_outcome"]
        ({'L': 1, 'R': 1}, 1, 0.5)
    """
    origin = behaviour.provenance
    command = [] if config.file is None else behaviour_command(config.file, behaviour)
    summary = {
        "kind": "behaviour",
        "trials": behaviour.n_trials,
        "sessions": _n_sessions(behaviour),
        "channels": behaviour.n_channels,
        "channel_ids": behaviour.channel_ids,
        "units": 0,
        "subjects": behaviour.n_subjects,
        "groups": _groups(behaviour),
        "choices": _choices(behaviour),
        "missed": int(behaviour.is_missed.sum()),
        "mean_outcome": _mean(behaviour.outcome, ~behaviour.is_missed),
        "mean_risk": _mean(behaviour.risk, ~behaviour.is_missed),
        "rows": origin["rows"],
        "dropped": origin["dropped"],
        "not_used": origin["not_used"],
        "warnings": [*origin["warnings"], *_doubts(behaviour)],
        "next_command": command,
        "format": origin.get("format"),
        "convention": origin["convention"],
        "mapping": origin["mapping"],
        "risk": origin["risk"],
        "trials_per_subject": _extent(np.bincount(behaviour.subject)),
        "provenance": origin,
    }
    notes = [origin["risk"]] if origin["risk"] else []
    return Outcome(
        summary=summary,
        tables=_tables(config, behaviour, summary),
        notes=[*notes, *summary["warnings"], *remarks],
        next_command=shlex.join(command),
    )


def _n_sessions(behaviour: "Behaviour") -> int:
    last = np.searchsorted(behaviour.subject, np.arange(behaviour.n_subjects), side="right") - 1
    return int((behaviour.session_index[last] + 1).sum())


def _groups(behaviour: "Behaviour") -> dict[str, int]:
    if behaviour.group is None:
        return {}
    names, counts = np.unique(behaviour.group, return_counts=True)
    return dict(zip(map(str, names.tolist()), counts.tolist()))


def _choices(behaviour: "Behaviour") -> dict[str, int]:
    counts = np.bincount(
        behaviour.choice[~behaviour.is_missed], minlength=behaviour.choice_ids.size
    )
    return dict(zip(map(str, behaviour.choice_ids.tolist()), counts.tolist()))


def _mean(values: Any, is_made: Any) -> float | None:
    """Return the mean of what followed choices."""
    known = [] if values is None else values[is_made & np.isfinite(values)]
    return float(np.mean(known)) if len(known) else None


def _extent(values: Any) -> list[int]:
    return [int(values.min()), int(values.max())]


def _doubts(behaviour: "Behaviour") -> list[str]:
    """Return warnings about contents that are valid but often a mistake."""
    doubts = []
    rare = [name for name, n in _choices(behaviour).items() if n == 0]
    if behaviour.choice_ids.size == 1:
        doubts.append("only one choice was ever made; a choice between two is wanted.")
    if rare:
        doubts.append(f"the choice {rare[0]} was never made.")
    if (missed := float(behaviour.is_missed.mean())) > 0.5:
        doubts.append(
            f"{100 * missed:.0f}% of trials are missed; rows that are no trials can be left out "
            "with --where COLUMN=VALUE."
        )
    constant = np.ptp(behaviour.stimuli, axis=0) == 0
    if constant.any() and behaviour.provenance["mapping"].get("stimulus") != "none":
        doubts.append(f"{int(constant.sum())} of {constant.size} stimulus channels never change.")
    return doubts


def _tables(config: "CheckConfig", behaviour: "Behaviour", summary: dict[str, Any]) -> list[Table]:
    name = "the table" if config.file is None else config.file.name
    sizes = ["rows", "trials", "missed", "subjects", "sessions", "channels", "mean_outcome"]
    tables = [
        Table(
            f"{name}: what was read",
            [size.replace("_", " ") for size in sizes],
            [[summary[size] for size in sizes]],
        ),
        Table("Columns", ["column", "is", "became"], _columns(behaviour, summary)),
        Table("Choices", ["choice", "trials"], list(map(list, _choices(behaviour).items()))),
    ]
    if summary["groups"]:
        groups = list(map(list, summary["groups"].items()))
        tables.append(Table("Groups", ["group", "subjects"], groups))
    reasons = [[reason, count] for reason, count in summary["dropped"].items()] or [["nothing", 0]]
    return [*tables, Table("Dropped", ["reason", "rows"], reasons)]


def _columns(behaviour: "Behaviour", summary: dict[str, Any]) -> list[list[str]]:
    """Return a row per column: its role and what it became."""
    mapping = Mapping(**summary["mapping"])
    rows = []
    for role, value in mapping.stated().items():
        names = (value,) if isinstance(value, str) else value
        if role in SETTINGS or names == ("none",):
            continue
        rows += [
            [name, role.replace("_", " "), _became(role, name, behaviour, mapping)]
            for name in names
        ]
    return rows + [[name, "not used", ""] for name in summary["not_used"]]


def _became(role: str, name: str, behaviour: "Behaviour", mapping: Mapping) -> str:
    if role == "stimulus":
        shown = [each for each in map(str, behaviour.channel_ids) if _is_of(each, name)]
        more = f" and {len(shown) - _MOST_CHANNELS} more" if len(shown) > _MOST_CHANNELS else ""
        return f"{mapping.coding.get(name)}: {', '.join(shown[:_MOST_CHANNELS])}{more}"
    if role in ("outcome", "reward", "feedback", "risk"):
        values = behaviour.risk if role == "risk" else behaviour.outcome
        return _range_of(values)
    if role == "response_time":
        return _range_of(behaviour.response_time_s, " s")
    choices = f"{_counted(behaviour.n_choices, 'choice')}, {int(behaviour.is_missed.sum())} missed"
    counts = {
        "subject": _counted(behaviour.n_subjects, "subject"),
        "session": _counted(_n_sessions(behaviour), "session"),
        "group": ", ".join(f"{n} {group}" for group, n in _groups(behaviour).items()),
        "choice": choices,
        "instructed": choices,
        "trial": "order within sessions",
        "activity": "activity",
    }
    return counts[role]


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _is_of(channel: str, column: str) -> bool:
    """Whether a channel was made of a column."""
    return channel in (column, f"{column}-", f"{column}+") or channel.startswith(f"{column}=")


def _range_of(values: Any, unit: str = "") -> str:
    known = values[np.isfinite(values)] if values is not None else np.zeros(0)
    if not known.size:
        return "unknown"
    unknown = values.size - known.size
    more = f", unknown in {unknown} trials" if unknown else ""
    return f"{known.min():g} to {known.max():g}{unit}{more}"
