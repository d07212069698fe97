"""Decisions and success of later sessions as targets, forecast one trial ahead and scored.

Forecasters are in `decision_models`.  Success is the share of right decisions in a session; which
decision was right follows from the risk after it, and serves scoring only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.behaviour.choices import RestsOn, basis_of, choices_of
from hebbayes.reverse_engineering.forecasting.other.decision_models import (
    DecisionForecaster,
    DecisionHistory,
    Frequency,
    OutputLayer,
    RunningAverage,
    RunningReadout,
    StimulusFrequency,
    WinStayLoseShift,
    known_risk,
)
from hebbayes.reverse_engineering.forecasting.other.decision_rivals import forecast_rivals
from hebbayes.reverse_engineering.forecasting.scoring import Scores

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

LEAST_OF_DECISIONS = 0.005
"""A claim needs more than 0.5 % of the best null's loss: a mixture of two forecasts that are both
right but for chance takes away a little (docs/forecasting.md)."""

DECISION_NULLS: Mapping[str, DecisionForecaster] = {
    "constant": Frequency(),
    "per_stimulus": StimulusFrequency(),
    "running_average": RunningAverage(),
    "win_stay_lose_shift": WinStayLoseShift(),
    "running_readout": RunningReadout(),
    "reinforced_readout": RunningReadout(is_reinforced=True),
}
DECISION_THEORY: Mapping[str, DecisionForecaster] = {
    "output_layer": OutputLayer(),
    "output_layer_unmodulated": OutputLayer(is_modulated=False),
}


def decision_history(
    recording: "Recording",
    activity: Floats,
    n_training: int,
    *,
    reward_delay: int = 0,
    rests_on: RestsOn = "previous",
) -> DecisionHistory:
    """Return what forecasters see of a recording, trained on its first ``n_training`` sessions.

    ``activity`` is (trials, states), read without looking past training.  Raises
    `ValueRangeError` if decisions or risk are not recorded, `ShapeError` if no session is
    left on either side.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.eye(2), np.ones((2, 1)), [0, 1], decisions=[1, 0], risk=[0, 1])
        >>> decision_history(recording, np.ones((2, 1)), 1).n_training
        1
    """
    if not 1 <= n_training < recording.n_sessions:
        raise ShapeError(
            f"n_training is {n_training}; a recording of {recording.n_sessions} sessions needs 1 "
            f"to {recording.n_sessions - 1}, so that some are left to forecast."
        )
    choices = choices_of(recording, activity, rests_on=rests_on)
    if choices.risk is None:
        raise ValueRangeError(
            "decisions are forecast from decisions and the risk that followed; record the risk."
        )
    session = recording.session_index
    stimuli = basis_of(recording.stimuli, session, rests_on)
    return DecisionHistory(stimuli, choices, int((session < n_training).sum()), reward_delay)


def forecast_decisions(
    history: DecisionHistory, forecasters: Mapping[str, DecisionForecaster]
) -> dict[str, Floats]:
    """Return probabilities (trials, decisions) by name; those in training are fitted.

    Raises `ValueRangeError` if training shows fewer than two decisions.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> choices = Choices(np.array([0, 1, 0]), np.full((3, 1), 0.5), np.zeros(3),
        ...                   np.arange(3), 2)
        >>> history = DecisionHistory(np.zeros((3, 1)), choices, 2)
        >>> forecast_decisions(history, {"constant": Frequency()})["constant"][2].tolist()
        [0.5, 0.5]
    """
    if len(np.unique(history.choices.decision[history.is_fitted])) < 2:
        raise ValueRangeError(
            "training shows fewer than two different decisions, so no choice can be learnt; "
            "train on more sessions."
        )
    return {name: one.forecast(history) for name, one in forecasters.items()}


@dataclass(frozen=True, eq=False)
class DecisionScores:
    """Forecasts of decisions, scored.

    Attributes:
        scores: Of ``decisions``, and of ``success`` if there are two decisions.
        winner: The rule of learning that won training and gives the forecasts ``winner``.
    """

    scores: Mapping[str, Scores]
    winner: str


def score_decisions(
    recording: "Recording",
    activity: Floats,
    n_training: int,
    *,
    reward_delay: int = 0,
    rests_on: RestsOn = "previous",
) -> DecisionScores:
    """Return the scores of all forecasts: nulls, the theory's, all rules of learning, the winner.

    Decisions are scored trial by trial (squared error of probabilities).  Success is the share of
    right decisions in a session; the risk that followed says which one was right (below 1/2: the
    one taken), and serves scoring only.  Raises as `decision_history` and `forecast_decisions`.

    Example:
        >>> from hebbayes.simulators import AnimalDesign, simulate_animal
        >>> animal = simulate_animal(AnimalDesign(n_sessions=4, n_trials=40, reversals=()))
        >>> scored = score_decisions(animal.recording, animal.activity, 2, reward_delay=2)
        >>> list(scored.scores), scored.scores["decisions"].names[8]
        (['decisions', 'success'], 'winner')
    """
    history = decision_history(
        recording, activity, n_training, reward_delay=reward_delay, rests_on=rests_on
    )
    forecasts = forecast_decisions(history, {**DECISION_NULLS, **DECISION_THEORY})
    rivals = forecast_rivals(history)
    forecasts |= rivals.probabilities
    used, session = history.choices.is_used, recording.session_index
    later = [np.flatnonzero(used & (session == k)) for k in range(n_training, session[-1] + 1)]
    later = [rows for rows in later if rows.size]
    if not later:
        raise ValueRangeError("no decision after training can be scored; train on fewer sessions.")
    everything = np.stack([history.choices.one_hot, *forecasts.values()])  # (1 + forecasters, ...)
    scores = {"decisions": _scores(forecasts, [everything[:, rows] for rows in later])}
    if history.choices.n_decisions == 2:
        risk = known_risk(history)
        is_known = used & np.isfinite(risk) & (risk != 0.5)
        right = np.where(risk < 0.5, history.choices.decision, 1 - history.choices.decision)
        right = np.where(is_known, right, 0)  # trials without a decision have none
        chosen = everything[:, np.arange(len(right)), right]
        parts = [chosen[:, rows[is_known[rows]]] for rows in later if is_known[rows].any()]
        means = [part.mean(1, keepdims=True) for part in parts]
        scores |= {"success": _scores(forecasts, means)} if means else {}
    return DecisionScores(scores, rivals.winner)


def _scores(names: Mapping[str, Floats], parts: Sequence[Floats]) -> Scores:
    rows = [part.reshape(len(part), -1) for part in parts]
    sizes = np.array([float(part.shape[1]) for part in rows])
    products = np.stack([part @ part.T / part.shape[1] for part in rows])
    return Scores(tuple(names), (False,) * len(names), products, sizes)
