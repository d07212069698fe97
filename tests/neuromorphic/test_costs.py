"""Costs are counts times energies; the node scales them as stated."""

import pytest

from hebbayes.neuromorphic.costs import (
    ADD_BIT,
    CYCLE,
    DRAW,
    LOG_BIT,
    MEMORY_BIT,
    costs_csv,
    node_scale,
    step_costs,
)
from hebbayes.neuromorphic.search import cheapest, pareto_front
from hebbayes.neuromorphic.spec import DeviceSpec

EVENTS = {
    "steps": 10, "cycles": 1000, "word_reads": 300, "word_writes": 100, "home_reads": 20,
    "home_writes": 10, "logarithms": 700, "additions": 900, "draws": 30,
}  # fmt: skip


def test_the_energy_is_the_sum_of_counts_times_energies():
    costs = step_costs(DeviceSpec(), EVENTS, 1320, 20)
    memory = (40 * 20 + 3 * 20) * MEMORY_BIT["sram"].typical
    width = 6 + 4  # fractional and integer bits of a logarithm
    rest = 90 * width * ADD_BIT.typical + 70 * width * LOG_BIT.typical
    rest += 3 * DRAW.typical + 100 * CYCLE.typical
    assert costs.energy_pj[1] == pytest.approx(memory + rest)
    assert costs.memory_share == pytest.approx(memory / (memory + rest))
    assert costs.steps_per_second == pytest.approx(12e6 / 100)


@pytest.mark.parametrize("node", [14, 28, 45, 180])
def test_a_node_scales_energy_by_powers_of_its_ratio_in_order(node):
    low, typical, high = node_scale(node)
    assert low <= typical <= high
    assert {low, typical, high} == {(node / 45) ** power for power in (1, 1.5, 2)}
    costs = step_costs(DeviceSpec(node_nm=node), EVENTS, 1320, 20)
    at_45 = step_costs(DeviceSpec(), EVENTS, 1320, 20)
    assert costs.energy_pj == pytest.approx([f * e for f, e in zip(costs.scale, at_45.energy_pj)])


def test_the_table_of_costs_has_a_unit_for_every_row():
    rows = costs_csv(step_costs(DeviceSpec(), EVENTS, 1320, 20)).splitlines()
    assert rows[0] == "quantity,value,unit"
    assert all(len(row.split(",")) == 3 and row.split(",")[2] for row in rows)


class Core:
    """Stands for a candidate."""

    def __init__(self, accuracy, energy):
        self.accuracy = accuracy
        self.costs = type("Costs", (), {"energy_pj": (0, energy, 0)})


def test_the_front_holds_what_nothing_beats_and_the_cheapest_reaches_the_target():
    cores = [Core(0.9, 1.0), Core(0.95, 3.0), Core(0.93, 4.0), Core(0.94, 2.0), Core(0.9, 2.5)]
    front = [(one.accuracy, one.costs.energy_pj[1]) for one in pareto_front(cores)]
    assert front == [(0.9, 1.0), (0.94, 2.0), (0.95, 3.0)]
    assert cheapest(cores, 0.935).costs.energy_pj[1] == 2.0
    assert cheapest(cores, 0.99) is None
