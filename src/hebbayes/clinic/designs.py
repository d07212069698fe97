"""Designed tasks: reversals, trials without feedback, ambiguous stimuli, new stimuli."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from hebbayes.clinic.task import Task
from hebbayes.core.errors import ValueRangeError


@dataclass(frozen=True)
class Design:
    """A task to be drawn.

    Attributes:
        trials: Trials in all.
        states: Hidden states; the first alone decides what is right, the others are context.
        channels: Stimulus channels per state.
        reliability: Probability that a channel agrees with its state.
        ambiguous: Share of trials whose stimuli agree with their state only by
            ``ambiguous_reliability``.
        ambiguous_reliability: Probability that a channel agrees with its state there.
        stay: Probability that a state lasts to the next trial.
        block: Trials with the same stimuli; then learning begins anew.  0 for all.
        reversal: Trials between reversals of what is right, within a block; 0 for none.
        silent: Share of trials without feedback, in runs of ``silent_run``.
        silent_run: Length of such a run.
        reward: Probability of outcome 1 after the right choice; 1 - reward after a wrong one.
        choices: Number of choices; with two, each is right for one value of the first state.
    """

    trials: int = 600
    states: int = 2
    channels: int = 3
    reliability: float = 0.9
    ambiguous: float = 0.6
    ambiguous_reliability: float = 0.6
    stay: float = 0.9
    block: int = 150
    reversal: int = 110
    silent: float = 0.15
    silent_run: int = 24
    reward: float = 0.9
    choices: int = 2


def draw_task(design: Design, rng: np.random.Generator) -> Task:
    """Return a task of that design.

    The right choice follows state 0: on calls for one choice, off for another; a reversal swaps
    them.  With more than two choices the pair is drawn anew in each block.
    Raises `ValueRangeError` if the design has no trials or fewer than two choices.

    Example:
        >>> task = draw_task(Design(trials=100), np.random.default_rng(0))
        >>> task.n_trials, task.n_states, task.n_choices
        (100, 2, 2)
    """
    n, k = design.trials, design.choices
    if n < 1 or k < 2 or design.states < 1 or design.channels < 1:
        raise ValueRangeError(
            "a task needs at least one trial, one state, one channel and two choices; got "
            f"{n}, {design.states}, {design.channels} and {k}."
        )
    hidden = _markov(design, rng)
    begins = np.zeros(n, bool)
    begins[:: design.block or n] = True
    right, belief = _mapping(design, hidden[:, 0].astype(int), begins, rng)
    agree = np.where(
        rng.random(n) < design.ambiguous, design.ambiguous_reliability, design.reliability
    )
    repeated = np.repeat(hidden, design.channels, axis=1)
    stimuli = np.where(rng.random(repeated.shape) < agree[:, None], repeated, 1 - repeated)
    weights = np.kron(np.eye(design.states), np.full((design.channels, 1), 1.0))
    reward = np.full((n, k), 1 - design.reward)
    reward[np.arange(n), right] = design.reward
    return Task(
        stimuli=stimuli,
        weights=weights * logit(design.reliability),
        reward_probability=reward,
        has_feedback=_feedback(design, rng),
        right=right,
        begins=begins,
        false_belief=belief,
        stay=float(logit(design.stay)),
        prior=np.zeros(design.states),
        hidden=hidden,
    )


def _markov(design: Design, rng: np.random.Generator) -> np.ndarray:
    first = rng.integers(0, 2, design.states)
    changes = rng.random((design.trials, design.states)) >= design.stay
    changes[0] = False
    return np.asarray((first + np.cumsum(changes, axis=0)) % 2, float)


def _mapping(
    design: Design, state: np.ndarray, begins: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The right choice of every trial, and the wrong mapping of every block."""
    starts = np.flatnonzero(begins)
    belief = np.zeros((len(starts), design.states, design.choices))
    within = np.arange(design.trials) - np.repeat(starts, np.diff([*starts, design.trials]))
    turned = (within // design.reversal) % 2 if design.reversal else np.zeros_like(within)
    pairs = np.array([rng.permutation(design.choices)[:2] for _ in starts])
    for block, (on, off) in enumerate(pairs):
        belief[block, 0, on], belief[block, 0, off] = -1.0, 1.0
    pair = pairs[np.cumsum(begins) - 1]
    return pair[np.arange(design.trials), np.where(turned, state, 1 - state)], belief


def _feedback(design: Design, rng: np.random.Generator) -> np.ndarray:
    shown = np.ones(design.trials, bool)
    n_runs = round(design.silent * design.trials / max(design.silent_run, 1))
    slots = np.arange(0, design.trials, max(design.silent_run, 1))
    for start in rng.choice(slots, min(n_runs, len(slots)), replace=False):
        shown[start : start + design.silent_run] = False
    return shown
