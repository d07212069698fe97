"""Suggested changes of design, for studies that follow an invented law."""

import pytest

from hebbayes.reverse_engineering.experimental_design.plan import Plan, size_of
from hebbayes.reverse_engineering.experimental_design.power import Claims, power_of_effect
from hebbayes.reverse_engineering.experimental_design.precision import MonteCarloEstimate
from hebbayes.reverse_engineering.experimental_design.suggestion import LEVERS, suggest_change
from hebbayes.simulators import CultureDesign

PLAN = Plan(CultureDesign(n_units=24, n_sessions=30, n_trials=80), cultures=6, train_sessions=10)


class InventedStudies:
    """Claims whose effect grows by a law that the suggestion does not know."""

    def __init__(self, exponents, base):
        self.exponents, self.base, self.simulated = exponents, base, []
        self.unchanged = self._claims("cultures", PLAN.cultures)

    def simulate(self, lever, size):
        self.simulated.append((lever, size))
        return self._claims(lever, size)

    def suggestion(self, unit_cost=0.0):
        return suggest_change(PLAN, self.unchanged, self.simulate, unit_cost=unit_cost)

    def _claims(self, lever, size):
        cultures = size if lever == "cultures" else PLAN.cultures
        effect = self.base * (size / size_of(PLAN, lever)) ** self.exponents[lever]
        one = MonteCarloEstimate(power_of_effect(effect, cultures), 0.01)
        return Claims(one, one, one, effect)


def test_the_cheapest_change_that_reaches_the_target_is_suggested() -> None:
    exponents = {"cultures": 0.0, "sessions": 0.5, "trials": 1.5, "units": 0.1}
    studies = InventedStudies(exponents, 0.6)
    assert studies.unchanged.share.value < 0.5
    suggestion = studies.suggestion(unit_cost=1.0)
    assert suggestion.best.lever == "trials"  # a steeper gain for the same cost
    assert suggestion.best.power.value >= 0.8
    smaller = suggestion.best.size / size_of(PLAN, "trials") * 0.9
    assert power_of_effect(0.6 * smaller**1.5, PLAN.cultures) < 0.8
    assert suggestion.exponents == pytest.approx(exponents)
    assert studies.suggestion().best.lever == "trials"  # eight times the free units do not suffice


def test_a_sufficient_design_stays_as_it_is() -> None:
    studies = InventedStudies(dict.fromkeys(LEVERS, 0.0), 2.0)
    assert studies.suggestion().is_reached
    assert studies.simulated == []


def test_a_hopeless_design_gets_no_suggestion() -> None:
    suggestion = InventedStudies(dict.fromkeys(LEVERS, 0.0), -0.2).suggestion()
    assert not suggestion.is_reached
    assert suggestion.best is None
    assert len(suggestion.options) == 4
