"""Label-free ensembles of a culture: their number, their projection, and what was ruled out.

Stimuli and responses of training sessions are all that is read; labels never are (docs/theory.md
section 8).  Held-out training trials choose the number of ensembles: the smallest whose free
energy is within one standard error of the lowest.  Tables double with every ensemble: five are the
limit by default.  Cautions that belong to a result are in the module ``controls``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.checks import check_at_least, check_between, check_binary
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.label_free.joint_free_energy import (
    Evidence,
    Penalty,
    likelihood_table,
    trial_free_energy,
)
from hebbayes.reverse_engineering.label_free.projection import (
    Projection,
    Standardisation,
    standardisation_of,
    standardised_responses,
    training_trials,
)
from hebbayes.reverse_engineering.label_free.restarts import (
    Search,
    Solution,
    minimum,
    potentials,
)

Floats = NDArray[np.float64]

_FEWEST_TRIALS = 40
_PATIENCE = 2


@dataclass(frozen=True)
class LabelFreeSettings:
    """How ensembles are searched; nothing here is fitted to what is scored.

    Attributes:
        most_ensembles: The largest number tried; the table has 2^n columns.
        n_restarts: Random starts of every search.
        held_out: Share of training trials that choose the number of ensembles.
        penalty: Precision of weights on standardised responses, pseudo-counts of the table.
        constant_below: An ensemble whose activity has a smaller standard deviation is constant.
        duplicate_above: Two ensembles whose activities correlate more are one.
    """

    most_ensembles: int = 5
    n_restarts: int = 8
    held_out: float = 0.25
    penalty: Penalty = field(default_factory=Penalty)
    constant_below: float = 0.05
    duplicate_above: float = 0.9


DEFAULT = LabelFreeSettings()


@dataclass(frozen=True)
class Candidate:
    """One number of ensembles: held-out free energy per trial in nats, and what is wrong with it.

    excess: above the lowest of the candidates without faults; standard_error: of that difference,
    over distinct stimuli.  faults: sentences; a candidate with any is never chosen.
    """

    n_ensembles: int
    free_energy: float
    excess: float
    standard_error: float
    faults: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LabelFreeEnsembles:
    """Ensembles found without labels.

    projection: the frozen read-out.  table: (2^n, channels), P(stimulus on | joint state).
    free_energy: per training trial, nats.  interaction: share of the table that is not additive;
    where it is large, ensembles may be combinations of sources (docs/theory.md section 8).
    candidates: numbers of ensembles tried, 0 first; empty where the number was given.
    """

    projection: Projection
    table: Floats
    free_energy: float
    interaction: float
    candidates: tuple[Candidate, ...]
    train_sessions: int
    seed: int
    settings: LabelFreeSettings

    @property
    def n_ensembles(self) -> int:
        """Number of ensembles."""
        return len(self.projection.offset)

    @property
    def excluded_units(self) -> Mapping[Any, str]:
        """Units that the projection does not read, and why."""
        return self.projection.standardisation.excluded


def find_ensembles_without_labels(
    recording: Recording,
    *,
    train_sessions: int,
    seed: int = 0,
    n_ensembles: int | None = None,
    settings: LabelFreeSettings = DEFAULT,
) -> LabelFreeEnsembles:
    """Return the ensembles whose joint free energy of the stimuli is lowest.

    Only stimuli and responses of the first ``train_sessions`` sessions are read.  The number of
    ensembles is chosen by held-out trials unless ``n_ensembles`` gives it.  The same seed gives
    the same ensembles.  Raises `ShapeError` or `ValueRangeError` where stimuli are not binary,
    trials are too few, no unit carries a signal, every projection is degenerate, or none explains
    held-out stimuli better than constant activity.

    Example:
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_stimuli=8, n_units=8, n_sessions=2, n_trials=128, mixed=0.0,
        ...                        tilt=0.1, prior_count=10.0)
        >>> found = find_ensembles_without_labels(
        ...     simulate_culture(design).recording, train_sessions=2)
        >>> found.n_ensembles, found.projection.weights.shape
        (2, (8, 2))
    """
    _check(settings, n_ensembles)
    kept, evidence = training_evidence(recording, train_sessions)
    search = Search(settings.n_restarts, settings.penalty)
    candidates: tuple[Candidate, ...] = ()
    starts: tuple[Solution, ...] = ()
    if n_ensembles is None:
        candidates, starts = _choose(evidence, seed, settings)
        n_ensembles = len(starts[0].offset)
    rng = np.random.default_rng((seed, n_ensembles))
    found = minimum(evidence, n_ensembles, search, rng=rng, starts=starts)
    if faults := degeneracies(expit(potentials(found, evidence.readouts)), settings):
        raise ValueRangeError(
            f"{n_ensembles} label-free ensembles are degenerate: {'; '.join(faults)}; ask for "
            "fewer, or leave this culture out."
        )
    return LabelFreeEnsembles(
        Projection(kept, found.weights, found.offset), found.table, found.value,
        found.interaction, candidates, train_sessions, seed, settings,
    )  # fmt: skip


def training_evidence(
    recording: Recording, train_sessions: int
) -> tuple[Standardisation, Evidence]:
    """Return what a label-free search may see: standardised responses and stimuli of training.

    Raises `ShapeError` or `ValueRangeError` where that is not enough.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> recording = Recording(rng.integers(0, 2, (50, 2)), rng.poisson(2, (50, 3)), [0] * 50)
        >>> kept, evidence = training_evidence(recording, 1)
        >>> evidence.readouts.shape, evidence.readouts.std(0).round(6).tolist()
        ((50, 3), [1.0, 1.0, 1.0])
    """
    trials = training_trials(recording, train_sessions)
    if (n := int(trials.sum())) < _FEWEST_TRIALS:
        raise ShapeError(
            f"{n} training trials have an observed response; label-free ensembles want at least "
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


def split_trials(n_trials: int, held_out: float, seed: int) -> NDArray[np.bool_]:
    """Return which training trials are held out to choose the number of ensembles.

    Example:
        >>> int(split_trials(100, 0.25, seed=0).sum())
        25
    """
    place = np.random.default_rng((seed, n_trials)).permutation(n_trials)
    return place < round(held_out * n_trials)


def held_out_free_energy(solution: Solution, train: Evidence, test: Evidence) -> Floats:
    """Return the free energy of every test trial, with the table learnt in training, (trials,).

    Example:
        >>> o = np.array([[1.0], [0.0]])
        >>> flat = Solution(np.zeros((1, 1)), np.zeros(1), np.full((2, 1), 0.5), 0.0, 0.0)
        >>> held_out_free_energy(flat, Evidence(o, o), Evidence(o, o)).round(3).tolist()
        [0.693, 0.693]
    """
    del train
    return trial_free_energy(potentials(solution, test.readouts), test.stimuli, solution.table)


def degeneracies(activity: Floats, settings: LabelFreeSettings = DEFAULT) -> tuple[str, ...]:
    """Return what is degenerate about ensembles with that activity (trials, ensembles).

    Example:
        >>> x = np.linspace(0, 1, 50)
        >>> degeneracies(np.column_stack([x, np.full(50, 0.3), 1 - x]))
        ('ensemble 2 is constant', 'ensembles 1 and 3 are duplicates')
    """
    varies = activity.std(0) >= settings.constant_below
    faults = [f"ensemble {k + 1} is constant" for k in np.flatnonzero(~varies)]
    moving = np.flatnonzero(varies)
    if moving.size > 1:
        correlation = np.abs(np.corrcoef(activity[:, moving].T))
        faults += [
            f"ensembles {moving[i] + 1} and {moving[j] + 1} are duplicates"
            for i, j in np.argwhere(np.triu(correlation > settings.duplicate_above, 1))
        ]
    return tuple(faults)


def _check(settings: LabelFreeSettings, n_ensembles: int | None) -> None:
    check_between("most_ensembles", settings.most_ensembles, 1, 8)
    check_at_least("n_restarts", settings.n_restarts, 1)
    check_between("held_out", settings.held_out, 0.05, 0.5)
    if n_ensembles is not None:
        check_between("n_ensembles", n_ensembles, 1, settings.most_ensembles)


def _choose(
    evidence: Evidence, seed: int, settings: LabelFreeSettings
) -> tuple[tuple[Candidate, ...], tuple[Solution, ...]]:
    """Return all candidates, and the one solution that held-out trials choose."""
    is_held = split_trials(len(evidence.stimuli), settings.held_out, seed)
    train, test = (Evidence(*(part[rows] for part in evidence)) for rows in (~is_held, is_held))
    values = [constant_free_energy(train, test, settings.penalty)]
    solutions: list[Solution | None] = [None]
    faults: list[tuple[str, ...]] = [()]
    search = Search(settings.n_restarts, settings.penalty)
    since_best = 0
    for n in range(1, settings.most_ensembles + 1):
        found = minimum(train, n, search, rng=np.random.default_rng((seed, n, 1)))
        values.append(held_out_free_energy(found, train, test))
        solutions.append(found)
        faults.append(degeneracies(expit(potentials(found, train.readouts)), settings))
        lowest = min(v.mean() for v, wrong in zip(values[:-1], faults) if not wrong)
        is_better = not faults[-1] and values[-1].mean() < lowest
        since_best = 0 if is_better else since_best + 1
        if since_best == _PATIENCE:
            break
    candidates = _candidates(values, faults, test.stimuli)
    chosen = next(c for c in candidates if not c.faults and c.excess <= c.standard_error)
    solution = solutions[chosen.n_ensembles]
    if solution is None:
        raise ValueRangeError(_nothing_found(candidates))
    return candidates, (solution,)


def constant_free_energy(train: Evidence, test: Evidence, penalty: Penalty) -> Floats:
    """Return the free energy of test trials with no ensemble at all, (trials,).

    Example:
        >>> o = Evidence(np.zeros((2, 1)), np.array([[1.0], [0.0]]))
        >>> constant_free_energy(o, o, Penalty()).round(3).tolist()
        [0.693, 0.693]
    """
    table = likelihood_table(np.ones((len(train.stimuli), 1)), train.stimuli, penalty.prior_count)
    return trial_free_energy(np.empty((len(test.stimuli), 0)), test.stimuli, table)


def _candidates(
    values: list[Floats], faults: list[tuple[str, ...]], stimuli: Floats
) -> tuple[Candidate, ...]:
    sound = [v for v, wrong in zip(values, faults) if not wrong]
    lowest = min(sound, key=lambda v: float(v.mean()))
    pattern = np.unique(stimuli, axis=0, return_inverse=True)[1].ravel()
    return tuple(
        Candidate(n, float(v.mean()), float((v - lowest).mean()),
                  clustered_error(v - lowest, pattern), wrong)
        for n, (v, wrong) in enumerate(zip(values, faults))
    )  # fmt: skip


def clustered_error(values: Floats, cluster: NDArray[np.int64]) -> float:
    """Return the standard error of a mean whose values are alike within clusters.

    Trials of one stimulus are no independent evidence.

    Example:
        >>> clustered_error(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]))
        1.0
    """
    sums = np.bincount(cluster, values - values.mean())
    n_clusters = len(sums)
    correction = n_clusters / max(n_clusters - 1, 1)
    return float(np.sqrt(correction * (sums**2).sum()) / len(values))


def _nothing_found(candidates: tuple[Candidate, ...]) -> str:
    tried = "; ".join(
        f"{c.n_ensembles}: {c.free_energy:.3f}"
        + (f" ({', '.join(c.faults)})" if c.faults else "")
        for c in candidates
    )
    return (
        "no projection of the units explains held-out stimuli better than constant activity does "
        f"(ensembles: nats per trial {tried}); the population does not carry hidden sources, "
        "leave this culture out."
    )
