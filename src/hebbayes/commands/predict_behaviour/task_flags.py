"""A task in words of stimuli and rewards, from flags or a TOML file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.predict_behaviour.flags import numbers_in, reversals_of
from hebbayes.core.errors import FormatError, ShapeError, ValueRangeError
from hebbayes.data.limits import read_toml
from hebbayes.reverse_engineering.behaviour.prediction.tasks import StatedTask, stated_task

if TYPE_CHECKING:
    from hebbayes.commands.configs import PredictBehaviourConfig
    from hebbayes.data.behaviour.container import Behaviour

Floats = NDArray[np.float64]

TRIALS = 100
"""Trials per session of a stated task, unless stated."""

_KEYS = ("stimuli", "reward", "frequency")


def task_of_table(
    config: "PredictBehaviourConfig", behaviour: "Behaviour", states: Floats, n_sessions: int
) -> StatedTask | None:
    """Return the task that the flags state, None for more of the recorded one.

    Raises `HebbayesError` if it does not fit the table.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> from hebbayes.data.behaviour import Behaviour
        >>> table = Behaviour([0, 1], np.eye(2), channel_ids=["square", "circle"])
        >>> config = PredictBehaviourConfig(rewards="0.9,0.1;0.1,0.9", task_sessions=2)
        >>> task_of_table(config, table, np.eye(2), 3).reward.tolist()
        [[0.9, 0.1], [0.1, 0.9]]
    """
    if config.task is None and config.rewards is None:
        return None
    if config.task is not None and config.rewards is not None:
        raise ValueRangeError("--task and --rewards state a task twice; pass one of them.")
    if config.task is not None:
        stated, source = read_task(config.task), str(config.task)
    else:
        assert config.rewards is not None
        rows = [numbers_in("--rewards", row, float) for row in config.rewards.split(";")]
        stated, source = {"reward": rows}, "--rewards"
    reward = _matrix(stated["reward"], f"reward of {source}")
    if reward.shape[1] != behaviour.n_choices:
        raise ShapeError(
            f"{source} has rewards of {reward.shape[1]} choices; the table has "
            f"{behaviour.n_choices}: {', '.join(map(str, behaviour.choice_ids))}, in this order."
        )
    patterns = _patterns(stated, source, len(reward), states)
    sessions = n_sessions if config.task_sessions is None else config.task_sessions
    frequency = stated.get("frequency")
    return stated_task(
        patterns,
        reward,
        n_sessions=sessions,
        n_trials=TRIALS if config.task_trials is None else config.task_trials,
        frequency=None if frequency is None else _matrix([frequency], f"frequency of {source}")[0],
        reversals=reversals_of(config, sessions, ()),
    )


def _patterns(stated: dict[str, Any], source: str, n: int, states: Floats) -> Floats:
    """Patterns of states: as stated, one channel at a time, or those of the table."""
    n_states = states.shape[1]
    if "stimuli" in stated:
        patterns = _matrix(stated["stimuli"], f"stimuli of {source}")
        if patterns.shape[1] != n_states:
            raise ShapeError(
                f"stimuli of {source} have {patterns.shape[1]} channels; the table has {n_states}."
            )
        if not ((patterns >= 0) & (patterns <= 1)).all():
            raise ValueRangeError(f"stimuli of {source} must lie between 0 and 1.")
        return patterns
    if n == n_states:
        return np.eye(n_states)
    seen = np.unique(states, axis=0)
    if len(seen) == n:
        return seen
    raise ShapeError(
        f"{source} has rewards of {n} stimuli; give {n_states}, one for each channel, or the "
        "stimuli too, in a TOML file with --task."
    )


def read_task(path: Path) -> dict[str, Any]:
    """Return the keys of a task file.  Raises `FormatError`.

    Example:
        >>> read_task(Path("absent.toml"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read absent.toml: No such file or directory.
    """
    stated = read_toml(path, "a task has a few stimuli")
    for name in stated:
        if name not in _KEYS:
            raise FormatError(f"{path} has the unknown key {name!r}; it may have {_listed()}.")
    if "reward" not in stated:
        raise FormatError(
            f"{path} has no key reward; give the probability of reward of each choice, one list "
            "for each stimulus."
        )
    return stated


def _listed() -> str:
    return ", ".join(_KEYS)


def _matrix(rows: Any, what: str) -> Floats:
    wanted = f"{what} must be rows of numbers, all of one length; got {str(rows)[:60]!r}."
    try:
        values = np.array(rows, float)
    except (TypeError, ValueError, OverflowError):
        raise ShapeError(wanted) from None
    if values.ndim != 2 or values.size == 0 or not np.isfinite(values).all():
        raise ShapeError(wanted)
    return values
