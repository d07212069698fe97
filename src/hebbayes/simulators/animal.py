"""Simulated behaving animals with known truth: go / no-go with reversal, and its relatives.

Hidden binary states persist from trial to trial and give noisy binary stimuli; a canonical network
of two layers infers them and decides (I22; docs/theory.md sections 2-3).  The decision of a trial
rests on the activity of the trial BEFORE, one step of delay; a session starts undecided, x = 1/2.
Reward comes whole trials later, is turned into risk and modulates learning of the output synapses;
a reversal exchanges right and wrong.  Units give Poisson counts with a rate affine in x or y.
`animal_trials` simulates the trials.
"""

from dataclasses import asdict, dataclass

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.agents.active_inference import ActiveInferenceAgent
from hebbayes.agents.modulators import AbstractOnlineModulator, RewardRisk
from hebbayes.agents.online import OnlineAgent
from hebbayes.core.counts import Ratio, log_ratio, without_evidence
from hebbayes.data.recording import Recording
from hebbayes.simulators.animal_design import (
    EXAMPLE_ANIMAL,
    AnimalDesign,
    check_animal,
    decision_prior_of,
)
from hebbayes.simulators.animal_trials import DrawnTrials, TrialRecord, simulate_trials
from hebbayes.theory.generative_model import GenerativeModel, prior_counts

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]


_FIXED = 1e12  # counts behind synapses that do not learn: evidence of any session is lost in them


@dataclass(frozen=True, eq=False)
class SimulatedAnimal:
    """A recording and the truth behind it, trials first; weights are those of each trial.

    Attributes:
        recording: What is recorded of it.
        design: What was simulated.
        activity: x, (trials, states).
        output: y, (trials, decisions).
        sensory_weights: W = W1 - W0, (trials, states, stimuli).
        recurrent_weights: K, (trials, states, states before).
        output_weights: V, (trials, decisions, states).
        state_threshold_factors: phi, (2, states).
        decision_threshold_factors: psi, (2, decisions).
        reward: (trials,), 1 or -1; 0 in a session's first trial, where no decision is right.
        is_right: Whether the decision was right, before noise, (trials,).
    """

    recording: Recording
    design: AnimalDesign
    activity: Floats
    output: Floats
    sensory_weights: Floats
    recurrent_weights: Floats
    output_weights: Floats
    state_threshold_factors: Floats
    decision_threshold_factors: Floats
    reward: Floats
    is_right: Bools


def simulate_animal(
    design: AnimalDesign | None = None,
    *,
    seed: int = 0,
    ratio: Ratio = log_ratio,
    modulator: AbstractOnlineModulator | None = None,
) -> SimulatedAnimal:
    """Return a simulated animal; the same seed gives the same numbers.

    ``ratio`` is `log_ratio` (neural network) or `digamma_ratio`; ``modulator`` turns rewards into
    risk, by default ``RewardRisk()``.  Raises `ValueRangeError` for an impossible design.

    Example:
        >>> design = AnimalDesign(n_units=3, n_sessions=2, n_trials=8, reversals=(1,))
        >>> animal = simulate_animal(design)
        >>> animal.recording.responses.shape, animal.output_weights.shape
        ((16, 7), (16, 2, 2))
    """
    design = design or EXAMPLE_ANIMAL
    check_animal(design)
    rng = np.random.default_rng(seed)
    session = np.repeat(np.arange(design.n_sessions), design.n_trials)
    is_first = np.diff(session, prepend=-1) > 0
    sources, stimuli = _world(design, is_first, rng)
    right = right_decisions(design, session, sources)
    rewards, uniforms = _rewards(design, is_first, right, rng), rng.random(session.size)
    model = _initial_model(design, rng)
    record = simulate_trials(
        _online_agent(design, model, ratio, modulator or RewardRisk()),
        DrawnTrials(jnp.asarray(stimuli), jnp.asarray(rewards), jnp.asarray(is_first)),
        jnp.asarray(uniforms),
    )
    responses = _spikes(design, record, rng)
    recording = Recording(
        stimuli=stimuli,
        responses=responses,
        session=session,
        sources=sources,
        decisions=record.decision,
        risk=record.risk,
        onset_s=np.asarray(design.trial_s * np.arange(session.size), float),
        provenance={"simulated": asdict(design), "seed": seed},
    )
    return _with_truth(recording, design, record, model, right)


def _with_truth(
    recording: Recording,
    design: AnimalDesign,
    record: TrialRecord,
    model: GenerativeModel,
    right: Bools,
) -> SimulatedAnimal:
    assert model.decision_prior is not None
    with np.errstate(divide="ignore"):
        factors = [np.log(np.asarray(c.prior)) for c in (model.state_prior, model.decision_prior)]
    return SimulatedAnimal(
        recording=recording,
        design=design,
        activity=record.activity,
        output=record.output,
        sensory_weights=record.sensory_weights,
        recurrent_weights=record.recurrent_weights,
        output_weights=record.output_weights,
        state_threshold_factors=factors[0],
        decision_threshold_factors=factors[1],
        reward=record.reward,
        is_right=right[np.arange(len(right)), record.decision],
    )


