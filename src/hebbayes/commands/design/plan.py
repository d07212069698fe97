"""The experiment that is asked about, with every number resolved.

What a flag gives stands; what it leaves open is measured on the recording to be like
(`likeness`), or else takes a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hebbayes.core.checks import check_at_least, check_between
from hebbayes.core.errors import ValueRangeError
from hebbayes.simulators import AffineReadout, CultureDesign, Plasticity

if TYPE_CHECKING:
    from hebbayes.commands.configs.design import DesignConfig

DEFAULTS: Mapping[str, Any] = {
    "cultures": 6,
    "sources": 2,
    "stimuli": 16,
    "units": 24,
    "sessions": 30,
    "trials": 80,
    "mixed": 0.25,
    "rest": 0.5,
    "evoked": 5.0,
    "spread": 0.3,
    "fano": 0.5,
    "gain_drift": 0.04,
    "stimulation": "repeated",
}
"""What is taken where neither a flag nor a recording says."""


@dataclass(frozen=True)
class Plan:
    """One design of an experiment.

    culture: what is simulated, learning apart.  cultures: per study.  train_sessions: fitted on.
    phi_spread, lambda_spread: standard deviations of the true phi and ln lambda among cultures.
    fits_gain: whether perception is fitted with a gain per session.
    """

    culture: CultureDesign
    cultures: int
    train_sessions: int
    phi_spread: float = 0.0
    lambda_spread: float = 0.0
    fits_gain: bool = False

    @property
    def is_forecast(self) -> bool:
        """Whether sessions are left to forecast."""
        return self.train_sessions < self.culture.n_sessions


def plan_of(config: "DesignConfig", measured: Mapping[str, Any]) -> Plan:
    """Return the design that flags and measured values stand for.

    Raises `ValueRangeError` for a design that cannot be.

    Example:
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> plan = plan_of(DesignConfig(cultures=4, sessions=12), {"units": 9})
        >>> plan.cultures, plan.culture.n_units, plan.train_sessions
        (4, 9, 4)
    """
    given = {name: getattr(config, name) for name in DEFAULTS}
    known = {k: v for k, v in given.items() if v is not None}
    value = {**DEFAULTS, **measured, **known}
    _check(config, value)
    train = config.train_sessions or min(10, max(value["sessions"] // 3, 1))
    check_between("--train-sessions", train, 1, value["sessions"])
    culture = CultureDesign(
        n_sources=value["sources"],
        n_stimuli=value["stimuli"],
        n_units=value["units"],
        n_sessions=value["sessions"],
        n_trials=value["trials"],
        mixed=value["mixed"] if value["sources"] > 1 else 0.0,
        state_prior=config.d1,
        prior_count=config.prior_count,
        tilt=config.tilt,
        learnt_trials=config.learnt_trials,
        readout=AffineReadout(value["rest"], value["evoked"], value["spread"]),
        fano=value["fano"],
        noise=config.noise,
        gain_drift=value["gain_drift"],
        is_repeated=value["stimulation"] != "fresh",
        is_shuffled=value["stimulation"] == "shuffled",
    )
    return Plan(
        culture, value["cultures"], train, config.phi_spread, config.lambda_spread, config.fit_gain
    )


def changed(plan: Plan, lever: str, factor: float) -> Plan:
    """Return the plan with ``factor`` times the cultures, sessions, trials or units, rounded up.

    Training grows with the sessions no further than they were: what is added is forecast.

    Example:
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> plan = plan_of(DesignConfig(), {})
        >>> changed(plan, "units", 1.5).culture.n_units, changed(plan, "cultures", 1.1).cultures
        (36, 7)
    """
    if lever == "cultures":
        return replace(plan, cultures=_times(plan.cultures, factor))
    size: dict[str, Any] = {f"n_{lever}": _times(size_of(plan, lever), factor)}
    return replace(plan, culture=replace(plan.culture, **size))


def size_of(plan: Plan, lever: str) -> int:
    """Return how many cultures, sessions, trials or units a plan has.

    Example:
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> size_of(plan_of(DesignConfig(), {}), "sessions")
        30
    """
    return plan.cultures if lever == "cultures" else int(getattr(plan.culture, f"n_{lever}"))


def cost_of(plan: Plan, unit_cost: float) -> float:
    """Return cultures x sessions x trials x units ** unit_cost.

    Example:
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> cost_of(plan_of(DesignConfig(), {}), 0.0)
        14400.0
    """
    design = plan.culture
    return float(plan.cultures * design.n_sessions * design.n_trials * design.n_units**unit_cost)


def learning_by(plan: Plan, plasticity: Plasticity) -> Plan:
    """Return the plan whose cultures learn by that rule.

    Example:
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> learning_by(plan_of(DesignConfig(), {}), Plasticity.NONE).culture.plasticity.value
        'none'
    """
    return replace(plan, culture=replace(plan.culture, plasticity=plasticity))


def _times(size: int, factor: float) -> int:
    return -int(-(size * factor) // 1)


def _check(config: "DesignConfig", value: Mapping[str, Any]) -> None:
    for name in ("cultures", "sources", "sessions", "trials"):
        check_at_least(f"--{name}", value[name], 1)
    check_at_least("--units", value["units"], value["sources"])
    check_at_least("--studies", config.studies, 2)
    for name in ("phi_spread", "lambda_spread", "unit_cost", "workers"):
        check_at_least(f"--{name.replace('_', '-')}", getattr(config, name), 0)
    if not 0 < config.d1 < 1:
        raise ValueRangeError(
            f"--d1 must lie between 0 and 1, both left out, for phi to be finite; got {config.d1}."
        )
