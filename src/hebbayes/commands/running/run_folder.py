"""One run's folder: resolved config, provenance, results, figures, report and log.

Nothing is written before the first checkpoint or result, so an invalid config leaves no trace and
does not replace an older run.  Every file is complete or absent; ``result.json`` is written last
and marks a finished run.  A lock keeps other runs out; files that no run wrote are left alone.
"""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hebbayes.commands.running import provenance
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.folder_lock import FolderLock
from hebbayes.commands.running.outcome import Outcome, plain
from hebbayes.commands.running.recorded_files import (
    CHECKPOINT,
    CONFIG,
    FIGURES,
    FIXED,
    LOG,
    MADE,
    PROVENANCE,
    REPORT,
    RESULT,
    RESULTS,
    RecordedFiles,
    read_provenance,
)
from hebbayes.commands.running.run_records import (
    config_values,
    outcome_record,
    read_outcome,
    to_json,
    to_toml,
)
from hebbayes.core.errors import FormatError, OutputError, printable
from hebbayes.data.files import save_arrays, write_text
from hebbayes.plotting.saving import save_figure, svg_and_caption
from hebbayes.reports import Drawing, Report, Section, render_page

_FINISHED = (RESULT, RESULTS, REPORT)


class RunFolder:
    """A folder that one run of ``command`` fills."""

    def __init__(
        self,
        path: Path,
        command: str,
        config: Any,
        argv: Sequence[str] = (),
        made: Sequence[Path] = (),
    ) -> None:
        """Refer to ``path``; nothing is read or written yet.

        ``made`` are folders that were made for this run, and go if it leaves nothing in them.
        """
        self.path = path
        self.checkpoint: Checkpoint = _FolderCheckpoint(self)
        self.is_resumed = False
        self._command = command
        self._values = config_values(config)
        self._outputs = getattr(config, "OUTPUTS", ())
        self._argv = argv
        self._provenance: dict[str, Any] = {}
        self._log: list[str] = []
        self._has_begun = False
        self._made = made
        self._lock: FolderLock | None = None
        self._files = RecordedFiles(path)

    def open(self, *, force: bool = False, resume: bool = False) -> Outcome | None:
        """Lock the folder and check it; on resume, return a finished result.

        Raises `OutputError` if the folder cannot be written, is in use, or holds other files, or a
        run without ``force`` or ``resume``; `FormatError` if a run to be resumed has another
        config, input or version, or its files are damaged.
        """
        self._check_text()
        self._check_writable()
        if self.path.exists():
            read_provenance(self.path)  # a folder of the user is not even locked
        self._lock = FolderLock(self.path, self._made)
        try:
            stored = self._opened(force=force, resume=resume)
        except BaseException:
            self._lock.release(remove_empty=True)
            raise
        if stored:
            self._lock.release()
        return stored

    def _opened(self, *, force: bool, resume: bool) -> Outcome | None:
        earlier = read_provenance(self.path)
        self._files = RecordedFiles(self.path, earlier and earlier["files"])
        self._files.check((*FIXED, *self._files.figures()))
        is_finished = resume and self._file(RESULT).exists()
        self.is_resumed = resume and not is_finished and self._file(CHECKPOINT).exists()
        if earlier and (is_finished or self.is_resumed):
            self._check_config()
        elif earlier and not (force or resume):
            raise OutputError(
                f"{self.path} is not empty; pass --force to replace the run it holds, "
                "--resume to continue it, or another --out."
            )
        self._provenance = provenance.collect(
            self._command, self._values, self._argv, outputs=self._outputs
        )
        if earlier and (is_finished or self.is_resumed):
            self._check_origin(earlier)
        if is_finished:
            self._files.verify()
            return read_outcome(self._file(RESULT))
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
        self._log.append(f"{provenance.now()} {printable(line)}\n")

    def begin(self) -> None:
        """Write provenance, config and log; called with the first checkpoint."""
        if not self._has_begun:
            self._has_begun = True
            if self.is_resumed:
                self._recall()
            else:
                self._files.remove(self._files.hashes.keys() - {PROVENANCE})
            self._files.add(FIXED)
            self._files.remove_unfinished()
            self._write_provenance()
            write_text(
                self._file(CONFIG),
                f"# hebbayes {self._command} --config {CONFIG}\n{to_toml(self._values)}",
            )
        if self._log:
            write_text(self._file(LOG), "".join(self._log))

    def finish(self, outcome: Outcome) -> None:
        """Write results, figures and the report, and remove the checkpoint."""
        self._provenance["end"] = provenance.now()
        self.begin()
        names = [f"{FIGURES}/{n}.{suffix}" for n in outcome.figures for suffix in ("png", "svg")]
        made = {f"{MADE}/{name}": text for name, text in outcome.files.items()}
        names += made
        self._files.add(names)
        self._write_provenance()
        for name, text in made.items():
            write_text(self._file(name), text)
        figures = {}
        for name, draw in outcome.figures.items():
            figure = draw()
            for suffix in ("png", "svg"):
                save_figure(figure, self.path / FIGURES / f"{name}.{suffix}")
            figures[name] = Drawing(*svg_and_caption(figure))
        records = {"Configuration": plain(self._values), "Provenance": self._provenance}
        report = outcome.report or _plain_report(self._command, outcome)
        write_text(self._file(REPORT), render_page(report, figures, records))
        save_arrays(self._file(RESULTS), outcome.arrays)
        written = [n for n in (CONFIG, LOG, RESULTS, REPORT) if self._file(n).exists()]
        self._files.seal([*written, *names])
        result = to_json(outcome_record(outcome))
        self._files.hashes[RESULT] = provenance.sha256_of_text(result)
        self._write_provenance()
        write_text(self._file(RESULT), result)
        self._file(CHECKPOINT).unlink(missing_ok=True)
        self._release()

    def abandon(self) -> str:
        """Keep what `--resume` needs if there is a checkpoint; return what is saved, as text."""
        if self._has_begun:
            self._files.remove((*_FINISHED, *self._files.figures()))
        saved = "nothing was saved"
        if (self.is_resumed or self._has_begun) and self._file(CHECKPOINT).exists():
            saved = (
                f"{self._file(CHECKPOINT)} is saved; continue with the same command and --resume"
            )
        elif self._has_begun:
            self._files.remove(list(self._files.hashes))
        self._release()
        return saved

    def _release(self) -> None:
        if self._lock:
            self._lock.release(remove_empty=True)

    def _file(self, name: str) -> Path:
        return self.path / name

    def _write_provenance(self) -> None:
        write_text(
            self._file(PROVENANCE), to_json({**self._provenance, "files": self._files.hashes})
        )

    def _check_text(self) -> None:
        for name, value in self._values.items():
            try:
                str(value).encode("utf-8")
            except UnicodeEncodeError as error:
                raise FormatError(
                    f"{name} is {str(value)!r}, which is not UTF-8, so {CONFIG} cannot hold it; "
                    "rename the file, or run without --out."
                ) from error

    def _check_writable(self) -> None:
        if self.path.is_symlink() and not self.path.exists():
            raise OutputError(f"{self.path} is a link to nothing; choose another --out.")
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
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
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

    def _check_origin(self, earlier: Mapping[str, Any]) -> None:
        """Raise `FormatError` if inputs or the version of the package have changed."""
        remedy = "pass --force to run again, or choose another --out."
        before, now = earlier["inputs"], self._provenance["inputs"]
        changed = sorted(
            path for path in before.keys() | now.keys() if before.get(path) != now.get(path)
        )
        if changed:
            raise FormatError(
                f"{changed[0]} has changed since the run in {self.path} read it; {remedy}"
            )
        versions = [record["versions"]["hebbayes"] for record in (earlier, self._provenance)]
        if versions[0] != versions[1]:
            raise FormatError(
                f"{self.path} holds a run of hebbayes {versions[0]}, and this is {versions[1]}; "
                f"{remedy}"
            )

    def _recall(self) -> None:
        """Continue the log and the start time of the interrupted run."""
        with suppress(OSError, ValueError):
            self._log.insert(0, self._file(LOG).read_text(encoding="utf-8"))
            earlier = json.loads(self._file(PROVENANCE).read_text(encoding="utf-8"))
            resumed = [*earlier.get("resumed", []), self._provenance["start"]]
            self._provenance |= {"start": earlier["start"], "resumed": resumed}


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


def _plain_report(command: str, outcome: Outcome) -> Report:
    """Return a page of an outcome that has none of its own."""
    answer, *notes = outcome.notes or ("",)
    section = Section("Results", ["", *notes], list(outcome.figures), outcome.tables)
    return Report(f"hebbayes {command}", answer, questions=[section])