def _world(
    design: AnimalDesign, is_first: Bools, rng: np.random.Generator
) -> tuple[Integers, Floats]:
    """Sources (trials, states) that persist within a session, and the stimuli they give."""
    n_trials = is_first.size
    change = (
        rng.random((n_trials, design.n_states)) < np.where(is_first, 0.5, 1 - design.stay)[:, None]
    )
    sources = np.cumsum(change, axis=0) % 2
    own = sources[:, np.arange(design.n_stimuli) % design.n_states]
    is_misleading = rng.random(own.shape) > design.reliability
    return sources.astype(np.int64), (own ^ is_misleading).astype(float)


def right_decisions(design: AnimalDesign, session: Integers, sources: Integers) -> Bools:
    """Return which decisions are right, (trials, decisions).

    None is in a session's first trial, unless decisions rest on their own trial.

    Example:
        >>> design = AnimalDesign(n_states=1, n_sessions=2, n_trials=2, reversals=(1,))
        >>> right_decisions(design, np.array([0, 0, 1, 1]), np.ones((4, 1), int)).tolist()
        [[False, False], [True, False], [False, False], [False, True]]
    """
    is_first = np.diff(session, prepend=-1) > 0
    decision = np.arange(design.n_decisions)
    seen = sources if design.rests_on_same else np.roll(sources, 1, axis=0)
    is_on = seen[:, decision // 2 % design.n_states] == 1
    is_reversed = np.searchsorted(np.sort(design.reversals), session, side="right") % 2 == 1
    right = is_on ^ (decision % 2 == 1) ^ is_reversed[:, None]
    return np.asarray(right if design.rests_on_same else right & ~is_first[:, None])


def _rewards(
    design: AnimalDesign,
    is_first: Bools,
    right: Bools,
    rng: np.random.Generator,
) -> Floats:
    """Reward that each decision would bring, (trials, decisions)."""
    is_exchanged = rng.random(is_first.size) < design.reward_noise
    return np.where(right ^ is_exchanged[:, None], 1.0, -1.0) * ~is_first[:, None]


def _online_agent(
    design: AnimalDesign, model: GenerativeModel, ratio: Ratio, modulator: AbstractOnlineModulator
) -> OnlineAgent:
    return OnlineAgent(
        ActiveInferenceAgent(model, jnp.arange(design.n_decisions), ratio),
        modulator,
        policy_floor=float(design.policy_floor),
        modulation_gain=float(design.modulation_gain),
        risk_sensitivity=float(design.risk_sensitivity),
        reward_delay=design.reward_delay,
        is_likelihood_learnt=design.sensory_prior_count is not None,
        is_transition_learnt=design.recurrent_prior_count is not None,
    )


def _initial_model(design: AnimalDesign, rng: np.random.Generator) -> GenerativeModel:
    n_states = design.n_states
    is_own = np.arange(design.n_stimuli)[:, None] % n_states == np.arange(n_states)
    sensory = np.where(is_own, 2 * design.sensory_skill * _logit(design.reliability), 0.0)
    recurrent = rng.normal(scale=design.coupling, size=(n_states, n_states))
    np.fill_diagonal(recurrent, 2 * _logit(design.stay))
    recurrent *= design.recurrent_skill
    state_prior = np.broadcast_to(np.asarray(design.state_prior, float), (n_states,))
    policy = np.full((2, 2, n_states, design.n_decisions), design.policy_prior_count / 2)
    return GenerativeModel(
        likelihood=without_evidence(jnp.asarray(_table(sensory, design.sensory_prior_count))),
        state_prior=prior_counts(jnp.asarray(state_prior)),
        transition=without_evidence(jnp.asarray(_table(recurrent, design.recurrent_prior_count))),
        policy=without_evidence(jnp.asarray(policy)),
        decision_prior=prior_counts(jnp.asarray(decision_prior_of(design))),
    )


def _table(weights: Floats, total: float | None) -> Floats:
    """Counts [value, condition, ...] whose log odds are half a weight given on, minus that off."""
    on = expit(weights / 2)
    return (total or _FIXED) * np.stack([np.stack([on, 1 - on]), np.stack([1 - on, on])])


def _spikes(design: AnimalDesign, record: TrialRecord, rng: np.random.Generator) -> Integers:
    middle = record.activity[:, np.arange(design.n_units) % design.n_states]
    output = record.output[:, np.arange(design.n_output_units) % design.n_decisions]
    rate = design.baseline + design.modulation * np.hstack([middle, output])
    return rng.poisson(rate).astype(np.int64)


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))
