"""How many ensembles: chosen by the free energy of held-out training trials.

The smallest number whose free energy is within one standard error (of the paired difference over
held-out trials), or a twentieth of what it saves, of the lowest.  Constant and duplicate ensembles
are named and never chosen.  Held-out trials share repeated stimuli with the others, so many units
can gain by re-encoding single stimuli: more ensembles whose table is not additive are skipped if
that of fewer is additive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.ensembles.joint_free_energy import (
    Evidence,
    Penalty,
    likelihood_table,
    trial_free_energy,
)
from hebbayes.reverse_engineering.ensembles.restarts import (
    Search,
    Solution,
    minimum,
    potentials,
)

Floats = NDArray[np.float64]

_PATIENCE = 2
_NO_ENSEMBLE = Solution(np.empty((0, 0)), np.empty(0), np.empty((1, 0)), np.nan, 0.0)


@dataclass(frozen=True)
class SearchSettings:
    """How ensembles are searched; nothing here is fitted to what is scored.

    Attributes:
        most_ensembles: The largest number tried; the table has 2^n columns.
        n_restarts: Random starts of every search.
        held_out: Share of training trials that choose the number of ensembles.
        penalty: Precision of weights on standardised responses, pseudo-counts of the table.
        constant_below: An ensemble whose activity has a smaller standard deviation is constant.
        duplicate_above: Two ensembles whose activities correlate more are one.
        least_saving: More ensembles that save less than this share of what fewer save do not count.
        additive_below: A table with a smaller share of interaction counts as additive.
    """

    most_ensembles: int = 5
    n_restarts: int = 8
    held_out: float = 0.25
    penalty: Penalty = field(default_factory=Penalty)
    constant_below: float = 0.05
    duplicate_above: float = 0.9
    least_saving: float = 0.05
    additive_below: float = 0.05


DEFAULT = SearchSettings()


@dataclass(frozen=True)
class Candidate:
    """One number of ensembles and how well it explains held-out trials.

    Attributes:
        n_ensembles: The number.
        free_energy: Held-out free energy per trial, nats.
        excess: Its excess over the lowest of the candidates without faults.
        standard_error: Standard error of that excess, over trials.
        interaction: Share of the table that is not additive.
        faults: Its faults; a candidate with faults is never chosen.
    """

    n_ensembles: int
    free_energy: float
    excess: float
    standard_error: float
    interaction: float
    faults: tuple[str, ...]


def choose_number(
    evidence: Evidence, settings: SearchSettings = DEFAULT, *, seed: int
) -> tuple[tuple[Candidate, ...], list[Solution]]:
    """Return all candidates, and the solutions from 0 ensembles to the number chosen.

    The search ends at the first two numbers in a row that do not lower the free energy.  Raises
    `ValueRangeError` if no ensemble explains held-out stimuli better than none.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> s = rng.integers(0, 2, (200, 1)).astype(float)
        >>> noisy = s + rng.normal(scale=0.2, size=(200, 3))
        >>> evidence = Evidence(noisy - noisy.mean(0), np.repeat(s, 4, axis=1))
        >>> [len(solution.offset) for solution in choose_number(evidence, seed=0)[1]]
        [0, 1]
    """
    is_held = split_trials(len(evidence.stimuli), settings.held_out, seed)
    train, test = (Evidence(*(part[rows] for part in evidence)) for rows in (~is_held, is_held))
    values = [constant_free_energy(train, test, settings.penalty.prior_count)]
    solutions = [_NO_ENSEMBLE]
    faults: list[tuple[str, ...]] = [()]
    search = Search(settings.n_restarts, settings.penalty, settings.additive_below)
    since_best = 0
    for n in range(1, settings.most_ensembles + 1):
        rng = np.random.default_rng((seed, n, 1))
        solution = minimum(train, n, search, rng=rng)
        values.append(held_out_free_energy(solution, test))
        solutions.append(solution)
        faults.append(
            degeneracies(expit(potentials(solution, train.readouts)), settings)
            + _interacts(solutions, faults, settings)
        )
        lowest = min(v.mean() for v, wrong in zip(values[:-1], faults) if not wrong)
        is_better = not faults[-1] and values[-1].mean() < lowest
        since_best = 0 if is_better else since_best + 1
        if since_best == _PATIENCE:
            break
    candidates = _candidates(values, faults, [s.interaction for s in solutions])
    chosen = chosen_number(candidates, settings.least_saving)
    if chosen == 0:
        raise ValueRangeError(_nothing_found(candidates))
    return candidates, solutions[: chosen + 1]


def split_trials(n_trials: int, held_out: float, seed: int) -> NDArray[np.bool_]:
    """Return which training trials are held out to choose the number of ensembles.

    Example:
        >>> int(split_trials(100, 0.25, seed=0).sum())
        25
    """
    place = np.random.default_rng((seed, n_trials)).permutation(n_trials)
    return place < round(held_out * n_trials)


def held_out_free_energy(solution: Solution, test: Evidence) -> Floats:
    """Return the free energy of every test trial, with the table learnt in training, (trials,).

    Example:
        >>> o = np.array([[1.0], [0.0]])
        >>> flat = Solution(np.zeros((1, 1)), np.zeros(1), np.full((2, 1), 0.5), 0.0, 0.0)
        >>> held_out_free_energy(flat, Evidence(o, o)).round(3).tolist()
        [0.693, 0.693]
    """
    return trial_free_energy(potentials(solution, test.readouts), test.stimuli, solution.table)


def degeneracies(activity: Floats, settings: SearchSettings = DEFAULT) -> tuple[str, ...]:
    """Return the faults of ensembles with that activity (trials, ensembles).

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


