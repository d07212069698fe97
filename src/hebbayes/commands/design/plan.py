"""The design that flags, and the recording given as ``--like``, stand for.

A flag has precedence over a value measured on that recording, which has precedence over a default.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hebbayes.commands.check import check_reading, read
from hebbayes.commands.configs import ReadingConfig
from hebbayes.commands.running.memory import check_culture_memory, check_memory
from hebbayes.core.checks import check_at_least, check_between
from hebbayes.core.errors import FormatError, ValueRangeError
from hebbayes.reverse_engineering.experimental_design.plan import Plan
from hebbayes.reverse_engineering.experimental_design.recording_statistics import (
    mean_statistics,
    recording_statistics,
)
from hebbayes.simulators import AffineReadout, CultureDesign

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
"""Values of the flags that are not given and not measured."""

_BYTES_PER_CULTURE = 4096  # of its task and its measures


def measure_file(config: "DesignConfig") -> dict[str, Any]:
    """Return what ``config.like`` measures of a design, by flag; means over its cultures.

    Raises `HebbayesError` if the file cannot be read or none of its cultures has an active unit.

    Example:
        >>> from pathlib import Path
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> measure_file(DesignConfig(like=Path("no-such-file")))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such-file: No such file or directory.
    """
    assert config.like is not None  # checked by the caller
    reading = ReadingConfig(condition=config.condition, session_length=config.session_length)
    check_reading(reading)
    held = read(config.like, reading)
    if not held.recordings:
        first = min(held.failures)
        raise FormatError(
            f"no culture of {config.like} can be read; culture {first}: {held.failures[first]}"
        )
    parts, why = [], ""
    for recording in held.recordings.values():
        try:
            parts.append(recording_statistics(recording))
        except ValueRangeError as error:
            why = str(error)
    if not parts:
        raise ValueRangeError(f"no culture of {config.like} can be measured: {why}")
    return {"cultures": len(held.recordings), **mean_statistics(parts)}


def plan_from_config(config: "DesignConfig", measured: Mapping[str, Any]) -> Plan:
    """Return the design of a config; ``measured`` fills in what the config leaves open.

    Raises `ValueRangeError` for an impossible design.

    Example:
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> plan = plan_from_config(DesignConfig(cultures=4, sessions=12), {"units": 9})
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
    check_culture_memory(culture)
    return Plan(
        culture, value["cultures"], train, config.phi_spread, config.lambda_spread, config.fit_gain
    )


def _check(config: "DesignConfig", value: Mapping[str, Any]) -> None:
    for name in ("cultures", "sources", "sessions", "trials"):
        check_at_least(f"--{name}", value[name], 1)
    check_at_least("--units", value["units"], value["sources"])
    check_at_least("--studies", config.studies, 2)
    check_memory("studies x cultures", config.studies * value["cultures"], _BYTES_PER_CULTURE)
    for name in ("phi_spread", "lambda_spread", "unit_cost", "workers"):
        check_at_least(f"--{name.replace('_', '-')}", getattr(config, name), 0)
    if not 0 < config.d1 < 1:
        raise ValueRangeError(
            f"--d1 must lie between 0 and 1, both left out, for phi to be finite; got {config.d1}."
        )
