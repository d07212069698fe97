"""The front door: results, exit status, help, configs, and how a run ends."""

import json
import resource
import subprocess
import sys
import time

import pytest

from hebbayes.cli.commands import COMMANDS
from hebbayes.cli.main import BAD_INPUT, CHECK_FAILED, DONE, FAULT, INTERRUPTED, run
from hebbayes.cli.parser import parse
from hebbayes.cli.progress import Heartbeat
from hebbayes.core.errors import HebbayesError


def test_json_is_one_strict_object_and_nothing_else(counting, capsys) -> None:
    assert run(["sources", "--runs", "3", "--json"]) == DONE
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.count("\n") == 1
    summary = json.loads(told.out, parse_constant=lambda name: pytest.fail(name))
    assert summary["nothing"] is None
    assert len(summary["values"]) == 3


def test_a_person_reads_tables_and_the_next_command(counting, capsys) -> None:
    assert run(["sources", "--runs", "2"]) == DONE
    out = capsys.readouterr().out
    assert "Values" in out
    assert out.endswith("Less is <more> & fine.\nnext: hebbayes maze --e-right 0.25\n")


def test_a_check_that_fails_is_exit_status_one(counting, capsys) -> None:
    counting.holds = False
    assert run(["sources", "--json"]) == CHECK_FAILED
    assert json.loads(capsys.readouterr().out)


def test_an_interrupt_without_a_folder_says_that_nothing_was_saved(counting, capsys) -> None:
    counting.stops_after = 0
    assert run(["sources"]) == INTERRUPTED
    assert capsys.readouterr().err == "interrupted: nothing was saved.\n"


def test_a_fault_of_ours_is_no_bad_input(counting, capsys) -> None:
    counting.stops_after, counting.error = 0, ZeroDivisionError
    assert run(["sources"]) == FAULT
    assert capsys.readouterr().err == (
        "hebbayes failed: ZeroDivisionError: stopped; --debug shows where.\n"
    )


def test_debug_adds_the_traceback(capsys) -> None:
    assert run(["maze", "--debug"]) == BAD_INPUT
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_shows_an_example_that_parses(command, capsys) -> None:
    assert run([command.name, "--help"]) == DONE
    assert f"Example: {command.example}" in " ".join(capsys.readouterr().out.split())
    request = parse(command.example.split()[1:])
    assert request is not None
    assert request.command is command


def test_asterisks_survive_in_help(capsys) -> None:
    assert run(["derive", "--help"]) == DONE
    assert '"dW/dt = x*o - x*W"' in " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from hebbayes.cli.main import run; run(['maze', '--help']);"
        "sys.exit(bool({'jax', 'matplotlib', 'scipy', 'sympy', 'numpy'} & set(sys.modules)))"
    )
    took, yardstick = [], []
    for _ in range(3):
        took.append(_processor_time(code))
        yardstick.append(_processor_time("import cyclopts"))  # 0.2 s where nothing else runs
    assert min(took) < 0.6 * max(1, min(yardstick) / 0.2)


def _processor_time(code: str) -> float:
    """Return the processor time of a Python process: the wall clock would measure others too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_flags_outrank_the_toml_file(tmp_path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("e_right = 0.25\nmazes = 3\nlearning = false\n")
    request = parse(["maze", "--config", str(file), "--mazes", "7"])
    assert request is not None
    config = request.config
    assert (config.e_right, config.mazes, config.learning) == (0.25, 7, False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("e_rigth = 0.2", "unknown key 'e_rigth'; did you mean 'e_right'?"),
        ("e-right = 0.2", "unknown key 'e-right'; did you mean 'e_right'?"),
        ("zebra = 1", "unknown key 'zebra'; it may have e_right, mazes"),
        ("out = 'x'", "unknown key 'out'"),
        ("e_right = [0.2]", "e_right in .* must be a single value"),
        ("e_right = 'much'", "Invalid value for e_right from .*much"),
        ("e_right = ", "is not TOML"),
        ("e_right = {a = {b = 1}}", "e_right in .* must be a single value; got a table"),
        ("[e_right.a.b]\nc = 1", "must be a single value; got a table"),
        ("e_right = " + "[" * 5000, "is not TOML: it is nested too deeply"),
        ("e_right." + ".".join("a" * 5000) + " = 1", "must be a single value; got a table"),
        ("mazes = " + "9" * 5000, "is not TOML"),
        ("e_right = 0.2\nmazes = " + "9" * 40, "--mazes must be at most 1000000000"),
        ("e_right = 2020-01-01", "must be a single value; got a date or time"),
    ],
)
def test_a_wrong_toml_file_is_one_sentence(tmp_path, text, sentence) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text)
    with pytest.raises(HebbayesError, match=sentence):
        parse(["maze", "--config", str(file)])


def test_a_path_with_the_nul_character_is_refused(tmp_path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('file = "a\\u0000b"\n')
    with pytest.raises(HebbayesError, match=r"--file must not hold the NUL character"):
        parse(["check", "--config", str(file)])


def test_a_heartbeat_prints_the_state(capsys) -> None:
    lines: list[str] = []
    with Heartbeat(lines.append, period_s=0.01) as progress:
        progress.start("trials", 100)
        progress.advance(5, "success 0.4")
        deadline = time.monotonic() + 10
        while len(lines) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "trials: 5 of 100" in lines[1]
    assert "success 0.4" in capsys.readouterr().err
