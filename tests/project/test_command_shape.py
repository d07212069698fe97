"""Every command has one shape: config -> run -> Result -> present -> Outcome."""

import inspect
from importlib import import_module
from types import ModuleType

import pytest

from hebbayes.cli.commands import COMMANDS
from hebbayes.commands.running.result import CommandResult


def written(annotation: object) -> str:
    """Return an annotation as text, whether or not it was written in quotes."""
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")


def result_of(module: ModuleType) -> str:
    """Return the name of what ``run`` returns."""
    return written(inspect.signature(module.run).return_annotation)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_runs_a_config_and_presents_its_result(command) -> None:
    module = import_module(command.module)
    config, *others = inspect.signature(module.run).parameters.values()
    assert config.name == "config"
    assert command.config.__name__ in str(config.annotation)
    assert [other.name for other in others][:2] == ["progress", "checkpoint"]
    assert all(other.kind is inspect.Parameter.KEYWORD_ONLY for other in others)
    assert all(other.default is not inspect.Parameter.empty for other in others)
    (result,) = inspect.signature(module.present).parameters.values()
    assert result.name == "result"
    assert written(result.annotation) == result_of(module)
    assert written(inspect.signature(module.present).return_annotation) == "Outcome"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_result_shows_itself_in_python(command) -> None:
    module = import_module(command.module)
    expected = "".join(map(str.capitalize, command.name.split("-"))) + "Result"
    assert result_of(module) == expected
    assert issubclass(getattr(module, expected), CommandResult)
