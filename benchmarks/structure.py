"""How a package is built: sizes of folders, import chains, fan-out, circles, and two walks.

    python benchmarks/structure.py                  # hebbayes, and peers that are installed
    python benchmarks/structure.py --packages equinox mctx --chain
    python benchmarks/structure.py --walks          # modules that two jobs enter

Imports are read from the source; nothing is imported.  A chain counts the imports between its
first and its last module.  "At start" counts the imports that run when a package is imported;
"all" adds type-only imports and imports inside functions.  See docs/decisions/structure.md.
"""

import argparse
import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PEERS = ("tinygp", "mctx", "equinox", "dynamax")
WALKS = {
    "recording, from file to phi": "import hebbayes as h; h.analyze(h.AnalyzeConfig())",
    "equation, from text to page": (
        "import hebbayes as h\n"
        "from hebbayes.commands.derive import present\n"
        "present(h.derive(h.DeriveConfig('dx/dt = -logit(x) + W*o + h')))"
    ),
}

Graph = dict[str, set[str]]


@dataclass(frozen=True)
class Structure:
    """The structure of one package, from its source.

    Attributes:
        name: Package.
        modules: Python files.
        lines: Lines in them.
        largest_folder: Most modules in one folder.
        chain: Imports in the longest chain that runs when the package starts.
        chain_all: The same with type-only imports and imports inside functions.
        fan_out: Mean number of modules of the package that a module imports at start.
        fan_out_all: The same, all imports counted.
        circles: Groups of modules that import each other, all imports counted.
    """

    name: str
    modules: int
    lines: int
    largest_folder: int
    chain: int
    chain_all: int
    fan_out: float
    fan_out_all: float
    circles: int


def modules_of(folder: Path) -> dict[str, Path]:
    """Return the file of every module below a package's folder, by dotted name."""
    files = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def import_graph(files: dict[str, Path], *, is_all: bool) -> Graph:
    """Return which modules each module imports; ``is_all`` counts imports that do not run."""
    graph: Graph = {}
    for name, path in files.items():
        is_package = path.name == "__init__.py"
        base = name.split(".") if is_package else name.split(".")[:-1]
        targets: set[str] = set()
        for node in _statements(ast.parse(path.read_text(encoding="utf-8")), is_all=is_all):
            targets |= _targets(node, base, files)
        graph[name] = targets - {name}
    return graph


def _statements(tree: ast.AST, *, is_all: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif is_all or not _is_deferred(node):
            yield from _statements(node, is_all=is_all)
        elif isinstance(node, ast.If):
            for other in node.orelse:
                yield from _statements(ast.Module([other], []), is_all=is_all)


def _is_deferred(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.dump(node.test)
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def _targets(
    node: ast.Import | ast.ImportFrom, base: list[str], files: dict[str, Path]
) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names} & files.keys()
    start = base[: len(base) - node.level + 1] if node.level else []
    origin = ".".join([*start, *filter(None, [node.module])])
    names = {f"{origin}.{alias.name}" for alias in node.names}
    submodules = names & files.keys()
    is_plain = len(submodules) < len(names) and origin in files
    return submodules | ({origin} if is_plain else set())


def groups(graph: Graph) -> list[list[str]]:
    """Return groups of modules that import each other, imported groups first (Tarjan)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    result: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
            if other in stack:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            at = stack.index(name)
            result.append(stack[at:])
            del stack[at:]

    for name in graph:
        if name not in order:
            visit(name)
    return result


def longest_chain(graph: Graph) -> list[str]:
    """Return the modules of the longest chain of imports; a circle counts all its modules."""
    sys.setrecursionlimit(10_000)
    best: dict[str, list[str]] = {}
    for group in groups(graph):
        below = [best[o] for name in group for o in graph[name] if o not in group]
        chain = group + max(below, key=len, default=[])
        best |= dict.fromkeys(group, chain)
    return max(best.values(), key=len, default=[])


def structure_of(name: str) -> Structure | None:
    """Return the structure of an installed package; None if it is not installed."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    files = modules_of(folder)
    at_start, all_imports = (import_graph(files, is_all=is_all) for is_all in (False, True))
    folders = [path.parent for path in files.values()]
    return Structure(
        name=name,
        modules=len(files),
        lines=sum(len(p.read_text(encoding="utf-8").splitlines()) for p in files.values()),
        largest_folder=max(map(folders.count, folders)),
        chain=len(longest_chain(at_start)) - 1,
        chain_all=len(longest_chain(all_imports)) - 1,
        fan_out=sum(map(len, at_start.values())) / len(files),
        fan_out_all=sum(map(len, all_imports.values())) / len(files),
        circles=sum(len(group) > 1 for group in groups(all_imports)),
    )


@dataclass
class Walk:
    """Calls between modules while one job runs.

    Attributes:
        entered: Modules of the package in which a function ran.
        rooms: Folders of those modules.
        crossings: Calls that went from one folder to another, each pair of modules counted once.
    """

    entered: set[str]
    rooms: set[str]
    crossings: set[tuple[str, str]]


def walk(code: str) -> Walk:
    """Run ``code`` and return the modules it enters.  Slow: it traces every call."""
    seen = Walk(set(), set(), set())

    def note(frame: object, event: str, _: object) -> None:
        if event != "call":
            return
        name = frame.f_globals.get("__name__", "")  # type: ignore[attr-defined]
        if not name.startswith("hebbayes.") or frame.f_code.co_name == "<module>":  # type: ignore[attr-defined]
            return
        seen.entered.add(name)
        seen.rooms.add(name.rpartition(".")[0])
        back = frame.f_back  # type: ignore[attr-defined]
        caller = back.f_globals.get("__name__", "") if back else ""
        if caller.startswith("hebbayes.") and caller.rpartition(".")[0] != name.rpartition(".")[0]:
            seen.crossings.add((caller, name))

    sys.setprofile(note)
    try:
        exec(code, {})
    finally:
        sys.setprofile(None)
    return seen


HEADER = (
    "| package | modules | lines | largest folder | chain | chain, all | fan-out | fan-out, all "
    "| circles |\n|---|---|---|---|---|---|---|---|---|"
)


def row_of(name: str) -> str:
    """Return one line of the table in Markdown."""
    s = structure_of(name)
    if s is None:
        return f"| {name} | not installed | | | | | | | |"
    values = (s.name, s.modules, s.lines, s.largest_folder, s.chain, s.chain_all)
    return (
        f"| {' | '.join(map(str, values))} | {s.fan_out:.2f} | {s.fan_out_all:.2f} | {s.circles} |"
    )


def print_chains(name: str) -> None:
    """Print the longest chain at start and of all imports."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    files = modules_of(Path(spec.origin).parent)
    for is_all in (False, True):
        print("", *longest_chain(import_graph(files, is_all=is_all)), sep="\n  ")


def print_walks() -> None:
    """Print how many modules and folders two jobs enter."""
    for title, code in WALKS.items():
        way = walk(code)
        print(
            f"{title}: {len(way.entered)} modules in {len(way.rooms)} folders, "
            f"{len(way.crossings)} calls between modules of different folders"
        )


def main() -> None:
    """Print the table, or the walks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--packages", nargs="*", default=["hebbayes", *PEERS])
    parser.add_argument("--walks", action="store_true", help="follow two jobs instead")
    parser.add_argument("--chain", action="store_true", help="print the longest chains")
    options = parser.parse_args()
    if options.walks:
        print_walks()
        return
    print(HEADER)
    for name in options.packages:
        print(row_of(name))
        if options.chain:
            print_chains(name)


if __name__ == "__main__":
    main()
