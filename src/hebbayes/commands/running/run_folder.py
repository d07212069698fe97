"""One run's folder: resolved config, provenance, results, figures, report and log.

Nothing is written before the first checkpoint or result, so an invalid config leaves no trace and
does not replace an older run.  Every file is complete or absent; ``result.json`` is
written last and marks a finished run.
"""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hebbayes.commands.running import provenance
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import Outcome, Table, plain
from hebbayes.core.errors import FormatError, OutputError
from hebbayes.data.files import save_arrays, write_text
from hebbayes.plotting.style import save_figure
from hebbayes.reports import Page, render_page

CONFIG, PROVENANCE, LOG = "config.toml", "provenance.json", "log.txt"
CHECKPOINT, RESULTS, REPORT, RESULT = "checkpoint.npz", "results.npz", "report.html", "result.json"
FIGURES = "figures"
_UNFINISHED = (CONFIG, PROVENANCE, LOG, CHECKPOINT)
_FINISHED = (RESULT, RESULTS, REPORT)


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


class RunFolder:
    """A folder that one run of ``command`` fills."""

    def __init__(self, path: Path, command: str, config: Any, argv: Sequence[str] = ()) -> None:
        """Refer to ``path``; nothing is read or written yet."""
        self.path = path
        self.checkpoint: Checkpoint = _FolderCheckpoint(self)
        self.is_resumed = False
        self._command = command
        self._values = config_values(config)
        self._argv = argv
        self._provenance: dict[str, Any] = {}
        self._log: list[str] = []
        self._created: list[Path] | None = None

    def open(self, *, force: bool = False, resume: bool = False) -> Outcome | None:
        """Check that the folder is usable for this run; on resume, return a finished result.

        Raises `OutputError` if the folder cannot be written or already holds a run, and
        `FormatError` if a different config started it or its files are damaged.
        """
        self._check_writable()
        if resume and self._file(RESULT).exists():
            self._check_config()
            return _read_outcome(self._file(RESULT))
        self.is_resumed = resume and self._file(CHECKPOINT).exists()
        if self.is_resumed:
            self._check_config()
        elif not (force or resume) and self.path.exists() and any(self.path.iterdir()):
            raise OutputError(
                f"{self.path} is not empty; pass --force to replace the run it holds, "
                "--resume to continue it, or another --out."
            )
        self._provenance = provenance.collect(self._command, self._values, self._argv)
        return None

    def holds_this_run(self) -> bool:
        """Whether the same command with the same config started this folder."""
        try:
            self._check_config()
        except FormatError:
            return False
        return True

    def log(self, line: str) -> None:
        """Add a line to ``log.txt``, which is written with the next checkpoint."""
        self._log.append(f"{provenance.now()} {line}\n")

    def begin(self) -> None:
        """Write config, provenance and log; called with the first checkpoint."""
        if self._created is None:
            self._created = [p for p in (self.path, *self.path.parents) if not p.exists()]
            if self.is_resumed:
                self._recall()
            else:
                self._remove((*_FINISHED, *_UNFINISHED))
            write_text(
                self._file(CONFIG),
                f"# hebbayes {self._command} --config {CONFIG}\n{to_toml(self._values)}",
            )
            self._write_json(PROVENANCE, self._provenance)
        if self._log:
            write_text(self._file(LOG), "".join(self._log))

    def finish(self, outcome: Outcome) -> None:
        """Write results, figures and the report, and remove the checkpoint."""
        self._provenance["end"] = provenance.now()
        self.begin()
        figures = {}
        for name, draw in outcome.figures.items():
            figure = draw()
            for suffix in ("png", "svg"):
                save_figure(figure, self.path / FIGURES / f"{name}.{suffix}")
            figures[name] = (self.path / FIGURES / f"{name}.svg").read_text(encoding="utf-8")
        page = Page(
            title=f"hebbayes {self._command}",
            tables=[(table.title, table.header, table.rows) for table in outcome.tables],
            notes=outcome.notes,
            figures=figures,
            records={"Configuration": plain(self._values), "Provenance": self._provenance},
        )
        write_text(self._file(REPORT), render_page(page))
        save_arrays(self._file(RESULTS), outcome.arrays)
        self._write_json(PROVENANCE, self._provenance)
        self._write_json(RESULT, _outcome_record(outcome))
        self._file(CHECKPOINT).unlink(missing_ok=True)

    def abandon(self) -> str:
        """Keep what `--resume` needs if there is a checkpoint; return what is saved, as text."""
        if self._created is not None:
            self._remove(_FINISHED)
        if (self.is_resumed or self._created is not None) and self._file(CHECKPOINT).exists():
            return f"{self._file(CHECKPOINT)} is saved; continue with the same command and --resume"
        if self._created is not None:
            self._remove(_UNFINISHED)
            for folder in self._created:
                with suppress(OSError):
                    folder.rmdir()
        return "nothing was saved"

    def _file(self, name: str) -> Path:
        return self.path / name

    def _write_json(self, name: str, value: Any) -> None:
        write_text(self._file(name), json.dumps(plain(value), indent=1, allow_nan=False) + "\n")

    def _check_writable(self) -> None:
        nearest = next(p for p in (self.path, *self.path.absolute().parents) if p.exists())
        if not nearest.is_dir():
            raise OutputError(f"{nearest} is a file; wanted a folder for --out.")
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise OutputError(
                f"cannot write to {nearest}: permission denied; choose another --out."
            )

    def _check_config(self) -> None:
        try:
            began = tomllib.loads(self._file(CONFIG).read_text(encoding="utf-8"))
            command = json.loads(self._file(PROVENANCE).read_text(encoding="utf-8"))["command"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FormatError(
                f"{self.path} has no readable record of its run ({error}); start over with --force."
            ) from error
        if command != self._command:
            raise FormatError(f"{self.path} holds a run of {command}; choose another --out.")
        mine = plain(self._values)
        keys = (began.keys() | mine.keys()) - {"workers"}  # affect the time, not the result
        different = sorted(key for key in keys if began.get(key) != mine.get(key))
        if different:
            raise FormatError(
                f"{self.path} holds a run with other values of {', '.join(different)}; "
                "resume it with its own config.toml, or choose another --out."
            )

    def _recall(self) -> None:
        """Continue the log and the start time of the interrupted run."""
        with suppress(OSError, ValueError):
            self._log.insert(0, self._file(LOG).read_text(encoding="utf-8"))
            earlier = json.loads(self._file(PROVENANCE).read_text(encoding="utf-8"))
            resumed = [*earlier.get("resumed", []), self._provenance["start"]]
            self._provenance |= {"start": earlier["start"], "resumed": resumed}

    def _remove(self, names: Sequence[str]) -> None:
        """Remove files of a run and temporary files left by a kill, and no others."""
        ours = [self._file(name) for name in names]
        ours += [stray for name in names for stray in self.path.glob(f".{name}.*")]
        if RESULTS in names:
            figures = self._file(FIGURES)
            ours += [*figures.glob("*.svg"), *figures.glob("*.png"), *figures.glob(".*")]
        for path in ours:
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self._file(FIGURES).rmdir()


class _FolderCheckpoint(Checkpoint):
    """The checkpoint of a run folder; the first save creates the folder."""

    def __init__(self, folder: RunFolder) -> None:
        super().__init__(folder.path / CHECKPOINT)
        self._folder = folder

    def load(self) -> dict[str, NDArray[Any]] | None:
        """Return the arrays that an interrupted run saved; None for a new run."""
        return super().load() if self._folder.is_resumed else None

    def save(self, arrays: Mapping[str, Any]) -> None:
        """Replace the last save.  If it raises `OutputError`, the last save stays."""
        self._folder.begin()
        super().save(arrays)


def _outcome_record(outcome: Outcome) -> dict[str, Any]:
    """Return the parts of an outcome that JSON can hold."""
    return {
        "summary": outcome.summary,
        "tables": [vars(table) for table in outcome.tables],
        "notes": list(outcome.notes),
        "holds": outcome.holds,
        "next_command": outcome.next_command,
        "document": outcome.document,
    }


def _read_outcome(path: Path) -> Outcome:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        tables = [Table(**table) for table in record.pop("tables")]
        return Outcome(tables=tables, **record)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(
            f"{path} is damaged ({error}); pass --force to run the command again."
        ) from error
