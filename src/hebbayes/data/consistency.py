"""Checks that the parts of a recording fit together; messages name trial, session and unit.

`Recording` calls them at construction, so they know its fields but not its type.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbayes.core.checks import check_between, check_finite
from hebbayes.core.errors import ShapeError, ValueRangeError

LARGEST_RESPONSE = 2e9
"""Largest magnitude of a response: twice the most spikes per trial that are ever drawn."""


def check_recording(recording: Any) -> None:
    """Raise `ShapeError` or `ValueRangeError` unless all parts of a recording are consistent.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> check_recording(Recording(np.eye(2), np.array([[1.0], [-2.0]]), [0, 0]))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: responses must not be negative; got -2.0 at trial 1
        (session 0), unit 0; pass counts or rates; signals such as dF/F or z-scores have fractions.
    """
    _check_shapes(recording)
    check_finite("stimuli", recording.stimuli)
    _check_responses(recording)
    if recording.sources is not None:
        check_finite("sources", recording.sources)
    if recording.risk is not None:
        check_between("risk", np.nan_to_num(recording.risk, nan=0.5), 0.0, 1.0)
    if (fall := recording.session[1:] < recording.session[:-1]).any():
        raise ValueRangeError(
            f"session must not decrease; it does at trial {int(np.argmax(fall)) + 1}; "
            "sort the trials by time."
        )
    if recording.onset_s is not None:
        check_finite("onset_s of valid trials", recording.onset_s[recording.valid.any(1)])
    window = recording.window_s
    if window is not None and not -np.inf < window[0] < window[1] < np.inf:
        raise ValueRangeError(f"window_s must be (start, end), start first; got {window}.")


def _check_shapes(recording: Any) -> None:
    n_trials, n_units, n_channels = recording.n_trials, recording.n_units, recording.n_channels
    wanted: dict[str, tuple[int, ...]] = {
        "stimuli": (n_trials, n_channels),
        "session": (n_trials,),
        "valid": (n_trials, n_units),
        "decisions": (n_trials,),
        "risk": (n_trials,),
        "onset_s": (n_trials,),
        "unit_ids": (n_units,),
        "channel_ids": (n_channels,),
    }
    if recording.sources is not None:
        wanted["sources"] = (n_trials, recording.sources.shape[1])
    for name, shape in wanted.items():
        values = getattr(recording, name)
        if values is not None and values.shape != shape:
            raise ShapeError(
                f"{name} has shape {values.shape}; responses of {n_trials} trials and "
                f"{n_units} units want {shape}."
            )
    for name in ("unit_ids", "channel_ids"):
        if np.unique(getattr(recording, name)).size != getattr(recording, name).size:
            raise ValueRangeError(f"{name} must differ from each other; give each one its own.")


def _check_responses(recording: Any) -> None:
    for wrong, complaint, remedy in (
        (
            ~np.isfinite(recording.responses),
            "be finite where valid",
            "mark it unobserved with valid=False, or leave the unit out",
        ),
        (
            (recording.responses < 0) & (not recording.is_signed),
            "not be negative",
            "pass counts or rates; signals such as dF/F or z-scores have fractions",
        ),
        (
            np.abs(recording.responses.astype(float, copy=False)) > LARGEST_RESPONSE,
            f"lie between -{LARGEST_RESPONSE:g} and {LARGEST_RESPONSE:g}",
            "mark it unobserved with valid=False, or give all responses in a larger unit",
        ),
    ):
        if (wrong & recording.valid).any():
            trial, unit = np.argwhere(wrong & recording.valid)[0]
            raise ValueRangeError(
                f"responses must {complaint}; got {recording.responses[trial, unit]} at trial "
                f"{trial} (session {recording.session[trial]}), "
                f"unit {recording.unit_ids[unit]}; {remedy}."
            )
