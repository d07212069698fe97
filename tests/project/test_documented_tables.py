"""Tables in the docs that state what the code does are those of the code."""

import re
from pathlib import Path

import pytest

from hebbayes.theory.certificate.certificate import CLAIM_NAMES
from hebbayes.theory.certificate.damage import BREAKS, BREAKS_ONE_LAYER

CERTIFICATE = Path(__file__).parents[2] / "docs" / "certificate.md"
NAME = re.compile(r"`(\w+)`")

FILE_FORMATS = Path(__file__).parents[2] / "docs" / "file-formats.md"


def section(title: str) -> list[list[str]]:
    """Return the cells of the table rows under the first heading that starts with ``title``."""
    text = CERTIFICATE.read_text(encoding="utf-8").split(f"# {title}", 1)[1].split("\n#", 1)[0]
    return [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize(
    ("title", "breaks"), [("Two layers", BREAKS), ("One layer", BREAKS_ONE_LAYER)]
)
def test_the_docs_say_what_every_damage_breaks(title, breaks):
    rows = [row for row in section(title) if "--perturb" not in row[0]]
    documented = {NAME.findall(row[0])[0]: tuple(NAME.findall(row[-1])) for row in rows}
    assert documented == dict(breaks)


def test_the_docs_explain_every_row_of_a_certificate():
    rows = [NAME.findall(row[0])[0] for row in section("What each row compares")]
    assert rows == list(CLAIM_NAMES)


def test_the_conventions_of_behaviour_are_documented() -> None:
    from hebbayes.data.behaviour.proposing.conventions import CONVENTIONS

    page = FILE_FORMATS.read_text(encoding="utf-8")
    section = page.partition("### Conventions")[2].partition("### Flags")[0]
    for each in CONVENTIONS:
        assert f"| {each.name.split(' gain')[0].split(' go')[0].split(' choices')[0]} |" in section
        assert [name for name in each.wanted if f"`{name}`" not in section] == []


def test_the_flags_and_codings_of_behaviour_are_documented() -> None:
    from hebbayes.data.behaviour.mapping import CODINGS, FIELDS

    page = FILE_FORMATS.read_text(encoding="utf-8")
    section = page.partition("### Flags")[2]
    assert [f for f in FIELDS if f"`--{f.replace('_', '-')}" not in section] == []
    assert [coding for coding in CODINGS if f"| `{coding}` |" not in section] == []
