"""Whether a population carries known states: a cross-validated decoder against rearranged trials.

Ridge regression of binary states (sources, or stimuli) on standardised responses of training
trials, a priori half explained by all units together.  Folds are made of blocks of neighbouring
trials.  For the null, states are shifted around their session, and the lengths of their runs are
permuted (`rearrangement`); the larger p counts, since blocks of stimuli deceive one or the other if
units drift.  The largest of all correlations is compared, so that many states need no other
correction.  Few blocks, or periodic ones, have too few arrangements, and a state whose probability
switches once or twice per session looks like drift (`slow_component`): then nothing can be told.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from hebbayes.core.errors import ShapeError
from hebbayes.reverse_engineering.ensembles.readout import (
    standardisation_of,
    standardised_responses,
    training_trials,
)
from hebbayes.reverse_engineering.ensembles.rearrangement import (
    shifted_states,
    states_with_permuted_runs,
)
from hebbayes.reverse_engineering.ensembles.slow_component import FEWEST_SWITCHES, changes_seldom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

CARRIED, ABSENT, CANNOT_TELL = "carried", "absent", "cannot be told"

ALPHA = 0.05
"""Probability that a decoder of nothing is called above chance."""

CLEAR_AUC = 0.65
"""Area under the ROC curve that must be detectable (in 80 % of cases) before states are called
absent."""

_FOLDS, _BLOCKS_PER_FOLD = 5, 4
_REARRANGED = 199
_MOST_TRIALS = 4000
_FEWEST_TRIALS = 20
_POWER_SD = float(norm.ppf(0.8))
_ROUNDING = 1e-9  # of correlations of equal arrangements


@dataclass(frozen=True, eq=False)
class Decoding:
    """What a decoder of some states reads from a population.

    Attributes:
        of: What was decoded: sources or stimuli.
        n_trials: Training trials used.
        n_units: Units used.
        auc: (states,), area under the ROC curve of held-out trials; NaN for a constant state.
        p: Share of rearrangements whose largest correlation is at least as large as the recorded
            one; that of shifts or of permuted runs, whichever is larger.
        p_of_state: (states,), the same for each state: its correlation against that largest one.
        detectable_auc: Area that the decoder would have detected in 80 % of cases.
        p_shifted: Like ``p``, against shifts alone.
        changes_seldom: (states,), whether the probability of a state switches too seldom to be told
            from drift; its p is 1.
    """

    of: str
    n_trials: int
    n_units: int
    auc: Floats
    p: float
    p_of_state: Floats
    detectable_auc: float
    p_shifted: float = float("nan")
    changes_seldom: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))

    @property
    def verdict(self) -> str:
        """Whether the states are carried, absent, or this cannot be told.

        Example:
            >>> Decoding("sources", 50, 3, np.array([0.5]), 0.4, np.array([0.4]), 0.8).verdict
            'cannot be told'
        """
        if self.p < ALPHA:
            return CARRIED
        return ABSENT if self.detectable_auc <= CLEAR_AUC else CANNOT_TELL


def decode(
    recording: "Recording", states: NDArray, of: str, *, train_sessions: int, seed: int = 0
) -> Decoding:
    """Return what a decoder of ``states`` (trials, states) reads in the training sessions.

    At most the last 4,000 trials are used.  Raises `ShapeError` for too few trials or states that
    do not fit, `ValueRangeError` if no unit carries a signal.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> s = np.random.default_rng(0).integers(0, 2, (100, 1))
        >>> decode(Recording(s, 2 + 3 * s, [0] * 100), s, "stimuli", train_sessions=1).verdict
        'carried'
    """
    rows = np.flatnonzero(training_trials(recording, train_sessions))[-_MOST_TRIALS:]
    if len(rows) < _FEWEST_TRIALS:
        raise ShapeError(
            f"{len(rows)} training trials have an observed response; a decoder needs at least "
            f"{_FEWEST_TRIALS}."
        )
    is_used = np.isin(np.arange(recording.n_trials), rows)
    kept = standardisation_of(recording, is_used)
    session = recording.session_index[rows]
    z = _within(standardised_responses(kept, recording)[rows], session)
    s = np.asarray(states, float)[rows]
    varies = s.std(0) > 0
    target = _within(s[:, varies], session)
    predict = _held_out(z)
    auc, p_of_state = np.full(s.shape[1], np.nan), np.ones(s.shape[1])
    if not varies.any():
        return Decoding(of, len(rows), len(kept.unit_ids), auc, 1.0, p_of_state, 1.0)
    guess = predict(target)
    found = _correlation(guess, target)
    rng = np.random.default_rng((seed, 3))
    nulls, can_be_told = _nulls(predict, s[:, varies], session, rng)
    p_of_null = [_p_values(found, null) for null in nulls]
    auc[varies] = [_auc(g, t) for g, t in zip(guess.T, s[:, varies].T)]
    seldom = np.array([varies[k] and changes_seldom(s[:, k], session) for k in range(s.shape[1])])
    p_of_state[varies] = np.max(p_of_null, axis=0)
    p_of_state[seldom] = 1.0
    can_be_told &= not seldom.any()
    reach = max(np.quantile(null, 1 - ALPHA) + _POWER_SD * null.std() for null in nulls)
    share_on = float(s[:, varies].mean(0)[found.argmax()])
    return Decoding(
        of, len(rows), len(kept.unit_ids), auc, float(p_of_state.min()), p_of_state,
        _auc_of_correlation(float(reach), share_on) if can_be_told else 1.0,
        float(p_of_null[0].min()), seldom,
    )  # fmt: skip


def decoding_sentence(decoding: Decoding) -> str:
    """Return what the decoder shows, in a sentence.

    Example:
        >>> one = Decoding("sources", 50, 3, np.array([0.5]), 0.4, np.array([0.4]), 0.8)
        >>> decoding_sentence(one)[:62]
        'it cannot be told from 50 trials whether the population carrie'
    """
    what = {"sources": "known sources", "stimuli": "stimuli"}[decoding.of]
    best = float(np.nanmax(decoding.auc)) if np.isfinite(decoding.auc).any() else float("nan")
    beside = f"area under the ROC curve {best:.2f}, p = {decoding.p:.2g} against rearranged trials"
    if decoding.verdict == CARRIED:
        return f"a cross-validated decoder reads the {what} from the population ({beside})."
    seen = f"one above {decoding.detectable_auc:.2f} would have been seen in 80 % of cases"
    if decoding.verdict == ABSENT:
        hidden = " hidden sources" if decoding.of == "sources" else " its stimuli"
        return (
            f"the population does not carry{hidden}: a cross-validated decoder of the {what} does "
            f"no better than chance ({beside}; {seen})."
        )
    if decoding.changes_seldom.any():
        return (
            f"it cannot be told from {decoding.n_trials} trials whether the population carries the "
            f"{what}: how often they are on switches fewer than {FEWEST_SWITCHES} times per "
            "session, which cannot be told from slow drift of the units."
        )
    return (
        f"it cannot be told from {decoding.n_trials} trials whether the population carries the "
        f"{what}: a cross-validated decoder does no better than chance ({beside}), but only {seen}."
    )


def _within(values: Floats, session: NDArray[np.int64]) -> Floats:
    """Return values less the mean of their session."""
    out = np.empty(values.shape)
    for label in np.unique(session):
        here = session == label
        out[here] = values[here] - values[here].mean(0)
    return out


def _held_out(z: Floats) -> "Callable[[Floats], Floats]":
    """Return a function from targets (trials, n) to their held-out predictions."""
    n_trials, n_units = z.shape
    n_blocks = _FOLDS * min(_BLOCKS_PER_FOLD, n_trials // (2 * _FOLDS))
    fold = (np.arange(n_trials) * n_blocks // n_trials) % _FOLDS
    maps = []
    for k in range(_FOLDS):
        train = z[fold != k]
        gram = train.T @ train + n_units * np.eye(n_units)
        maps.append((z[fold == k], np.linalg.solve(gram, train.T)))

    def predict(target: Floats) -> Floats:
        guess = np.empty(target.shape)
        for k, (test, inverse) in enumerate(maps):
            guess[fold == k] = test @ (inverse @ target[fold != k])
        return guess

    return predict


def _nulls(
    predict: "Callable[[Floats], Floats]",
    states: Floats,
    session: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[list[Floats], bool]:
    """Return the largest correlations of shifted states, of permuted runs, and whether any of these
    could have been above chance."""
    shifted = shifted_states(states, session, _REARRANGED, rng)
    permuted, n_distinct = states_with_permuted_runs(states, session, _REARRANGED, rng)
    nulls = [
        _largest(predict, (_within(one, session) for one in rearranged))
        for rearranged in (shifted, permuted)
    ]
    return nulls, ALPHA * n_distinct >= 1


def _largest(predict: "Callable[[Floats], Floats]", targets: "Iterable[Floats]") -> Floats:
    """Return the largest correlation over states for every rearrangement."""
    return np.array([_correlation(predict(one), one).max() for one in targets])


def _p_values(found: Floats, null: Floats) -> Floats:
    at_least = null[:, None] >= found - _ROUNDING
    return np.asarray((1 + at_least.sum(0)) / (1 + len(null)))


def _correlation(guess: Floats, target: Floats) -> Floats:
    g, t = guess - guess.mean(0), target - target.mean(0)
    scale = np.sqrt((g**2).sum(0) * (t**2).sum(0))
    return np.asarray(np.divide((g * t).sum(0), scale, out=np.zeros(scale.size), where=scale > 0))


def _auc(guess: Floats, state: Floats) -> float:
    """Return P(guess is larger when the state is on); a graded state is split at its mean."""
    is_on = state > state.mean()
    n_on, n_off = int(is_on.sum()), int((~is_on).sum())
    return float((rankdata(guess)[is_on].sum() - n_on * (n_on + 1) / 2) / (n_on * n_off))


def _auc_of_correlation(correlation: float, share_on: float) -> float:
    """Return the area of normal guesses that correlate so with a binary state."""
    r, share = min(max(correlation, 0.0), 0.999), min(max(share_on, 0.01), 0.99)
    distance = r / np.sqrt((1 - r**2) * share * (1 - share))
    return float(norm.cdf(distance / np.sqrt(2)))
