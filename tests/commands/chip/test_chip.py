"""The chip command: what it writes, what it refuses, when it fails."""

import json

import pytest

from hebbayes.cli.main import run as run_words
from hebbayes.commands.chip import present, run
from hebbayes.commands.configs import ChipConfig
from hebbayes.core.errors import HebbayesError
from hebbayes.neuromorphic.spec import DeviceSpec, spec_text
from hebbayes.neuromorphic.tools import has_tool

SMALL = DeviceSpec(inputs=6, neurons=2, counter_bits=8)


@pytest.fixture
def spec_file(tmp_path):
    path = tmp_path / "spec.toml"
    path.write_text(spec_text(SMALL, "toml"))
    return path


def test_build_writes_a_core_that_verify_accepts_until_it_is_edited(tmp_path, spec_file, capsys):
    if not has_tool("gcc"):
        pytest.skip("gcc is not installed")
    out, common = tmp_path / "chip", ["--steps", "200", "--runs", "1", "--rungs", "c", "--json"]
    assert run_words(["chip", "build", str(spec_file), "--out", str(out), *common]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["steps_verified"] == 200
    assert written["spec"]["inputs"] == 6
    names = {path.name for path in (out / "core").iterdir()}
    assert {"spec.json", "core_inference.v", "core_inference.c", "core_inference.h"} <= names
    assert {"datasheet.md", "costs.csv", "stimuli.mem", "counters.mem"} <= names
    assert run_words(["chip", "verify", str(out), *common]) == 0
    source = out / "core" / "core_inference.c"
    good, bad = "(uint16_t)((count + rounding) >> 1)", "(uint16_t)(count >> (1 + 0 * rounding))"
    source.write_text(source.read_text().replace(good, bad))
    capsys.readouterr()
    assert run_words(["chip", "verify", str(out), *common]) == 1
    assert json.loads(capsys.readouterr().out)["mismatches"] > 0


def test_design_takes_the_cheapest_core_that_is_good_enough(spec_file):
    result = run(ChipConfig("design", spec_file, target_accuracy=0.6, steps=400, runs=1))
    enough = [one for one in result.candidates if one.accuracy >= 0.6]
    assert result.chosen.costs.energy_pj[1] == min(one.costs.energy_pj[1] for one in enough)
    assert present(result).holds
    lofty = run(ChipConfig("design", spec_file, target_accuracy=1.0, steps=400, runs=1))
    assert not present(lofty).holds
    assert "No core reaches --target-accuracy 1" in " ".join(present(lofty).notes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"steps": 0}, "--steps must be at least 1"),
        ({"runs": 10_000}, "--runs must be at most 1000"),
        ({"target_accuracy": 2.0}, "--target-accuracy must lie between"),
        ({"rungs": "vhdl"}, "--rungs has no 'vhdl'"),
    ],
)
def test_values_out_of_range_are_refused(changes, words):
    with pytest.raises(HebbayesError, match=words):
        run(ChipConfig(**changes))


def test_a_folder_that_is_no_core_is_refused(tmp_path):
    with pytest.raises(HebbayesError, match="cannot read"):
        run(ChipConfig("verify", tmp_path))
    with pytest.raises(HebbayesError, match="wants a spec"):
        run(ChipConfig("build", tmp_path))
