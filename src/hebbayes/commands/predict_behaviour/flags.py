"""Flags of `predict-behaviour` that hold several numbers."""

from typing import TYPE_CHECKING, TypeVar

from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.commands.configs import PredictBehaviourConfig

Number = TypeVar("Number", int, float)


def numbers_in(flag: str, text: str, kind: type[Number]) -> list[Number]:
    """Return the numbers of a flag, separated by commas.

    Example:
        >>> numbers_in("--reversals", "2, 5", int)
        [2, 5]
    """
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError:
        wanted = "whole numbers" if kind is int else "numbers"
        raise ValueRangeError(f"{flag} needs {wanted} separated by commas; got {text!r}.") from None


def reversals_of(
    config: "PredictBehaviourConfig", n_sessions: int, default: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the sessions that start with a reversal.

    Example:
        >>> from types import SimpleNamespace as Some
        >>> reversals_of(Some(reversals=None), 4, (2,)), reversals_of(Some(reversals=""), 4, (2,))
        ((2,), ())
    """
    if config.reversals is None:
        return default
    if not config.reversals.strip():
        return ()
    sessions = tuple(numbers_in("--reversals", config.reversals, int))
    if len(set(sessions)) < len(sessions) or not 0 <= min(sessions) <= max(sessions) < n_sessions:
        raise ValueRangeError(
            f"--reversals needs different sessions from 0 to {n_sessions - 1}; "
            f"got {config.reversals}."
        )
    return sessions
