"""ARCHITECTURE.md names only files and folders that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = [ROOT, ROOT / "src" / "hebbayes"]
TABLE_ROW = re.compile(r"^\| (?!to change|---).*$", re.MULTILINE)
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml))`")


def rows() -> list[str]:
    return TABLE_ROW.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))


def exists(path: str, folders: list[Path]) -> bool:
    return any((folder / path).exists() for folder in folders)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.split("|")[1].strip())
def test_a_row_names_what_exists(row: str) -> None:
    missing, folders = [], list(PLACES)
    for path in PATH.findall(row):
        if not exists(path, folders):
            missing.append(path)
        places = [place / path for place in PLACES if (place / path).exists()]
        folders += [p if p.is_dir() else p.parent for p in places]
    assert missing == []


def test_a_path_that_does_not_exist_is_noticed() -> None:
    assert not exists("no/such/file.py", PLACES)
