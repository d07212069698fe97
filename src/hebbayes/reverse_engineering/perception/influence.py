"""Influence of each trial's noise on the estimates: covariance, and what cannot be identified.

A trial enters three times: as a residual, through the evidence that later trials hold, and in the
synapses themselves.  Adding these up gives its influence on every number; squared and summed over
blocks of neighbouring trials they give the covariance (sandwich estimator).  Combinations of
parameters that leave the prediction unchanged form classes.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.perception.model import (
    EVOKED,
    FACTOR,
    LEAN,
    RATE,
    REST,
    through_evidence_adjoint,
)
from hebbayes.reverse_engineering.statistics.blocks import block_sums, blocks

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.evidence import Indices
    from hebbayes.reverse_engineering.perception.least_squares import Solution

Floats = NDArray[np.float64]

_FLAT = 1e-9  # curvature, relative to the steepest, below which a direction is undetermined
_WEAK_FACTOR = 1.0  # standard error of phi in nats beyond which its interval means little
_WEAK_EVOKED = 0.3  # standard error of the evoked response, relative, beyond which ...
_TOGETHER = 0.8  # correlation of estimates that makes them one class


@dataclass(frozen=True, eq=False)
class Influence:
    """The influence of each block of trials on the estimates.

    Attributes:
        parameters: (blocks, parameters); the sum of squares gives variances.
        noise: (trials,), noise of recorded activity.
        block: (trials,), the block of every trial.
        undetermined: Names of parameters that cannot be separated, by class.
    """

    parameters: Floats
    noise: Floats
    block: "Indices"
    undetermined: tuple[tuple[str, ...], ...]

    @property
    def errors(self) -> Floats:
        """Standard errors, (parameters,)."""
        return np.sqrt(np.sum(self.parameters**2, axis=0))


def influence(solution: "Solution", block_length: int = 1) -> Influence:
    """Return the influence of each block of trials on the parameters of a solution.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import no_learning, trial_history
        >>> from hebbayes.reverse_engineering.perception.model import Problem
        >>> from hebbayes.reverse_engineering.perception.least_squares import fit_least_squares
        >>> o = np.tile([[1.0], [0.0]], (50, 1))
        >>> r = 1 + 4 * (0.25 + 0.5 * o[:, 0]) + np.tile([0.1, 0.1, -0.1, -0.1], 25)
        >>> session = np.zeros(100, int)
        >>> trials = trial_history(o, no_learning(session))
        >>> problem = Problem(trials, r, np.ones(100, bool), session, None, r)
        >>> fixed = np.array([np.nan, 0.0, 1.0, 4.0, np.nan])
        >>> influence(fit_least_squares(problem, fixed, np.isnan(fixed))).errors.round(3).tolist()
        [0.014, 0.0, 0.0, 0.0, 0.014]
    """
    prediction, trials, basis = solution.prediction, solution.problem.trials, solution.basis
    J = solution.jacobian
    later = np.stack(
        [through_evidence_adjoint(trials, prediction, z * prediction.slope) for z in J.T], axis=1
    )
    noise = prediction.residual / prediction.scale
    score = J * prediction.residual[:, None] - later * noise[:, None]
    inverse, flat = _inverse(J.T @ J)
    block = blocks(solution.problem.session_index, block_length)
    moved = block_sums(score, block) @ inverse * _widening(J, inverse, block)
    return Influence(
        parameters=moved @ basis.T,
        noise=noise,
        block=block,
        undetermined=_classes(solution, moved @ basis.T, basis @ flat),
    )


def _widening(jacobian: Floats, inverse: Floats, block: "Indices") -> Floats:
    """Return the factor by which fitted residuals understate standard errors, (free,).

    With equal and independent noise a block's sum of scores has the variance J_b'(1 - H_b) J_b, H
    the projection on the Jacobian; the factor undoes its mean effect.
    """
    pulled = jacobian @ inverse
    lost = np.zeros(jacobian.shape[1])
    for lag in range(int(np.bincount(block).max())):
        n = len(block) - lag
        together = block[:n] == block[lag:]
        leverage = np.where(together, (pulled[:n] * jacobian[lag:]).sum(1), 0.0)
        lost += (2 if lag else 1) * leverage @ (pulled[:n] * pulled[lag:])
    whole, n_blocks = inverse.diagonal(), int(block[-1]) + 1
    left = np.where(whole > 0, 1 - lost / np.where(whole > 0, whole, 1), 1.0)
    return np.sqrt(n_blocks / max(n_blocks - 1, 1) / np.maximum(left, 0.1))


def _inverse(curvature: Floats) -> tuple[Floats, Floats]:
    """Return the inverse outside flat directions, and these directions, (free, flat)."""
    scale = 1 / np.sqrt(np.where(curvature.diagonal() > 0, curvature.diagonal(), 1))
    values, vectors = np.linalg.eigh(curvature * np.outer(scale, scale))
    is_flat = values < _FLAT * values[-1]
    kept = vectors[:, ~is_flat] / np.sqrt(values[~is_flat])
    return (kept @ kept.T) * np.outer(scale, scale), vectors[:, is_flat]


def parameter_names(solution: "Solution") -> list[str]:
    """Return the name of every parameter in the order of the vector.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import no_learning, trial_history
        >>> from hebbayes.reverse_engineering.perception.model import Problem
        >>> from hebbayes.reverse_engineering.perception.least_squares import fit_least_squares
        >>> o, session = np.tile([[1.0], [0.0]], (8, 1)), np.zeros(16, int)
        >>> trials = trial_history(o, no_learning(session))
        >>> problem = Problem(trials, 1.5 + o[:, 0], np.ones(16, bool), session,
        ...                   None, np.ones(16))
        >>> fixed = np.array([np.nan, 0.0, 1.0, 4.0, np.nan])
        >>> parameter_names(fit_least_squares(problem, fixed, np.isnan(fixed)))
        ['phi', 'prior_count', 'rest', 'evoked', 'naive_0']
    """
    n_channels = solution.problem.n_channels
    n_gains = solution.problem.n_parameters - LEAN - n_channels
    naive = [f"naive_{channel}" for channel in range(n_channels)]
    gain = [f"gain_{session}" for session in range(1, n_gains + 1)]
    return ["phi", "prior_count", "rest", "evoked", *naive, *gain]


def _classes(solution: "Solution", moved: Floats, flat: Floats) -> tuple[tuple[str, ...], ...]:
    names = np.array(parameter_names(solution))
    core = [FACTOR, RATE, REST, EVOKED]
    groups = [names[np.abs(direction) > 0.1] for direction in flat.T]
    if not solution.has_ended:
        groups.append(names[core][np.abs(solution.basis[core]).sum(1) > 0])
    covariance = moved.T @ moved
    errors = np.sqrt(covariance.diagonal())
    is_weak = errors[[FACTOR, EVOKED]] > (_WEAK_FACTOR, _WEAK_EVOKED * solution.parameters[EVOKED])
    if is_weak.any():
        worst = (FACTOR, EVOKED)[int(np.argmax(is_weak))]
        scale = np.where(errors > 0, errors, 1)
        together = np.abs(covariance[worst]) / scale / scale[worst] > _TOGETHER
        groups.append(names[core][together[core]])
    return tuple(tuple(str(name) for name in group) for group in groups)
