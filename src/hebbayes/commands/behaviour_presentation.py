"""A `Behaviour` for `analyze` and `predict-behaviour`: JSON values, arrays, a table and notes."""

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.running.outcome import Table
from hebbayes.reverse_engineering.behaviour import CANNOT_TELL_APART, Behaviour

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]

_LONGEST = 16  # entries of one matrix that a table still shows


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
        "reward_delay": found.assumptions.reward_delay,
        "activity": "ensembles" if found.calibration is None else "calibrated by sources",
        "early_prior": _plain(found.early_prior),
        "output_layer": _plain(found.output_layer),
        "middle_layer": _plain(found.middle_layer),
        "recurrence": _plain(found.recurrence),
        "cannot_tell_apart": CANNOT_TELL_APART,
        "left_out": dict(found.left_out),
    }


def behaviour_arrays(found: Behaviour) -> dict[str, Floats]:
    """Return the arrays of a behaviour: value, low and high of each, first.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> behaviour_arrays(Behaviour(Assumptions(), 2, 0, 0, *[None] * 6, {}))
        {}
    """
    parts = {name: estimate for name, (estimate, _) in _estimates(found).items()}
    return {
        f"behaviour_{name}": np.stack([one.value, one.low, one.high]) for name, one in parts.items()
    }


def behaviour_table(found: Behaviour, name: str) -> Table:
    """Return psi, lambda / gain, V at the end and K with their intervals.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> behaviour_table(Behaviour(Assumptions(), 2, 0, 0, *[None] * 6, {}), "file").rows
        []
    """
    rows: list[list[Any]] = []
    for estimate, label in _estimates(found).values():
        shown = estimate[-1] if np.ndim(estimate.value) == 3 else estimate  # the last window
        if np.size(shown.value) > _LONGEST:
            continue
        rows += [
            [
                label.format(*place),
                *(getattr(shown, end)[place] for end in ("value", "low", "high")),
            ]
            for place in np.ndindex(np.shape(shown.value))
        ]
    return Table(f"{name}: what decisions tell", ["quantity", "value", "low", "high"], rows)


def behaviour_notes(found: Behaviour) -> list[str]:
    """Return the verdict on modulation, what was assumed, and what cannot be told, as sentences.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> behaviour_notes(Behaviour(Assumptions(), 2, 0, 0, *[None] * 6, {"a": "none."}))[-1]
        'a: none.'
    """
    told = []
    if found.modulation is not None and found.output_layer is not None:
        m = found.modulation
        told.append(
            f"learning from decisions: {m.verdict} (log likelihood, nats: nothing learnt "
            f"{m.static:.1f}, without risk {m.unmodulated:.1f}, modulated by risk "
            f"{m.modulated:.1f}); a reward is taken to be learnt from after "
            f"{found.assumptions.reward_delay} trials, which is assumed (--reward-delay)."
        )
        told.append(f"cannot tell apart {' with '.join(CANNOT_TELL_APART)}: only their ratio.")
        if (n_lost := found.n_trials - found.n_used + found.n_without_risk) > 0:
            told.append(
                f"{n_lost} of {found.n_trials} trials lack a decision, the activity before it or "
                "its risk and are taken to teach nothing; where the animal did learn in them, "
                "lambda / gain comes out too low by about their share, outside its interval."
            )
        if not np.isfinite(found.output_layer.ratio.high):
            told.append("lambda / gain has no upper bound: hardly anything need have been learnt.")
    if found.calibration is None and found.middle_layer is not None:
        told.append(
            "V, K and the ratio rest on the activity of the ensembles as it is; no interval holds "
            "the doubt of its scale, which hidden states (sources) would calibrate."
        )
    if any(
        np.size(one.value[..., :, :]) > _LONGEST
        for one, _ in _estimates(found).values()
        if np.ndim(one.value) > 1
    ):
        told.append("the larger of V and K are in result.json and results.npz, not in the table.")
    return told + [f"{part}: {why}" for part, why in found.left_out.items()]


def _estimates(found: Behaviour) -> dict[str, tuple["Estimate", str]]:
    """Name to estimate and label of an entry."""
    told: dict[str, tuple[Estimate, str]] = {}
    if found.early_prior is not None:
        told["early_threshold_factor"] = (
            found.early_prior.threshold_factor,
            "psi of decision {}, from first session",
        )
    if (layer := found.output_layer) is not None:
        told |= {
            "threshold_factor": (layer.decision_prior.threshold_factor, "psi of decision {}"),
            "prior": (layer.decision_prior.prior, "prior E of decision {}"),
            "ratio": (layer.ratio, "lambda / gain"),
            "output_weights": (layer.weights, "V at the end, decision {} from state {}"),
        }
    if found.readout_weights is not None:
        told["readout_weights"] = (
            found.readout_weights,
            "V by regression, whole last session, decision {} from state {}",
        )
    if found.middle_layer is not None:
        told["recurrent_weights"] = (found.middle_layer.recurrent, "K, state {} from state {}")
    return told


def _plain(value: Any) -> Any:
    """Return records as mappings, arrays and numbers as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return value if not callable(value) or isinstance(value, np.ndarray) else str(value)
