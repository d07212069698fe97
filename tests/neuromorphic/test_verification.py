"""The ladder holds for random specs and catches every planted fault."""

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.neuromorphic.faults import INFERENCE_FAULTS, plant
from hebbayes.neuromorphic.inference.emission import layer_files
from hebbayes.neuromorphic.simulation import TOOL_OF
from hebbayes.neuromorphic.spec import DeviceSpec
from hebbayes.neuromorphic.tools import has_tool
from hebbayes.neuromorphic.verification import climb, random_spec, rungs_of, vectors_of

SMALL = DeviceSpec(
    inputs=5, neurons=2, is_recurrent=True, learns_recurrent=True, counter_bits=6, log_bits=4
)


def need(rung):
    if not has_tool(TOOL_OF[rung]):
        pytest.skip(f"{TOOL_OF[rung]} is not installed")


@pytest.mark.parametrize("fault", [f for f in INFERENCE_FAULTS if f.file.endswith(".c")], ids=str)
def test_a_fault_planted_in_c_is_caught(fault):
    need("c")
    (rung,), _ = climb(SMALL, 300, ["c"], sources=plant(fault, layer_files(SMALL)))
    assert rung.mismatches > 0, fault.name


@pytest.mark.thorough
@pytest.mark.parametrize("fault", [f for f in INFERENCE_FAULTS if f.file.endswith(".v")], ids=str)
def test_a_fault_planted_in_verilog_is_caught(fault):
    need("iverilog")
    (rung,), _ = climb(SMALL, 300, ["iverilog"], sources=plant(fault, layer_files(SMALL)))
    assert rung.mismatches > 0, fault.name


def climb_random(rung, number, steps):
    need(rung)
    spec = random_spec(np.random.default_rng(number))
    (found,), vectors = climb(spec, steps, [rung], seed=number)
    assert vectors.ran.events["halvings"] >= 2
    assert vectors.ran.events["clamped"] >= 1
    assert (found.mismatches, found.detail) == (0, "")
    assert found.steps == (300 if rung == "netlist" else steps)


@pytest.mark.thorough
@pytest.mark.parametrize("rung", ["c", "iverilog", "verilator", "netlist"])
def test_a_random_spec_agrees_in_every_counter(rung):
    climb_random(rung, 0, 10_000 if rung in ("c", "verilator") else 1000)


@pytest.mark.slow
@pytest.mark.parametrize("rung", ["c", "iverilog", "verilator"])
@pytest.mark.parametrize("number", range(5))
def test_random_specs_agree_over_ten_thousand_learning_steps(rung, number):
    climb_random(rung, number, 10_000)


def test_vectors_of_a_random_spec_halve_and_saturate():
    for number in range(3):
        spec = random_spec(np.random.default_rng(number))
        events = vectors_of(spec, 1000, number).ran.events
        assert events["halvings"] >= 2
        assert events["clamped"] >= 1


def test_a_rung_that_does_not_exist_is_named():
    with pytest.raises(ValueRangeError, match="--rungs has no 'vhdl'"):
        rungs_of("c,vhdl")
