"""Decisions forecast by the rules of learning that the verdict on behaviour compares.

All rules are fitted to training; each then forecasts every decision one trial ahead, learning from
what happened in between.  `WINNER` is the rule that won the verdict on training, or the mean of
all rules by their evidence where none did (docs/forecasting.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.prediction.draws import evidence_shares, learner_of
from hebbayes.reverse_engineering.behaviour.prediction.held_out import past_of
from hebbayes.reverse_engineering.forecasting.other.decision_models import frequency, training_of
from hebbayes.simulators.lives import live

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Comparison
    from hebbayes.reverse_engineering.forecasting.other.decision_models import DecisionHistory

Floats = NDArray[np.float64]

WINNER, RIVAL = "winner", "rival_"
"""Name of the winner's forecasts, and the prefix of those of each rule."""

ALL_RULES = "the mean of all rules by evidence"


@dataclass(frozen=True, eq=False)
class RivalForecasts:
    """Probabilities of decisions, (trials, decisions), by name; and who won training.

    Attributes:
        probabilities: By ``winner`` and ``rival_NAME``.
        winner: The rule that won, in words.
        verdict: The verdict on training.
    """

    probabilities: Mapping[str, Floats]
    winner: str
    verdict: str


def forecast_rivals(history: "DecisionHistory") -> RivalForecasts:
    """Return the forecasts of all rules, fitted to training.

    Raises `ValueRangeError` if the rules cannot be compared.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> from hebbayes.reverse_engineering.forecasting.other.decision_models import (
        ...     DecisionHistory)
        >>> rng, session = np.random.default_rng(0), np.repeat(np.arange(4), 60)
        >>> x = rng.integers(0, 2, (240, 1)).astype(float)
        >>> taken = np.where(rng.random(240) < 0.9, x[:, 0], 1 - x[:, 0]).astype(int)
        >>> choices = Choices(taken, x, (taken != x[:, 0]).astype(float), session, 2)
        >>> forecasts = forecast_rivals(DecisionHistory(x, choices, 180))
        >>> forecasts.winner, forecasts.probabilities["winner"].shape
        ('fixed read-out of x', (240, 2))
    """
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals  # Numba

    comparison = compare_rivals(training_of(history), history.reward_delay)
    probabilities = {
        RIVAL + rival.model.name: values
        for rival, values in zip(comparison.rivals, _one_trial_ahead(history, comparison))
    }
    if comparison.winner is None:
        shares = evidence_shares(comparison.rivals)
        mean = np.tensordot(shares, np.stack(list(probabilities.values())), 1)
        words = ALL_RULES
    else:
        mean = probabilities[RIVAL + comparison.winner.model.name]
        words = comparison.winner.model.description
    return RivalForecasts({WINNER: mean, **probabilities}, words, comparison.verdict)


def _one_trial_ahead(history: "DecisionHistory", comparison: "Comparison") -> list[Floats]:
    choices, rng = history.choices, np.random.default_rng(0)  # nothing is drawn
    past, is_used = past_of(choices), choices.is_used[:, None]
    forecasts = []
    for rival in comparison.rivals:
        learner = learner_of(rival, rival.fit.parameters, choices.n_decisions)
        lives = live(
            learner, choices.n_decisions, past, None, rng=rng, reward_delay=history.reward_delay
        )
        forecasts.append(np.where(is_used, lives.past_probability[0], frequency(history)))
    return forecasts
