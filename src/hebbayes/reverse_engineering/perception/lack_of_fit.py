"""Does an ensemble respond as a canonical unit does?  A test on the residuals of the fit."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from hebbayes.reverse_engineering.perception.model import EVOKED, LEAN, REST
from hebbayes.reverse_engineering.statistics.blocks import block_sums, blocks

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.least_squares import Solution


def lack_of_fit(solution: "Solution", block_length: int = 1) -> float:
    """Return the p-value of residuals unrelated to sessions and to levels of activity.

    In every training session the sum of the residuals, and that of residuals times expected
    activity, are compared with their noise.  Small values (below 0.01, say) reject the
    model: responses change in another way, and its estimates do not describe them.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import no_learning, trial_history
        >>> from hebbayes.reverse_engineering.perception.model import Problem
        >>> from hebbayes.reverse_engineering.perception.least_squares import fit_least_squares
        >>> o, session = np.tile([[1.0], [0.0]], (100, 1)), np.repeat([0, 1], 100)
        >>> trials = trial_history(o, no_learning(session))
        >>> noise = 0.1 * np.random.default_rng(0).normal(size=200)
        >>> fixed = np.array([np.nan, 0.0, 1.0, 4.0, np.nan, 0.0])
        >>> for drift in (0.0, 0.2):
        ...     r = 2 + 2 * o[:, 0] + noise + drift * session
        ...     problem = Problem(trials, r, r > 0, session, None, r)
        ...     print(lack_of_fit(fit_least_squares(problem, fixed, np.isnan(fixed))) < 0.01)
        False
        True
    """
    problem, prediction = solution.problem, solution.prediction
    session = problem.session_index
    n = np.bincount(session)
    centre = np.bincount(session, prediction.activity) / n
    shapes = np.stack([np.ones(len(session)), prediction.activity - centre[session]], axis=1)
    block = blocks(session, block_length)
    sums = block_sums(shapes * prediction.residual[:, None], block)
    of_block = session[np.flatnonzero(np.diff(block, prepend=-1))]
    first = np.flatnonzero(np.diff(of_block, prepend=-1))
    total = np.add.reduceat(sums, first, axis=0)
    spread = np.add.reduceat(sums**2, first, axis=0)
    varies = spread > 0
    statistic = np.sum(total[varies] ** 2 / spread[varies])
    levels = [REST, EVOKED, *range(LEAN + problem.n_channels, problem.n_parameters)]
    fitted = int(solution.basis[levels].any(1).sum())  # each takes one of the sums to 0
    return float(chi2.sf(statistic, max(int(varies.sum()) - fitted, 1)))
