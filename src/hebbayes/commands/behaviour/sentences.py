"""What described behaviour means, in sentences: the answer, its assumptions and its limits."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.behaviour.beliefs import prior_sentences, speed_sentences
from hebbayes.commands.behaviour.synapses import held_sentences
from hebbayes.reverse_engineering.behaviour.rivals.models import (
    AS_THEORY,
    MARGIN_NATS,
    NO_LEARNING,
)
from hebbayes.reverse_engineering.behaviour.subjects.screening import sentence_about

if TYPE_CHECKING:
    from hebbayes.commands.behaviour.run import BehaviourResult

_STATES = {
    "stimuli": "States are the stimuli themselves, one per channel (--states).",
    "inferred": "States are inferred from the stimuli by a canonical network that learns their "
    "likelihood as it goes (--states).",
    "activity": "States are the recorded activity.",
    "none": "No stimuli were read: one state is always on.",
}


def notes_on(result: "BehaviourResult") -> list[str]:
    """Return the answer, what it rests on, and what cannot be told.

    Example:
        >>> notes_on.__name__
        'notes_on'
    """
    return [
        answer(result),
        *policy_sentences(result),
        *theory_sentences(result),
        *prior_sentences(result),
        *speed_sentences(result),
        *held_sentences(result),
        *data_sentences(result),
        *cannot_tell_sentences(result),
        limit(result),
    ]


def data_sentences(result: "BehaviourResult") -> list[str]:
    """Return how many trials were read, and how.

    Example:
        >>> data_sentences.__name__
        'data_sentences'
    """
    return [
        _trials(result),
        *filter(None, [sentence_about(result.set_aside)]),
        _STATES[result.states],
        *result.settings.sentences,
        *result.settings.warnings,
        *result.behaviour.provenance.get("warnings", ()),
    ]


def answer(result: "BehaviourResult") -> str:
    """Return the verdicts in a sentence.

    Example:
        >>> answer.__name__
        'answer'
    """
    population = result.population
    words = _description(population.best)
    if len(result.subjects) == 1:
        (one,) = result.subjects
        return f"Verdict on {one.n_used} decisions: {one.verdict}; the best model is {words!r}."
    counts = Counter(one.verdict for one in result.subjects).most_common()
    said = ", ".join(f"{verdict} {n}" for verdict, n in counts)
    return (
        f"Verdicts on {len(result.subjects)} subjects: {said}. All decisions together: "
        f"{population.verdict}; the best model is {words!r}."
    )


def policy_sentences(result: "BehaviourResult") -> list[str]:
    """Return how the best learner compares with a fixed policy of the stimuli.

    Example:
        >>> policy_sentences.__name__
        'policy_sentences'
    """
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    evidence = result.population.log_evidence
    names = list(result.subjects[0].log_loss)
    learners = [name for name in names if model_of(name).kind != NO_LEARNING]
    fixed = [name for name in names if model_of(name).kind == NO_LEARNING]
    learner, policy = (max(some, key=evidence.__getitem__) for some in (learners, fixed))
    lead = evidence[learner] - evidence[policy]
    loss = np.array([[one.log_loss[name] for name in (learner, policy)] for one in result.subjects])
    held = np.nanmean(loss, axis=0)
    where = (
        f"held-out decisions cost {held[0]:.3f} and {held[1]:.3f} nats per trial"
        if np.isfinite(held).all()
        else "no decision was held out"
    )
    if abs(lead) <= MARGIN_NATS:
        said = "cannot be told apart"
    else:
        better = f"the {'learner' if lead > 0 else 'fixed policy'} describes them better"
        said = f"{better}, by {abs(lead):.1f} nats of log evidence"
    sentence = (
        f"Learners beside a fixed policy of these stimuli: the best learner "
        f"({_description(learner)}) and the best that does not learn ({_description(policy)}) "
        f"{said if said.startswith('cannot') else 'differ: ' + said}; {where}."
    )
    if np.isfinite(held).all() and abs(lead) > MARGIN_NATS and (held[1] - held[0]) * lead < 0:
        sentence += " The two measures disagree: do not rest a claim on either."
    return [sentence]


def theory_sentences(result: "BehaviourResult") -> list[str]:
    """Return what the theory adds beside its rivals, and what its fixed parameters cost.

    Example:
        >>> theory_sentences.__name__
        'theory_sentences'
    """
    population = result.population
    if not population.base:
        return [
            "No outcome varies, so learning from outcomes cannot be judged; only models that need "
            "none were compared."
        ]
    notes = []
    evidence = population.log_evidence
    if population.verdict != AS_THEORY:
        lead = evidence[population.best] - evidence[population.base]
        notes.append(
            f"The theory does not win: its best model ({_description(population.base)}) "
            + (f"is {lead:.1f} nats below the best" if lead > 0 else "leads by too little")
            + ". psi, lambda / gain and leak are estimates under it; read them as a description, "
            "not as how these subjects learn."
        )
    wide = sum(one.log_evidence[population.base] for one in result.subjects)
    for extra, fit in population.extras.items():
        gain = float(fit.log_evidence.sum()) - wide
        verb = "adds" if gain > 0 else "costs"
        notes.append(
            f"A free {extra} {verb} {abs(gain):.1f} nats to the theory's model, subject by "
            f"subject; the theory fixes it at {1 if extra == 'precision' else 0}, and the verdict "
            "does not use it."
        )
    return notes


def _trials(result: "BehaviourResult") -> str:
    missed = int(result.behaviour.is_missed.sum())
    unknown = sum(one.n_without_outcome for one in result.subjects)
    return (
        f"Of {result.behaviour.n_trials} trials, "
        f"{sum(one.n_used for one in result.subjects)} decisions are explained; {missed} "
        f"{'trial was' if missed == 1 else 'trials were'} missed (forgetting goes on in them), and "
        f"{unknown} decisions without outcome teach nothing."
    )


def cannot_tell_sentences(result: "BehaviourResult") -> list[str]:
    """Return the elements that decisions do not tell apart.

    Example:
        >>> cannot_tell_sentences.__name__
        'cannot_tell_sentences'
    """
    counts = Counter(
        element.cannot_tell
        for one in result.subjects
        for element in one.elements.values()
        if element.cannot_tell
    )
    notes = [f"{why} ({n} of {len(result.subjects)} subjects)." for why, n in counts.most_common()]
    if result.population.base:
        notes.append(
            "lambda of the output synapses and the gain of the modulator cannot be told apart: "
            "only their ratio is given, as learning."
        )
    return notes


def limit(result: "BehaviourResult") -> str:
    """Return what verdicts are relative to.

    Example:
        >>> limit.__name__
        'limit'
    """
    names = result.subjects[0].log_loss
    return (
        f"Verdicts are relative to these {len(names)} models: "
        f"{'; '.join(_description(name) for name in names)}. A class must lead by more than "
        f"{MARGIN_NATS:g} nats. {len(result.settings.scores)} ways to read the trials were scored, "
        f"on {result.settings.n_scored} training decisions."
    )


def _description(name: str) -> str:
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    return model_of(name).description
