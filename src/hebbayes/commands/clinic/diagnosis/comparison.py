"""Rivals beside a diagnosis, and differences between groups, as JSON keys, tables and notes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.running.outcome import Table

if TYPE_CHECKING:
    from hebbayes.clinic.comparison.compare import Standing
    from hebbayes.clinic.comparison.differences import Difference
    from hebbayes.clinic.diagnosis.diagnose import CohortDiagnosis

_N_NAMED = 4
_SHORT = {
    "circuit": "circuit",
    "rescorla_wagner": "RW, two rates",
    "rescorla_wagner_sticky": "RW + stickiness",
    "rescorla_wagner_lapsing": "RW + lapse",
    "rescorla_wagner_forgetting": "RW + forgetting",
    "rescorla_wagner_sticky_lapsing_forgetting": "RW + all three",
    "constant": "constant odds",
    "readout": "fixed read-out",
    "choices": "choices alone",
}


def standing_summary(one: "Standing") -> dict[str, Any]:
    """Return one subject's models as JSON keys.

    Example:
        >>> from hebbayes.clinic.comparison.compare import Standing
        >>> from hebbayes.clinic.comparison.leave_one_out import LeaveOneOut
        >>> score = LeaveOneOut(np.full(9, -0.5), np.zeros(9))
        >>> standing_summary(Standing("1", "", {"circuit": score}, {}))["log_loss"]
        {'circuit': 0.5}
    """
    return {
        "log_loss": {name: -nats for name, nats in one.nats_per_choice.items()},
        "best_model": one.winner,
        "clearly_better": one.better,
        "caution": one.caution,
        "unreliable": {name: score.unreliable for name, score in one.scores.items()},
    }


def comparison_summary(found: "CohortDiagnosis") -> dict[str, Any]:
    """Return models by group and differences between groups as JSON keys.

    Example:
        >>> comparison_summary.__name__
        'comparison_summary'
    """
    return {
        "models": [
            {
                "group": one.group,
                "subjects": one.n_subjects,
                "log_loss": {name: -nats for name, nats in one.nats_per_choice.items()},
                "lead": {name: lead.as_dict() for name, lead in one.lead.items()},
            }
            for one in found.group_standings
        ],
        "differences": [_entry(one) for one in found.differences],
        "agreements": [vars(one) for one in found.agreements],
    }


def _entry(one: "Difference") -> dict[str, Any]:
    test = one.test
    return {
        "model": one.model,
        "quantity": test.quantity,
        "groups": list(test.conditions),
        "n": list(test.n),
        "means": list(test.means),
        **dict(zip(("difference", "low", "high"), test.difference.as_tuple())),
        **dict(zip(("effect", "effect_low", "effect_high"), one.effect.as_tuple())),
        "p_adjusted": test.p,
        "p_rank": test.p_rank,
    }


def comparison_tables(found: "CohortDiagnosis") -> list[Table]:
    """Return the tables of models, and of what differs between groups.

    Example:
        >>> comparison_tables.__name__
        'comparison_tables'
    """
    tables = [_models(found.standings)]
    pairs = dict.fromkeys(one.test.conditions for one in found.differences)
    for pair in pairs:
        rows = [
            (
                _SHORT[one.model],
                one.test.quantity.replace("_", " "),
                one.effect.value,
                one.effect.low,
                one.effect.high,
                one.test.p,
            )
            for one in sorted(found.differences, key=_rank)
            if one.test.conditions == pair
        ]
        header = ("model", "quantity", "g", "low", "high", "p")
        title = f"{pair[1]} less {pair[0]}, in spreads between subjects (Hedges' g)"
        tables.append(Table(title, header, rows))
    if found.agreements:
        verdicts = [
            (one.group, one.element.replace("_", " "), one.parameter, one.verdict)
            for one in found.agreements
        ]
        columns = ("group", "circuit", "Rescorla-Wagner", "do they agree?")
        tables.append(Table("Do two models find the same?", columns, verdicts))
    return tables


def _rank(one: "Difference") -> tuple[float, float]:
    return np.nan_to_num(one.test.p, nan=2.0), -np.nan_to_num(abs(one.effect.value))


def _models(standings: "Sequence[Standing]") -> Table:
    usable = [one for one in standings if one.winner]
    rows = []
    for name in usable[0].scores if usable else ():
        members = [one for one in usable if name in one.scores]
        rows.append(
            (
                _SHORT[name],
                float(np.mean([one.nats_per_choice[name] for one in members])),
                sum(one.winner == name for one in members),
                sum(one.better == name for one in members),
            )
        )
    header = ("model", "nats per choice", "best of", "clearly better")
    return Table("Models beside the circuit, scored on choices left out", header, rows)


def comparison_notes(found: "CohortDiagnosis") -> list[str]:
    """Return sentences on what comparisons rest on, and on subjects whom a rival fits better.

    Example:
        >>> comparison_notes.__name__
        'comparison_notes'
    """
    notes = []
    worse = [one for one in found.standings if one.better]
    if worse:
        named = ", ".join(one.subject for one in worse[:_N_NAMED])
        named += f" and {len(worse) - _N_NAMED} more" if len(worse) > _N_NAMED else ""
        notes.append(
            f"The circuit model does not describe the choices of {len(worse)} of "
            f"{len(found.standings)} subjects as well as a rival does ({named}); their diagnoses "
            "rest on it."
        )
    if found.differences:
        notes.append(
            "Differences compare one estimate per subject, on the scale without bounds; p-values "
            f"are adjusted over all {len(found.differences)} tests. A cause outside the models "
            "(working memory, medication) can look like any of them."
        )
    return notes
