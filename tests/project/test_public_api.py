"""The public names: light to import, complete, documented, one per command."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import hebbayes
from hebbayes.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]


def test_import_stays_light() -> None:
    heavy = "{'jax', 'numpy', 'sympy', 'matplotlib', 'scipy', 'rich', 'cyclopts'}"
    code = f"import sys, hebbayes; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", hebbayes.__all__)
def test_a_public_name_exists(name: str) -> None:
    assert getattr(hebbayes, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = hebbayes.no_such_name


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(hebbayes.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        a.asname or a.name for n in block.body if isinstance(n, ast.ImportFrom) for a in n.names
    }
    assert seen | {"__version__"} == set(hebbayes.__all__)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_is_a_function_with_the_same_name_and_config(command) -> None:
    function = getattr(hebbayes, command.function)
    first = next(iter(inspect.signature(function).parameters.values()))
    annotation = first.annotation
    named = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    assert named.split(" | ")[0].rsplit(".")[-1] == command.config.__name__  # derive takes text too
    assert getattr(hebbayes, command.config.__name__) is command.config


def test_the_docs_name_every_public_name() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
    assert [name for name in hebbayes.__all__ if f"`{name}`" not in text] == []


def test_help_needs_no_optional_package() -> None:
    optional = ("pynwb", "h5py", "neo", "pynapple", "pandas", "safetensors")
    code = (
        "import sys, pydoc\n"
        f"sys.modules.update(dict.fromkeys({optional}))\n"  # None makes an import fail
        "import hebbayes\n"
        "print(pydoc.render_doc(hebbayes))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "generative_model(" in done.stdout


def test_the_newcomers_script_is_short_and_has_one_import_line_from_hebbayes() -> None:
    page = (ROOT / "docs" / "own-world.md").read_text(encoding="utf-8")
    script = page.split("```python\n", 1)[1].split("```", 1)[0].splitlines()
    assert len(script) <= 40
    assert len([line for line in script if "import" in line and "hebbayes" in line]) == 1
