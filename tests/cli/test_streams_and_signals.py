"""Closed, full and narrow streams, and signals: one sentence, the promised status, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE, INTERRUPTED, run
from hebbayes.cli.progress import Bar
from hebbayes.cli.signals import Terminated, ending_of, saying
from hebbayes.core.errors import FormatError, printable
from hebbayes.data.files import save_arrays

MAIN = [sys.executable, "-c", "from hebbayes.cli.main import main; main()"]
SLEEPS = """
import signal, sys, time, types
import numpy as np
from hebbayes.cli.main import main

# a shell starts background jobs with SIGINT ignored
signal.signal(signal.SIGINT, signal.default_int_handler)

def run(config, *, progress, checkpoint):
    progress.start("runs", 2)
    checkpoint.save({"values": np.zeros(1)})
    time.sleep(100)

stub = types.ModuleType("hebbayes.commands.sources")
stub.run = run
sys.modules[stub.__name__] = stub
main()
"""
"""A process in which `sources` saves a checkpoint and then takes long."""

HOSTILE = "\x1b]0;pwned\x07\x1b[2J\u202e<b>"


def shell(line: str, *words: str, **environment: str) -> subprocess.CompletedProcess:
    """Run ``line`` in a shell, in which ``"$@"`` is the command."""
    return subprocess.run(
        ["bash", "-c", line, "bash", *MAIN, *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "status", "sentence"),
    [
        ('"$@" >&-', BAD_INPUT, "standard output is closed; send it to a file with > FILE.\n"),
        (
            '"$@" > /dev/full',
            BAD_INPUT,
            "cannot use standard output: No space left on device.\n",
        ),
    ],
)
def test_an_unusable_standard_output_is_one_sentence(line, status, sentence) -> None:
    done = shell(line, "reproduce", "list")
    assert (done.returncode, done.stdout, done.stderr) == (status, "", sentence)


def test_without_standard_error_the_result_is_still_clean_json() -> None:
    done = shell('"$@" 2>&-', "reproduce", "list", "--json")
    assert done.returncode == DONE
    assert done.stdout.startswith("{")
    assert done.stdout.count("\n") == 1


def test_an_ascii_terminal_shows_what_it_can() -> None:
    code = (
        "from hebbayes.cli.streams import prepare_streams; prepare_streams();"
        "from hebbayes.cli.show import print_outcome;"
        "from hebbayes.commands.running.outcome import Outcome, Table;"
        "print_outcome(Outcome({}, tables=[Table('φ', ['a'], [[None]])], notes=['F ≤ 1'], "
        "document=''))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == DONE, done.stderr
    assert done.stdout.isascii()
    assert "\\u03c6" in done.stdout
    assert "F \\u2264 1" in done.stdout


@pytest.mark.parametrize("columns", ["0", "-1", "1", "many", "100000000000", ""])
@pytest.mark.parametrize("words", [("reproduce", "list"), ("check", "--help")])
def test_any_width_shows_something(words, columns: str, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert run(words) == DONE
    assert len(capsys.readouterr().out) > 200


@pytest.mark.parametrize("words", [("reproduce", "list"), ("reproduce", "list", "--json")])
def test_a_closed_pipe_is_one_sentence(words) -> None:
    done = shell('(sleep 0.3; "$@"; echo $? >&2) | true', *words)  # the reader is gone by then
    assert done.stderr == "standard output was closed before its end.\n0\n"


def test_a_reader_that_stops_early_gets_a_sentence(counting, monkeypatch, capsys) -> None:
    def closed(*_) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("hebbayes.cli.show.print_outcome", closed)
    assert run(["sources"]) == DONE
    assert capsys.readouterr().err == "standard output was closed before its end.\n"


def test_a_reader_that_stops_early_learns_where_the_result_is(
    counting, monkeypatch, capsys, tmp_path
) -> None:
    def closed(*_) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("hebbayes.cli.show.print_outcome", closed)
    assert run(["sources", "--out", str(tmp_path / "a")]) == DONE
    sentence = f"standard output was closed before its end; the result is in {tmp_path / 'a'}.\n"
    assert capsys.readouterr().err == sentence


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_saves_what_it_can_and_says_so(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPS, "sources", "--out", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (folder / "checkpoint.npz").exists():
        assert process.poll() is None
        time.sleep(0.01)
    number = signal.Signals[name]
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (128 + number, "")
    how = "interrupted" if name == "SIGINT" else f"ended by {name}"
    assert err == (
        f"{how}: {folder}/checkpoint.npz is saved; continue with the same command and --resume.\n"
    )
    assert {path.name for path in folder.iterdir()} == {
        "checkpoint.npz",
        "config.toml",
        "log.txt",
        "provenance.json",
    }


IN_COMPILED_CODE = SLEEPS.replace(
    "    time.sleep(100)\n",
    "    try:\n        time.sleep(100)\n"
    "    except KeyboardInterrupt as interrupt:\n"
    "        raise SystemError('returned a result with an exception set') from interrupt\n",
)
"""The same, with the interrupt as the cause of a `SystemError`, as compiled code reports it."""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_inside_compiled_code_ends_the_command_alike(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    process = subprocess.Popen(
        [sys.executable, "-c", IN_COMPILED_CODE, "sources", "--out", str(folder)],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (folder / "checkpoint.npz").exists():
        assert process.poll() is None
        time.sleep(0.01)
    number = signal.Signals[name]
    process.send_signal(number)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + number
    how = "interrupted" if name == "SIGINT" else f"ended by {name}"
    assert err.startswith(f"{how}: {folder}/checkpoint.npz is saved;"), err


def in_compiled_code(interrupt: BaseException) -> SystemError:
    error = SystemError("returned a result with an exception set")
    error.__cause__ = error.__context__ = interrupt
    return error


def read_failure(interrupt: BaseException) -> FormatError:
    """Return what a reader raises on the error of a library."""
    error = FormatError("cannot read a.mat.")
    error.__cause__ = in_compiled_code(interrupt)
    return error


@pytest.mark.parametrize("around", [in_compiled_code, read_failure])
@pytest.mark.parametrize("flags", [(), ("--out",)])
def test_the_interrupt_behind_an_error_counts(around, flags, counting, capsys, tmp_path) -> None:
    counting.stops_after = 0
    counting.error = lambda _: around(Terminated(signal.SIGTERM))
    folder = (str(tmp_path / "a"),) if flags else ()
    assert run(["sources", *flags, *folder]) == 128 + signal.SIGTERM
    assert capsys.readouterr().err.startswith("ended by SIGTERM: ")


def test_a_system_error_of_its_own_is_a_fault(counting, capsys) -> None:
    counting.stops_after, counting.error = 0, lambda _: SystemError("bad argument")
    assert run(["sources"]) == 3
    assert "SystemError: bad argument" in capsys.readouterr().err


def test_a_signal_that_the_parent_ignores_is_ignored() -> None:
    code = (
        "import os, signal; from hebbayes.cli.signals import terminate_on_signals;"
        "terminate_on_signals(); os.kill(os.getpid(), signal.SIGHUP); print('alive')"
    )
    done = subprocess.run(
        ["bash", "-c", "trap '' HUP; exec \"$@\"", "bash", sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "alive\n"


def test_a_signal_without_a_folder_says_that_nothing_was_saved(counting, capsys) -> None:
    counting.stops_after, counting.error = 0, lambda _: Terminated(signal.SIGTERM)
    assert run(["sources"]) == 128 + signal.SIGTERM
    assert capsys.readouterr().err == "ended by SIGTERM: nothing was saved.\n"


def test_an_interrupt_while_printing_names_the_folder(counting, monkeypatch, capsys, tmp_path):
    def interrupted(*_) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hebbayes.cli.show.print_outcome", interrupted)
    assert run(["sources", "--out", str(tmp_path / "a")]) == INTERRUPTED
    assert capsys.readouterr().err == f"interrupted: the result is in {tmp_path / 'a'}.\n"


def test_an_interrupt_keeps_its_kind() -> None:
    assert ending_of(saying(Terminated(signal.SIGHUP), "x")) == (129, "ended by SIGHUP: x.")
    assert ending_of(saying(KeyboardInterrupt(), "x")) == (130, "interrupted: x.")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain η–┃ text", "plain η–┃ text"),
        ("a\nb\tc", "a\nb\tc"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J\x07\r\x7f", "\\x9b2J\\x07\\r\\x7f"),
        ("\u202eevil\u2028", "\\u202eevil\\u2028"),
        ("\udcff", "\\udcff"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_control_characters_are_shown_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert str(FormatError(text)) == shown


def hostile_recording(path: Path) -> Path:
    recording = {"stimuli": np.eye(2), "responses": np.ones((2, 1), int), "session": [0, 0]}
    save_arrays(path, {**recording, "condition": HOSTILE, f"extra{HOSTILE}".replace("/", ""): 0})
    return path


@pytest.mark.parametrize("flags", [(), ("--json",), ("--out",)])
def test_text_of_a_file_never_controls_the_terminal(tmp_path, flags, capsys) -> None:
    path = hostile_recording(tmp_path / "a.npz")
    folder = (str(tmp_path / "run"),) if flags == ("--out",) else ()
    assert run(["check", str(path), *flags, *folder]) == DONE
    shown = capsys.readouterr()
    for text in (shown.out, shown.err, *(p.read_text() for p in tmp_path.glob("run/log.txt"))):
        assert text == printable(text)
    assert "pwned" in shown.out


def test_names_of_a_file_in_an_error_are_escaped_even_with_debug(tmp_path, capsys) -> None:
    save_arrays(tmp_path / "a.npz", {HOSTILE: np.zeros(1)})
    for flags in ((), ("--debug",)):
        assert run(["check", str(tmp_path / "a.npz"), *flags]) == BAD_INPUT
        shown = capsys.readouterr().err
        assert shown == printable(shown)
        assert "\\x1b[2J" in shown


def test_a_progress_bar_shows_text_as_it_is(capsys) -> None:
    with Bar(lambda line: None) as progress:
        progress.start(f"[/b] {HOSTILE}", 2)
        progress.advance(status=f"[red] {HOSTILE}")
    shown = capsys.readouterr().err
    assert "[/b] \\x1b]0;pwned" in " ".join(shown.split())
    assert "\x07" not in shown
