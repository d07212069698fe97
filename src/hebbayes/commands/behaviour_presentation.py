"""A description of behaviour for commands: JSON values, arrays, a table and notes."""

import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.running.outcome import Table
from hebbayes.reverse_engineering.behaviour import CANNOT_TELL_APART, BehaviourDescription
from hebbayes.reverse_engineering.behaviour.rivals.models import MARGIN_NATS

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Comparison
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]

_LONGEST = 16  # entries of one matrix that a table still shows


def behaviour_summary(behaviour: BehaviourDescription) -> dict[str, Any]:
    """Return every estimate of a `BehaviourDescription` with the ends of its interval.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> empty = BehaviourDescription(Assumptions(), 2, 0, 0, *[None] * 6, {"a": "b"})
        >>> behaviour_summary(empty)["left_out"]
        {'a': 'b'}
    """
    return {
        "n_decisions": behaviour.n_decisions,
        "n_used": behaviour.n_used,
        "n_without_risk": behaviour.n_without_risk,
        "reward_delay": behaviour.assumptions.reward_delay,
        "decision_rests_on": None if behaviour.basis is None else _plain(behaviour.basis),
        "activity": "ensembles" if behaviour.calibration is None else "calibrated by sources",
        "decisions": None if behaviour.counts is None else behaviour.counts.as_dict(),
        "rivals": _rivals(behaviour.rivals),
        "early_prior": _plain(behaviour.early_prior),
        "output_layer": _plain(behaviour.output_layer),
        "middle_layer": _plain(behaviour.middle_layer),
        "recurrence": _plain(behaviour.recurrence),
        "cannot_tell_apart": CANNOT_TELL_APART,
        "left_out": dict(behaviour.left_out),
    }


def behaviour_arrays(behaviour: BehaviourDescription) -> dict[str, Floats]:
    """Return the arrays of a behaviour; the first axis holds value, low and high.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> behaviour_arrays(BehaviourDescription(Assumptions(), 2, 0, 0, *[None] * 6, {}))
        {}
    """
    parts = {name: estimate for name, (estimate, _) in _estimates(behaviour).items()}
    return {
        f"behaviour_{name}": np.stack([one.value, one.low, one.high]) for name, one in parts.items()
    }


def behaviour_table(behaviour: BehaviourDescription, name: str) -> Table:
    """Return psi, lambda / gain, V at the end and K with their intervals.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> nothing = BehaviourDescription(Assumptions(), 2, 0, 0, *[None] * 6, {})
        >>> behaviour_table(nothing, "file").rows
        []
    """
    rows: list[list[Any]] = []
    for estimate, label in _estimates(behaviour).values():
        shown = estimate[-1] if np.ndim(estimate.value) == 3 else estimate  # the last window
        if np.size(shown.value) > _LONGEST:
            continue
        rows += [
            [
                _named(label.format(*place), behaviour),
                *(getattr(shown, end)[place] for end in ("value", "low", "high")),
            ]
            for place in np.ndindex(np.shape(shown.value))
        ]
    return Table(f"{name}: estimates from decisions", ["quantity", "value", "low", "high"], rows)


def _named(text: str, behaviour: BehaviourDescription) -> str:
    """Return a text with the names of decisions in place of their numbers."""
    counts = behaviour.counts
    if counts is None or not counts.names:
        return text
    return re.sub(r"(?<=decision )\d+", lambda found: counts.label(int(found[0])), text)


def rivals_table(behaviour: BehaviourDescription, name: str) -> Table:
    """Return the models of decisions, the best first, with the evidence each lacks.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> rivals_table(BehaviourDescription(Assumptions(), 2, 0, 0, *[None] * 6, {}), "file").rows
        []
    """
    rivals = () if behaviour.rivals is None else behaviour.rivals.rivals
    rows = [
        [one.model.description, one.model.kind, one.log_evidence - rivals[0].log_evidence]
        for one in rivals
    ]
    title = f"{name}: how decisions are learnt (log evidence less the best, nats)"
    return Table(title, ["model", "class", "evidence"], rows)


def behaviour_tables(behaviour: BehaviourDescription, name: str) -> list[Table]:
    """Return the tables of rivals and of estimates; empty ones are left out.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> behaviour_tables(BehaviourDescription(Assumptions(), 2, 0, 0, *[None] * 6, {}), "file")
        []
    """
    tables = (rivals_table(behaviour, name), behaviour_table(behaviour, name))
    return [table for table in tables if table.rows]


