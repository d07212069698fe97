"""The list of mutations fits the package: every text occurs once, every test exists."""

from pathlib import Path

import pytest

from ..mutations import MUTATIONS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_applies_and_its_test_exists(mutation):
    for edit in mutation.edits:
        source = (ROOT / "src" / "hebbayes" / f"{edit.module}.py").read_text()
        assert source.count(edit.old) == 1, f"{edit.old!r} is no longer once in {edit.module}.py"
    path, _, name = mutation.test.partition("::")
    assert f"def {name}(" in (ROOT / path).read_text() if name else (ROOT / path).is_file()


def test_names_differ():
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