def chosen_number(candidates: Sequence[Candidate], least_saving: float = 0.05) -> int:
    """Return the smallest number without faults whose free energy is close to the lowest.

    Close is within one standard error, or within ``least_saving`` of what that number saves.

    Example:
        >>> chosen_number([Candidate(0, 9.0, 6.0, 0.5, 0.0, ()),
        ...                Candidate(1, 5.0, 2.0, 0.5, 0.0, ()),
        ...                Candidate(2, 2.9, -0.1, 0.5, 0.0, ("ensemble 1 is constant",)),
        ...                Candidate(3, 3.2, 0.2, 0.1, 0.0, ()),
        ...                Candidate(4, 3.0, 0.0, 0.0, 0.0, ())])
        3
    """
    nothing = candidates[0].free_energy
    return next(
        c.n_ensembles
        for c in candidates
        if not c.faults
        and c.excess <= max(c.standard_error, least_saving * (nothing - c.free_energy))
    )


def constant_free_energy(train: Evidence, test: Evidence, prior_count: float = 1.0) -> Floats:
    """Return the free energy of test trials with no ensemble at all, (trials,).

    Example:
        >>> o = Evidence(np.zeros((2, 1)), np.array([[1.0], [0.0]]))
        >>> constant_free_energy(o, o).round(3).tolist()
        [0.693, 0.693]
    """
    table = likelihood_table(np.ones((len(train.stimuli), 1)), train.stimuli, prior_count)
    return trial_free_energy(np.empty((len(test.stimuli), 0)), test.stimuli, table)


def _interacts(
    solutions: list[Solution], faults: list[tuple[str, ...]], settings: SearchSettings
) -> tuple[str, ...]:
    """Faults of the last solution's table; one ensemble has nothing to interact with."""
    additive = [
        n
        for n, (solution, wrong) in enumerate(zip(solutions[:-1], faults))
        if n > 1 and not wrong and solution.interaction < settings.additive_below
    ]
    share = solutions[-1].interaction
    if not additive or share < settings.additive_below:
        return ()
    return (f"{100 * share:.0f} % of the table interacts, that of {additive[-1]} is additive",)


def _candidates(
    values: list[Floats],
    faults: list[tuple[str, ...]],
    interactions: list[float],
) -> tuple[Candidate, ...]:
    sound = [v for v, wrong in zip(values, faults) if not wrong]
    lowest = min(sound, key=lambda v: float(v.mean()))
    return tuple(
        Candidate(
            n,
            float(v.mean()),
            float((v - lowest).mean()),
            _standard_error(v - lowest),
            share,
            wrong,
        )
        for n, (v, share, wrong) in enumerate(zip(values, interactions, faults))
    )


def _standard_error(values: Floats) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _nothing_found(candidates: tuple[Candidate, ...]) -> str:
    tried = "; ".join(
        f"{c.n_ensembles}: {c.free_energy:.3f}" + (f" ({', '.join(c.faults)})" if c.faults else "")
        for c in candidates
    )
    return (
        "no projection of the units explains held-out stimuli better than constant activity does "
        f"(ensembles: nats per trial {tried})."
    )
