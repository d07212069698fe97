"""Synapses that forget: evidence fades by a fraction at every trial learnt.

    evidence <- (1 - 1 / memory) evidence + what the trial adds,    prior counts stay

A fit that ignores this takes lambda for too large.  Memory is fitted if it explains the responses
better than any curved read-out does (likelihood ratio test); if that remains open, the interval of
lambda covers both.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from hebbayes.reverse_engineering.perception.evidence import trial_history
from hebbayes.reverse_engineering.perception.least_squares import log_likelihood, refit
from hebbayes.reverse_engineering.perception.model import RATE

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.least_squares import Solution

Floats = NDArray[np.float64]

LEAST_GAIN = float(chi2.isf(0.01, 1)) / 2
"""Gain of the log likelihood from which synapses forget, nats."""

_LONGEST, _HALVINGS = 2.0, 7  # memory, in numbers of training trials, and how often it is halved
_NEGLIGIBLE = 6.0  # fall of the log likelihood beyond which no shorter memory is tried


def memory_of(solution: "Solution") -> float:
    """Return the number of trials by which evidence has faded to 1/e; infinite without forgetting.

    Example:
        >>> from types import SimpleNamespace
        >>> trials = SimpleNamespace(retention=0.99)
        >>> round(memory_of(SimpleNamespace(problem=SimpleNamespace(trials=trials))))
        100
    """
    retention = solution.problem.trials.retention
    return 1 / (1 - retention) if retention < 1 else float("inf")


@dataclass(frozen=True, eq=False)
class Forgetting:
    """Fits of one ensemble with several memories, the first infinite.

    Attributes:
        memory: (fits,), trials.
        gain: (fits,), gain of the log likelihood over an infinite memory, nats.
        rate: (fits,), 1 / lambda.
        best: The fit with the best memory and an affine read-out; None if synapses need not forget.
    """

    memory: Floats
    gain: Floats
    rate: Floats
    best: "Solution | None"

    @property
    def ratio(self) -> Floats:
        """(fits,), 1 / lambda relative to the fit that is used."""
        used = int(np.argmax(self.gain)) if self.best is not None else 0
        return np.asarray(self.rate / self.rate[used])

    @property
    def weight(self) -> Floats:
        """(fits,), posterior weights; beforehand, synapses forget with probability 1/2."""
        n = len(self.gain)
        prior = np.full(n, 0.5 / max(n - 1, 1))
        prior[0] = 0.5
        weight = prior * np.exp(self.gain - self.gain.max())
        return np.asarray(weight / weight.sum())


def forgetting(solution: "Solution") -> Forgetting:
    """Return fits with ever shorter memory, as long as they explain the responses better.

    ``solution`` has the best curved read-out, which forgetting must not be mistaken for.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial
        >>> from hebbayes.reverse_engineering.perception.least_squares import fit_least_squares
        >>> from hebbayes.reverse_engineering.perception.model import Problem
        >>> o = np.tile([[1.0], [0.0]], (8, 1))
        >>> trials = trial_history(o, every_trial(np.zeros(16, int)))
        >>> problem = Problem(trials, 1 + 4 * (0.25 + 0.5 * o[:, 0]),
        ...                   np.ones(16, bool), np.zeros(16, int), None, np.full(16, 0.5))
        >>> fixed = np.array([np.nan, 0.0, 1.0, 4.0, np.nan])
        >>> forgetting(fit_least_squares(problem, fixed, np.isnan(fixed))).best is None
        True
    """
    start, longest = log_likelihood(solution), _LONGEST * len(solution.problem.responses)
    fits, memory, gain = [solution], [np.inf], [0.0]
    for k in range(_HALVINGS):
        there = _with_memory(fits[-1], longest / 2**k)
        if there is None:
            break
        fits.append(there)
        memory.append(longest / 2**k)
        gain.append(log_likelihood(there) - start)
        if gain[-1] < max(gain) - _NEGLIGIBLE or gain[-1] < gain[-2] - 1:
            break
    rate = np.array([fit.parameters[RATE] for fit in fits])
    best = int(np.argmax(gain))
    chosen = None
    if gain[best] > LEAST_GAIN:
        chosen = refit(_refined(fits, memory, gain, best), 0.0)
    return Forgetting(np.array(memory), np.array(gain), rate, chosen)


def _refined(
    fits: "list[Solution]", memory: list[float], gain: list[float], best: int
) -> "Solution":
    """Return the fit at the top of a parabola through the best memory and its neighbours."""
    if not 1 < best < len(fits) - 1:
        return fits[best]
    near = slice(best - 1, best + 2)
    square, slope, _ = np.polyfit(np.log(memory[near]), gain[near], 2)
    there = _with_memory(fits[best], float(np.exp(-slope / 2 / square)))
    is_better = there is not None and log_likelihood(there) > log_likelihood(fits[best])
    return there if is_better and there is not None else fits[best]


def _with_memory(solution: "Solution", memory: float) -> "Solution | None":
    trials = solution.problem.trials
    stimuli = trials.is_on.astype(float)
    log_power = solution.problem.log_power
    return refit(solution, log_power, trial_history(stimuli, trials.known, 1 - 1 / memory))
