"""Small runs of every command: its JSON keeps its keys, its tables fit the terminal.

Keys may be added to those frozen in `json_keys.json`, never removed or renamed.
``python tests/commands/test_every_command.py`` prints the keys of the package at hand.
"""

import dataclasses
import io
import json
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from rich.console import Console

import hebbayes as h
from hebbayes.cli.commands import COMMANDS
from hebbayes.cli.show import print_table
from hebbayes.commands.running.outcome import plain
from hebbayes.simulators import GroupDesign, simulate_group

from ..plotting.looks import faults

FROZEN = Path(__file__).with_name("json_keys.json")
MODULES = {command.name: command.module for command in COMMANDS}
FUNCTIONS = {command.name: command.function for command in COMMANDS}


def key_paths(value, path=""):
    """Return the dotted keys below ``value``; entries of lists share "[]", numbers share "*"."""
    if isinstance(value, dict):
        below = [
            key_paths(entry, f"{path}.{'*' if key.isdigit() else key}".lstrip("."))
            for key, entry in value.items()
        ]
    elif isinstance(value, list):
        below = [key_paths(entry, f"{path}[]") for entry in value]
    else:
        return {path}
    return {path, *(key for keys in below for key in keys)} - {""}


def table_of_trials(path):
    rows = [f"{k // 4},{'ab'[k // 4]},{'LR'[k % 2]},{k % 3 % 2},{k % 4 // 2}" for k in range(8)]
    path.write_text("\n".join(["subject,group,choice,reward,stimulus", *rows]))
    return path


def choices_of_a_group(path):
    """Write choices of a few subjects in two groups and return the path."""
    design = GroupDesign(n_subjects=6, n_sessions=2, n_trials=30)
    simulate_group(design).behaviour.to_dataframe().to_csv(path, index=False)
    return path


def table_of_sessions(path):
    rows = [f"{k // 30},{'ab'[k % 2]},{'LR'[k * 7 % 5 % 2]},{k % 3 % 2}" for k in range(90)]
    path.write_text("\n".join(["session,stimulus,choice,reward", *rows]))
    return path


def small_runs(folder):
    """Return a small configuration of every command that computes on its own, by name."""
    made = folder / "culture.npz"
    small = {"sources": 2, "stimuli": 16, "units": 24, "sessions": 12, "trials": 64}
    clinic = partial(h.ClinicConfig, workers=1)
    maze = {"mazes": 1, "trials": 2, "steps": 60, "workers": 1}
    return {
        "certify": h.CertifyConfig(steps=20),
        "certify sources": h.CertifyConfig(task="sources", steps=20),
        "maze": h.MazeConfig(e_right=0.25, **maze),
        "predict-maze": h.PredictMazeConfig(e_right=0.25, **maze, agents=1),
        "maze-study": h.MazeStudyConfig(**maze),
        "sources": h.SourcesConfig(sessions=3, steps=32, runs=2),
        "play": h.PlayConfig("FrozenLake-v1", steps=500),
        "simulate-culture": h.SimulateCultureConfig(made, **small),
        "check": h.CheckConfig(file=made), "reproduce": h.ReproduceConfig("list"),
        "check behaviour": h.CheckConfig(file=table_of_trials(folder / "trials.csv")),
        "analyze": h.AnalyzeConfig(file=made, workers=1),
        "analyze compare": h.AnalyzeConfig(file=made, workers=1, compare=str(made)),
        "analyze published": h.AnalyzeConfig(protocol="isomura2023"),
        "behaviour": h.BehaviourConfig(
            file=choices_of_a_group(folder / "choices.csv"), subject="subject", group="group",
            session="session", choice="choice", outcome="outcome",
            stimulus="channel_stimulus 0,channel_stimulus 1", workers=1,
        ),
        "chip": h.ChipConfig("build", steps=40, runs=1, rungs="c"),
        "chip explore": h.ChipConfig("explore", steps=40, runs=1),
        "clinic": clinic(trials=20),
        "clinic check": clinic(what="check", file=folder / "choices.csv"),
        "clinic diagnose": clinic(what="diagnose", file=folder / "choices.csv", calibrate=8),
        "clinic treat": clinic(what="treat", impairment="psi=4", trials=300),
        "clinic recover": clinic(what="recover", trials=20, subjects=8),
        "predict-behaviour": h.PredictBehaviourConfig(draws=20, lives=1, task_sessions=2),
        "predict-behaviour table": h.PredictBehaviourConfig(
            file=table_of_sessions(folder / "sessions.csv"), draws=20
        ),
        "design": h.DesignConfig(
            cultures=3, sessions=8, trials=48, units=8, stimuli=8, train_sessions=4,
            prior_count=400.0, studies=2, suggest=False, workers=1,
        ),
        "derive": h.DeriveConfig("dx/dt = -logit(x) + W*o + h", plasticity="dW/dt = x*o"),
    }  # fmt: skip


