"""Hostile strings end `derive` in one sentence, in time; `make fuzz` tries many more."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .derive_strings import GOOD, SECONDS, derived, hostile_strings

ROOT = Path(__file__).parents[2]


@pytest.mark.thorough
def test_no_string_of_a_short_campaign_shows_a_fault() -> None:
    words = ("tests.fuzz.derive_strings", "--strings", "12", "--seed", "3")
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["faults"] == []
    assert sum(report["outcomes"].values()) == 12
    assert report["outcomes"]["refused"] > 4
    assert report["slowest_s"] < SECONDS


def test_strings_follow_from_their_seed_and_differ() -> None:
    once, again = (list(hostile_strings(2, 300)) for _ in range(2))
    assert once == again
    assert len(set(once)) > 250
    assert once != list(hostile_strings(3, 300))


def test_a_good_string_is_derived_and_a_bad_one_refused() -> None:
    assert derived(GOOD[0]) == ("derived", "")
    assert derived(("dx/dt = -x + log(0)", "", "")) == ("refused", "")
