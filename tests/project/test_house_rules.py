"""Limits that keep the package readable, checked on every source file."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
TEXTS = sorted(
    path
    for place in ("src", "tests", "docs", "benchmarks", ".ci", "*.md", "Makefile", "pyproject.toml")
    for start in ROOT.glob(place)
    for path in ([start] if start.is_file() else start.rglob("*"))
    if path.is_file() and path.suffix in {".py", ".md", ".toml", ".cff", ".bib", ".yml", ""}
)
MACHINE_PATH = re.compile(r"(^|[^\w.])/(work|root|tmp|home|Users)/", re.MULTILINE)
UNFINISHED = re.compile(
    "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "raise NotImplemented" + "Error"])
)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, FUNCTION))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=name_of)
def test_a_file_is_short_and_its_functions_fit_on_a_page(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert {f.name: body_lines(f) for f in functions(path) if body_lines(f) > 40} == {}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_function_takes_five_positional_arguments_at_most(path: Path) -> None:
    counts = {
        f.name: len([a for a in f.args.posonlyargs + f.args.args if a.arg not in ("self", "cls")])
        for f in functions(path)
    }
    assert {name: n for name, n in counts.items() if n > 5} == {}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_says_what_it_holds_and_a_public_function_shows_it(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    public = [n for n in tree.body if isinstance(n, (ast.ClassDef, *FUNCTION)) and n.name[0] != "_"]
    assert [node.name for node in public if not ast.get_docstring(node)] == []
    # a command's example is on its help page, and the command line tests run it
    is_shell = {"commands", "cli"} & set(path.parts)
    entries = {"run", "present", "main"} if is_shell else set()
    silent = [
        node.name
        for node in public
        if isinstance(node, FUNCTION) and node.name not in entries
        if ">>>" not in (ast.get_docstring(node) or "")
    ]
    assert silent == []


def test_no_line_knows_the_machine_it_was_written_on() -> None:
    assert [name_of(p) for p in TEXTS if MACHINE_PATH.search(p.read_text(encoding="utf-8"))] == []


def test_nothing_is_left_unfinished() -> None:
    assert [name_of(p) for p in TEXTS if UNFINISHED.search(p.read_text(encoding="utf-8"))] == []
