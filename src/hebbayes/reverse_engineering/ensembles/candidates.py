"""Ensembles of a population if the search without labels finds none: by given or shown states.

Candidate states are the known sources, or the stimuli themselves.  They serve unless a decoder
with enough trials shows that the population does not carry them (`decoding`).  Each unit belongs to
the state that it correlates with most, and the ensemble's activity is the probability of its state
given its units.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.ensembles.decoding import (
    ABSENT,
    ALPHA,
    CARRIED,
    Decoding,
    decode,
    decoding_sentence,
)
from hebbayes.reverse_engineering.ensembles.match import cross_correlation
from hebbayes.reverse_engineering.ensembles.population import (
    Population,
    fit_logistic,
    population_by_labels,
)
from hebbayes.reverse_engineering.ensembles.readout import (
    Readout,
    project,
    standardisation_of,
    standardised_responses,
    training_trials,
)
from hebbayes.reverse_engineering.ensembles.shown import (
    SOURCES,
    STIMULI,
    DecisionStates,
    shown_states,
    states_behind_decisions,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

SEARCH = "search"
"""Origin of states that the search without labels found; others are given or shown."""

MOST_ENSEMBLES = 8
"""Ensembles of given or shown states: the ones that a decoder reads best, if it reads more."""


@dataclass(frozen=True, eq=False)
class States:
    """The states that a culture is read with.

    Attributes:
        population: Its ensembles; None if no states were found.
        origin: Where they come from: search, sources or stimuli; empty without states.
        why: Why the search found none; empty if it did.
        values: (trials, states), the states that ensembles stand for, in [0, 1], if they are given
            or shown.
        decodings: What decoders of given or shown states read; empty after a successful search.
        undecoded: Why no decoder could be fitted; empty if one was.
    """

    population: Population | None
    origin: str
    why: str = ""
    values: Floats | None = None
    decodings: tuple[Decoding, ...] = ()
    undecoded: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the decoders show, a sentence each."""
        lines = tuple(decoding_sentence(one) for one in self.decodings)
        if self.undecoded and not lines:
            return (f"whether the population carries states cannot be told: {self.undecoded}",)
        return lines


def find_states(
    recording: "Recording",
    search: Callable[["Recording"], Population],
    *,
    train_sessions: int,
    seed: int = 0,
) -> States:
    """Return the ensembles that ``search`` finds, or else those of given or shown states.

    Never raises `HebbayesError`: without any states, ``population`` is None.

    Example:
        >>> from functools import partial
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.ensembles.population import population_without_labels
        >>> s = np.random.default_rng(0).integers(0, 2, (60, 1))
        >>> mouse = Recording(s, 2 + 3 * s, [0] * 60)
        >>> search = partial(population_without_labels, train_sessions=1)
        >>> find_states(mouse, search, train_sessions=1).origin
        'stimuli'
    """
    try:
        return States(search(recording), SEARCH)
    except HebbayesError as error:
        why = str(error)
    decodings: list[Decoding] = []
    undecoded = ""
    for origin, states in _candidates(recording).items():
        try:
            decoding = decode(recording, states, origin, train_sessions=train_sessions, seed=seed)
            decodings.append(decoding)
            chosen = _chosen(decoding)
            if decoding.verdict == ABSENT or len(chosen) > MOST_ENSEMBLES:
                continue
            population = _population(recording, states[:, chosen], origin, train_sessions)
        except HebbayesError as error:
            undecoded = undecoded or str(error)
            continue
        cautions = (_FALLBACK[origin], *map(_sentence, map(decoding_sentence, decodings)))
        population = replace(population, cautions=(*cautions, *population.cautions))
        return States(population, origin, why, states[:, chosen], tuple(decodings))
    return States(None, "", why, None, tuple(decodings), undecoded)


def decision_states(
    recording: "Recording", states: States, activity: Floats | None
) -> DecisionStates:
    """Return the states on which decisions rest: ensembles that were found, or given states.

    ``activity`` (trials, ensembles) is that of ensembles, if they could be described.  Raises
    `ValueRangeError`, with the flag to pass, if there are no states.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> mouse = Recording(np.eye(2), np.ones((2, 1)), [0, 0])
        >>> decision_states(mouse, States(None, ""), None).of
        'stimuli'
    """
    if states.origin == SEARCH and activity is not None:
        return DecisionStates(activity, SEARCH)
    return states_behind_decisions(recording, of=STIMULI if states.origin == STIMULI else None)


def population_by_states(
    recording: "Recording", states: NDArray, *, train_sessions: int
) -> Population:
    """Return an ensemble for each binary state: the units that correlate with it most.

    States that no unit follows are left out.  Raises `HebbayesError` if no unit carries a signal.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> s = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
        >>> culture = Recording(s, 5 - 2 * s, [0] * 40)
        >>> population = population_by_states(culture, s, train_sessions=1)
        >>> [units.tolist() for units in population.units], population.activity[:2].round().tolist()
        ([[0], [1]], [[0.0, 0.0], [0.0, 1.0]])
    """
    trials = training_trials(recording, train_sessions)
    kept = standardisation_of(recording, trials)
    z = standardised_responses(kept, recording)[trials]
    s = np.asarray(states, float)[trials]
    link = cross_correlation(z, s)
    owner = np.abs(link).argmax(1)
    followed = [k for k in range(s.shape[1]) if (owner == k).any() and s[:, k].std() > 0]
    if not followed:
        raise ValueRangeError("no unit follows any of the states in the training sessions.")
    weights, offset = np.zeros((len(kept.unit_ids), len(followed))), np.zeros(len(followed))
    for column, k in enumerate(followed):
        pooled = np.where(owner == k, np.sign(link[:, k]), 0.0) / np.count_nonzero(owner == k)
        slope, offset[column] = fit_logistic(z @ pooled, s[:, k])
        weights[:, column] = slope * pooled
    readout = Readout(kept, weights, offset)
    ids = kept.unit_ids
    return Population(
        projection=readout,
        activity=project(readout, recording),
        units=tuple(ids[owner == k] for k in followed),
        excited=ids[link[np.arange(len(ids)), owner] > 0],
        excluded=kept.excluded,
        cautions=(),
    )


_FALLBACK = {
    SOURCES: "States are the known sources, because the search without labels found none.",
    STIMULI: "States are the stimuli themselves, because the search without labels found none.",
}


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _candidates(recording: "Recording") -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    if recording.sources is not None:
        found[SOURCES] = np.asarray(recording.sources, float)
    shown = shown_states(recording.stimuli)
    if shown.shape[1]:
        found[STIMULI] = shown
    return found


def _chosen(decoding: Decoding) -> NDArray[np.int64]:
    """Return the states to read: those carried, the best eight, or all if nothing can be told."""
    everything = np.flatnonzero(np.isfinite(decoding.auc))
    if decoding.verdict != CARRIED:
        return everything
    carried = everything[decoding.p_of_state[everything] < ALPHA]
    best = np.argsort(-decoding.auc[carried], kind="stable")[:MOST_ENSEMBLES]
    return carried[np.sort(best)]


def _population(
    recording: "Recording", states: Floats, origin: str, train_sessions: int
) -> Population:
    if origin == SOURCES:
        try:
            labelled = replace(recording, sources=states.astype(int))
            return population_by_labels(labelled, train_sessions=train_sessions)
        except HebbayesError:
            pass
    return population_by_states(recording, states, train_sessions=train_sessions)
