"""Tasks that an agent can be certified in: what one is, and which ones are installed.

A task is a `Task` record: a world, the agent's model of it, and the rule that turns rewards into
risk.  The built-in ones stand in `agents.tasks`; another package adds its own as an entry point of
the group ``hebbayes.worlds`` whose value is such a record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hebbayes.core.plug_ins import load_plug_in, plug_ins

if TYPE_CHECKING:
    from jax import Array

    from hebbayes.environments.base import AbstractEnvironment
    from hebbayes.theory.generative_model import GenerativeModel

GROUP = "hebbayes.worlds"
"""Entry point group of tasks."""


class RiskRule(Protocol):
    """What turns the rewards of a trial into risk; every modulator is one.

    A rule with an attribute ``chunk_length`` floors the policy's counts after so many steps.
    """

    def risk(self, reward: Array, is_active: Array | None = None) -> Array:
        """Return the risk in [0, 1] of every decision."""


@dataclass(frozen=True)
class Task:
    """A world and the agent that acts in it.

    Attributes:
        name: Word after ``certify --task``; letters, digits and hyphens.
        world: Random key to the world, an `AbstractEnvironment`.
        model: World and random key to the agent's generative model before any trial.  A model
            without a policy only observes.
        actions: World to the action of each decision; None if decision i is action i.
        modulator: Returns the rule that turns rewards into risk; None for the default.
        observations: World, number of steps and random key to the observations (time, outcomes)
            of one session, for a model without a policy; None observes the world under random
            actions.
    """

    name: str
    world: Callable[[Array], AbstractEnvironment]
    model: Callable[[Any, Array], GenerativeModel]
    actions: Callable[[Any], Array] | None = None
    modulator: Callable[[], RiskRule] | None = None
    observations: Callable[[Any, int, Array], Array] | None = None


def plug_in_names() -> tuple[str, ...]:
    """Return the names of the tasks that other installed packages provide; nothing is loaded.

    Example:
        >>> "maze" in plug_in_names()
        False
    """
    return tuple(point.name for point in plug_ins(GROUP))


def plug_in_task(name: str) -> Task:
    """Return the task that another installed package registers under ``name``.

    Raises `FormatError` with the name of the plug-in if it cannot be loaded, `KeyError` if no
    package registers the name.

    Example:
        >>> plug_in_task("nowhere")
        Traceback (most recent call last):
            ...
        KeyError: 'nowhere'
    """
    for point in plug_ins(GROUP):
        if point.name == name:
            return load_plug_in(point, Task, "world")
    raise KeyError(name)
