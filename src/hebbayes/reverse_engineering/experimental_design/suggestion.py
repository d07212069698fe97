"""The cheapest change of design with which 80 % of studies detect learning by the theory.

A power law proposes sizes, and simulation decides.  By the law, the effect (mean gain of a culture
beyond the claimed minimum, over its spread) grows as a power of the number of cultures, sessions,
trials or units; two or four times as many give the exponent.  The power of a study is that of
Student's interval over its cultures.  Proposals are simulated, cheapest first; one that falls
short is raised by a quarter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.reverse_engineering.experimental_design.plan import (
    Plan,
    cost_of,
    resized_plan,
    scaled_plan,
    size_of,
)
from hebbayes.reverse_engineering.experimental_design.power import (
    FEWEST_TO_JUDGE,
    Claims,
    power_of_effect,
)
from hebbayes.reverse_engineering.experimental_design.precision import TARGET_POWER

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.experimental_design.precision import MonteCarloEstimate

SimulatedClaims = Callable[[str, int], Claims]
"""Claims of simulated studies, for a lever and its size."""

LEVERS = ("cultures", "sessions", "trials", "units")
LARGEST_FACTOR = 8.0
MOST_CHECKS = 6
RAISE = 1.25
_PILOTS = (2.0, 4.0)


@dataclass(frozen=True)
class Option:
    """One change of design.

    Attributes:
        lever: What to change: cultures, sessions, trials or units.
        size: Their new number.
        cost: Cost of the changed design.
        predicted_power: Power by the law; NaN if no size up to `LARGEST_FACTOR` reaches the target.
        power: Simulated power; None if not simulated.
    """

    lever: str
    size: int
    cost: float
    predicted_power: float
    power: "MonteCarloEstimate | None" = None

    @property
    def reaches(self) -> bool:
        """Whether the simulated power reaches the target."""
        return self.power is not None and self.power.value >= TARGET_POWER


@dataclass(frozen=True)
class PowerLaw:
    """How the effect grows with a lever.

    Attributes:
        factor: Multiple of the lever's size that was simulated.
        effect: Effect with that multiple.
        exponent: Exponent of the growth; NaN if there was no effect.
    """

    factor: float
    effect: float
    exponent: float


@dataclass(frozen=True)
class Suggestion:
    """Changes of a design, and their cost.

    Attributes:
        options: All options, cheapest first.
        exponents: Exponents of the effect, by lever.
        is_reached: Whether the unchanged design reaches the target.
        cost: Cost of the unchanged design.
    """

    options: tuple[Option, ...]
    exponents: dict[str, float]
    is_reached: bool
    cost: float

    @property
    def best(self) -> Option | None:
        """The cheapest option that simulation confirms; None if there is none."""
        return next((option for option in self.options if option.reaches), None)


def suggest_change(
    plan: Plan, claims: Claims, simulate: SimulatedClaims, *, unit_cost: float
) -> Suggestion:
    """Return the cheapest change of ``plan`` that reaches the target power.

    ``claims`` are those of the unchanged plan; ``simulate`` returns those of a changed one.

    Example:
        >>> from hebbayes.reverse_engineering.experimental_design.precision import (
        ...     MonteCarloEstimate,
        ... )
        >>> from hebbayes.simulators import CultureDesign
        >>> one = MonteCarloEstimate(0.9, 0.01)
        >>> claims = Claims(one, one, one, 1.0)
        >>> plan = Plan(CultureDesign(), cultures=6, train_sessions=10)
        >>> suggest_change(plan, claims, lambda lever, size: claims, unit_cost=0.0).is_reached
        True
    """
    cost = cost_of(plan, unit_cost)
    if plan.cultures >= FEWEST_TO_JUDGE and claims.share.value >= TARGET_POWER:
        return Suggestion((), {}, True, cost)

    laws = {lever: _power_law(plan, lever, claims.effect, simulate) for lever in LEVERS}
    options = [_predicted(plan, lever, law, unit_cost) for lever, law in laws.items()]
    checked = _checked(plan, options, simulate, unit_cost)
    exponents = {lever: law.exponent for lever, law in laws.items()}
    return Suggestion(tuple(sorted(checked, key=_order)), exponents, False, cost)


def _power_law(plan: Plan, lever: str, effect: float, simulate: SimulatedClaims) -> PowerLaw:
    """How the effect grows; its exponent lies between -1 and 2, and is 1 without an effect."""
    for factor in _PILOTS:
        larger = simulate(lever, size_of(scaled_plan(plan, lever, factor), lever)).effect
        if larger > 0:
            slope = np.log(larger / effect) / np.log(factor) if effect > 0 else 1.0
            return PowerLaw(factor, larger, float(np.clip(slope, -1.0, 2.0)))
    return PowerLaw(_PILOTS[-1], 0.0, float("nan"))


def _predicted(plan: Plan, lever: str, law: PowerLaw, unit_cost: float) -> Option:
    """The smallest size at which the law gives the target power."""
    for factor in np.geomspace(1.0, LARGEST_FACTOR, 60)[1:]:
        other = scaled_plan(plan, lever, float(factor))
        if other.cultures < FEWEST_TO_JUDGE or np.isnan(law.exponent):
            continue
        effect = law.effect * (factor / law.factor) ** law.exponent
        power = power_of_effect(float(effect), other.cultures)
        if power >= TARGET_POWER:
            return Option(lever, size_of(other, lever), cost_of(other, unit_cost), power)
    other = scaled_plan(plan, lever, LARGEST_FACTOR)
    return Option(lever, size_of(other, lever), cost_of(other, unit_cost), float("nan"))


def _checked(
    plan: Plan, options: list[Option], simulate: SimulatedClaims, unit_cost: float
) -> list[Option]:
    """Simulate the cheapest options in turn until one reaches the target power."""
    options = list(options)
    for _ in range(MOST_CHECKS):
        open_ones = [o for o in options if o.power is None and np.isfinite(o.predicted_power)]
        if not open_ones:
            break
        option = min(open_ones, key=_order)
        power = simulate(option.lever, option.size).share
        done = Option(option.lever, option.size, option.cost, option.predicted_power, power)
        options[options.index(option)] = done
        if done.reaches:
            break
        larger = resized_plan(plan, option.lever, int(np.ceil(option.size * RAISE)))
        if size_of(larger, option.lever) <= LARGEST_FACTOR * size_of(plan, option.lever):
            size, cost = size_of(larger, option.lever), cost_of(larger, unit_cost)
            options.append(Option(option.lever, size, cost, option.predicted_power))
    return options


def _order(option: Option) -> tuple[bool, float, float]:
    """Cheapest first, then smallest; options that the law rules out come last."""
    return np.isnan(option.predicted_power), option.cost, option.size
