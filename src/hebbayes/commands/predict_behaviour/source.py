"""What the file of `predict-behaviour` is: a recording with decisions, or a table of trials."""

from dataclasses import fields
from typing import TYPE_CHECKING

from hebbayes.commands.check import run as look_into
from hebbayes.commands.configs import CheckConfig
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.commands.configs import PredictBehaviourConfig
    from hebbayes.data.behaviour.container import Behaviour
    from hebbayes.data.recording import Cultures

_OF_TABLES = ("hold_out", "new_stimuli", "task", "rewards")
"""Flags that only tables know."""

_OF_ANIMALS = ("threshold", "prior_count_factor", "gain_factor")
"""Flags that change the described animal."""


def found_in(config: "PredictBehaviourConfig") -> "Behaviour | Cultures | None":
    """Return the recordings or the behaviour in the file; None without a file.

    A recording with decisions outranks a table of the same trials, unless a mapping is stated.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> found_in(PredictBehaviourConfig()) is None
        True
    """
    if config.file is None:
        return None
    names = [field.name for field in fields(CheckConfig)]
    found = look_into(CheckConfig(**{name: getattr(config, name) for name in names}))
    held, behaviour = found.held, found.behaviour
    if held is None:
        assert behaviour is not None  # a file holds one of them
        return behaviour
    decided = any(one.decisions is not None for one in held.recordings.values())
    return held if decided or behaviour is None else behaviour


def check_animal(config: "PredictBehaviourConfig") -> None:
    """Raise `ValueRangeError` if a flag is stated that only tables of behaviour know.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> check_animal(PredictBehaviourConfig(rewards="1,0;0,1"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: --rewards is for tables of trials; describe the task
        of a recorded animal with --task-states, --task-stimuli and --reliability.
    """
    plain = type(config)()
    for name in _OF_TABLES:
        if getattr(config, name) != getattr(plain, name):
            raise ValueRangeError(
                f"--{name.replace('_', '-')} is for tables of trials; describe the task of a "
                "recorded animal with --task-states, --task-stimuli and --reliability."
            )


def check_table(config: "PredictBehaviourConfig") -> None:
    """Raise `ValueRangeError` if a flag is stated that only recorded animals know.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> check_table(PredictBehaviourConfig(gain_factor=0.5))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: --gain-factor is for recordings; subjects of a table
        are forecast as they are.
    """
    plain = type(config)()
    for name in (*_OF_ANIMALS, "culture"):
        if getattr(config, name) != getattr(plain, name):
            raise ValueRangeError(
                f"--{name.replace('_', '-')} is for recordings; subjects of a table are forecast "
                "as they are."
            )
