"""How a table is read, chosen by score where the user leaves it open.

Which trial a decision rests on, whether stimuli are new in every session, and the delay until a
reward is learnt from: each is scored by the models of `SCORING` on the first four fifths of the
trials of a dozen subjects, and replaces its default only with `MARGIN_NATS` more evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.reverse_engineering.behaviour.decision_basis import (
    MARGIN_NATS,
    PREVIOUS,
    SAME,
    DecisionBasis,
)
from hebbayes.reverse_engineering.behaviour.subjects.delays import delay_posterior
from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_subject
from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, only, subjects_of

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour
    from hebbayes.reverse_engineering.behaviour.choices import RestsOn
    from hebbayes.reverse_engineering.behaviour.subjects.delays import DelayPosterior
    from hebbayes.reverse_engineering.behaviour.subjects.states import Floats

SCORING = ("leaky", "rescorla_wagner", "readout")
"""Models that score how a table is read, one of each class."""

DELAYS = (0, 1, 2, 3)
"""Delays that are scored, in trials."""

MOST_SCORED = 12
"""Subjects that score how a table is read, evenly spaced."""

_TRAINING = 0.8


@dataclass(frozen=True, eq=False)
class Scoring:
    """One subject and the ways to read it; picklable.

    Attributes:
        behaviour: Of this subject.
        states: (trials, states).
        ways: Ways to read it.
    """

    behaviour: "Behaviour"
    states: "Floats"
    ways: tuple[ReadAs, ...]


@dataclass(frozen=True)
class Settings:
    """How a table is read, and the scores behind it.

    Attributes:
        read_as: What was chosen.
        basis: Trial that decisions rest on, and both scores.
        scores: Log evidence of every way that was scored, under the best model, nats.
        n_scored: Decisions that were scored.
        sentences: What was chosen and why.
        warnings: Where a given setting is far worse than another.
        delay: Posterior over delays; None if the delay was given.
    """

    read_as: ReadAs
    basis: DecisionBasis
    scores: Mapping[ReadAs, float]
    n_scored: int
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    delay: "DelayPosterior | None" = None


def score_ways(task: Scoring) -> tuple[list[dict[str, float]], int]:
    """Return the log evidence of each way under each model of `SCORING`, and decisions scored.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> behaviour = Behaviour([0, 1] * 20, np.ones((40, 1)), risk=[0.0, 1.0] * 20)
        >>> scores, n = score_ways(Scoring(behaviour, behaviour.stimuli, (ReadAs(),)))
        >>> sorted(scores[0]), n
        (['leaky', 'readout', 'rescorla_wagner'], 32)
    """
    scores, n = [], 0
    for way in task.ways:
        subject = subjects_of(task.behaviour, task.states, way)[0]
        n_trials = len(subject.fold)
        training = only(subject, np.arange(n_trials) < round(_TRAINING * n_trials))
        n = int(training.trials.is_used.sum()) if training.trials.n_decisions > 1 else 0
        fits = fit_subject(training, SCORING, is_held_out=False) if n else {}
        scores.append({name: one.log_evidence for name, one in fits.items()})
    return scores, n


def first_ways(rests_on: str, new_stimuli: str, n_sessions: int) -> tuple[ReadAs, ...]:
    """Return the ways that are scored first: both trials, and new stimuli or not.

    The trial is scored even if it is given, so that a warning is possible.

    Example:
        >>> [(one.rests_on, one.has_new_stimuli) for one in first_ways("auto", "no", 3)]
        [('same', False), ('previous', False)]
    """
    fresh = {"yes": (True,), "no": (False,)}.get(new_stimuli, (False, True))
    if n_sessions < 2:
        fresh = fresh[:1]
    bases: tuple[RestsOn, RestsOn] = (SAME, PREVIOUS)
    return tuple(ReadAs(basis, one, 0) for basis in bases for one in fresh)


def choose_first(
    ways: Sequence[ReadAs], scores: Sequence[float], n_scored: int, rests_on: str
) -> tuple[ReadAs, DecisionBasis]:
    """Return the way that scored best, but the default unless another is 2 nats better.

    Example:
        >>> ways = first_ways("auto", "auto", 2)
        >>> way, basis = choose_first(ways, [-50.0, -40.0, -60.0, -60.0], 80, "auto")
        >>> way.rests_on, way.has_new_stimuli, basis.lead
        ('same', True, 20.0)
    """
    evidence: dict[RestsOn, float] = {}
    for way, score in zip(ways, scores):
        evidence[way.rests_on] = max(score, evidence.get(way.rests_on, -np.inf))
    given = next((one for one in evidence if one == rests_on), None)
    better = evidence[PREVIOUS] - evidence[SAME] > MARGIN_NATS
    chosen = given or (PREVIOUS if better else SAME)
    basis = DecisionBasis(chosen, given is not None, evidence, n_scored)
    among = [(way, score) for way, score in zip(ways, scores) if way.rests_on == chosen]
    way, best = among[0]
    for other, score in among[1:]:
        if score - best > MARGIN_NATS:
            way = other
    return way, basis


def choose_delay(scores: Mapping[int, float]) -> int:
    """Return the delay that scored best, but 0 unless another is 2 nats better.

    Example:
        >>> choose_delay({0: -10.0, 1: -9.0}), choose_delay({0: -10.0, 2: -5.0})
        (0, 2)
    """
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] - scores[0] > MARGIN_NATS else 0


def settled(
    scores: Mapping[ReadAs, float],
    read_as: ReadAs,
    basis: DecisionBasis,
    n_scored: int,
    *,
    asked: tuple[str, str],
) -> Settings:
    """Return the settings with sentences and warnings; ``asked`` are new stimuli and delay.

    Example:
        >>> basis = DecisionBasis("same", True)
        >>> chosen = settled({ReadAs(): -9.0}, ReadAs(), basis, 20, asked=("no", "2"))
        >>> chosen.read_as.reward_delay, chosen.sentences[-1]
        (2, 'Outcomes are learnt from after 2 trials (as requested).')
    """
    new_stimuli, delay = asked
    of_delay = {
        way.reward_delay: score
        for way, score in scores.items()
        if (way.rests_on, way.has_new_stimuli) == (read_as.rests_on, read_as.has_new_stimuli)
    }
    posterior = delay_posterior(of_delay) if delay == "auto" else None
    chosen = choose_delay(of_delay) if delay == "auto" else int(delay)
    sentences = [
        basis.sentence,
        _about_stimuli(scores, read_as, new_stimuli),
        _about_delay(of_delay, chosen, posterior),
    ]
    return Settings(
        read_as=ReadAs(read_as.rests_on, read_as.has_new_stimuli, chosen),
        basis=basis,
        scores=scores,
        n_scored=n_scored,
        sentences=tuple(filter(None, sentences)),
        warnings=(basis.warning,) if basis.warning else (),
        delay=posterior,
    )


def _about_stimuli(scores: Mapping[ReadAs, float], read_as: ReadAs, asked: str) -> str:
    other = ReadAs(read_as.rests_on, not read_as.has_new_stimuli, 0)
    words = "begins anew in every session" if read_as.has_new_stimuli else "goes on over sessions"
    if other in scores:
        lead = scores[ReadAs(read_as.rests_on, read_as.has_new_stimuli, 0)] - scores[other]
        better = f"{abs(lead):.1f} nats {'better' if lead >= 0 else 'worse'}"
        return f"Learning {words}, {better} than otherwise (--new-stimuli)."
    return f"Learning {words} (as requested)." if asked != "auto" else ""


def _about_delay(
    scores: Mapping[int, float], chosen: int, posterior: "DelayPosterior | None"
) -> str:
    if posterior is None:
        return f"Outcomes are learnt from after {chosen} trials (as requested)."
    lead = scores[chosen] - max(score for delay, score in scores.items() if delay != chosen)
    return (
        f"Outcomes are learnt from after {chosen} trials, {abs(lead):.1f} nats "
        f"{'better' if lead >= 0 else 'worse'} than the best other of {len(scores)} delays "
        f"(--reward-delay); {_said_of(posterior)}, if all are equally probable at first."
    )


def _said_of(posterior: "DelayPosterior") -> str:
    delays = " or ".join(map(str, posterior.credible))
    held = sum(posterior.probability[delay] for delay in posterior.credible)
    return f"a delay of {delays} has {'more than 99.9' if held > 0.999 else f'{held:.1%}'[:-1]} %"


def best_of(per_subject: Sequence[Sequence[Mapping[str, float]]]) -> list[float]:
    """Return, for each way, the evidence of its best model over all subjects.

    Example:
        >>> one, other = dict.fromkeys(SCORING, -2.0), dict.fromkeys(SCORING, -1.0)
        >>> best_of([[one], [other]])
        [-3.0]
    """
    known = [one for one in per_subject if one and one[0]]
    if not known:
        return [0.0] * len(per_subject[0])
    return [
        max(sum(one[k][name] for one in known) for name in SCORING) for k in range(len(known[0]))
    ]
