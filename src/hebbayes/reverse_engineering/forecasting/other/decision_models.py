"""Forecasters of decisions, one trial ahead: nulls, and the fitted output layer.

Everything is fitted on training sessions.  A forecast then may use the stimuli and activity of the
trial on which a decision rests, and decisions and risk of earlier trials; risk is known
``reward_delay`` trials after its decision (docs/forecasting.md).  Labels are never shown.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from hebbayes.reverse_engineering.behaviour.choices import Choices
from hebbayes.reverse_engineering.behaviour.policy.fit import fit_policy
from hebbayes.reverse_engineering.behaviour.policy.forward import (
    PolicyEvidence,
    modulation_weight,
    policy_counts,
    policy_drive,
    policy_evidence,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

AVERAGING = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Candidate weights of the newest decision in a running average."""

STEPS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Candidate steps of a running read-out, in log odds."""

_PSEUDO = 2.0  # trials of its reference that a frequency is drawn to


@dataclass(frozen=True, eq=False)
class DecisionHistory:
    """Decisions as forecasters see them: the first ``n_training`` trials are for fitting.

    Attributes:
        stimuli: (trials, channels), of the trial that each decision rests on.
        choices: Decisions with activity, risk and session of every trial.
        n_training: Number of training trials.
        reward_delay: Trials until the risk of a decision is known.
    """

    stimuli: Floats
    choices: Choices
    n_training: int
    reward_delay: int = 0

    @property
    def is_fitted(self) -> NDArray[np.bool_]:
        """Trials to learn from: used, and in training."""
        return self.choices.is_used & (np.arange(len(self.choices.decision)) < self.n_training)


class DecisionForecaster(ABC):
    """Forecasts the probability of every decision in every trial, (trials, decisions)."""

    @abstractmethod
    def forecast(self, history: DecisionHistory) -> Floats:
        """Return probabilities; those of a trial use earlier trials only, after training."""


class Frequency(DecisionForecaster):
    """How often each decision was taken in training."""

    def forecast(self, history: DecisionHistory) -> Floats:
        """Return the same in every trial."""
        return np.tile(frequency(history), (len(history.stimuli), 1))


class StimulusFrequency(DecisionForecaster):
    """How often in training after the same stimulus, drawn to the overall frequency."""

    def forecast(self, history: DecisionHistory) -> Floats:
        """Return the frequency of each trial's previous pattern."""
        _, pattern = np.unique(history.stimuli, axis=0, return_inverse=True)
        return _shrunk_table(history, pattern.ravel())


@dataclass(frozen=True)
class RunningAverage(DecisionForecaster):
    """An exponential average of decisions, whatever the stimulus; training selects its memory."""

    weights: tuple[float, ...] = AVERAGING

    def forecast(self, history: DecisionHistory) -> Floats:
        """Return the average before each trial."""
        one_hot, used, start = history.choices.one_hot, history.choices.is_used, frequency(history)

        def run(weight: float) -> Floats:
            probabilities, average = np.empty_like(one_hot), start
            for t, (taken, is_used) in enumerate(zip(one_hot, used)):
                probabilities[t] = average
                if is_used:
                    average = average + weight * (taken - average)
            return probabilities

        return _most_likely(history, run, self.weights)


@dataclass(frozen=True)
class RunningReadout(DecisionForecaster):
    """Logistic read-out of stimuli and activity that learns from every decision.

    The size of a step is chosen in training; the read-out starts from what it learnt there.

    Attributes:
        steps: Candidates.
        is_reinforced: Learn in proportion to 1 - 2 risk, when risk is known: plain reinforcement.
    """

    steps: tuple[float, ...] = STEPS
    is_reinforced: bool = False

    def forecast(self, history: DecisionHistory) -> Floats:
        """Return the read-out before each trial."""
        x = np.where(history.choices.is_used[:, None], history.choices.activity, 0.5)
        seen = np.column_stack([history.stimuli, x]) - 0.5
        design = np.column_stack([np.ones(len(seen)), seen])
        worth = np.where(history.choices.is_used, 1.0, 0.0)
        delay = 0
        if self.is_reinforced:
            worth, delay = worth * modulation_weight(known_risk(history)), history.reward_delay
        start = np.zeros((design.shape[1], history.choices.n_decisions))
        start[0] = np.log(frequency(history))

        def run(step: float) -> Floats:
            probabilities, coefficients = np.empty_like(history.choices.one_hot), start
            for t, row in enumerate(design):
                probabilities[t] = softmax(row @ coefficients)
                if (then := t - delay) >= 0 and worth[then] != 0:
                    error = history.choices.one_hot[then] - probabilities[then]
                    coefficients = coefficients + step * worth[then] * np.outer(design[then], error)
            return probabilities

        return _most_likely(history, run, self.steps)


