"""What an audit of cultures says: intervals, a verdict, tables, claims beside the known numbers.

Nothing is fitted here: everything follows from the scores of each culture (docs/theory.md
section 8).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.published.audit.targets import target_numbers, target_sentences
from hebbayes.commands.published.culture_protocol import (
    MODELS,
    ProtocolMeasures,
    fall,
    surrogate_fall,
)
from hebbayes.commands.published.culture_reference import STATED_GROUPS
from hebbayes.commands.published.reproduction import interval_number
from hebbayes.commands.running.outcome import Table
from hebbayes.reverse_engineering.forecasting.contract import Models
from hebbayes.reverse_engineering.forecasting.culture import (
    CultureForecasts,
    Forecasts,
    gather,
)
from hebbayes.reverse_engineering.forecasting.judging.other_targets import FEWEST_TO_JUDGE
from hebbayes.reverse_engineering.forecasting.judging.selection import choose, gain
from hebbayes.reverse_engineering.forecasting.judging.verdict import (
    Verdict,
    judge,
    roles_of,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.scoring import Scores

STATED_LOSSES = {
    "constant": 6.3,
    "linear": 1.33,
    "loglinear": 1.58,
    "saturated": 1.0,
    "kalman_gain": 0.90,
    "floor": 0.53,
}
"""Public cultures of two groups, squared error relative to the mean per pattern."""

_COLUMNS = {
    "bicuculline": (0.250, 0.108, 0.064, 0.050),
    "diazepam": (0.229, 0.122, 0.065, 0.043),
    "mixing0": (0.130, 0.133, 0.068, 0.053),
    "mixing50": (0.199, 0.118, 0.044, 0.037),
}
STATED_PROTOCOL = {group: dict(zip(MODELS, columns)) for group, columns in _COLUMNS.items()}
"""Squared errors of late single-trial activity under the published protocol."""

STATED_SHARES = {"bicuculline": 1.00, "mixing0": 0.83, "diazepam": 0.59}
"""Of the fall of L, by surrogates in which only gains drift; another draw, so a reference only."""

STATED_TOLERANCE = 0.05
FIXED_SIZE = 0.15  # g of a term that nothing chose
WEAK = ("saturated", "constant", "linear", "loglinear")
"""Static nulls, against which anything that drifts looks like learning."""


@dataclass(frozen=True, eq=False)
class Audited:
    """Forecasts over all cultures, and the published protocol group by group.

    Attributes:
        forecasts: Losses and the verdict.
        added: Model with the theory to the share of the null's loss that it removes on cultures
            left out, whether or not training selects it.
        fixed: The same at size `FIXED_SIZE`.
        weak: The verdict against `WEAK` nulls alone; None with too few cultures or fresh stimuli.
        protocol: Group to culture to its measures.
        names: Cultures judged, in the order of the verdict's folds.
    """

    forecasts: Forecasts
    added: Mapping[str, Estimate[float]] = field(default_factory=dict)
    fixed: Mapping[str, Estimate[float]] = field(default_factory=dict)
    weak: Verdict | None = None
    protocol: Mapping[str, Mapping[str, ProtocolMeasures]] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def audit(
    scored: Mapping[str, CultureForecasts],
    protocol: Mapping[str, Mapping[str, ProtocolMeasures]],
    *,
    seed: int,
) -> Audited:
    """Return what the scores of all cultures say together.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.culture import score_culture
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=6, n_sessions=6, n_trials=64)
        >>> one = score_culture(simulate_culture(design).recording, 4)
        >>> audit({"a": one}, {}, seed=0).forecasts.verdict is None
        True
    """
    repeated = any(one.is_repeated for one in scored.values())
    alike = {name: one for name, one in scored.items() if one.is_repeated == repeated}
    forecasts = gather(dict(enumerate(alike.values())), seed=seed)
    models, scores = next(iter(alike.values())).models, [one.scores for one in alike.values()]
    if len(scores) < FEWEST_TO_JUDGE:
        return Audited(forecasts, protocol=protocol, names=tuple(alike))
    added = {}
    for name, model in models.theory.items():
        alone = judge(scores, Models(models.nulls, {name: model}))
        added[name] = mean_estimate(np.array([fold.unrestricted_gain for fold in alone.folds]))
    known = {name: null for name, null in models.nulls.items() if name in WEAK}
    weak = judge(scores, Models(known, models.theory)) if repeated else None
    fixed = _at_fixed_size(scores, models)
    return Audited(forecasts, added, fixed, weak, protocol, tuple(alike))


def _at_fixed_size(scores: list["Scores"], models: Models) -> dict[str, Estimate[float]]:
    """Return what every term of change gains on top of the null that the other cultures chose."""
    grams, roles = [one.gram for one in scores], roles_of(scores[0], Models(models.nulls, {}))
    nulls = [choose(grams[:k] + grams[k + 1 :], roles).null for k in range(len(grams))]
    estimates = {}
    for position, (name, is_change) in enumerate(zip(scores[0].names, scores[0].is_change)):
        if name in models.theory and is_change:
            term = FIXED_SIZE * np.eye(len(scores[0].names))[position]
            gains = [gain(gram, null, term) for gram, null in zip(grams, nulls)]
            estimates[name] = mean_estimate(np.array(gains))
    return estimates


def stated_claims(audited: Audited, public: tuple[str, ...]) -> dict[str, bool]:
    """Return what is claimed: on any data that nothing beats its noise; on public ones more.

    ``public``: groups from the reference data.

    Example:
        >>> losses = {"saturated": Estimate(1.0, 1.0, 1.0), "constant": Estimate(6.0, 5.0, 7.0)}
        >>> audited = Audited(Forecasts("saturated", losses, None, {}, 2, True))
        >>> stated_claims(audited, ())
        {'no forecast is better than the noise floor': True}
    """
    losses = {name: one.value for name, one in audited.forecasts.losses.items()}
    floor = losses.pop("floor", float("-inf"))
    checks = {"no forecast is better than the noise floor": floor <= min(losses.values())}
    if public == STATED_GROUPS:
        losses["floor"] = floor
        for name, known in STATED_LOSSES.items():
            checks[f"loss of {name} within 5 % of {known:g}"] = _is_near(losses[name], known)
        every = [m for group in audited.protocol.values() for m in group.values()]
        worse = [m.weight_errors[0] < m.weight_errors[1] for m in every]
        checks["replayed sessions forecast synapses better in most cultures"] = np.mean(worse) > 0.5
        verdict = audited.forecasts.verdict
        checks["what the theory adds cannot be told from nothing"] = (
            verdict is not None and not verdict.adds
        )
    for group in public:
        errors = protocol_errors(audited.protocol[group]) if group in audited.protocol else {}
        for model, known in STATED_PROTOCOL.get(group, {}).items() if errors else ():
            claim = f"published protocol, {group}: error of {model} within 5 % of {known:.3f}"
            checks[claim] = _is_near(errors[model].value, known)
    return {claim: bool(holds) for claim, holds in checks.items()}


def _is_near(ours: float, known: float) -> bool:
    return abs(ours / known - 1) <= STATED_TOLERANCE


def protocol_errors(cultures: Mapping[str, ProtocolMeasures]) -> dict[str, Estimate[float]]:
    """Return the squared errors of `MODELS`, mean over the cultures of a group.

    Example:
        >>> from types import SimpleNamespace
        >>> one = SimpleNamespace(errors=np.array([0.25, 0.1, 0.06, 0.05]))
        >>> protocol_errors({"a": one, "b": one})["constant"].value
        0.1
    """
    errors = np.array([m.errors for m in cultures.values()])
    return {model: mean_estimate(errors[:, k]) for k, model in enumerate(MODELS)}


def audit_numbers(audited: Audited, public: tuple[str, ...]) -> dict[str, Any]:
    """Return every number with its interval, beside what is known of the public cultures.

    Example:
        >>> losses = {"saturated": Estimate(1.0, 1.0, 1.0)}
        >>> audited = Audited(Forecasts("saturated", losses, None, {}, 2, True))
        >>> list(audit_numbers(audited, ()))
        ['loss of saturated']
    """
    stated = STATED_LOSSES if public == STATED_GROUPS else {}
    numbers: dict[str, Any] = {
        f"loss of {name}": interval_number(interval, **_known(stated, name))
        for name, interval in audited.forecasts.losses.items()
    }
    if (verdict := audited.forecasts.verdict) is not None:
        numbers["theory adds"] = interval_number(verdict.gain)
        numbers["smallest addition found in 80 % of studies"] = {
            "ours": verdict.smallest_detectable
        }
        numbers["settings tried"] = {"ours": verdict.settings_tried}
    if audited.weak is not None:
        numbers["theory would seem to add, against static nulls alone"] = interval_number(
            audited.weak.gain
        )
    numbers |= target_numbers(audited.forecasts.targets)
    for group, cultures in audited.protocol.items():
        numbers |= _protocol_numbers(group, cultures, group in public)
    return numbers


def _protocol_numbers(
    group: str, cultures: Mapping[str, ProtocolMeasures], is_public: bool
) -> dict[str, Any]:
    columns = STATED_PROTOCOL.get(group, {}) if is_public else {}
    shares = STATED_SHARES if is_public else {}
    falls = np.array([[fall(m), surrogate_fall(m)] for m in cultures.values()])
    errors = np.array([m.weight_errors for m in cultures.values()])
    return {
        **{
            f"{group}: protocol's table, {model}": interval_number(one, **_known(columns, model))
            for model, one in protocol_errors(cultures).items()
        },
        f"{group}: share of the fall of L that gain drift shows": {
            "ours": float(falls[:, 1].mean() / falls[:, 0].mean()),
            **_known(shares, group),
        },
        f"{group}: error of synapses, replay less protocol": interval_number(
            mean_estimate(errors[:, 0] - errors[:, 1])
        ),
    }


def _known(stated: Mapping[str, float], name: str) -> dict[str, float]:
    return {"reference": stated[name]} if name in stated else {}


def audit_tables(audited: Audited) -> list[Table]:
    """Return losses, what each model with the theory would add, and what was chosen by whom.

    Example:
        >>> losses = {"saturated": Estimate(1.0, 1.0, 1.0)}
        >>> audited = Audited(Forecasts("saturated", losses, None, {}, 2, True))
        >>> [table.title for table in audit_tables(audited)]
        ['Models with the theory: gain on cultures left out, unearned, and at g = 0.15']
    """
    fixed = {name: interval.as_tuple() for name, interval in audited.fixed.items()}
    added = Table(
        "Models with the theory: gain on cultures left out, unearned, and at g = 0.15",
        ("model", "mean", "low", "high", "g = 0.15", "low", "high"),
        [
            (name, *interval.as_tuple(), *fixed.get(name, (None, None, None)))
            for name, interval in audited.added.items()
        ],
    )
    if (verdict := audited.forecasts.verdict) is None:
        return [added]
    rows = [
        (name, fold.null, fold.term or "none", fold.g, fold.gain, fold.unrestricted_gain)
        for name, fold in zip(audited.names, verdict.folds)
    ]
    header = ("culture", "null", "term", "g", "gain", "unearned")
    return [added, Table("Chosen for each culture by the others", header, rows)]


def audit_arrays(audited: Audited) -> dict[str, NDArray[Any]]:
    """Return losses with intervals, and the protocol's measures of every culture.

    Example:
        >>> losses = {"saturated": Estimate(1.0, 1.0, 1.0)}
        >>> audited = Audited(Forecasts("saturated", losses, None, {}, 2, True))
        >>> audit_arrays(audited)["losses"].tolist()
        [[1.0, 1.0, 1.0]]
    """
    losses = audited.forecasts.losses
    arrays: dict[str, NDArray[Any]] = {
        "models": np.array(list(losses)),
        "losses": _rows(losses),
        "models_with_theory": np.array(list(audited.added), str),
        "added": _rows(audited.added),
        "added_at_fixed_size": _rows(audited.fixed),
        "cultures": np.array(audited.names),
    }
    for group in audited.protocol.values():
        for name, m in group.items():
            arrays |= {f"{field}_{name}": values for field, values in vars(m).items()}
    return arrays


def _rows(estimates: Mapping[str, Estimate[float]]) -> NDArray[np.float64]:
    """Value, low and high of every estimate, (estimates, 3)."""
    return np.array([one.as_tuple() for one in estimates.values()], float).reshape(-1, 3)


def verdict_sentences(audited: Audited) -> list[str]:
    """Return the verdict, what it rests on, and its power, in plain sentences.

    Example:
        >>> losses = {"saturated": Estimate(1.0, 1.0, 1.0)}
        >>> audited = Audited(Forecasts("saturated", losses, None, {}, 2, True))
        >>> verdict_sentences(audited)
        ['Fewer than three cultures can be forecast: there is no verdict on others.']
    """
    verdict = audited.forecasts.verdict
    if verdict is None:
        return ["Fewer than three cultures can be forecast: there is no verdict on others."]
    earned = sum(fold.g > 0 for fold in verdict.folds)
    gain = verdict.gain
    sentences = [
        f"Theory adds {gain.value:.2%} [{gain.low:.2%}, {gain.high:.2%}] of the best "
        f"null's loss, over {len(verdict.folds)} cultures, each judged by a choice that the "
        f"others made; {verdict.settings_tried} settings were tried, and a term with the theory "
        f"earned its place in {earned} of {len(verdict.folds)}.",
        f"A study like this one finds an addition of {verdict.smallest_detectable:.2%} in 80 % of "
        "cases.",
    ]
    if audited.weak is not None:
        weak = audited.weak.gain
        sentences.append(
            f"Against static nulls alone the same models would seem to add {weak.value:.2%} "
            f"[{weak.low:.2%}, {weak.high:.2%}]."
        )
    return [*sentences, *target_sentences(audited.forecasts.targets)]
