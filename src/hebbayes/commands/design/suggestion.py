"""The cheapest change of design with which learning by the theory is seen in 80 % of studies.

A law proposes, simulation decides.  The law: the effect (mean gain of a culture beyond the least
that is claimed, over its spread) grows as a power of the number of cultures, sessions, trials or
units, whose exponent is seen with twice (or else four times) as many of them; the power of a
study is that of Student's interval over its cultures.  What the law proposes is simulated, cheapest
first, and raised by a quarter where it falls short.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.design.plan import Plan, changed, cost_of, size_of
from hebbayes.commands.design.power import (
    FEWEST_TO_JUDGE,
    Claims,
    claims_of,
    power_of_effect,
)
from hebbayes.commands.design.precision import TARGET_POWER, Measured

if TYPE_CHECKING:
    from hebbayes.commands.design.pools import Pools

LEVERS = ("cultures", "sessions", "trials", "units")
LARGEST_FACTOR = 8.0
MOST_CHECKS = 6
RAISE = 1.25
_PILOTS = (2.0, 4.0)


@dataclass(frozen=True)
class Option:
    """One change: what to have how many of, at what cost.

    law: power that the law gives it, NaN where the law sees no way within `LARGEST_FACTOR`.
    power: what simulation gives, None where it was not tried for there was a cheaper one.
    """

    lever: str
    size: int
    cost: float
    law: float
    power: Measured | None = None

    @property
    def reaches(self) -> bool:
        """Whether simulation gives the power that is asked for."""
        return self.power is not None and self.power.value >= TARGET_POWER


@dataclass(frozen=True)
class Law:
    """effect: with ``factor`` times as many.  exponent: how it grows; NaN where none was seen."""

    factor: float
    effect: float
    exponent: float


@dataclass(frozen=True)
class Suggestion:
    """All options, cheapest first; best is the one to take, None where nothing reaches or needs to.

    exponents: of the effect, by lever.  is_reached: whether the design does as it is.
    """

    options: tuple[Option, ...]
    exponents: dict[str, float]
    is_reached: bool
    cost: float

    @property
    def best(self) -> Option | None:
        """The cheapest option that simulation confirms."""
        return next((option for option in self.options if option.reaches), None)


def suggest(
    pools: "Pools", plan: Plan, claims: Claims, *, studies: int, unit_cost: float
) -> Suggestion:
    """Return what to change; simulates studies of changed designs.

    Example:
        >>> one = Measured(0.9, 0.01)
        >>> from hebbayes.commands.design.plan import plan_of
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> plan = plan_of(DesignConfig(), {})
        >>> suggest(None, plan, Claims(one, one, one, 1.0), studies=8, unit_cost=0.0).is_reached
        True
    """
    cost = cost_of(plan, unit_cost)
    if plan.cultures >= FEWEST_TO_JUDGE and claims.share.value >= TARGET_POWER:
        return Suggestion((), {}, True, cost)

    def try_out(lever: str, size: int) -> Claims:
        return _tried(pools, plan, lever, size, studies)

    laws = {lever: _law(plan, lever, claims.effect, try_out) for lever in LEVERS}
    options = [_by_law(plan, lever, law, unit_cost) for lever, law in laws.items()]
    checked = _checked(plan, options, try_out, unit_cost)
    exponents = {lever: law.exponent for lever, law in laws.items()}
    return Suggestion(tuple(sorted(checked, key=_order)), exponents, False, cost)


def _tried(pools: "Pools", plan: Plan, lever: str, size: int, studies: int) -> Claims:
    other = _with_size(plan, lever, size)
    name = "canonical" if lever == "cultures" else f"{lever} {size}"
    pool = pools.take(
        name, other, studies * max(other.cultures, FEWEST_TO_JUDGE), is_perceived=False
    )
    return claims_of(pool, other, seed=pools.seed)


def _with_size(plan: Plan, lever: str, size: int) -> Plan:
    return changed(plan, lever, size / size_of(plan, lever) * (1 - 1e-12))


def _law(plan: Plan, lever: str, effect: float, try_out: Callable[[str, int], Claims]) -> Law:
    """How the effect grows, to a power of -1 to 2; 1 is taken where there was none to grow from."""
    for factor in _PILOTS:
        larger = try_out(lever, size_of(changed(plan, lever, factor), lever)).effect
        if larger > 0:
            slope = np.log(larger / effect) / np.log(factor) if effect > 0 else 1.0
            return Law(factor, larger, float(np.clip(slope, -1.0, 2.0)))
    return Law(_PILOTS[-1], 0.0, float("nan"))


def _by_law(plan: Plan, lever: str, law: Law, unit_cost: float) -> Option:
    """The smallest size at which the law gives the power asked for."""
    for factor in np.geomspace(1.0, LARGEST_FACTOR, 60)[1:]:
        other = changed(plan, lever, float(factor))
        if other.cultures < FEWEST_TO_JUDGE or np.isnan(law.exponent):
            continue
        effect = law.effect * (factor / law.factor) ** law.exponent
        power = power_of_effect(float(effect), other.cultures)
        if power >= TARGET_POWER:
            return Option(lever, size_of(other, lever), cost_of(other, unit_cost), power)
    other = changed(plan, lever, LARGEST_FACTOR)
    return Option(lever, size_of(other, lever), cost_of(other, unit_cost), float("nan"))


def _checked(
    plan: Plan, options: list[Option], try_out: Callable[[str, int], Claims], unit_cost: float
) -> list[Option]:
    """Simulate the cheapest options in turn until one reaches the power."""
    options = list(options)
    for _ in range(MOST_CHECKS):
        open_ones = [o for o in options if o.power is None and np.isfinite(o.law)]
        if not open_ones:
            break
        option = min(open_ones, key=_order)
        power = try_out(option.lever, option.size).share
        done = Option(option.lever, option.size, option.cost, option.law, power)
        options[options.index(option)] = done
        if done.reaches:
            break
        larger = _with_size(plan, option.lever, int(np.ceil(option.size * RAISE)))
        if size_of(larger, option.lever) <= LARGEST_FACTOR * size_of(plan, option.lever):
            size, cost = size_of(larger, option.lever), cost_of(larger, unit_cost)
            options.append(Option(option.lever, size, cost, option.law))
    return options


def _order(option: Option) -> tuple[bool, float, float]:
    """Cheapest first, the smaller change where costs are alike; what the law rules out last."""
    return np.isnan(option.law), option.cost, option.size
