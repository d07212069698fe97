"""I23 Fig. 3: estimates by the theory for every group of cultures, and the claims of the paper.

The published protocol on every group with recordings, each claim of the paper beside the null that
it has to beat (docs/theory.md section 8).  Claims that fail are reported as such, claims that need
unpublished groups are listed.  Left out: the landscape of L.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.published.culture_protocol import (
    MODELS,
    PreparedGroup,
    ProtocolMeasures,
    fall,
    growth,
    measure,
    prepare,
    surrogate_fall,
)
from hebbayes.commands.published.culture_reference import read_groups, sentence_about
from hebbayes.commands.published.reproduction import Reproduction, interval_number
from hebbayes.commands.running.outcome import Table
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate
from hebbayes.reverse_engineering.statistics.groups import compare

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.configs import ReproduceConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress

Measures = Mapping[str, Mapping[int, ProtocolMeasures]]
"""Group to number of the culture to its measures."""

DRUGS = {"bicuculline": "above", "diazepam": "below"}
"""Groups of I23 in which a drug changed excitability; on which side of 1/2 it should put D1."""
CONTROL = "control"
_UNTESTED = {
    "diazepam": "a prior below 1/2 under lowered excitability",
    "mixing50": "learning if stimuli do not distinguish the sources",
    CONTROL: "that a drug disrupts learning, which only a group of the same mixing can show",
}


def run(
    config: "ReproduceConfig", *, progress: "Progress", checkpoint: "Checkpoint | None"
) -> Reproduction:
    """Return I23 Fig. 3 for the groups given.  Too short to need a checkpoint."""
    del checkpoint
    groups = read_groups(config)
    prepared = [prepare(group) for group in groups]
    progress.start("cultures", sum(len(one.ensembles) for one in prepared))
    measured: dict[str, dict[int, ProtocolMeasures]] = {}
    failures = []
    for one in prepared:
        cultures, failed = _measure_all(one, config, progress)
        failures += failed
        if cultures:
            measured[one.group.name] = cultures
    if not measured:
        raise ValueRangeError(f"no culture can be analysed; {failures[0]}")
    is_pooled = {one.group.name: one.group.baseline is not None for one in prepared}
    return Reproduction(
        checks=claims(measured, is_pooled),
        numbers=_numbers(measured),
        arrays=_arrays(measured),
        draw=partial(_draw, measured),
        caption=_CAPTION,
        notes=(sentence_about(groups), *_baselines(prepared), *failures, *_limits(measured)),
        tables=_tables(measured),
    )


def _measure_all(
    prepared: PreparedGroup, config: "ReproduceConfig", progress: "Progress"
) -> tuple[dict[int, ProtocolMeasures], list[str]]:
    failures, measures = dict(prepared.failures), {}
    for k in prepared.ensembles:
        try:
            measures[k] = measure(prepared, k, seed=config.seed)
        except HebbayesError as error:
            failures[k] = str(error)
        progress.advance(1, f"{prepared.group.name} {k}")
    name = prepared.group.name
    return measures, [f"{name}, culture {k} failed: {why}" for k, why in failures.items()]


def claims(measured: Measures, is_pooled: Mapping[str, bool]) -> dict[str, bool]:
    """Return the claims of I23 about each group, and whether they hold here.

    "On average" means that Student's 95 % interval over cultures excludes zero; it is not tested
    for a group of one culture.  ``is_pooled`` marks groups with the published baseline: under a
    file's own mean, D1 is near 1/2 by construction.

    Example:
        >>> flat = np.zeros((12, 2, 2))
        >>> one = ProtocolMeasures(np.full(2, 0.5), flat, flat, np.ones(12), np.ones((1, 12)),
        ...                        np.ones(4), np.ones(2))
        >>> claims({"mine": {0: one}}, {})
        {'mine: L falls in every culture': False}
    """
    checks = {}
    for name, cultures in measured.items():
        all_of = list(cultures.values())
        checks[f"{name}: L falls in every culture"] = all(fall(m) > 0 for m in all_of)
        if len(all_of) < 2:
            continue
        means = _intervals(cultures)
        if name not in DRUGS:
            checks[f"{name}: ensembles come to follow their sources, on average"] = (
                means["growth"].low > 0
            )
        if name in DRUGS and is_pooled.get(name):
            prior, side = means["prior"], DRUGS[name]
            holds = prior.low > 0.5 if side == "above" else prior.high < 0.5
            checks[f"{name}: the prior D1 is {side} 1/2, on average"] = holds
        checks |= {
            f"{name}: L falls further than gain drift alone makes it, on average": (
                means["beyond"].low > 0
            ),
            f"{name}: the protocol forecasts synapses better than a replay, on average": (
                means["synapses"].low > 0
            ),
            f"{name}: it forecasts responses better than a constant, on average": (
                means["responses"].low > 0
            ),
        }
        if name in DRUGS and len(measured.get(CONTROL, {})) > 1:
            checks[f"{name}: sources are learnt less than in {CONTROL}"] = _grows_less(
                cultures, measured[CONTROL], name
            )
    return {claim: bool(holds) for claim, holds in checks.items()}


def _intervals(cultures: Mapping[int, ProtocolMeasures]) -> dict[str, Estimate[float]]:
    all_of = list(cultures.values())
    errors = np.array([m.errors for m in all_of])
    weight_errors = np.array([m.weight_errors for m in all_of])
    values = {
        "prior": [m.prior.mean() for m in all_of],
        "growth": [growth(m) for m in all_of],
        "fall": [fall(m) for m in all_of],
        "surrogate": [surrogate_fall(m) for m in all_of],
        "beyond": [fall(m) - surrogate_fall(m) for m in all_of],
        "synapses": weight_errors[:, 0] - weight_errors[:, 1],
        "responses": errors[:, MODELS.index("constant")] - errors[:, MODELS.index("protocol")],
    }
    return {name: mean_estimate(np.array(one, float)) for name, one in values.items()}


def _grows_less(
    drug: Mapping[int, ProtocolMeasures], control: Mapping[int, ProtocolMeasures], name: str
) -> bool:
    one, two = ({k: growth(m) for k, m in group.items()} for group in (control, drug))
    return compare("growth", (CONTROL, name), one, two, is_paired=False).difference.high < 0


def _numbers(measured: Measures) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for name, cultures in measured.items():
        means = _intervals(cultures)
        share = means["surrogate"].value / means["fall"].value
        numbers |= {
            f"{name}: prior D1": interval_number(means["prior"]),
            f"{name}: growth of x, source on less off": interval_number(means["growth"]),
            f"{name}: fall of L (nats per trial)": interval_number(means["fall"]),
            f"{name}: fall of L beyond gain drift": interval_number(means["beyond"]),
            f"{name}: share of the fall that gain drift shows": {"ours": share},
            f"{name}: synapses, replay's error less protocol's": interval_number(means["synapses"]),
            f"{name}: responses, constant's error less protocol's": interval_number(
                means["responses"]
            ),
        }
    return numbers


def _tables(measured: Measures) -> list[Table]:
    cultures = [(f"{name} {k}", m) for name, group in measured.items() for k, m in group.items()]
    read = [[name, *m.prior, growth(m), fall(m), surrogate_fall(m)] for name, m in cultures]
    forecast = [[name, *m.weight_errors, *m.errors] for name, m in cultures]
    return [
        Table(
            "Estimates by the theory",
            ("culture", "D1 of 1", "D1 of 2", "growth", "fall of L", "by gain drift"),
            read,
        ),
        Table(
            "Errors of forecasts: synapses by replay and protocol, then activity",
            ("culture", "replay", "protocol", *MODELS),
            forecast,
        ),
    ]


def _arrays(measured: Measures) -> dict[str, Any]:
    return {
        f"{field}_{name}_{k}": values
        for name, cultures in measured.items()
        for k, m in cultures.items()
        for field, values in vars(m).items()
    }


def _baselines(prepared: list[PreparedGroup]) -> list[str]:
    return [
        f"{one.group.name}: baseline {one.baseline:.6g} spikes per trial and unit, "
        + (
            "as published, pooled with controls that are not public."
            if one.group.baseline is not None
            else "the mean over its own cultures, which puts D1 near 1/2 by construction; no claim "
            "about its prior is tested."
        )
        for one in prepared
    ]


def _limits(measured: Measures) -> list[str]:
    absent = [f"{name} ({what})" for name, what in _UNTESTED.items() if name not in measured]
    limits = [
        "The protocol chooses ensembles by labels and normalises over all sessions, so what it "
        "calls a forecast is not one. x is the change since session 1, so there it does not "
        "follow the sources."
    ]
    if absent:
        limits.append(f"Not tested, because recordings are missing: {'; '.join(absent)}.")
    return limits


def _draw(measured: Measures) -> "Figure":
    from hebbayes.plotting.groups import groups_figure

    return groups_figure(
        {
            name: {
                "activity": np.stack([m.activity for m in cultures.values()]),
                "weights": np.stack([m.weights for m in cultures.values()]),
                "cost": np.stack([m.cost for m in cultures.values()]),
                "surrogate_cost": np.stack([m.surrogate_cost.mean(0) for m in cultures.values()]),
                "prior": np.stack([m.prior for m in cultures.values()]),
                "weight_errors": np.stack([m.weight_errors for m in cultures.values()]),
                "errors": np.stack([m.errors for m in cultures.values()]),
            }
            for name, cultures in measured.items()
        },
        MODELS,
    )


_CAPTION = (
    "After I23 Fig. 3, published protocol. A row per group, mean and standard error over cultures "
    "and ensembles. Left: activity x while an ensemble's own source is off (circles) and on "
    "(triangles). Middle: effective weights W1 - W0 of its own source's stimuli (squares) and of "
    "the others (circles). Right: change of L per trial, a line per culture; dashed, the mean of "
    "surrogates in which only units' gains drift. Bottom: priors D1, filled and open for the two "
    "ensembles of a culture; mean error of forecast synapses, a point per culture (below the "
    "diagonal the protocol would win); squared errors of late single-trial activity, a tick per "
    "culture and a dot for the mean."
)
