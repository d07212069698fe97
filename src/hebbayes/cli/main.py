"""Entry point of the command line: parse, run one command, show its outcome, exit.

Exit status 0: done; 1: a check the user asked for did not hold; 2: bad input or usage, reported in
one sentence on standard error; 3: a fault of hebbayes itself; 130: interrupted.
"""

import os
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.cli.parser import Request, parse
from hebbayes.core.errors import HebbayesError

if TYPE_CHECKING:
    from hebbayes.commands.running.outcome import Outcome
    from hebbayes.commands.running.run_folder import RunFolder

DONE, CHECK_FAILED, BAD_INPUT, FAULT, INTERRUPTED = 0, 1, 2, 3, 130


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Return the exit status of a command line.

    Example:
        >>> run(["--version"]) == DONE
        0.1.0
        True
    """
    try:
        request = parse(words)
        status = DONE if request is None else _execute(request, words)
        sys.stdout.flush()
    except KeyboardInterrupt as interrupt:
        return _end(INTERRUPTED, f"interrupted: {str(interrupt) or 'nothing was saved'}.", words)
    except HebbayesError as error:
        return _end(BAD_INPUT, str(error), words, getattr(error, "__notes__", ()))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        place = error.filename or "standard output"
        return _end(BAD_INPUT, f"cannot use {place}: {error.strerror or error}.", words)
    except Exception as error:
        sentence = f"hebbayes failed: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return _end(FAULT, f"{sentence}; --debug shows where.", words)
    return status


def _execute(request: Request, words: Sequence[str]) -> int:
    """Run a request, show its outcome, and return the exit status."""
    folder = _run_folder(request, words)
    options = request.options
    stored = folder.open(force=options.force, resume=options.resume) if folder else None
    outcome = stored or _compute(request, folder)
    if folder:
        report = str(folder.path / "report.html")
        outcome = replace(outcome, summary={**outcome.summary, "report": report})
    from hebbayes.cli.show import print_json, print_outcome

    is_json = options.json or getattr(request.config, "format", None) == "json"
    (print_json if is_json else print_outcome)(outcome)
    return DONE if outcome.holds else CHECK_FAILED


def _compute(request: Request, folder: "RunFolder | None") -> "Outcome":
    """Run the command in double precision; a failure leaves nothing half-written."""
    from importlib import import_module

    from hebbayes.cli.progress import watcher

    _enable_double_precision()
    experiment = import_module(request.command.module)
    try:
        with watcher(folder.log if folder else _ignore) as progress:
            result = experiment.run(
                request.config, progress=progress, checkpoint=folder.checkpoint if folder else None
            )
        outcome: Outcome = experiment.present(result)
        if folder:
            folder.finish(outcome)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(folder.abandon() if folder else "") from None
    except BaseException:
        if folder:
            folder.abandon()
        raise
    return outcome


def _enable_double_precision() -> None:
    """Turn on x64 without importing JAX, which some commands do not need."""
    os.environ["JAX_ENABLE_X64"] = "1"
    if "jax" in sys.modules:  # it reads the environment only when it is imported
        sys.modules["jax"].config.update("jax_enable_x64", True)


def _run_folder(request: Request, words: Sequence[str]) -> "RunFolder | None":
    """Return the folder given with ``--out``, or the default folder of a study."""
    from hebbayes.commands.running.run_folder import RunFolder

    options, command = request.options, request.command
    if options.force and options.resume:
        raise HebbayesError("--force and --resume exclude each other; pass one of them.")
    path = options.out or (_default_folder(request) if command.is_study else None)
    if path is None:
        if options.resume or options.force:
            flag = "--resume" if options.resume else "--force"
            raise HebbayesError(f"{flag} needs a run folder; pass --out DIR.")
        return None
    return RunFolder(path, command.name, request.config, words)


def _default_folder(request: Request) -> Path:
    """Return ``runs/<command>-<time>``; on resume the newest one with the same configuration."""
    from hebbayes.commands.running.run_folder import RunFolder

    name = request.command.name
    if request.options.resume:
        for folder in sorted(Path("runs").glob(f"{name}-[0-9]*"), reverse=True):
            if RunFolder(folder, name, request.config).holds_this_run():
                return folder
    stem = Path("runs", f"{name}-{time.strftime('%Y%m%d-%H%M%S')}")
    taken = (stem.with_name(f"{stem.name}-{n}") for n in range(2, 100))
    return stem if not stem.exists() else next(path for path in taken if not path.exists())


def _ignore(line: str) -> None:
    """Discard a log line of a run without a folder."""


def _end(status: int, sentence: str, words: Sequence[str], notes: Sequence[str] = ()) -> int:
    """Print one sentence, and below it the notes of the error, such as a caret."""
    if "--debug" in words:
        traceback.print_exc()
    print(" ".join(sentence.split()), *notes, sep="\n", file=sys.stderr)
    return status
