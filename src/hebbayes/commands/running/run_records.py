"""What a run folder keeps as text: the config as TOML, the outcome as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from hebbayes.commands.running.outcome import Outcome, Table, plain
from hebbayes.core.errors import FormatError


def config_values(config: Any) -> dict[str, Any]:
    """Return the fields of a config record that are set, paths made absolute.

    Example:
        >>> from hebbayes.commands.configs import BenchConfig
        >>> config_values(BenchConfig())
        {'what': 'maze', 'peers': False, 'seed': 0}
    """
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    return {
        name: value.resolve() if isinstance(value, Path) else value
        for name, value in values.items()
        if value is not None
    }


def to_toml(values: Mapping[str, Any]) -> str:
    """Return values as TOML, one ``key = value`` per line.

    Example:
        >>> to_toml({"peers": True, "what": "maze"})
        'peers = true\\nwhat = "maze"\\n'
    """
    return "".join(f"{name} = {_toml_value(value)}\n" for name, value in values.items())


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")


def to_json(value: Any) -> str:
    """Return a value as JSON text, arrays and paths among its parts.

    Example:
        >>> to_json({"file": Path("a.npz")})
        '{\\n "file": "a.npz"\\n}\\n'
    """
    return json.dumps(plain(value), indent=1, allow_nan=False) + "\n"


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """Return the parts of an outcome that JSON can hold.

    Example:
        >>> outcome_record(Outcome(summary={"steps": 3}))["summary"]
        {'steps': 3}
    """
    return {
        "summary": outcome.summary,
        "tables": [vars(table) for table in outcome.tables],
        "notes": list(outcome.notes),
        "holds": outcome.holds,
        "next_command": outcome.next_command,
        "document": outcome.document,
    }


def read_outcome(path: Path) -> Outcome:
    """Return the outcome whose record a file holds.  Raises `FormatError` if it is damaged.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "result.json")
        ...     _ = file.write_text(to_json(outcome_record(Outcome(summary={"steps": 3}))))
        ...     read_outcome(file).summary
        {'steps': 3}
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        tables = [Table(**table) for table in record.pop("tables")]
        return Outcome(tables=tables, **record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(
            f"{path} is damaged ({error}); pass --force to run the command again."
        ) from error
