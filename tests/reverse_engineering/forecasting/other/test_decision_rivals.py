"""Decisions forecast by rules of learning: as fitted, without leaks, by the one that won."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals
from hebbayes.reverse_engineering.behaviour.rivals.models import trials_of
from hebbayes.reverse_engineering.forecasting.other.decision_models import training_of
from hebbayes.reverse_engineering.forecasting.other.decision_rivals import (
    ALL_RULES,
    forecast_rivals,
)
from hebbayes.reverse_engineering.forecasting.other.decisions import (
    decision_history,
    score_decisions,
)
from hebbayes.reverse_engineering.forecasting.scoring import losses
from hebbayes.simulators import AnimalDesign, RescorlaWagner, simulate_learner

DESIGN = AnimalDesign(n_sessions=8, n_trials=50, reversals=(3, 6), n_units=2, reward_delay=1)
N = 4


@pytest.fixture(scope="module")
def valued():
    return simulate_learner(RescorlaWagner(rate=0.3, inverse_temperature=4.0), DESIGN, seed=2)


def history_of(animal):
    return decision_history(animal.recording, animal.activity, N, reward_delay=1)


def test_forecasts_of_training_are_those_that_were_fitted(valued) -> None:
    history = history_of(valued)
    found, training = forecast_rivals(history), training_of(history)
    n = history.n_training
    for rival in compare_rivals(training, 1).rivals:
        natural = np.array(
            [[one.natural(v) for one, v in zip(rival.parameters, rival.fit.parameters)]]
        )
        fitted = softmax(rival.form.log_odds(natural)[0], axis=1)
        np.testing.assert_allclose(
            found.probabilities[f"rival_{rival.model.name}"][:n], fitted, atol=1e-9
        )
    assert len(trials_of(training, 1, 1.0).decision) == n


def test_the_rule_that_won_training_forecasts(valued) -> None:
    found = forecast_rivals(history_of(valued))
    assert found.verdict == "learns otherwise"
    rows = {
        "Rescorla-Wagner, one rate": "rival_rescorla_wagner",
        "Rescorla-Wagner, two rates": "rival_rescorla_wagner_two_rates",
    }
    won = found.probabilities[rows[found.winner]]
    np.testing.assert_array_equal(found.probabilities["winner"], won)
    scored = score_decisions(valued.recording, valued.activity, N, reward_delay=1)
    scores = scored.scores["decisions"]
    loss = losses(scores)
    assert scored.winner == found.winner
    assert loss["winner"] < 0.8 * loss["output_layer"]
    assert loss["winner"] < loss["rival_canonical"]


def test_where_no_rule_wins_all_forecast_by_their_evidence() -> None:
    """Eighty trials of a learner tell little."""
    short = simulate_learner(
        RescorlaWagner(rate=0.1, inverse_temperature=2.0),
        replace(DESIGN, n_sessions=6, n_trials=20, reversals=()),
        seed=5,
    )
    found = forecast_rivals(history_of(short))
    if found.verdict != "cannot tell":
        pytest.skip(f"the verdict is {found.verdict}")
    assert found.winner == ALL_RULES
    each = [v for name, v in found.probabilities.items() if name != "winner"]
    winner = found.probabilities["winner"]
    np.testing.assert_allclose(winner.sum(1), 1.0)
    assert (np.min(each, axis=0) - 1e-12 <= winner).all()
    assert (winner <= np.max(each, axis=0) + 1e-12).all()


def test_nothing_later_reaches_a_forecast(valued) -> None:
    t = N * 50 + 17
    recording, x = valued.recording, valued.activity.copy()
    decisions, risk = recording.decisions.copy(), recording.risk.copy()
    for values in (decisions, risk, x):
        values[t:] = 1 - values[t:]
    other = replace(recording, decisions=decisions, risk=risk)
    first = forecast_rivals(history_of(valued)).probabilities
    second = forecast_rivals(decision_history(other, x, N, reward_delay=1)).probabilities
    for name, values in first.items():
        np.testing.assert_array_equal(values[: t + 1], second[name][: t + 1], err_msg=name)
    assert np.abs(first["winner"][t + 1 :] - second["winner"][t + 1 :]).max() > 0.01
