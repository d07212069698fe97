"""Ensembles of a culture without labels: their number, their projection, and rejected numbers.

The search uses only stimuli and responses of training sessions (docs/theory.md section 8).
Held-out training trials choose the number of ensembles: the smallest whose free energy is within
one standard error of the lowest.  The likelihood table doubles with every ensemble, so the default
limit is five.  The module ``controls`` holds the cautions that belong to a result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.checks import check_at_least, check_between, check_binary
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.ensembles.joint_free_energy import Evidence
from hebbayes.reverse_engineering.ensembles.number import (
    DEFAULT,
    Candidate,
    SearchSettings,
    choose_number,
    degeneracies,
)
from hebbayes.reverse_engineering.ensembles.readout import (
    Readout,
    Standardisation,
    standardisation_of,
    standardised_responses,
    training_trials,
)
from hebbayes.reverse_engineering.ensembles.restarts import (
    Search,
    Solution,
    minimum,
    potentials,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

_FEWEST_TRIALS = 40


@dataclass(frozen=True, eq=False)
class EnsemblesWithoutLabels:
    """Ensembles estimated without labels.

    Attributes:
        projection: The frozen read-out.
        table: (2^n, channels), P(stimulus on | joint state).
        free_energy: Free energy per training trial, nats.
        interaction: Share of the table that is not additive; if it is large, ensembles may be
            combinations of sources (docs/theory.md section 8).
        candidates: Numbers of ensembles that were tried, 0 first; empty if the number was given.
        train_sessions: Number of training sessions.
        seed: Seed of the search.
        settings: Settings of the search.
    """

    projection: Readout
    table: Floats
    free_energy: float
    interaction: float
    candidates: tuple[Candidate, ...]
    train_sessions: int
    seed: int
    settings: SearchSettings

    @property
    def n_ensembles(self) -> int:
        """Number of ensembles."""
        return len(self.projection.offset)

    @property
    def excluded_units(self) -> Mapping[Any, str]:
        """Units that the projection does not read, with the reason."""
        return self.projection.standardisation.excluded


def find_ensembles_without_labels(
    recording: "Recording",
    *,
    train_sessions: int,
    seed: int = 0,
    n_ensembles: int | None = None,
    settings: SearchSettings = DEFAULT,
) -> EnsemblesWithoutLabels:
    """Return the ensembles whose joint free energy of the stimuli is lowest.

    The search uses only stimuli and responses of the first ``train_sessions`` sessions.  Held-out
    trials choose the number of ensembles unless ``n_ensembles`` gives it.  The same seed gives the
    same ensembles.  Raises `ShapeError` or `ValueRangeError` if stimuli are not binary,
    trials are too few, no unit carries a signal, every projection is degenerate, or none explains
    held-out stimuli better than constant activity.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> rng = np.random.default_rng(0)
        >>> s = rng.integers(0, 2, (200, 2))
        >>> responses = rng.poisson(1 + 5 * np.repeat(s, 3, axis=1))
        >>> recording = Recording(np.repeat(s, 4, axis=1), responses, np.repeat([0, 1], 100))
        >>> ensembles = find_ensembles_without_labels(recording, train_sessions=2)
        >>> ensembles.n_ensembles, ensembles.projection.weights.shape
        (2, (6, 2))
    """
    _check(settings, n_ensembles)
    kept, evidence = training_evidence(recording, train_sessions)
    candidates: tuple[Candidate, ...] = ()
    attempts: list[tuple[int, tuple[Solution, ...]]] = []
    if n_ensembles is None:
        candidates, chosen = choose_number(evidence, settings, seed=seed)
        attempts = [(len(start.offset), (start,)) for start in chosen[:0:-1]]
    else:
        attempts = [(n_ensembles, ())]
    solution = _first_sound(evidence, attempts, settings, seed)
    return EnsemblesWithoutLabels(
        Readout(kept, solution.weights, solution.offset),
        solution.table,
        solution.value,
        solution.interaction,
        candidates,
        train_sessions,
        seed,
        settings,
    )


def training_evidence(
    recording: "Recording", train_sessions: int
) -> tuple[Standardisation, Evidence]:
    """Return the standardised responses and stimuli of training that a search may use.

    Raises `ShapeError` or `ValueRangeError` if they do not suffice.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> rng = np.random.default_rng(0)
        >>> recording = Recording(rng.integers(0, 2, (50, 2)), rng.poisson(2, (50, 3)), [0] * 50)
        >>> kept, evidence = training_evidence(recording, 1)
        >>> evidence.readouts.shape, evidence.readouts.std(0).round(6).tolist()
        ((50, 3), [1.0, 1.0, 1.0])
    """
    trials = training_trials(recording, train_sessions)
    if (n := int(trials.sum())) < _FEWEST_TRIALS:
        raise ShapeError(
            f"{n} training trials have an observed response; ensembles need at least "
            f"{_FEWEST_TRIALS}: train on more sessions."
        )
    stimuli = recording.stimuli[trials]
    check_binary("stimuli of training trials", stimuli)
    if not (stimuli != stimuli[0]).any():
        raise ValueRangeError(
            "every training trial has the same stimuli, which have no hidden sources to infer; "
            "record trials with others."
        )
    kept = standardisation_of(recording, trials)
    return kept, Evidence(standardised_responses(kept, recording)[trials], stimuli)


def _first_sound(
    evidence: Evidence,
    attempts: Sequence[tuple[int, tuple[Solution, ...]]],
    settings: SearchSettings,
    seed: int,
) -> Solution:
    """Fit on all training trials; fall back to the next smaller number if one degenerates."""
    search = Search(settings.n_restarts, settings.penalty, settings.additive_below)
    complaints = []
    for n, starts in attempts:
        solution = minimum(evidence, n, search, rng=np.random.default_rng((seed, n)), starts=starts)
        faults = degeneracies(expit(potentials(solution, evidence.readouts)), settings)
        if not faults:
            return solution
        complaints.append(f"{n} ensembles without labels are degenerate: {'; '.join(faults)}")
    raise ValueRangeError(f"{'; '.join(complaints)}; request fewer, or leave this culture out.")


def _check(settings: SearchSettings, n_ensembles: int | None) -> None:
    check_between("most_ensembles", settings.most_ensembles, 1, 8)
    check_at_least("n_restarts", settings.n_restarts, 1)
    check_between("held_out", settings.held_out, 0.05, 0.5)
    if n_ensembles is not None:
        check_between("n_ensembles", n_ensembles, 1, settings.most_ensembles)
