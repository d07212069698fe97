"""Which commands may load JAX.  The others start in a third of the time."""

import subprocess
import sys
from pathlib import Path

import pytest

from hebbayes.cli.commands import COMMANDS

WITHOUT_JAX = {
    *("analyze", "behaviour", "bench", "check", "chip", "clinic", "design", "play", "reproduce"),
    "simulate-culture",
}
"""Commands whose modules import no JAX.  `bench` and `reproduce` may load it once they run, as
may `analyze` for a network with latent sources."""

WITH_JAX = {
    "certify",
    "demo",
    "derive",
    "maze",
    "maze-study",
    "predict-behaviour",
    "predict-maze",
    "replay",
    "sources",
}

ROOMS_WITHOUT_JAX = (
    "hebbayes.clinic.diagnosis.diagnose",
    "hebbayes.clinic.recovery.recover",
    "hebbayes.core.arrays",
    "hebbayes.core.firing_rate",
    "hebbayes.data.behaviour",
    "hebbayes.data.reading",
    "hebbayes.plotting",
    "hebbayes.reports",
    "hebbayes.reverse_engineering.description",
    "hebbayes.reverse_engineering.ensembles.without_labels",
    "hebbayes.reverse_engineering.forecasting.catalogue",
    "hebbayes.reverse_engineering.isomura2023.pipeline",
    "hebbayes.reverse_engineering.perception",
    "hebbayes.reverse_engineering.weights.beliefs",
    "hebbayes.simulators",
)


def _run(code: str) -> str:
    words = [sys.executable, "-c", code]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_every_command_is_listed() -> None:
    assert {command.name for command in COMMANDS} == WITHOUT_JAX | WITH_JAX


def test_rooms_and_commands_without_jax_do_not_import_it() -> None:
    modules = [c.module for c in COMMANDS if c.name in WITHOUT_JAX]
    code = (
        "import sys\nfrom importlib import import_module\n"
        f"for name in {[*ROOMS_WITHOUT_JAX, *modules]}:\n"
        "    import_module(name)\n"
        "    if 'jax' in sys.modules:\n"
        "        print(name)\n"
        "        break\n"
    )
    assert _run(code) == ""


def test_check_runs_without_jax(tmp_path: Path) -> None:
    words = ["check", "--json", "--out", str(tmp_path / "run")]
    code = (
        f"import sys\nfrom hebbayes.cli.main import run\nstatus = run({words})\n"
        "print(status, 'jax' in sys.modules)\n"
    )
    assert _run(code).splitlines()[-1] == "0 False"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_command_computes_in_double_precision_whenever_jax_is_imported(when: str) -> None:
    lines = ["from hebbayes.cli.main import run", "run(['check', '--json'])"]
    lines.insert(0 if when == "before" else 2, "import jax.numpy as jnp")
    assert _run("\n".join([*lines, "print(jnp.zeros(1).dtype)"])).splitlines()[-1] == "float64"
