"""Tasks: the built-in ones, and those of other packages, certified by name."""

import importlib.metadata
import sys
import tomllib
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import pytest

from hebbayes.agents.tasks import DOG, MAZE, SOURCES, find_task, task_names
from hebbayes.cli.parser import parse
from hebbayes.commands.certify import present, run
from hebbayes.commands.configs import CertifyConfig
from hebbayes.core.errors import FormatError, HebbayesError, ValueRangeError
from hebbayes.environments.dog import dog_model, dog_world
from hebbayes.environments.registry import GROUP, Task, plug_in_names, plug_in_task

KENNEL = Task("kennel", world=lambda key: dog_world(), model=lambda world, key: dog_model(world))


@pytest.fixture
def provide(monkeypatch):
    """Return a function that installs worlds as another package would."""

    def install(**provided):
        module = ModuleType("kennel_package")
        for name, value in provided.items():
            setattr(module, name, value)
        monkeypatch.setitem(sys.modules, "kennel_package", module)
        points = EntryPoints(EntryPoint(name, f"kennel_package:{name}", GROUP) for name in provided)
        monkeypatch.setattr(
            importlib.metadata, "entry_points", lambda **words: points.select(**words)
        )

    return install


def test_the_built_in_tasks_are_registered_as_entry_points():
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    points = tomllib.loads(pyproject.read_text())["project"]["entry-points"][GROUP]
    loaded = {name: EntryPoint(name, value, GROUP).load() for name, value in points.items()}
    assert list(loaded.values()) == [MAZE, SOURCES, DOG]
    assert list(loaded) == [task.name for task in loaded.values()]


@pytest.mark.thorough
def test_the_world_of_another_package_is_certified(provide):
    provide(kennel=KENNEL)
    assert task_names() == ("maze", "sources", "dog", "kennel")
    result = run(CertifyConfig(task="kennel", steps=20))
    assert result.certificate.holds
    assert present(result).next_command == "hebbayes certify --task kennel --perturb thresholds"


def test_the_rows_of_another_package_are_checked(provide):
    watching = Task("watching", world=SOURCES.world, model=SOURCES.model)
    provide(watching=watching)
    assert run(CertifyConfig(task="watching", steps=20)).certificate.holds
    with pytest.raises(ValueRangeError, match="output_plasticity is no row of the task watching"):
        run(CertifyConfig(task="watching", steps=20, perturb="output_plasticity"))


def test_an_unknown_task_is_refused_with_the_known_names(provide):
    provide(kennel=KENNEL)
    with pytest.raises(HebbayesError, match=r"no task labyrinth; .* maze, sources, dog, kennel"):
        run(CertifyConfig(task="labyrinth"))


def test_what_is_no_task_is_refused(provide):
    provide(kennel=3)
    with pytest.raises(FormatError, match=r"kennel .*is of type int; wanted a .*Task"):
        find_task("kennel")


def test_a_plug_in_that_cannot_be_loaded_is_named(provide, monkeypatch):
    provide(kennel=KENNEL)
    monkeypatch.delattr(sys.modules["kennel_package"], "kennel")
    with pytest.raises(FormatError, match=r"kennel \(kennel_package:kennel\) cannot be loaded"):
        plug_in_task("kennel")


def test_a_built_in_task_wins_over_a_plug_in_of_its_name(provide):
    provide(dog=KENNEL)
    assert plug_in_names() == ("dog",)
    assert find_task("dog") is DOG


@pytest.mark.thorough
def test_a_damaged_run_does_not_suggest_itself():
    outcome = present(run(CertifyConfig(task="dog", steps=20, perturb="thresholds")))
    assert "thresholds" in outcome.summary["broken"]
    assert outcome.next_command == "hebbayes certify --task dog"


def test_help_lists_the_worlds_of_other_packages(provide, capsys):
    provide(kennel=KENNEL)
    assert parse(["certify", "--help"]) is None
    assert "Registered by other packages: kennel." in capsys.readouterr().out
