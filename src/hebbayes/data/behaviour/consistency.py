"""Checks that the parts of a `Behaviour` fit together; messages name trial and subject.

`Behaviour` calls them at construction, so they know its fields but not its type.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbayes.core.checks import check_between, check_finite
from hebbayes.core.errors import ShapeError, ValueRangeError

_ONE_NUMBER = ("outcome", "risk", "subject", "session", "trial", "response_time_s")


def check_behaviour(behaviour: Any) -> None:
    """Raise `ShapeError` or `ValueRangeError` unless all parts of a behaviour are consistent.

    Example:
        >>> from hebbayes.data.behaviour.container import Behaviour
        >>> check_behaviour(Behaviour([0, 2], np.eye(2), choice_ids=["left", "right"]))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: choice must be from -1 (missed) to 1, the last of
        choice_ids; got 2 at trial 1.
    """
    _check_shapes(behaviour)
    _check_codes(behaviour)
    check_finite("stimuli", behaviour.stimuli)
    if behaviour.activity is not None:
        check_finite("activity", behaviour.activity)
    for name in ("outcome", "response_time_s"):
        if (values := getattr(behaviour, name)) is not None:
            check_finite(name, np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf))
    if behaviour.risk is not None:
        check_between("risk", np.nan_to_num(behaviour.risk, nan=0.5), 0.0, 1.0)
    _check_order(behaviour)


def _check_shapes(behaviour: Any) -> None:
    n_trials = behaviour.n_trials
    n_channels = behaviour.stimuli.shape[1]
    wanted: dict[str, tuple[int, ...]] = dict.fromkeys(_ONE_NUMBER, (n_trials,))
    wanted |= {"stimuli": (n_trials, n_channels), "channel_ids": (n_channels,)}
    for name in ("subject_ids", "choice_ids"):
        wanted[name] = (getattr(behaviour, name).size,)
    wanted["group"] = (behaviour.subject_ids.size,)
    if (activity := behaviour.activity) is not None:
        wanted["activity"] = (n_trials, activity.shape[-1] if activity.ndim == 2 else 1)
    for name, shape in wanted.items():
        values = getattr(behaviour, name)
        if values is not None and values.shape != shape:
            raise ShapeError(
                f"{name} has shape {values.shape}; {n_trials} choices of "
                f"{behaviour.subject_ids.size} subjects want {shape}."
            )
    for name in ("subject_ids", "choice_ids", "channel_ids"):
        ids = getattr(behaviour, name)
        if np.unique(ids).size != ids.size:
            raise ValueRangeError(f"{name} must differ from each other; give each one its own.")


def _check_codes(behaviour: Any) -> None:
    n_choices, n_subjects = behaviour.choice_ids.size, behaviour.subject_ids.size
    for name, low, high, first in (
        ("choice", -1, n_choices - 1, "-1 (missed)"),
        ("subject", 0, n_subjects - 1, "0"),
    ):
        codes = getattr(behaviour, name)
        if (wrong := (codes < low) | (codes > high)).any():
            at = int(wrong.argmax())
            raise ValueRangeError(
                f"{name} must be from {first} to {high}, the last of {name}_ids; got "
                f"{codes[at]} at trial {at}."
            )


def _check_order(behaviour: Any) -> None:
    subject, session = behaviour.subject, behaviour.session
    if (fall := np.diff(subject) < 0).any():
        raise ValueRangeError(
            f"subject must not decrease; it does at trial {int(fall.argmax()) + 1}; put the trials "
            "of each subject together."
        )
    if (n_seen := np.unique(subject).size) != behaviour.subject_ids.size:
        raise ValueRangeError(
            f"every subject must have a trial; {behaviour.subject_ids.size - n_seen} of "
            f"{behaviour.subject_ids.size} have none: leave them out."
        )
    starts = np.concatenate(([True], (np.diff(session) != 0) | (np.diff(subject) != 0)))
    at = np.flatnonzero(starts)
    pairs = np.stack([subject[at], session[at]], axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    if first.size != at.size:
        again = int(np.setdiff1d(np.arange(at.size), first)[0])
        raise ValueRangeError(
            f"session must not return to an earlier one; subject "
            f"{behaviour.subject_ids[subject[at[again]]]} returns to session "
            f"{session[at[again]]} at trial {at[again]}; put the trials of each session together."
        )
