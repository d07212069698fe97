"""Prediction of what an animal will do in a new task, or after a change.

Its priors, its speed of learning and how risk modulates it are estimated from its decisions; then
many animals like it are simulated in the new task (docs/recordings.md, section Behaviour).  For the
embedded simulated animal the truth is known, and the animal itself is simulated for comparison.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.check import check_reading
from hebbayes.commands.predict_behaviour.flags import numbers_in, reversals_of
from hebbayes.commands.predict_behaviour.result import PredictBehaviourResult
from hebbayes.commands.predict_behaviour.source import check_animal, found_in
from hebbayes.commands.predict_behaviour.tables import predict_table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.core.checks import check_between
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.behaviour.container import Behaviour
from hebbayes.reverse_engineering.behaviour import (
    BehaviourDescription,
    Change,
    PredictedBehaviour,
    describe_from_units,
    predict_behaviour,
)
from hebbayes.reverse_engineering.behaviour.prediction.changed_animal import simulated_success
from hebbayes.reverse_engineering.ensembles.population import population_without_labels
from hebbayes.simulators import EXAMPLE_ANIMAL, AnimalDesign, simulate_animal

if TYPE_CHECKING:
    from hebbayes.commands.configs import PredictBehaviourConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.data.recording import Cultures, Recording

Floats = NDArray[np.float64]

_RANGES = (
    ("reward_delay", 0, 1_000_000),
    ("hold_out", 0, 100_000),
    ("task_sessions", 1, 10_000),
    ("task_trials", 2, 10_000),
    ("task_states", 1, 100),
    ("task_stimuli", 1, 1_000),
    ("reliability", 0.01, 0.99),
    ("stay", 0.01, 0.99),
    ("coupling", 0.0, 20.0),
    ("reward_noise", 0.0, 1.0),
    ("prior_count_factor", 1e-6, 1e6),
    ("gain_factor", 0.0, 1e6),
    ("draws", 20, 100_000),
    ("lives", 1, 10_000),
)
"""Allowed values: what can be simulated, and enough animals for a 95 % interval."""

_LARGEST_THRESHOLD = 50.0  # nats; odds beyond are certainty

SESSIONS, TRIALS, DRAWS = 12, 100, 100
"""Of the new task and the prediction of an animal, unless stated."""

AS_IS, CHANGED = "as it is", "changed"


@dataclass(frozen=True, eq=False)
class AnimalPrediction(PredictBehaviourResult):
    """The described animal, the new task, and the predicted behaviour.

    Attributes:
        config: Options of the command.
        name: The recording, for titles.
        behaviour: What the decisions of the recording show.
        task: The new task.
        change: What is changed about the animal.
        predictions: Predicted behaviour under ``AS_IS``, and ``CHANGED`` if anything is changed.
        true_success: (lives, sessions), shares of correct decisions of the embedded animal itself
            under the last prediction; None for a file.
        seconds: Wall time.
    """

    config: "PredictBehaviourConfig"
    name: str
    behaviour: BehaviourDescription
    task: AnimalDesign
    change: Change
    predictions: Mapping[str, PredictedBehaviour]
    true_success: Floats | None
    seconds: float


def run(
    config: "PredictBehaviourConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> PredictBehaviourResult:
    """Return the predicted behaviour of a recorded animal, or of every subject of a table.

    Too short to need a checkpoint.  Raises `HebbayesError` if the file cannot be read or has no
    decisions, a value is out of range, or the recording leaves open how the animal learns.
    """
    del checkpoint
    _check(config)
    change = change_of(config)
    found = found_in(config)
    if isinstance(found, Behaviour):
        return predict_table(config, found, progress)
    return _predict_animal(config, found, change, progress)


def _predict_animal(
    config: "PredictBehaviourConfig",
    held: "Cultures | None",
    change: Change,
    progress: Progress,
) -> AnimalPrediction:
    check_animal(config)
    task_of(config, 2)  # flags at fault are named before the long part
    started = time.perf_counter()
    name, behaviour = _described(config, held)
    task = task_of(config, behaviour.n_decisions)
    changes = {AS_IS: Change()} | ({} if change == Change() else {CHANGED: change})
    progress.start("predictions", len(changes))
    predictions = {}
    for label, one in changes.items():
        predictions[label] = predict_behaviour(
            behaviour,
            task,
            one,
            seed=config.seed,
            n_draws=DRAWS if config.draws is None else config.draws,
            n_lives=config.lives,
        )
        progress.advance()
    truth = None
    if config.file is None:
        truth = simulated_success(EXAMPLE_ANIMAL, task, change, seed=config.seed)
    return AnimalPrediction(
        config, name, behaviour, task, change, predictions, truth, time.perf_counter() - started
    )


def task_of(config: "PredictBehaviourConfig", n_decisions: int) -> AnimalDesign:
    """Return the new task; of the animal in it, only its senses matter.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> task_of(PredictBehaviourConfig(reversals="2,5"), 2).reversals
        (2, 5)
    """
    return AnimalDesign(
        n_states=config.task_states,
        n_stimuli=config.task_stimuli,
        n_decisions=n_decisions,
        n_units=1,
        n_output_units=0,
        n_sessions=_sessions(config),
        n_trials=TRIALS if config.task_trials is None else config.task_trials,
        reliability=config.reliability,
        stay=config.stay,
        coupling=config.coupling,
        reward_noise=config.reward_noise,
        reversals=reversals_of(config, _sessions(config), (_sessions(config) // 2,)),
    )


def change_of(config: "PredictBehaviourConfig") -> Change:
    """Return what is changed about the animal.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> change_of(PredictBehaviourConfig(threshold="1,-1")).threshold
        (1.0, -1.0)
    """
    threshold = tuple(numbers_in("--threshold", config.threshold or "0", float))
    if len(threshold) == 1 and threshold != (0.0,):
        raise ValueRangeError(
            "--threshold needs one number per decision, such as 1,-1; the same number for all has "
            "no effect, since priors sum to 1."
        )
    if not np.all(np.abs(threshold) <= _LARGEST_THRESHOLD):
        raise ValueRangeError(
            f"--threshold must lie between {-_LARGEST_THRESHOLD:g} and {_LARGEST_THRESHOLD:g}; got "
            f"{config.threshold}."
        )
    return Change(
        threshold[0] if len(threshold) == 1 else threshold,
        config.prior_count_factor,
        config.gain_factor,
    )


def _check(config: "PredictBehaviourConfig") -> None:
    check_reading(config)
    for name, low, high in _RANGES:
        value = getattr(config, name)
        if value is not None:
            check_between(f"--{name.replace('_', '-')}", value, low, high)
    if config.culture and config.file is None:
        raise ValueRangeError("--culture needs a file; name the file, or omit --culture.")


def _described(
    config: "PredictBehaviourConfig", held: "Cultures | None"
) -> tuple[str, BehaviourDescription]:
    rng = np.random.default_rng(config.seed)
    delay = 0 if config.reward_delay is None else config.reward_delay
    if config.file is None or held is None:
        delay = EXAMPLE_ANIMAL.reward_delay if config.reward_delay is None else delay
        recording, name = simulate_animal(EXAMPLE_ANIMAL, seed=config.seed).recording, "simulated"
    else:
        recording, name = _recording(config, held), config.file.name
    if recording.decisions is None:
        raise ValueRangeError(
            f"{name} has no decisions, so behaviour cannot be predicted from it; "
            "`hebbayes check` shows what was read."
        )
    if delay >= recording.n_trials:
        raise ValueRangeError(
            f"--reward-delay must be below the {recording.n_trials} trials of {name}; got {delay}."
        )

    def ensembles() -> Floats:
        return population_without_labels(
            recording, train_sessions=recording.n_sessions, seed=config.seed
        ).activity

    return name, describe_from_units(
        recording, ensembles, delay, rng=rng, rests_on=config.decision_rests_on
    )


def _recording(config: "PredictBehaviourConfig", held: "Cultures") -> "Recording":
    if config.culture in held.failures:
        raise ValueRangeError(
            f"animal {config.culture} cannot be read: {held.failures[config.culture]}"
        )
    if config.culture not in held.recordings:
        last = max([*held.recordings, *held.failures])
        raise ValueRangeError(f"--culture must be from 0 to {last}; got {config.culture}.")
    return held.recordings[config.culture]


def _sessions(config: "PredictBehaviourConfig") -> int:
    return SESSIONS if config.task_sessions is None else config.task_sessions