class WinStayLoseShift(DecisionForecaster):
    """How often in training after the last decision whose outcome is known, won or lost."""

    def forecast(self, history: DecisionHistory) -> Floats:
        """Return the frequency after each trial's last outcome."""
        return _shrunk_table(history, _last_outcome(history))


@dataclass(frozen=True)
class OutputLayer(DecisionForecaster):
    """The output layer of the theory: psi and lambda / gain of training, synapses run on.

    Attributes:
        is_modulated: Whether risk modulates learning; otherwise decisions alone are learnt.
        floor: The smallest count of a synapse, in units of the gain.
    """

    is_modulated: bool = True
    floor: float = 1.0

    def forecast(self, history: DecisionHistory) -> Floats:
        """Return the posterior of decisions; raises `ValueRangeError` if nothing can be fitted.

        Trials without activity have training's frequency.
        """
        everything, training = history.choices, training_of(history)
        fit = fit_policy(training, self._evidence(training, history.reward_delay), self.floor)
        counts = policy_counts(
            self._evidence(everything, history.reward_delay), float(fit.ratio.value), self.floor
        )
        used = np.asarray(np.isfinite(everything.activity).all(1))
        x = np.where(used[:, None], everything.activity, 0.5)
        odds = policy_drive(counts, x) + fit.decision_prior.threshold_factor.value
        return np.where(used[:, None], softmax(odds, axis=1), frequency(history))

    def _evidence(self, choices: Choices, reward_delay: int) -> PolicyEvidence:
        weight = np.ones(len(choices.decision))
        if self.is_modulated:
            assert choices.risk is not None  # checked before
            weight = modulation_weight(choices.risk)
        return policy_evidence(choices, weight, reward_delay)


def training_of(history: DecisionHistory) -> Choices:
    """Return the decisions of training alone.

    Example:
        >>> choices = Choices(np.array([0, 1]), np.ones((2, 1)), np.zeros(2), np.zeros(2, int), 2)
        >>> training_of(DecisionHistory(np.ones((2, 1)), choices, 1)).decision.tolist()
        [0]
    """
    n, whole = history.n_training, history.choices
    return Choices(
        decision=whole.decision[:n],
        activity=whole.activity[:n],
        risk=known_risk(history)[:n],
        session_index=whole.session_index[:n],
        n_decisions=whole.n_decisions,
        unshrunk_activity=None if whole.unshrunk_activity is None else whole.unshrunk_activity[:n],
    )


def known_risk(history: DecisionHistory) -> Floats:
    """Return the risk that followed each decision, NaN if unknown, (trials,).

    Example:
        >>> choices = Choices(np.array([0]), np.ones((1, 1)), np.array([0.2]), np.zeros(1, int), 2)
        >>> known_risk(DecisionHistory(np.ones((1, 1)), choices, 1)).tolist()
        [0.2]
    """
    assert history.choices.risk is not None  # `decision_history` refuses recordings without
    return history.choices.risk


def frequency(history: DecisionHistory) -> Floats:
    """Return the frequency of decisions in training, half a trial more of each, (decisions,).

    Example:
        >>> choices = Choices(np.array([0, 1]), np.ones((2, 1)), np.zeros(2), np.zeros(2, int), 2)
        >>> frequency(DecisionHistory(np.ones((2, 1)), choices, 1)).tolist()
        [0.75, 0.25]
    """
    taken = history.choices.one_hot[history.is_fitted].sum(0) + 0.5
    return np.asarray(taken / taken.sum())


def _shrunk_table(history: DecisionHistory, group: Integers) -> Floats:
    """Frequencies in training per group of trials, drawn to the overall one."""
    fitted = history.is_fitted
    taken = np.zeros((int(group.max()) + 1, history.choices.n_decisions))
    np.add.at(taken, group[fitted], history.choices.one_hot[fitted])
    taken += _PSEUDO * frequency(history)
    return np.asarray((taken / taken.sum(1, keepdims=True))[group])


def _last_outcome(history: DecisionHistory) -> Integers:
    """2 decision + won of the last trial whose outcome is known, (trials,); the last for none."""
    risk, used = known_risk(history), history.choices.is_used
    none = 2 * history.choices.n_decisions
    outcome, last = np.full(len(used), none), none
    is_known = used & np.isfinite(risk) & (risk != 0.5)
    for t in range(len(used)):
        if (then := t - 1 - history.reward_delay) >= 0 and is_known[then]:
            last = 2 * history.choices.decision[then] + (risk[then] < 0.5)
        outcome[t] = last
    return outcome


def _most_likely(
    history: DecisionHistory, run: Callable[[float], Floats], candidates: Sequence[float]
) -> Floats:
    """The run of the candidate under which decisions in training are most likely."""
    rows = np.flatnonzero(history.is_fitted)
    runs = [run(candidate) for candidate in candidates]
    heights = [
        np.log(np.maximum(one[rows, history.choices.decision[rows]], 1e-12)).sum() for one in runs
    ]
    return runs[int(np.argmax(heights))]
