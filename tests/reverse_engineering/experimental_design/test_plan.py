"""Costs of a plan, and plans with one size changed."""

from hebbayes.reverse_engineering.experimental_design.plan import (
    Plan,
    cost_of,
    resized_plan,
    scaled_plan,
    size_of,
)
from hebbayes.simulators import CultureDesign

PLAN = Plan(CultureDesign(n_sessions=8, n_trials=48, n_units=8), cultures=3, train_sessions=4)


def test_costs_are_cultures_times_sessions_times_trials() -> None:
    assert cost_of(PLAN, 0.0) == 3 * 8 * 48
    assert cost_of(PLAN, 1.0) == 3 * 8 * 48 * 8


def test_every_lever_is_scaled_alone_and_resized_exactly() -> None:
    levers = ("cultures", "sessions", "trials", "units")
    for lever in levers:
        sizes = {name: size_of(scaled_plan(PLAN, lever, 2.5), name) for name in levers}
        expected = {name: size_of(PLAN, name) for name in levers}
        assert sizes == expected | {lever: -(-5 * expected[lever] // 2)}
        assert all(size_of(resized_plan(PLAN, lever, n), lever) == n for n in range(8, 200))
