"""The search for one projection: many starts, the best few followed to the end, one chosen.

The joint free energy has several minima.  It also cannot distinguish states from their exclusive-or
combinations (flat priors over joint states are the same), except through what units carry.  Among
runs whose free energies are tied, the lowest with an additive table is chosen: a channel that
copies one state at a time has an additive table, one that follows combinations has not.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, minimize

from hebbayes.core.firing_rate import firing_rate
from hebbayes.reverse_engineering.ensembles.joint_free_energy import (
    Evidence,
    Penalty,
    joint_posterior,
    joint_states,
    likelihood_table,
    objective,
)

Floats = NDArray[np.float64]

_FIRST_ITERATIONS, _ALL_ITERATIONS, _FOLLOWED = 30, 120, 2
_START_SPREAD = 0.1
_TIED = 0.05


class Solution(NamedTuple):
    """A minimum.

    Attributes:
        weights: (features, ensembles).
        offset: (ensembles,).
        table: (2^n, channels).
        value: Penalised free energy per trial, nats.
        interaction: Share of the table's variance that an additive table lacks; 0 for one
            ensemble.
    """

    weights: Floats
    offset: Floats
    table: Floats
    value: float
    interaction: float


class Search(NamedTuple):
    """How minima are searched for.

    Attributes:
        n_restarts: Number of random starts.
        penalty: Penalties of weights and tables.
        additive_below: Interaction below which a table counts as additive.
    """

    n_restarts: int = 8
    penalty: Penalty = Penalty()
    additive_below: float = 0.05


def potentials(solution: Solution, readouts: Floats) -> Floats:
    """Return the log odds of every ensemble's activity, (trials, ensembles).

    Example:
        >>> one = Solution(np.array([[2.0]]), np.array([1.0]), np.full((2, 1), 0.5), 0.0, 0.0)
        >>> potentials(one, np.array([[3.0]])).tolist()
        [[7.0]]
    """
    return np.asarray(readouts @ solution.weights + solution.offset)


def minimum(
    evidence: Evidence,
    n_ensembles: int,
    search: Search,
    *,
    rng: np.random.Generator,
    starts: tuple[Solution, ...] = (),
) -> Solution:
    """Return the chosen minimum of the joint free energy, after random and given starts.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> s = rng.integers(0, 2, (200, 2)).astype(float)
        >>> noisy = s @ [[1, 0, 1], [0, 1, 1]] + rng.normal(scale=0.1, size=(200, 3))
        >>> solution = minimum(Evidence(noisy - noisy.mean(0), np.repeat(s, 4, axis=1)), 2,
        ...                 Search(n_restarts=4), rng=rng)
        >>> x = potentials(solution, noisy - noisy.mean(0)) > 0
        >>> sorted(abs(np.corrcoef(x.T, s.T)[:2, 2:]).max(1).round(2).tolist())
        [1.0, 1.0]
    """
    n_features = evidence.readouts.shape[1]
    shape = (search.n_restarts, n_ensembles, n_features + 1)
    random = rng.normal(scale=_START_SPREAD, size=shape)
    random[:, :, -1] = 0
    given = [np.column_stack([start.weights.T, start.offset]) for start in starts]
    first, rest = (search.penalty, _FIRST_ITERATIONS), (search.penalty, _ALL_ITERATIONS)
    begun = [_descend(start.ravel(), evidence, n_ensembles, first) for start in [*given, *random]]
    begun_solutions = [_solution(run, evidence, n_ensembles, search.penalty) for run in begun]
    followed = [
        _descend(begun[k].x, evidence, n_ensembles, rest)
        for k in _promising(begun_solutions, search.additive_below)
    ]
    ended = [_solution(run, evidence, n_ensembles, search.penalty) for run in followed]
    return best_of(ended, search.additive_below)


def _promising(solutions: Sequence[Solution], additive_below: float) -> list[int]:
    """The lowest so far, and the lowest additive ones if not much higher."""
    by_value = sorted(range(len(solutions)), key=lambda k: solutions[k].value)
    highest = (1 + 2 * _TIED) * solutions[by_value[0]].value
    additive = [
        k
        for k in by_value
        if solutions[k].value <= highest and solutions[k].interaction < additive_below
    ]
    return sorted({*by_value[:_FOLLOWED], *additive[:_FOLLOWED]})


def best_of(solutions: Sequence[Solution], additive_below: float = 0.05) -> Solution:
    """Return the solution of lowest free energy, of those with an additive table if one is tied.

    Tied are those within five per cent of the lowest.

    Example:
        >>> table = np.full((2, 1), 0.5)
        >>> runs = [Solution(table, table, table, value, interaction) for value, interaction
        ...         in ((1.5, 0.0), (1.03, 0.001), (1.02, 0.003), (1.0, 0.5))]
        >>> best_of(runs).value
        1.02
    """
    lowest = min(solution.value for solution in solutions)
    tied = [run for run in solutions if run.value <= lowest + _TIED * abs(lowest)]
    additive = [run for run in tied if run.interaction < additive_below]
    return min(additive or tied, key=lambda run: run.value)


def interaction_share(table: Floats, weight: Floats) -> float:
    """Return the share of a table's variance over joint states that no additive table explains.

    ``table`` is (2^n, channels), ``weight`` (2^n,) how often each joint state occurs.

    Example:
        >>> exclusive_or = np.array([[0.0], [1.0], [1.0], [0.0]])
        >>> round(interaction_share(exclusive_or, np.full(4, 0.25)), 6)
        1.0
        >>> round(interaction_share(joint_states(2), np.full(4, 0.25)), 6)
        0.0
    """
    n_ensembles = len(table).bit_length() - 1
    root = np.sqrt(weight / weight.sum())[:, None]
    design = root * np.column_stack([np.ones(len(table)), joint_states(n_ensembles)])
    target = root * (table - (root**2 * table).sum(0))
    rest = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    total = float((target**2).sum())
    return float((rest**2).sum()) / total if total > 0 else 0.0


def _descend(
    start: Floats, evidence: Evidence, n_ensembles: int, how: tuple[Penalty, int]
) -> OptimizeResult:
    penalty, iterations = how
    options = {"maxiter": iterations, "maxcor": 20, "ftol": 1e-9, "gtol": 1e-5}
    arguments = (evidence, n_ensembles, penalty)
    return minimize(objective, start, args=arguments, jac=True, method="L-BFGS-B", options=options)


def _solution(
    run: OptimizeResult, evidence: Evidence, n_ensembles: int, penalty: Penalty
) -> Solution:
    mapping = run.x.reshape(n_ensembles, -1)
    weights, offset = mapping[:, :-1].T, mapping[:, -1]
    joint = joint_posterior(firing_rate(evidence.readouts, weights, offset))
    table = likelihood_table(joint, evidence.stimuli, penalty.prior_count)
    share = interaction_share(table, joint.sum(0))
    return _in_order(Solution(weights, offset, table, float(run.fun), share))


def _in_order(solution: Solution) -> Solution:
    """On means more stimuli; ensembles in the order of the channels that they go with."""
    n = len(solution.offset)
    states = joint_states(n)
    effect = np.stack(
        [solution.table[s == 1].mean(0) - solution.table[s == 0].mean(0) for s in states.T]
    )
    is_reversed = effect.sum(1) < 0
    strength = effect**2
    centre = (strength @ np.arange(effect.shape[1])) / np.maximum(strength.sum(1), 1e-300)
    order = np.argsort(centre, kind="stable")
    sign = np.where(is_reversed, -1.0, 1.0)[order]
    values = np.where(is_reversed, 1 - states, states)[:, order]
    position = (values @ (1 << np.arange(n)[::-1])).astype(int)
    table = np.empty_like(solution.table)
    table[position] = solution.table
    return solution._replace(
        weights=solution.weights[:, order] * sign, offset=solution.offset[order] * sign, table=table
    )
