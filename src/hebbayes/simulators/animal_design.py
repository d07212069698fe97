"""The design of a simulated animal: its world, its network, its recording; and the embedded one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_at_least, check_between
from hebbayes.core.errors import ValueRangeError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AnimalDesign:
    """What is simulated.

    Decision k is right if the state of the trial before, number k // 2 modulo the number of
    states, was on (k even) or off (k odd): with two decisions, go and no-go on the first state.

    Attributes:
        n_states: Hidden states of the world, one unit of the middle layer each.
        n_stimuli: Stimulus channels; channel i reports state i modulo the number of states.
        n_decisions: Decisions, one unit of the output layer each.
        n_units: Recorded units that read the middle layer, unit u state u modulo n_states.
        n_output_units: Recorded units that read the output layer the same way, after the others.
        n_sessions: Sessions.
        n_trials: Trials per session, one number or one for each session.
        reliability: Probability that a stimulus is as its state.
        stay: Probability that a state persists to the next trial.
        coupling: Standard deviation of the recurrent weights between different units.
        state_prior: The network's prior D1 that a state is on, one for all or one each.
        decision_prior: The prior E1 of each decision, which sum to 1; None for equal priors.
        policy_prior_count: Total prior count (lambda) of an output synapse: large is slow to learn.
        modulation_gain: What 1 - 2 risk is multiplied by in learning; 0 learns nothing.
        risk_sensitivity: Share m of risk in learning, 1 - 2 m risk: 1 theory, 0 plain Hebb.
        policy_floor: The smallest count that unlearning leaves.
        reward_delay: Trials between a decision and learning from it.
        reward_noise: Probability that reward and punishment are exchanged.
        reversals: Sessions, from 0, at whose start right and wrong change places.
        rests_on_same: Whether a decision rests on, and is right by, the state of its own trial;
            for learners (`simulate_learner`) alone.
        sensory_skill: Input synapses at birth, from 0 (naive) to 1 (the world's own).
        sensory_prior_count: Their total prior count if they learn; None fixes them.
        recurrent_skill: Recurrent synapses at birth, from 0 (naive) to 1 (as ``stay`` and
            ``coupling`` say).
        recurrent_prior_count: Their total prior count if they learn; None fixes them.
        baseline: Spikes per trial of a unit whose x or y is 0.
        modulation: Spikes per trial that x or y of 1 adds.
        trial_s: Seconds from trial to trial.
    """

    n_states: int = 2
    n_stimuli: int = 8
    n_decisions: int = 2
    n_units: int = 24
    n_output_units: int = 4
    n_sessions: int = 20
    n_trials: int | tuple[int, ...] = 100
    reliability: float = 0.8
    stay: float = 0.7
    coupling: float = 0.7
    state_prior: float | tuple[float, ...] = 0.5
    decision_prior: tuple[float, ...] | None = None
    policy_prior_count: float = 100.0
    modulation_gain: float = 1.0
    risk_sensitivity: float = 1.0
    policy_floor: float = 1.0
    reward_delay: int = 2
    reward_noise: float = 0.1
    reversals: tuple[int, ...] = (10,)
    rests_on_same: bool = False
    sensory_skill: float = 1.0
    sensory_prior_count: float | None = None
    recurrent_skill: float = 1.0
    recurrent_prior_count: float | None = None
    baseline: float = 2.0
    modulation: float = 6.0
    trial_s: float = 2.0


EXAMPLE_ANIMAL = AnimalDesign(decision_prior=(0.6, 0.4))
"""The embedded animal: go / no-go with one reversal, somewhat too fond of go."""


def check_animal(design: AnimalDesign) -> None:
    """Raise `ValueRangeError` for a design that cannot be simulated.

    Example:
        >>> check_animal(AnimalDesign(n_states=0))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: n_states must be at least 1; got 0.
    """
    for name in ("n_states", "n_stimuli", "n_decisions", "n_units", "n_sessions"):
        check_at_least(name, getattr(design, name), 1)
    for name in (
        "n_output_units",
        "reward_delay",
        "coupling",
        "modulation_gain",
        "baseline",
        "modulation",
    ):
        check_at_least(name, getattr(design, name), 0)
    for name in (
        "state_prior",
        "risk_sensitivity",
        "reward_noise",
        "sensory_skill",
        "recurrent_skill",
    ):
        check_between(name, getattr(design, name), 0.0, 1.0)
    for name in ("reliability", "stay"):
        check_between(name, getattr(design, name), 0.01, 0.99)
    check_at_least("n_trials", np.min(design.n_trials), 1)
    for name, wanted in (("n_trials", design.n_sessions), ("state_prior", design.n_states)):
        if np.size(getattr(design, name)) not in (1, wanted):
            raise ValueRangeError(
                f"{name} has {np.size(getattr(design, name))} values; give one, or {wanted}."
            )
    for name in ("policy_prior_count", "sensory_prior_count", "recurrent_prior_count", "trial_s"):
        value = getattr(design, name)
        if value is not None and not 0 < value < np.inf:
            raise ValueRangeError(f"{name} must be above 0; got {value}.")
    if design.rests_on_same:
        raise ValueRangeError(
            "a network decides by the state of the trial before; use simulate_learner for "
            "rests_on_same."
        )
    check_between("policy_floor", design.policy_floor, 1e-9, design.policy_prior_count / 2)
    _check_decision_prior(decision_prior_of(design), design.n_decisions)


def _check_decision_prior(prior: Floats, n_decisions: int) -> None:
    check_between("decision_prior", prior, 0.0, 1.0)
    if prior.shape != (n_decisions,) or not np.isclose(prior.sum(), 1, atol=1e-9):
        raise ValueRangeError(
            f"decision_prior must be {n_decisions} probabilities whose sum is 1; got "
            f"{prior.tolist()}."
        )


def decision_prior_of(design: AnimalDesign) -> Floats:
    """Return the probability of each decision at birth, (decisions,), uniform by default.

    Example:
        >>> decision_prior_of(AnimalDesign(n_decisions=4)).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    if design.decision_prior is None:
        return np.full(design.n_decisions, 1 / design.n_decisions)
    return np.asarray(design.decision_prior, float)
