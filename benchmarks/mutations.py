"""Does the suite see errors?  Every mutation of `tests/mutations.py`, applied to a copy and tested.

A mutation is caught if its test passes in the package as it is and fails in the copy.

    python benchmarks/mutations.py --out benchmarks/results/mutations.json
"""

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def mutations():
    """Return the list of the suite."""
    spec = importlib.util.spec_from_file_location("mutations", ROOT / "tests" / "mutations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.MUTATIONS


def failures(source, test):
    """Return the number of failing tests, from a run with ``source`` first on the path."""
    environment = os.environ | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode not in (0, 1):
        raise RuntimeError(f"{test} did not run: {run.stdout[-2000:]}{run.stderr[-2000:]}")
    return run.returncode


def is_caught(mutation):
    """Return True if the mutation's test fails in a copy of the package with its edits."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "src")
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        for edit in mutation.edits:
            path = source / "hebbayes" / f"{edit.module}.py"
            text = path.read_text(encoding="utf-8")
            if text.count(edit.old) != 1:
                raise RuntimeError(f"{edit.old!r} is not once in {path.name}")
            path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
        return failures(source, mutation.test) == 1


def main():
    """Apply the mutations one by one and write which were caught."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    chosen = [m for m in mutations() if options.only in m.name]
    caught = {}
    for mutation in chosen:
        caught[mutation.name] = is_caught(mutation)
        print(f"{'caught' if caught[mutation.name] else 'MISSED'}  {mutation.name}", flush=True)
    broken = [t for t in sorted({m.test for m in chosen}) if failures(ROOT / "src", t)]
    result = {"caught": sum(caught.values()), "of": len(caught), "failing_without": broken}
    if options.out:
        options.out.write_text(json.dumps(result | {"mutations": caught}, indent=2) + "\n")
    sys.exit(0 if result["caught"] == result["of"] and not broken else 1)


if __name__ == "__main__":
    main()
