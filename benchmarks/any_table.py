"""Reads a file of every convention with `hebbayes check`; writes the tables of docs/any-table.md.

    python benchmarks/any_table.py

The files are those of the tests, which compare every trial with the numbers that the file was
written from; public files are read where HEBBAYES_REFERENCE_DATA names their folder.  Seconds are
processor time of the whole command, start included.
"""

import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from hebbayes.commands.check import present, run
from hebbayes.commands.check.recordings import flag_words
from hebbayes.commands.configs import CheckConfig

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "any-table.md"
SETS = {
    "behaviour": "tests.data.behaviour.convention_files",
    "recordings": "tests.data.formats.convention_files",
}
PUBLIC = {
    "behaviour": {
        "rlwm_schizophrenia.csv": ("public: learning in 85 people", {}),
        "alm_mouse.nwb": (
            "public: NWB session of a mouse",
            {"instructed": "type", "outcome": "response"},
        ),
    },
    "recordings": {
        "alm_mouse.nwb": ("public: NWB session of a mouse", {}),
    },
}
HEADER = ("file", "convention", "what was read", "seconds")


def files_of(kind: str, folder: Path) -> list[tuple[Path, str, dict]]:
    """Return path, convention and flags of every file of a kind, written to a folder."""
    sys.path.insert(0, str(ROOT))
    found = []
    if find_spec(SETS[kind]) is not None:
        for file in import_module(SETS[kind]).FILES:
            file.write(folder / file.name)
            found.append((folder / file.name, file.convention, file.flags))
    reference = os.environ.get("HEBBAYES_REFERENCE_DATA")
    for name, (convention, flags) in PUBLIC.get(kind, {}).items() if reference else ():
        found.append((Path(str(reference), "behaviour", name), convention, flags))
    return found


def command_of(path: Path, flags: dict) -> list[str]:
    """Return the words of the command that checks a file."""
    words = [word for name, value in flags.items() for word in flag_words(name, value)]
    return ["check", str(path), *words]


def summary_of(path: Path, flags: dict) -> dict:
    """Return what `check` says of a file, read in this process."""
    return dict(present(run(CheckConfig(file=path, **flags))).summary)


def told(summary: dict) -> str:
    """Return what was read, in a line."""
    sizes = [f"{summary['trials']:,} trials"]
    for name in ("subjects", "sessions", "channels", "units"):
        if (n := summary[name]) and (name != "subjects" or summary["kind"] == "behaviour"):
            sizes.append(f"{n:,} {name if n > 1 else name[:-1]}")
    if summary["choices"]:
        choices = ", ".join(f"{name} {n:,}" for name, n in summary["choices"].items())
        sizes.append(f"choices {choices}; {summary['missed']} missed")
    if summary["mean_outcome"] is not None:
        sizes.append(f"mean outcome {summary['mean_outcome']:.3g}")
    sizes += [f"{n} dropped ({reason})" for reason, n in summary["dropped"].items()]
    return "; ".join(sizes)


def row_of(path: Path, convention: str, flags: dict, seconds: float) -> str:
    """Return a row of the table."""
    words = [word for name, value in flags.items() for word in flag_words(name, value)]
    command = f"`{shlex.join(['check', path.name, *words])}`"
    cells = (command, convention, told(summary_of(path, flags)), f"{seconds:.1f}")
    return "| " + " | ".join(cells) + " |"


def seconds_of(path: Path, flags: dict) -> float:
    """Return the processor time of the command in a process of its own."""
    code = "from hebbayes.cli.main import main; main()"
    words = [sys.executable, "-c", code, *command_of(path, flags), "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, capture_output=True, check=True)
    json.loads(done.stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def table_of(kind: str) -> list[str]:
    """Return the lines of the table of a kind of files."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            row_of(path, convention, flags, seconds_of(path, flags))
            for path, convention, flags in files_of(kind, Path(folder))
        ]
    head = ["| " + " | ".join(HEADER) + " |", "|---" * len(HEADER) + "|"]
    return [*head, *rows] if rows else []


def replaced(page: str, kind: str, lines: list[str]) -> str:
    """Return a page with the table between the marks of a kind replaced."""
    start, end = f"<!-- {kind} -->\n", f"<!-- end of {kind} -->"
    before, _, rest = page.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}" + "\n".join([*lines, ""]) + f"{end}{after}"


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    for kind in SETS:
        if lines := table_of(kind):
            page = replaced(page, kind, lines)
    PAGE.write_text(page, encoding="utf-8")
