"""What an animal will do in a task that it has not seen, or after something about it is changed.

Its priors, the speed of its learning and how risk modulates it are read from its decisions; then
animals like it live in the new task, over and over (docs/recordings.md, section Behaviour).  For
the embedded simulated animal the truth is known, and lives of the animal itself stand beside.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_at_least, check_between
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.experiments.analyze.behaviour import behaviour_of
from hebbayes.experiments.check import check_reading, read
from hebbayes.experiments.checkpoint import Checkpoint
from hebbayes.experiments.configs import PredictBehaviourConfig
from hebbayes.experiments.progress import SILENT, Progress
from hebbayes.reverse_engineering.behaviour import (
    Behaviour,
    Change,
    PredictedBehaviour,
    predict_behaviour,
)
from hebbayes.reverse_engineering.behaviour.decision_prior import prior_of_odds
from hebbayes.reverse_engineering.behaviour.prediction import success_of
from hebbayes.reverse_engineering.population import population_without_labels
from hebbayes.simulators import EXAMPLE_ANIMAL, AnimalDesign, simulate_animal

Floats = NDArray[np.float64]

N_TRUE_LIVES = 20
"""Lives of the embedded animal itself that a prediction is held against."""

AS_IS, CHANGED = "as it is", "changed"


@dataclass(frozen=True, eq=False)
class PredictionOfBehaviour:
    """The description, the new task, and what animals like the one described do in it.

    predictions: ``AS_IS``, and ``CHANGED`` where something is.  true_success: (lives, sessions),
    of the embedded animal itself under the last of them; None for a file.
    """

    config: PredictBehaviourConfig
    name: str
    behaviour: Behaviour
    task: AnimalDesign
    change: Change
    predictions: Mapping[str, PredictedBehaviour]
    true_success: Floats | None
    seconds: float


def run(
    config: PredictBehaviourConfig,
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> PredictionOfBehaviour:
    """Return what the animal of a recording will do.  Too short to need a checkpoint.

    Raises `HebbayesError` for a file that cannot be read or has no decisions, values out of range,
    and a recording that leaves open how the animal learns.
    """
    del checkpoint
    _check(config)
    started = time.perf_counter()
    change = change_of(config)
    name, behaviour = _described(config)
    task = task_of(config, behaviour.n_decisions)
    asked = {AS_IS: Change()} | ({} if change == Change() else {CHANGED: change})
    progress.start("predictions", len(asked))
    predictions = {}
    for label, one in asked.items():
        predictions[label] = predict_behaviour(
            behaviour, task, one, seed=config.seed, n_draws=config.draws, n_lives=config.lives
        )
        progress.advance()
    truth = None if config.file else true_success(task, change, config.seed)
    return PredictionOfBehaviour(
        config, name, behaviour, task, change, predictions, truth, time.perf_counter() - started
    )


def task_of(config: PredictBehaviourConfig, n_decisions: int) -> AnimalDesign:
    """Return the new task; nothing of the animal in it matters but its senses.

    Example:
        >>> task_of(PredictBehaviourConfig(reversals="2,5"), 2).reversals
        (2, 5)
    """
    return AnimalDesign(
        n_states=config.task_states,
        n_stimuli=config.task_stimuli,
        n_decisions=n_decisions,
        n_units=1,
        n_output_units=0,
        n_sessions=config.task_sessions,
        n_trials=config.task_trials,
        reliability=config.reliability,
        stay=config.stay,
        coupling=config.coupling,
        reward_noise=config.reward_noise,
        reversals=_reversals(config),
    )


def change_of(config: PredictBehaviourConfig) -> Change:
    """Return what is changed about the animal.

    Example:
        >>> change_of(PredictBehaviourConfig(threshold="1,-1")).threshold
        (1.0, -1.0)
    """
    added = _numbers("--threshold", config.threshold)
    if not added:
        raise ValueRangeError("--threshold wants a number, or one for each decision; got nothing.")
    threshold = added[0] if len(added) == 1 else tuple(added)
    return Change(threshold, config.prior_count_factor, config.gain_factor)


def true_success(task: AnimalDesign, change: Change, seed: int) -> Floats:
    """Return shares of right decisions of the embedded animal itself, (lives, sessions).

    Example:
        >>> task = task_of(PredictBehaviourConfig(task_sessions=2, task_trials=10, reversals=""), 2)
        >>> true_success(task, Change(), 0).shape
        (20, 2)
    """
    prior = np.asarray(EXAMPLE_ANIMAL.decision_prior)
    odds = prior / (1 - prior) * np.exp(change.threshold)
    own = replace(
        task,
        decision_prior=tuple(prior_of_odds(odds)),
        policy_prior_count=EXAMPLE_ANIMAL.policy_prior_count * change.prior_count_factor,
        modulation_gain=EXAMPLE_ANIMAL.modulation_gain * change.gain_factor,
        policy_floor=EXAMPLE_ANIMAL.policy_floor,
        reward_delay=EXAMPLE_ANIMAL.reward_delay,
    )
    rng = np.random.default_rng((seed, 1))
    lives = [simulate_animal(own, seed=int(rng.integers(2**32))) for _ in range(N_TRUE_LIVES)]
    return np.stack([success_of(one) for one in lives])


def _check(config: PredictBehaviourConfig) -> None:
    check_reading(config)
    check_at_least("--reward-delay", config.reward_delay or 0, 0)
    for name in ("sessions", "trials", "states", "stimuli"):
        check_at_least(f"--task-{name}", getattr(config, f"task_{name}"), 1)
    for name in ("reliability", "stay"):
        check_between(f"--{name}", getattr(config, name), 0.01, 0.99)
    check_between("--reward-noise", config.reward_noise, 0.0, 1.0)
    check_at_least("--coupling", config.coupling, 0)
    check_at_least("--gain-factor", config.gain_factor, 0)
    check_at_least("--draws", config.draws, 2)
    check_at_least("--lives", config.lives, 1)


def _described(config: PredictBehaviourConfig) -> tuple[str, Behaviour]:
    rng = np.random.default_rng(config.seed)
    delay = 0 if config.reward_delay is None else config.reward_delay
    if config.file is None:
        delay = EXAMPLE_ANIMAL.reward_delay if config.reward_delay is None else delay
        recording, name = simulate_animal(EXAMPLE_ANIMAL, seed=config.seed).recording, "simulated"
    else:
        recording, name = _recording(config), config.file.name
    if recording.decisions is None:
        raise ValueRangeError(
            f"{name} has no decisions, so behaviour cannot be predicted from it; "
            "`hebbayes check` says what was read."
        )
    ensembles = np.empty((recording.n_trials, 0))
    if recording.sources is None:
        ensembles = population_without_labels(
            recording, train_sessions=recording.n_sessions, seed=config.seed
        ).activity
    return name, behaviour_of(recording, ensembles, delay, rng=rng)


def _recording(config: PredictBehaviourConfig) -> Recording:
    assert config.file is not None
    held = read(config.file, config)
    if config.culture in held.failures:
        raise ValueRangeError(
            f"animal {config.culture} cannot be read: {held.failures[config.culture]}"
        )
    if config.culture not in held.recordings:
        last = max([*held.recordings, *held.failures])
        raise ValueRangeError(f"--culture must be from 0 to {last}; got {config.culture}.")
    return held.recordings[config.culture]


def _reversals(config: PredictBehaviourConfig) -> tuple[int, ...]:
    if config.reversals is None:
        return (config.task_sessions // 2,)
    sessions = tuple(int(one) for one in _numbers("--reversals", config.reversals, whole=True))
    if any(not 0 <= one < config.task_sessions for one in sessions):
        raise ValueRangeError(
            f"--reversals wants sessions from 0 to {config.task_sessions - 1}; "
            f"got {config.reversals}."
        )
    return sessions


def _numbers(flag: str, text: str, *, whole: bool = False) -> list[float]:
    try:
        return [int(one) if whole else float(one) for one in text.split(",") if one.strip()]
    except ValueError:
        kind = "whole numbers" if whole else "numbers"
        raise ValueRangeError(f"{flag} wants {kind} separated by commas; got {text!r}.") from None
