"""Folders stay small, import chains short, and no module imports itself through others."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def structure():
    spec = importlib.util.spec_from_file_location("structure", ROOT / "benchmarks" / "structure.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["structure"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["structure"]


@pytest.fixture(scope="module")
def house(structure):
    return structure.structure_of("hebbayes")


def test_no_folder_holds_more_than_16_modules(house):
    assert house.largest_folder <= 16


def test_no_import_circle(house):
    assert house.circles == 0


def test_import_chains_and_fan_out_stay_short(house):
    assert house.chain <= 14
    assert house.fan_out <= 3.6


def test_a_circle_a_chain_and_type_only_imports_are_seen(structure, tmp_path):
    package = tmp_path / "p"
    package.mkdir()
    sources = {
        "__init__": "from p import a",
        "a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.b import x",
        "b": "from p.a import y\nfrom p import c",
        "c": "def f():\n    from p.d import z",
        "d": "",
    }
    for name, text in sources.items():
        (package / f"{name}.py").write_text(text)
    files = structure.modules_of(package)
    runs, everything = (structure.import_graph(files, is_all=i) for i in (False, True))
    assert runs == {"p": {"p.a"}, "p.a": set(), "p.b": {"p.a", "p.c"}, "p.c": set(), "p.d": set()}
    assert everything["p.a"] == {"p.b"}
    assert everything["p.c"] == {"p.d"}
    assert [sorted(g) for g in structure.groups(everything) if len(g) > 1] == [["p.a", "p.b"]]
    assert len(structure.longest_chain(runs)) == 2
    assert len(structure.longest_chain(everything)) == 5
