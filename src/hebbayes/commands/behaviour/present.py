"""Described behaviour as JSON keys, arrays, tables, notes and figures."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.analyze.embedded import embedded_table, miss_sentences
from hebbayes.commands.behaviour.embedded import embedded_estimates
from hebbayes.commands.behaviour.figures import population_figure, subjects_figure
from hebbayes.commands.behaviour.report import report_of
from hebbayes.commands.behaviour.sentences import notes_on
from hebbayes.commands.behaviour.synapses import states_figure
from hebbayes.commands.behaviour.tables import tables_of
from hebbayes.commands.running.outcome import Outcome
from hebbayes.reverse_engineering.behaviour.rivals.models import MARGIN_NATS

if TYPE_CHECKING:
    from hebbayes.commands.behaviour.run import BehaviourResult
    from hebbayes.reverse_engineering.behaviour.subjects.delays import DelayPosterior
    from hebbayes.reverse_engineering.behaviour.subjects.description import SubjectDescription
    from hebbayes.reverse_engineering.behaviour.subjects.screening import SetAside
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]


def present(result: "BehaviourResult") -> Outcome:
    """Return every subject's estimates and verdict, the population, groups, and curves.

    Example:
        >>> present.__name__
        'present'
    """
    embedded = embedded_estimates(result)
    missed = any(one.is_missed for one in embedded)
    lead = [embedded_table(embedded, "group")] if embedded else []
    return Outcome(
        summary=_summary(result),
        arrays=_arrays(result),
        tables=[*lead, *tables_of(result)],
        notes=[*miss_sentences(embedded), *notes_on(result)],
        figures={
            "population": partial(population_figure, result),
            "subjects": partial(subjects_figure, result),
            **({"states": partial(states_figure, result)} if result.population.base else {}),
        },
        holds=not missed,
        next_command="" if result.config.file else "hebbayes check choices.csv",
        report=report_of(result),
    )


def _summary(result: "BehaviourResult") -> dict[str, Any]:
    labels, settings = result.choice_labels, result.settings
    delay = settings.read_as.reward_delay
    embedded = embedded_estimates(result)
    summary: dict[str, Any] = {
        "subjects": [_subject(result, one) for one in result.subjects],
        "set_aside": [_set_aside(one) for one in result.set_aside],
        "groups": _groups(result),
        "trials": result.behaviour.n_trials,
        "used": sum(one.n_used for one in result.subjects),
        "missed": int(result.behaviour.is_missed.sum()),
        "without_outcome": sum(one.n_without_outcome for one in result.subjects),
        "population": _population(result, labels),
        "verdicts": _verdicts(result),
        "models": [_model(result, name) for name in result.subjects[0].log_loss],
        "margin_nats": MARGIN_NATS,
        "states": result.states,
        "decision_rests_on": settings.basis.chosen,
        "new_stimuli": settings.read_as.has_new_stimuli,
        "reward_delay": delay,
        "delay": _delay(settings.delay),
        "settings_tried": _settings_tried(result),
        "warnings": [*settings.warnings, *result.behaviour.provenance.get("warnings", ())],
        "provenance": result.behaviour.provenance,
        "seconds": result.seconds,
    }
    if embedded:
        summary["truth"] = {
            "inside": {one.name: one.is_inside for one in embedded},
            "missed": any(one.is_missed for one in embedded),
        }
    return summary


def _set_aside(one: "SetAside") -> dict[str, Any]:
    return {
        "subject": one.name,
        "group": one.group,
        "trials": one.n_trials,
        "used": one.n_used,
        "missed": one.n_missed,
        "success": one.success,
        "reason": one.reason,
    }


def _groups(result: "BehaviourResult") -> dict[str, Any]:
    return {
        name: {
            "difference": one.difference.value,
            "low": one.difference.low,
            "high": one.difference.high,
            "p_adjusted": one.p,
            "groups": one.conditions,
            "means": one.means,
            "subjects": one.n,
        }
        for name, one in result.groups.items()
    }


def _settings_tried(result: "BehaviourResult") -> dict[str, Any]:
    ways = [
        {
            "decision_rests_on": way.rests_on,
            "new_stimuli": way.has_new_stimuli,
            "reward_delay": way.reward_delay,
            "log_evidence": score,
        }
        for way, score in result.settings.scores.items()
    ]
    return {"number": len(ways), "decisions": result.settings.n_scored, "ways": ways}


def _verdicts(result: "BehaviourResult") -> dict[str, dict[str, int]]:
    """Return how many subjects have each verdict, of all and of each group."""
    counts = {"all": dict(Counter(one.verdict for one in result.subjects))}
    for name in sorted({str(one.group) for one in result.subjects if one.group is not None}):
        of_group = [one.verdict for one in result.subjects if str(one.group) == name]
        counts[name] = dict(Counter(of_group))
    return counts


def _subject(result: "BehaviourResult", one: "SubjectDescription") -> dict[str, Any]:
    labels = result.choice_labels
    return {
        "subject": one.name,
        "group": one.group,
        "trials": one.n_trials,
        "used": one.n_used,
        "missed": one.n_missed,
        "without_outcome": one.n_without_outcome,
        "success": one.success,
        "verdict": one.verdict,
        "log_loss": one.log_loss,
        "log_evidence": one.log_evidence,
        "psi": _by_choice(one.psi, labels),
        **{
            name: element.cannot_tell or element.estimate.as_dict()
            for name, element in one.elements.items()
        },
        "V": _synapses(result, one, "weights"),
        "choice_probability": {
            "start": {} if one.synapses is None else _by_choice(one.synapses.start, labels),
            "end": _synapses(result, one, "end"),
        },
        "delay": result.settings.read_as.reward_delay,
        "delay_posterior": _delay(one.delay),
        "estimates": {name: e.estimate.as_dict() for name, e in one.elements.items()},
        "winner": {name: e.as_dict() for name, e in one.winner.items()},
    }


def _by_choice(estimate: "Estimate[Floats]", labels: list[str]) -> dict[str, Any]:
    return {label: estimate[k].as_dict() for k, label in enumerate(labels)}


def _synapses(
    result: "BehaviourResult", one: "SubjectDescription", part: Literal["weights", "end"]
) -> dict[str, Any]:
    """Return estimates by state, then by choice."""
    if one.synapses is None:
        return {}
    estimates: Estimate[Floats] = getattr(one.synapses, part)
    names = (result.state_names[state] for state in one.synapses.state)
    return {name: _by_choice(estimates[k], result.choice_labels) for k, name in enumerate(names)}


def _delay(posterior: "DelayPosterior | None") -> dict[str, Any] | None:
    if posterior is None:
        return None
    return {
        "value": posterior.value,
        "low": min(posterior.credible),
        "high": max(posterior.credible),
        "set": posterior.credible,
        "probability": posterior.probability,
    }


def _population(result: "BehaviourResult", labels: list[str]) -> dict[str, Any]:
    population = result.population
    psi = population.psi
    return {
        "verdict": population.verdict,
        "best": population.best,
        "theory": population.base or None,
        "log_evidence": population.log_evidence,
        "forms": {name: one.form for name, one in population.models.items()},
        "psi": None if psi is None else _by_choice(psi, labels),
        **{name: one.as_dict() for name, one in population.elements.items()},
        "spread": {name: one.as_dict() for name, one in population.spreads.items()},
    }


def _model(result: "BehaviourResult", name: str) -> dict[str, Any]:
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    model = model_of(name)
    losses = np.array([one.log_loss[name] for one in result.subjects])
    return {
        "name": name,
        "description": model.description,
        "class": model.kind,
        "log_evidence": sum(one.log_evidence[name] for one in result.subjects),
        "population_log_evidence": result.population.log_evidence[name],
        "log_loss": float(np.mean(losses)),
    }


def _arrays(result: "BehaviourResult") -> dict[str, NDArray[Any]]:
    subjects = result.subjects
    arrays: dict[str, NDArray[Any]] = {
        "subject": np.array([str(one.name) for one in subjects]),
        "verdict": np.array([one.verdict for one in subjects]),
        "model": np.array(list(subjects[0].log_loss)),
        "log_evidence": np.array([list(one.log_evidence.values()) for one in subjects]),
        "log_loss": np.array([list(one.log_loss.values()) for one in subjects]),
        "psi": np.array([_ends(one.psi) for one in subjects]),
    }
    for name in subjects[0].elements:
        arrays[name] = np.array([_ends(one.elements[name].estimate) for one in subjects])
    return arrays | _synapse_arrays(result)


def _synapse_arrays(result: "BehaviourResult") -> dict[str, Floats]:
    """Return V and choices at start and end; NaN for states that were not on."""
    held = [one.synapses for one in result.subjects if one.synapses is not None]
    if not held:
        return {}
    shape = (len(held), 3, len(result.state_names), len(result.choice_labels))
    weights, end = np.full(shape, np.nan), np.full(shape, np.nan)
    for k, one in enumerate(held):
        weights[k, :, one.state], end[k, :, one.state] = (
            _ends(part).transpose(1, 0, 2) for part in (one.weights, one.end)
        )
    start = np.array([_ends(one.start) for one in held])
    return {"V": weights, "choices_at_start": start, "choices_at_end": end}


def _ends(estimate: "Estimate") -> Floats:
    """Value, low and high."""
    return np.array(estimate.as_tuple(), float)
