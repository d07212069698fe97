"""SYMBOLS.md names only what exists."""

import importlib
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

SYMBOLS = Path(__file__).parents[2] / "SYMBOLS.md"
CODE_NAME = re.compile(r"`([A-Za-z_]\w*(?:\.\w+)+)`")


def code_names() -> list[str]:
    rows = [line for line in SYMBOLS.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    cells = [re.split(r"(?<!\\)\|", row)[2] for row in rows]
    return sorted({name for cell in cells for name in CODE_NAME.findall(cell)})


def resolve(name: str) -> Any:
    """Return the module, class, function or field (its type) of a dotted name."""
    parts = name.removeprefix("hebbayes.").split(".")
    found: Any = importlib.import_module("hebbayes")
    place = "hebbayes"
    for part in parts:
        place = f"{place}.{part}"
        if part in getattr(found, "__dataclass_fields__", {}):
            found = get_type_hints(found)[part]
        elif hasattr(found, part):
            found = getattr(found, part)
        else:
            found = importlib.import_module(place)
    return found


def test_the_table_has_code_names() -> None:
    assert len(code_names()) > 10


@pytest.mark.parametrize("name", code_names() if SYMBOLS.exists() else [])
def test_a_code_name_exists(name: str) -> None:
    resolve(name)


@pytest.mark.parametrize("name", ["theory.network.Network.no_such", "theory.no_such.Network"])
def test_a_wrong_code_name_is_found_out(name: str) -> None:
    with pytest.raises(ImportError):
        resolve(name)
