"""What decisions tell, as plain values: psi, V, K, and how risk modulates learning."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from hebbayes.reverse_engineering.behaviour import CANNOT_TELL_APART, Behaviour


def behaviour_summary(found: Behaviour) -> dict[str, Any]:
    """Return every estimate of a `Behaviour` with the ends of its interval.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> empty = Behaviour(Assumptions(), 2, 0, 0, *[None] * 6, {"a": "b"})
        >>> behaviour_summary(empty)["left_out"]
        {'a': 'b'}
    """
    return {
        "n_decisions": found.n_decisions,
        "n_used": found.n_used,
        "n_without_risk": found.n_without_risk,
        "early_prior": _plain(found.early_prior),
        "output_layer": _plain(found.output_layer),
        "middle_layer": _plain(found.middle_layer),
        "recurrence": _plain(found.recurrence),
        "cannot_tell_apart": CANNOT_TELL_APART,
        "left_out": dict(found.left_out),
    }


def _plain(value: Any) -> Any:
    """Return records as mappings, arrays and numbers as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return value if not callable(value) or isinstance(value, np.ndarray) else str(value)
