"""Static nulls: responses do not change after training.

Constant, linear, log-linear, the mean response per repeated pattern (saturated, plain and
shrunk), and a kernel read-out which takes its place if stimuli are fresh
(docs/forecasting.md).  Hyper-parameters come from the training sessions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.forecasting.contract import Forecaster
from hebbayes.reverse_engineering.forecasting.nulls.ridge import fit_ridge, with_constant
from hebbayes.reverse_engineering.forecasting.sessions import (
    Patterns,
    Session,
    find_patterns,
    is_repeated,
    pattern_index,
    pattern_sums,
)

Floats = NDArray[np.float64]

KERNEL_PENALTIES = (1.0, 10.0, 100.0)


class Constant(Forecaster[Floats]):
    """Every unit's mean over training."""

    def fit(self, training: Sequence[Session]) -> Floats:
        """Return the means (units,)."""
        return training_mean(training)

    def predict(self, state: Floats, stimuli: Floats) -> Floats:
        """Return the same in every trial."""
        return np.tile(state, (len(stimuli), 1))


class Linear(Forecaster[Floats]):
    """A linear read-out of the stimuli (ridge)."""

    def fit(self, training: Sequence[Session]) -> Floats:
        """Return coefficients (1 + channels, units)."""
        return fit_ridge([session.stimuli for session in training], training)

    def predict(self, state: Floats, stimuli: Floats) -> Floats:
        """Return the read-out."""
        return with_constant(stimuli) @ state


@dataclass(frozen=True)
class LogLinear(Forecaster[Floats]):
    """Poisson regression: the logarithm of the mean response is linear in the stimuli.

    Attributes:
        penalty: Precision of the Gaussian prior of every coefficient but the constant.
    """

    penalty: float = 1.0

    def fit(self, training: Sequence[Session]) -> Floats:
        """Return coefficients (1 + channels, units); raises if Newton does not converge."""
        patterns = find_patterns(training)
        sums, numbers = pattern_sums(training, patterns)
        return _poisson_regression(with_constant(patterns.stimuli), sums, numbers, self.penalty)

    def predict(self, state: Floats, stimuli: Floats) -> Floats:
        """Return the expected counts."""
        return np.exp(np.minimum(with_constant(stimuli) @ state, _LARGEST))


@dataclass(frozen=True, eq=False)
class PatternMeans:
    """State of a saturated null.

    Attributes:
        patterns: Patterns of training.
        means: (patterns, units).
        readout: Linear read-out for new patterns.
    """

    patterns: Patterns
    means: Floats
    readout: Floats


@dataclass(frozen=True)
class Saturated(Forecaster[PatternMeans]):
    """The mean response to each pattern seen in training; a linear read-out for new ones.

    Attributes:
        is_shrunk: Draw means towards the linear read-out, each as far as its noise and the
            unit's spread of patterns about the read-out demand (empirical Bayes).
    """

    is_shrunk: bool = False

    def fit(self, training: Sequence[Session]) -> PatternMeans:
        """Return the means of patterns."""
        patterns = find_patterns(training)
        sums, numbers = pattern_sums(training, patterns)
        readout = Linear().fit(training)
        design = with_constant(patterns.stimuli)
        linear = design @ readout
        means = np.where(numbers > 0, sums / np.maximum(numbers, 1), linear)
        if self.is_shrunk:
            square = sum((session.observed**2).sum(0) for session in training)
            rank = int(np.linalg.matrix_rank(design))
            means = _shrink(means, linear, numbers, np.asarray(square), rank)
        return PatternMeans(patterns, means, readout)

    def predict(self, state: PatternMeans, stimuli: Floats) -> Floats:
        """Return the mean of each trial's pattern."""
        index = pattern_index(state.patterns, stimuli)
        forecast = state.means[index]
        if (new := index < 0).any():
            forecast[new] = with_constant(stimuli[new]) @ state.readout
        return forecast


@dataclass(frozen=True, eq=False)
class KernelState:
    """State of a kernel read-out.

    Attributes:
        centres: (centres, channels).
        width: Of the bumps.
        coefficients: Of constant, channels and bumps, per unit.
    """

    centres: Floats
    width: float
    coefficients: Floats


@dataclass(frozen=True)
class Kernel(Forecaster[KernelState]):
    """A read-out of Gaussian bumps and channels, for stimuli that do not repeat.

    Attributes:
        n_centres: At most so many training stimuli, evenly spaced in time, carry a bump.
        widths: Candidates, in units of the median distance of centres; half of the training
            sessions choose (the later half is forecast from the earlier one).
    """

    n_centres: int = 128
    widths: tuple[float, ...] = (0.5, 1.0, 2.0)

    def fit(self, training: Sequence[Session]) -> KernelState:
        """Return centres, width and coefficients."""
        stimuli = find_patterns(training).stimuli
        chosen = np.unique(np.linspace(0, len(stimuli) - 1, self.n_centres).astype(int))
        centres = stimuli[chosen]
        apart = cdist(centres, centres)
        unit = float(np.median(apart[apart > 0])) if (apart > 0).any() else 1.0
        early, late = _halves(training)
        errors = [
            _squared_error(late, _fit_kernel(early, centres, unit * width)) for width in self.widths
        ]
        return _fit_kernel(training, centres, unit * self.widths[int(np.argmin(errors))])

    def predict(self, state: KernelState, stimuli: Floats) -> Floats:
        """Return the read-out."""
        return with_constant(_bumps(stimuli, state)) @ state.coefficients