def behaviour_notes(behaviour: BehaviourDescription) -> list[str]:
    """Return the verdict with its rivals, its assumptions, and what cannot be identified.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Assumptions
        >>> nothing = BehaviourDescription(Assumptions(), 2, 0, 0, *[None] * 6, {"a": "none."})
        >>> behaviour_notes(nothing)[-1]
        'a: none.'
    """
    notes = [] if behaviour.counts is None else list(behaviour.counts.warnings)
    if behaviour.basis is not None and behaviour.rivals is not None:
        sentences = (behaviour.basis.sentence, behaviour.basis.warning)
        notes += [sentence for sentence in sentences if sentence]
    if behaviour.rivals is not None:
        notes += _verdict_notes(behaviour)
    if behaviour.output_layer is not None:
        notes.append(
            f"{' and '.join(CANNOT_TELL_APART)} cannot be distinguished: only their ratio is "
            "identified."
        )
        if not np.isfinite(behaviour.output_layer.ratio.high):
            notes.append(
                "lambda / gain has no upper bound: the decisions are compatible with hardly any "
                "learning."
            )
    if behaviour.calibration is None and behaviour.middle_layer is not None:
        notes.append(
            "V, K and the ratio use the uncalibrated activity of the ensembles; their intervals "
            "omit the uncertainty of its scale, which hidden states (sources) would calibrate."
        )
    if any(
        np.size(one.value[..., :, :]) > _LONGEST
        for one, _ in _estimates(behaviour).values()
        if np.ndim(one.value) > 1
    ):
        notes.append("the larger of V and K are in result.json and results.npz, not in the table.")
    left_out = behaviour.left_out.items()
    return notes + [f"{part}: {_named(why, behaviour)}" for part, why in left_out]


def _verdict_notes(behaviour: BehaviourDescription) -> list[str]:
    comparison = behaviour.rivals
    assert comparison is not None
    lead: dict[str, float] = {}
    for one in comparison.rivals:  # the best first
        lead.setdefault(one.model.kind, one.log_evidence - comparison.rivals[0].log_evidence)
    classes = ", ".join(f"{kind} {value:.1f}" for kind, value in lead.items())
    notes = [
        f"verdict on {comparison.n_explained} decisions: {comparison.verdict} (log evidence less "
        f"the best, nats: {classes}). It is relative to the {len(comparison.rivals)} rivals in the "
        "table, and assumes that a reward is learnt from after "
        f"{behaviour.assumptions.reward_delay} trials (--reward-delay).",
    ]
    lost = behaviour.n_trials - behaviour.n_used
    if lost + behaviour.n_without_risk:
        notes.append(
            f"of {behaviour.n_trials} trials, {lost} lack a decision or the activity it rests on, "
            f"and {behaviour.n_without_risk} more lack the risk; they are assumed to cause no "
            "learning. If the animal did learn in them, lambda / gain is too low by about their "
            "share, outside its interval."
        )
    return notes


def _rivals(comparison: "Comparison | None") -> dict[str, Any] | None:
    if comparison is None:
        return None
    winner = comparison.winner
    return {
        "verdict": comparison.verdict,
        "margin_nats": MARGIN_NATS,
        "n_explained": comparison.n_explained,
        "n_without_risk": comparison.n_without_risk,
        "models": [
            {
                "name": one.model.name,
                "description": one.model.description,
                "class": one.model.kind,
                "form": one.form.name,
                "log_evidence": one.log_evidence,
                "log_likelihood": one.fit.log_likelihood,
            }
            for one in comparison.rivals
        ],
        "estimates": {} if winner is None else _plain(winner.estimates),
    }


def _estimates(behaviour: BehaviourDescription) -> dict[str, tuple["Estimate", str]]:
    """Return the estimate of each name, and the label of one entry."""
    estimates: dict[str, tuple[Estimate, str]] = {}
    if behaviour.early_prior is not None:
        estimates["early_threshold_factor"] = (
            behaviour.early_prior.threshold_factor,
            "psi of decision {}, from first session",
        )
    if (layer := behaviour.output_layer) is not None:
        estimates |= {
            "threshold_factor": (layer.decision_prior.threshold_factor, "psi of decision {}"),
            "prior": (layer.decision_prior.prior, "prior E of decision {}"),
            "ratio": (layer.ratio, "lambda / gain"),
            "output_weights": (layer.weights, "V at the end, decision {} from state {}"),
        }
    elif behaviour.rivals is not None and (winner := behaviour.rivals.winner) is not None:
        estimates |= {
            f"winner_{name.replace(' ', '_').replace('/', 'over')}": (one, name)
            for name, one in winner.estimates.items()
        }
    if behaviour.readout_weights is not None:
        estimates["readout_weights"] = (
            behaviour.readout_weights,
            "V by regression, whole last session, decision {} from state {}",
        )
    if behaviour.middle_layer is not None:
        estimates["recurrent_weights"] = (
            behaviour.middle_layer.recurrent,
            "K, state {} from state {}",
        )
    return estimates


def _plain(value: Any) -> Any:
    """Return records as mappings, arrays and numbers as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return value if not callable(value) or isinstance(value, np.ndarray) else str(value)
