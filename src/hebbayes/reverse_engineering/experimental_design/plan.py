"""The design of an experiment, its cost, and the same design with one size or rule changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit

if TYPE_CHECKING:
    from hebbayes.simulators import CultureDesign, Plasticity


@dataclass(frozen=True)
class Plan:
    """One design of an experiment.

    Attributes:
        culture: Simulated culture, learning included.
        cultures: Cultures per study.
        train_sessions: First sessions, on which models are fitted.
        phi_spread: Standard deviation of the true phi among cultures.
        lambda_spread: Standard deviation of the true ln lambda among cultures.
        fits_gain: Whether perception is fitted with one gain per session.
    """

    culture: "CultureDesign"
    cultures: int
    train_sessions: int
    phi_spread: float = 0.0
    lambda_spread: float = 0.0
    fits_gain: bool = False

    @property
    def is_forecast(self) -> bool:
        """Whether sessions are left to forecast."""
        return self.train_sessions < self.culture.n_sessions


def scaled_plan(plan: Plan, lever: str, factor: float) -> Plan:
    """Return the plan with ``factor`` times the cultures, sessions, trials or units, rounded up.

    Training sessions stay as they are: added sessions are forecast.

    Example:
        >>> from hebbayes.simulators import CultureDesign
        >>> plan = Plan(CultureDesign(n_units=24), cultures=6, train_sessions=10)
        >>> scaled_plan(plan, "units", 1.5).culture.n_units
        36
        >>> scaled_plan(plan, "cultures", 1.1).cultures
        7
    """
    if lever == "cultures":
        return replace(plan, cultures=_times(plan.cultures, factor))
    size: dict[str, Any] = {f"n_{lever}": _times(size_of(plan, lever), factor)}
    return replace(plan, culture=replace(plan.culture, **size))


def resized_plan(plan: Plan, lever: str, size: int) -> Plan:
    """Return the plan with ``size`` cultures, sessions, trials or units.

    Example:
        >>> from hebbayes.simulators import CultureDesign
        >>> plan = Plan(CultureDesign(n_sessions=30), cultures=6, train_sessions=10)
        >>> resized_plan(plan, "sessions", 41).culture.n_sessions
        41
    """
    return scaled_plan(plan, lever, size / size_of(plan, lever) * (1 - 1e-12))


def size_of(plan: Plan, lever: str) -> int:
    """Return the number of cultures, sessions, trials or units of a plan.

    Example:
        >>> from hebbayes.simulators import CultureDesign
        >>> size_of(Plan(CultureDesign(n_sessions=30), cultures=6, train_sessions=10), "sessions")
        30
    """
    return plan.cultures if lever == "cultures" else int(getattr(plan.culture, f"n_{lever}"))


def cost_of(plan: Plan, unit_cost: float) -> float:
    """Return cultures x sessions x trials x units ** unit_cost.

    Example:
        >>> from hebbayes.simulators import CultureDesign
        >>> culture = CultureDesign(n_sessions=30, n_trials=80)
        >>> cost_of(Plan(culture, cultures=6, train_sessions=10), 0.0)
        14400.0
    """
    design = plan.culture
    return float(plan.cultures * design.n_sessions * design.n_trials * design.n_units**unit_cost)


def plan_with_plasticity(plan: Plan, plasticity: "Plasticity") -> Plan:
    """Return the plan with cultures that learn by another rule.

    Example:
        >>> from hebbayes.simulators import CultureDesign, Plasticity
        >>> plan = Plan(CultureDesign(), cultures=6, train_sessions=10)
        >>> plan_with_plasticity(plan, Plasticity.NONE).culture.plasticity.value
        'none'
    """
    return replace(plan, culture=replace(plan.culture, plasticity=plasticity))


def shifted_plan(plan: Plan, shift: Mapping[str, float]) -> Plan:
    """Return the plan with true phi and ln lambda shifted by ``phi`` and ``ln_prior_count``.

    Shifts that are not finite count as zero.

    Example:
        >>> from hebbayes.simulators import CultureDesign
        >>> plan = Plan(CultureDesign(state_prior=0.5), cultures=6, train_sessions=10)
        >>> shifted = shifted_plan(plan, {"phi": 1.0, "ln_prior_count": float("inf")})
        >>> round(shifted.culture.state_prior, 3)
        0.731
    """
    finite = {name: value if np.isfinite(value) else 0.0 for name, value in shift.items()}
    culture = replace(
        plan.culture,
        state_prior=float(expit(logit(plan.culture.state_prior) + finite["phi"])),
        prior_count=float(plan.culture.prior_count * np.exp(finite["ln_prior_count"])),
    )
    return replace(plan, culture=culture)


def _times(size: int, factor: float) -> int:
    return -int(-(size * factor) // 1)