@dataclass(frozen=True, eq=False)
class EvokedState:
    """State of `Evoked`: which read-out was taken, and its own state."""

    readout: Forecaster[Any]
    state: Any


class Evoked(Forecaster[EvokedState]):
    """The best static read-out that the design allows.

    The shrunk saturated one if stimuli repeat (`is_repeated`), the kernel read-out if
    they are fresh.
    """

    def fit(self, training: Sequence[Session]) -> EvokedState:
        """Return the read-out taken and its state."""
        readout: Forecaster[Any]
        readout = Saturated(is_shrunk=True) if is_repeated(training) else Kernel()
        return EvokedState(readout, readout.fit(training))

    def predict(self, state: EvokedState, stimuli: Floats) -> Floats:
        """Return what that read-out says."""
        return state.readout.predict(state.state, stimuli)


_LARGEST = 30.0  # e^30 spikes: keeps the exponential finite


def training_mean(training: Sequence[Session]) -> Floats:
    """Return every unit's mean over the observed trials of training, (units,).

    Example:
        >>> session = Session(np.ones((2, 1)), np.array([[1.0], [3.0]]), np.ones((2, 1), bool))
        >>> training_mean([session]).tolist()
        [2.0]
    """
    sums = np.sum([session.observed.sum(0) for session in training], axis=0)
    return sums / np.sum([session.valid.sum(0) for session in training], axis=0)


def _shrink(means: Floats, linear: Floats, numbers: Floats, square: Floats, rank: int) -> Floats:
    deviation = np.where(numbers > 0, means - linear, 0.0)
    total = numbers.sum(0)
    within = square - (numbers * means**2).sum(0)
    free = total - (numbers > 0).sum(0)
    noise = np.where(free > 0, within / np.maximum(free, 1), 0.0)
    # so many deviations are free beside the read-out that they are measured from
    spare = np.maximum((numbers > 0).sum(0) - rank, 0)
    spread = np.maximum((numbers * deviation**2).sum(0) - spare * noise, 0) / total
    weight = spread * numbers / np.maximum(spread * numbers + noise, 1e-300)
    return linear + np.where(noise > 0, weight, 1.0) * deviation


def _poisson_regression(
    design: Floats, sums: Floats, numbers: Floats, penalty: float, n_steps: int = 200
) -> Floats:
    """Newton steps for all units at once, each no longer than 2 in any log rate."""
    n_features, n_units = design.shape[1], sums.shape[1]
    coefficients = np.zeros((n_features, n_units))
    coefficients[0] = np.log(np.maximum(sums.sum(0), 0.5) / numbers.sum(0))
    penal = np.full(n_features, penalty)
    penal[0] = 1e-9
    pairs = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    for _ in range(n_steps):
        rate = numbers * np.exp(np.minimum(design @ coefficients, _LARGEST))
        gradient = design.T @ (sums - rate) - penal[:, None] * coefficients
        curvature = (rate.T @ pairs).reshape(n_units, n_features, n_features) + np.diag(penal)
        step = np.linalg.solve(curvature, gradient.T[..., None])[..., 0].T
        largest = np.abs(design @ step).max(0)
        coefficients = coefficients + step * np.minimum(1.0, 2.0 / np.maximum(largest, 1e-300))
        if largest.max() < 1e-8:
            return coefficients
    raise ValueRangeError(
        f"log-linear regression of unit {int(np.argmax(largest))} does not converge in {n_steps} "
        "steps; raise its penalty or leave the unit out."
    )


def _halves(training: Sequence[Session]) -> tuple[Sequence[Session], Sequence[Session]]:
    if len(training) > 1:
        return training[: len(training) // 2], training[len(training) // 2 :]
    only, half = training[0], len(training[0].stimuli) // 2
    parts = [
        Session(only.stimuli[rows], only.responses[rows], only.valid[rows])
        for rows in (slice(None, half), slice(half, None))
    ]
    return parts[:1], parts[1:]


def _bumps(stimuli: Floats, state: KernelState) -> Floats:
    bumps = np.exp(-0.5 * cdist(stimuli, state.centres, "sqeuclidean") / state.width**2)
    return np.column_stack([stimuli, bumps])


def _fit_kernel(training: Sequence[Session], centres: Floats, width: float) -> KernelState:
    empty = KernelState(centres, width, np.zeros((0, 0)))
    features = [_bumps(session.stimuli, empty) for session in training]
    return KernelState(centres, width, fit_ridge(features, training, KERNEL_PENALTIES))


def _squared_error(sessions: Sequence[Session], state: KernelState) -> float:
    total = 0.0
    for session in sessions:
        wrong = session.observed - Kernel().predict(state, session.stimuli)
        total += float((wrong[session.valid] ** 2).sum())
    return total
