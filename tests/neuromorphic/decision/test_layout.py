"""Widths hold the extremes; what cannot be built is refused with the remedy."""

import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.neuromorphic.arithmetic import log2_fixed
from hebbayes.neuromorphic.decision.layout import Layout
from hebbayes.neuromorphic.spec import DeviceSpec

MAZE = {"inputs": 121, "neurons": 0, "outputs": 256, "log_bits": 11}


def test_the_maze_core_fits_250_kbit_and_its_cycles_the_limits():
    layout = Layout(DeviceSpec(**MAZE, lanes=8))
    memory = layout.memory_bits
    assert memory["evidence"] + memory["home"] <= 250_000
    assert layout.step_cycles <= 5200


@pytest.mark.parametrize(("prior", "bits", "log_bits"), [(3000, 8, 11), (64, 5, 3), (2048, 8, 4)])
def test_no_contribution_leaves_its_width(prior, bits, log_bits):
    spec = DeviceSpec(**MAZE | {"log_bits": log_bits}, prior=prior, evidence_bits=bits)
    layout, limit = Layout(spec), 1 << (bits - 1)
    low, high = layout.gain_extremes
    for home in (-limit, 0, limit - 1):
        row = log2_fixed(2 * prior + home, log_bits) - (1 << log_bits)
        for d in range(-2 * limit + 1, 2 * limit):
            assert low <= log2_fixed(prior + d, log_bits) - row <= high
    assert -(1 << (layout.gain_width - 1)) <= low <= high < 1 << (layout.gain_width - 1)
    assert 121 * max(-low, high) < 1 << (layout.drive_width - 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"prior": 255}, "prior must be at least 256"),
        ({"lanes": 32}, "at most 16 lanes"),
        ({"log_bits": 12}, "at most 11 log_bits"),
        ({"outputs": 0, "neurons": 2}, "set outputs"),
        ({"inputs": 1024, "lanes": 1}, "more than 16 bits of address"),
    ],
)
def test_what_the_core_cannot_hold_is_refused_with_the_remedy(change, sentence):
    with pytest.raises(ValueRangeError, match=sentence):
        Layout(DeviceSpec(**MAZE | change))
