"""Python in README and docs runs, and prints what stands below it."""

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(
    page
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if "```python" in page.read_text(encoding="utf-8")
)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return Python blocks, each with the text block that follows it at once, or nothing."""
    found = BLOCK.findall(text)
    return [
        (code, said if kind == "text" else "")
        for (language, code), (kind, said) in zip(found, [*found[1:], ("", "")])
        if language == "python"
    ]


def check(text: str) -> None:
    names: dict[str, object] = {}
    for code, said in blocks(text):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, names)
        assert printed.getvalue() == said


def as_case(page: Path):
    """The page that a newcomer reads first is quick, the others are thorough."""
    marks = () if page.name == "README.md" else pytest.mark.thorough
    return pytest.param(page, marks=marks, id=str(page.relative_to(ROOT)))


@pytest.mark.parametrize("page", [as_case(page) for page in PAGES])
def test_examples_run_and_print_what_the_page_says(page):
    check(page.read_text(encoding="utf-8"))


def test_there_are_examples_in_readme_and_start():
    assert {"README.md", "start.md"} <= {page.name for page in PAGES}


@pytest.mark.parametrize(
    "text", ["```python\nprint(1)\n```\n\n```text\n2\n```", "```python\n1/0\n```"]
)
def test_a_wrong_example_is_found_out(text):
    with pytest.raises((AssertionError, ZeroDivisionError)):
        check(text)
