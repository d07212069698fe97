"""Entry point of the command line: parse, run one command, show its outcome, exit.

Exit status 0: done; 1: a check the user asked for did not hold; 2: bad input or usage, reported in
one sentence on standard error; 3: a fault of hebbayes itself; 130, 143, 129: ended by Ctrl-C,
SIGTERM or SIGHUP.
"""

import os
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.cli.parser import Request, parse
from hebbayes.cli.signals import ending_of, saying, terminate_on_signals
from hebbayes.cli.streams import prepare_streams, silence_stdout
from hebbayes.core.errors import HebbayesError, interrupt_behind, printable

if TYPE_CHECKING:
    from hebbayes.commands.running.outcome import Outcome
    from hebbayes.commands.running.run_folder import RunFolder

DONE, CHECK_FAILED, BAD_INPUT, FAULT, INTERRUPTED = 0, 1, 2, 3, 130


def main() -> None:
    """Run the command line and exit with its status."""
    prepare_streams()
    terminate_on_signals()
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Return the exit status of a command line.

    Example:
        >>> run(["--version"]) == DONE
        0.1.0
        True
    """
    if sys.stdout is None:
        return _end(BAD_INPUT, "standard output is closed; send it to a file with > FILE.", words)
    try:
        request = parse(words)
        status = DONE if request is None else _execute(request, words)
        sys.stdout.flush()
    except KeyboardInterrupt as interrupt:
        return _end(*ending_of(interrupt), words)
    except HebbayesError as error:
        return _end(BAD_INPUT, str(error), words, getattr(error, "__notes__", ()))
    except BrokenPipeError as error:
        silence_stdout()
        saved = f"; {error.__notes__[0]}" if hasattr(error, "__notes__") else ""
        return _end(DONE, f"standard output was closed before its end{saved}.", words)
    except OSError as error:
        silence_stdout()
        place = error.filename or "standard output"
        return _end(BAD_INPUT, f"cannot use {place}: {error.strerror or error}.", words)
    except MemoryError:
        return _end(BAD_INPUT, "there is not enough memory; choose smaller sizes.", words)
    except Exception as error:
        interrupt = interrupt_behind(error)
        if interrupt is not None:
            return _end(*ending_of(interrupt), words)
        sentence = f"hebbayes failed: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return _end(FAULT, f"{sentence}; --debug shows where.", words)
    return status


def _execute(request: Request, words: Sequence[str]) -> int:
    """Run a request, show its outcome, and return the exit status."""
    folder = _run_folder(request, words)
    options = request.options
    stored = folder.open(force=options.force, resume=options.resume) if folder else None
    outcome = stored or _compute(request, folder)
    saved = ""
    if folder:
        saved = f"the result is in {folder.path}"
        report = str(folder.path / "report.html")
        outcome = replace(outcome, summary={**outcome.summary, "report": report})
    from hebbayes.cli.show import print_json, print_outcome

    is_json = options.json or getattr(request.config, "format", None) == "json"
    try:
        (print_json if is_json else print_outcome)(outcome)
        sys.stdout.flush()
    except KeyboardInterrupt as interrupt:
        raise saying(interrupt, saved) from None
    except BrokenPipeError as error:
        if saved:
            error.add_note(saved)
        raise
    return DONE if outcome.holds else CHECK_FAILED


def _compute(request: Request, folder: "RunFolder | None") -> "Outcome":
    """Run the command in double precision; a failure leaves nothing half-written."""
    from importlib import import_module

    from hebbayes.cli.progress import watcher

    try:
        _enable_double_precision()
        experiment = import_module(request.command.module)
        with watcher(folder.log if folder else lambda line: None) as progress:
            result = experiment.run(
                request.config, progress=progress, checkpoint=folder.checkpoint if folder else None
            )
        outcome: Outcome = experiment.present(result)
        if folder:
            folder.finish(outcome)
    except BaseException as error:
        saved = folder.abandon() if folder else ""
        interrupt = interrupt_behind(error)
        if interrupt is not None:
            raise saying(interrupt, saved) from None
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
    made: list[Path] = []
    path = options.out
    if path is None and command.is_study:
        path, made = _default_folder(request)
    if path is None:
        if options.resume or options.force:
            flag = "--resume" if options.resume else "--force"
            raise HebbayesError(f"{flag} needs a run folder; pass --out DIR.")
        return None
    return RunFolder(path, command.name, request.config, words, made)


def _default_folder(request: Request) -> tuple[Path, list[Path]]:
    """Return ``runs/<command>-<time>``, and the folders made for it.

    On resume it is the newest one with the same configuration.
    """
    from hebbayes.commands.running.folder_lock import make_folder
    from hebbayes.commands.running.run_folder import RunFolder

    name = request.command.name
    if request.options.resume:
        for folder in sorted(Path("runs").glob(f"{name}-[0-9]*"), reverse=True):
            if RunFolder(folder, name, request.config).holds_this_run():
                return folder, []
    stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    for number in range(1, 1000):  # runs that start in the same second
        path = Path("runs", stem if number == 1 else f"{stem}-{number}")
        made = make_folder(path)
        if path in made:
            return path, made
    raise HebbayesError("runs has no free name for this second; pass --out DIR.")


def _end(status: int, sentence: str, words: Sequence[str], notes: Sequence[str] = ()) -> int:
    """Print one sentence, and below it the notes of the error, such as a caret."""
    lines = [" ".join(sentence.split()), *notes]
    if "--debug" in words:
        lines.insert(0, traceback.format_exc())
    with suppress(OSError):  # standard error is closed
        print(*map(printable, lines), sep="\n", file=sys.stderr, flush=True)
    return status
