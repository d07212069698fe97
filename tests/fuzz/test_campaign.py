"""A short fuzz campaign over every reader, and proof that the harness sees each kind of fault.

`make fuzz` runs the long one.  Both run as scripts: they fork, which a process with JAX must not.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from .mutations import damaged, damaged_text
from .targets import TARGETS

ROOT = Path(__file__).parents[2]


def run(*words: str) -> dict:
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.thorough
def test_every_planted_fault_is_seen() -> None:
    outcomes = run("tests.fuzz.planted")
    assert outcomes == {name: {name: 2} for name in outcomes}
    assert len(outcomes) == 7


def test_no_mutant_of_a_short_campaign_shows_a_fault() -> None:
    report = run("tests.fuzz.campaign", "--mutants", "100", "--seed", "0")
    assert report["mutants"] >= 100
    assert report["faults"] == []
    assert report["total"]["refused"] > 0.5 * report["mutants"]
    assert list(report["targets"]) == list(TARGETS)


def test_mutants_follow_from_their_seed() -> None:
    content = bytes(range(200)) * 20
    for damage in (damaged, damaged_text):
        once, again = (
            [damage(content, np.random.default_rng(seed)) for seed in range(50)] for _ in range(2)
        )
        assert once == again
        assert sum(mutant != content for mutant in once) > 40
