"""C and Verilog repeat the integer model bit for bit; the Verilog is clean and short."""

import pytest

from hebbayes.neuromorphic.inference.emission import (
    layer_files,
    layer_vectors,
    testbench_files,
)
from hebbayes.neuromorphic.inference.sources import draw_sources, sources_start
from hebbayes.neuromorphic.simulation import TOOL_OF, simulate
from hebbayes.neuromorphic.spec import DeviceSpec
from hebbayes.neuromorphic.tools import has_tool, run_tool

testbench_files.__test__ = False

SPECS = {
    "sources": DeviceSpec(),
    "recurrent": DeviceSpec(
        inputs=5, neurons=3, is_recurrent=True, learns_recurrent=True, lanes=2, counter_bits=5,
        log_bits=4,
    ),
    "hard": DeviceSpec(
        inputs=8, neurons=1, lanes=8, counter_bits=6, log_bits=9, mode="hard", forgetting="saturate"
    ),
    "smallest": DeviceSpec(inputs=1, neurons=1, counter_bits=2, log_bits=1, sigmoid_bits=1),
    "window": DeviceSpec(
        inputs=7, neurons=4, is_recurrent=True, learns_inputs=False, learns_recurrent=True,
        counter_bits=9, log_bits=11, lanes=4, forgetting="window", window=50, sigmoid_bits=16,
    ),
}  # fmt: skip


def write_core(folder, spec, steps, check_every=1):
    """Write sources, testbenches and vectors of a core that separates sources."""
    start = sources_start(spec, strength=16, seed=7)
    seen = draw_sources(steps, spec.inputs, spec.neurons, 3)[1]
    made = layer_vectors(spec, start, seen, check_every=check_every)
    files = layer_files(spec) | testbench_files(spec, made) | made.files
    for name, text in files.items():
        (folder / name).write_text(text)
    return made.ran


@pytest.mark.parametrize("rung", ["c", "iverilog"])
@pytest.mark.parametrize("name", SPECS)
def test_every_counter_drive_and_draw_agrees_with_the_model(tmp_path, rung, name):
    if not has_tool(TOOL_OF[rung]):
        pytest.skip(f"{TOOL_OF[rung]} is not installed")
    ran = write_core(tmp_path, SPECS[name], 60)
    found = simulate(rung, tmp_path, "core_inference")
    assert (found.steps, found.mismatches, found.detail) == (60, 0, "")
    assert ran.events["steps"] == 60


@pytest.mark.parametrize("name", SPECS)
def test_the_verilog_is_clean_and_short(tmp_path, name):
    files = {n: text for n, text in layer_files(SPECS[name]).items() if n.endswith(".v")}
    for file, text in files.items():
        (tmp_path / file).write_text(text)
        assert len(text.splitlines()) < 400
        assert "@{" not in text
    if not has_tool("verilator"):
        pytest.skip("verilator is not installed")
    lint = ["verilator", "--lint-only", "-Wall", *files]
    assert run_tool(lint, tmp_path).output == ""


def test_an_absent_tool_skips_its_rung_with_a_word(tmp_path, monkeypatch):
    monkeypatch.setattr("hebbayes.neuromorphic.simulation.version_of", lambda name: "absent")
    found = simulate("verilator", tmp_path, "core_inference")
    assert found.holds
    assert (found.steps, found.detail) == (0, "skipped: verilator is not installed")


def test_a_testbench_that_does_not_finish_is_a_mismatch(tmp_path):
    if not has_tool("gcc"):
        pytest.skip("gcc is not installed")
    write_core(tmp_path, SPECS["smallest"], 5)
    (tmp_path / "spikes.mem").write_text("0\n")
    found = simulate("c", tmp_path, "core_inference")
    assert not found.holds
    assert "vectors end too early" in found.detail