def outcomes(folder):
    """Return the outcome of every command, by name."""
    made = {}
    for name, config in small_runs(folder).items():
        command = name.split()[0]
        result = getattr(h, FUNCTIONS[command])(config)
        made[name] = import_module(MODULES[command]).present(result)
    chapters = {"certificate": "certify", "maze": "maze", "sources": "sources"}
    chapters |= {"culture": "analyze published"}
    demo = import_module(MODULES["demo"])
    story = {chapter: made[name] for chapter, name in chapters.items()}
    made["demo"] = demo.present(demo.DemoResult(story, seconds=1.0, seconds_compile=1.0))
    bench = import_module(MODULES["bench"])
    row = bench.Row(**{f.name: 1.0 for f in dataclasses.fields(bench.Row)} | {"agreement": {}})
    made["bench"] = bench.present(bench.BenchResult((row,), (), seconds=1.0, seconds_compile=1.0))
    return made


def keys_of(made):
    return {name: sorted(key_paths(plain(outcome.summary))) for name, outcome in made.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return outcomes(tmp_path_factory.mktemp("recordings"))


@pytest.mark.parametrize("name", json.loads(FROZEN.read_text()) if FROZEN.exists() else ["none"])
def test_a_command_keeps_the_keys_of_its_json(made, name):
    frozen = set(json.loads(FROZEN.read_text())[name])
    assert frozen - key_paths(plain(made[name].summary)) == set()


def test_a_key_that_went_missing_is_noticed():
    assert key_paths({"a": [{"b": 1}], "7": 2}) == {"a", "a[]", "a[].b", "*"}


@pytest.mark.parametrize("width", [80, 40])
def test_no_table_is_cut_or_wider_than_the_terminal(made, width):
    for name, outcome in made.items():
        for table in outcome.tables:
            text = io.StringIO()
            print_table(table, Console(file=text, width=width, highlight=False))
            lines = text.getvalue().splitlines()
            assert "…" not in text.getvalue(), (name, table.title)
            assert max(map(len, lines)) <= width, (name, table.title)


def test_every_figure_of_a_command_can_be_read(made):
    for name, outcome in made.items():
        for key, draw in outcome.figures.items():
            if name != "demo":  # its figures are those of other commands
                assert faults(draw()) == [], (name, key)


@pytest.mark.parametrize("name", ["analyze", "analyze compare"])
def test_a_report_answers_before_it_shows_and_names_every_figure_once(made, name):
    report, figures = made[name].report, made[name].figures
    shown = [figure for section in report.sections for figure in section.figures]
    assert report.answer
    assert len(shown) == len(set(shown))
    assert set(figures) - set(shown) <= {"culture_0"}  # the overview, for a paper
    assert report.limits
    assert report.glossary
    assert "hebbayes" in report.methods
    assert f"seed {0}" in report.methods


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(keys_of(outcomes(Path(folder))), indent=0))
