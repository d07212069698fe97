"""Forecasts of decisions: nulls by hand, the theory able to win and to lose, nothing leaks."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.judging.verdict import judge, named_roles
from hebbayes.reverse_engineering.forecasting.other.decision_models import (
    Frequency,
    OutputLayer,
    RunningAverage,
    RunningReadout,
    StimulusFrequency,
    WinStayLoseShift,
)
from hebbayes.reverse_engineering.forecasting.other.decisions import (
    DECISION_NULLS,
    DECISION_THEORY,
    LEAST_OF_DECISIONS,
    decision_history,
    forecast_decisions,
    score_decisions,
)
from hebbayes.reverse_engineering.forecasting.scoring import losses

from ..recordings import DELAY, small_animal

ALL = {**DECISION_NULLS, **DECISION_THEORY}
N, TRIALS, SESSIONS = 4, 30, 7


@pytest.fixture(scope="module")
def lived() -> tuple[Recording, np.ndarray]:
    return small_animal()


def forecasts_of(recording: Recording, x: np.ndarray) -> dict[str, np.ndarray]:
    return forecast_decisions(decision_history(recording, x, N, reward_delay=DELAY), ALL)


@pytest.mark.parametrize("how", ["permuted", "replaced"])
def test_what_follows_training_reaches_neither_fits_nor_the_next_forecast(lived, how) -> None:
    (recording, x), rng = lived, np.random.default_rng(1)
    later = np.flatnonzero(recording.session >= N)
    order = rng.permutation(later) if how == "permuted" else later
    decisions, risk, stimuli = (
        v.copy() for v in (recording.decisions, recording.risk, recording.stimuli)
    )
    other_x = x.copy()
    for values in (decisions, risk, stimuli, other_x):
        values[later] = values[order] if how == "permuted" else 1 - values[later]
    other = replace(recording, decisions=decisions, risk=risk, stimuli=stimuli)
    first, second = forecasts_of(recording, x), forecasts_of(other, other_x)
    upto = N * TRIALS + 1  # the first trial of the next session rests on nothing of it
    for name in ALL:
        assert first[name][:upto].tobytes() == second[name][:upto].tobytes(), name


def test_a_forecast_uses_nothing_of_its_own_trial_nor_of_later_ones(lived) -> None:
    recording, x = lived
    t = N * TRIALS + 11
    decisions, risk, stimuli, other_x = (
        v.copy() for v in (recording.decisions, recording.risk, recording.stimuli, x)
    )
    for values in (decisions, risk, stimuli, other_x):
        values[t:] = 1 - values[t:]
    other = replace(recording, decisions=decisions, risk=risk, stimuli=stimuli)
    first, second = forecasts_of(recording, x), forecasts_of(other, other_x)
    for name in ALL:
        assert first[name][: t + 1].tobytes() == second[name][: t + 1].tobytes(), name
    moved = [name for name in ALL if np.abs(first[name][t + 1 :] - second[name][t + 1 :]).max() > 0]
    assert set(moved) == set(ALL) - {"constant"}


def test_risk_is_not_used_before_the_reward_was_there(lived) -> None:
    recording, x = lived
    t = N * TRIALS + 11
    risk = recording.risk.copy()
    risk[t] = 1 - risk[t]
    first, second = forecasts_of(recording, x), forecasts_of(replace(recording, risk=risk), x)
    for name in ("win_stay_lose_shift", "reinforced_readout", "output_layer"):
        np.testing.assert_array_equal(first[name][: t + 1 + DELAY], second[name][: t + 1 + DELAY])
        assert np.abs(first[name][t + 1 + DELAY] - second[name][t + 1 + DELAY]).max() > 0, name


def test_probabilities_sum_to_one(lived) -> None:
    for name, found in forecasts_of(*lived).items():
        np.testing.assert_allclose(found.sum(1), 1.0, err_msg=name)


def test_nulls_are_what_they_say_by_hand(lived) -> None:
    history = decision_history(*lived, N, reward_delay=DELAY)
    d, n = history.choices.decision, N * TRIALS
    share = (np.bincount(d[:n], minlength=2) + 0.5) / (n + 1)
    np.testing.assert_allclose(Frequency().forecast(history)[-1], share)
    t = n + 40
    same = (history.stimuli[:n] == history.stimuli[t]).all(1)
    counted = np.bincount(d[:n][same], minlength=2) + 2 * share
    np.testing.assert_allclose(StimulusFrequency().forecast(history)[t], counted / counted.sum())
    average = share
    for k in range(t):
        average = 0.9 * average + 0.1 * np.eye(2)[d[k]]
    np.testing.assert_allclose(RunningAverage((0.1,)).forecast(history)[t], average)
    won = history.choices.risk < 0.5
    alike = [
        k
        for k in range(1 + DELAY, n)
        if d[k - 1 - DELAY] == d[t - 1 - DELAY] and won[k - 1 - DELAY] == won[t - 1 - DELAY]
    ]
    counted = np.bincount(d[alike], minlength=2) + 2 * share
    np.testing.assert_allclose(WinStayLoseShift().forecast(history)[t], counted / counted.sum())


def test_a_running_readout_follows_the_gradient_of_its_likelihood(lived) -> None:
    history = decision_history(*lived, N, reward_delay=DELAY)
    found = RunningReadout((0.05,)).forecast(history)
    row = np.concatenate([[1.0], history.stimuli[0] - 0.5, [0.0]])
    share = Frequency().forecast(history)[0]
    start = np.zeros((len(row), 2))
    start[0] = np.log(share)
    after = start + 0.05 * np.outer(row, history.choices.one_hot[0] - share)
    x = history.choices.activity[1] - 0.5
    odds = np.concatenate([[1.0], history.stimuli[1] - 0.5, x]) @ after
    np.testing.assert_allclose(found[1], np.exp(odds) / np.exp(odds).sum())


@pytest.fixture(scope="module")
def learners() -> dict[float, list]:
    return {
        gain: [
            score_decisions(
                *small_animal(k, gain, sessions=8, trials=60), N, reward_delay=DELAY
            ).scores
            for k in range(5)
        ]
        for gain in (4.0, 0.0)
    }


def roles_in(scores):
    return named_roles(scores[0], tuple(DECISION_NULLS), tuple(DECISION_THEORY))


@pytest.mark.thorough
def test_where_animals_learn_as_the_theory_has_it_the_theory_is_found_to_add(learners) -> None:
    scores = [one["decisions"] for one in learners[4.0]]
    verdict = judge(scores, roles_in(scores), least=LEAST_OF_DECISIONS)
    assert verdict.adds
    assert {fold.term for fold in verdict.folds} == {"output_layer"}
    table = np.mean([list(losses(one).values()) for one in scores], axis=0)
    assert scores[0].names[int(table.argmin())] == "output_layer"


@pytest.mark.thorough
def test_where_nothing_is_learnt_the_theory_adds_nothing(learners) -> None:
    for target in ("decisions", "success"):
        scores = [one[target] for one in learners[0.0]]
        assert not judge(scores, roles_in(scores), least=LEAST_OF_DECISIONS).adds


def test_success_is_the_share_of_right_decisions_in_each_session(learners) -> None:
    recording, x = small_animal(0, 4.0, sessions=8, trials=60)
    scores = learners[4.0][0]["success"]
    for k, product in enumerate(scores.products):
        assert product[0, 0] == pytest.approx(
            (recording.risk < 0.5)[(N + k) * 60 :][:60].mean() ** 2
        )
    history = decision_history(recording, x, N, reward_delay=DELAY)
    right = np.where(recording.risk < 0.5, recording.decisions, 1 - recording.decisions)
    told = Frequency().forecast(history)[np.arange(480), right][N * 60 : (N + 1) * 60].mean()
    assert scores.products[0][1, 1] == pytest.approx(told**2)


def test_trials_without_decision_or_risk_are_left_out_of_success() -> None:
    """Success of the other trials is scored as if these did not exist."""
    recording, x = small_animal(0, 4.0)
    decisions, risk = recording.decisions.copy(), recording.risk.copy()
    decisions[7::11], risk[5::13] = -1, np.nan
    risk[7::22] = np.nan  # of the other missing decisions risk is known
    missed = replace(recording, decisions=decisions, risk=risk)
    scores = score_decisions(missed, x, N, reward_delay=DELAY).scores
    known = (decisions >= 0) & np.isfinite(risk) & (risk != 0.5)
    right = np.where(risk < 0.5, decisions, 1 - decisions)
    taken_right = (right == decisions)[known & (recording.session_index >= N)]
    observed = scores["success"].products[:, 0, 0]
    sessions = recording.session_index[known & (recording.session_index >= N)]
    shares = [taken_right[sessions == k].mean() for k in np.unique(sessions)]
    np.testing.assert_allclose(observed, np.square(shares), atol=1e-12)


def test_what_cannot_be_forecast_is_refused_in_a_sentence(lived) -> None:
    recording, x = lived
    with pytest.raises(ValueRangeError, match="record the risk"):
        score_decisions(replace(recording, risk=None), x, N)
    with pytest.raises(ShapeError, match="so that some are left to forecast"):
        score_decisions(recording, x, SESSIONS)
    stubborn = np.where(recording.session < N, 0, recording.decisions)
    with pytest.raises(ValueRangeError, match="fewer than two different decisions"):
        score_decisions(replace(recording, decisions=stubborn), x, N)


def test_a_trial_without_activity_has_the_frequency_of_training(lived) -> None:
    recording, x = lived
    x = x.copy()
    t = N * TRIALS + 5
    x[t] = np.nan
    history = decision_history(recording, x, N, reward_delay=DELAY)
    found = OutputLayer().forecast(history)
    np.testing.assert_allclose(found[t + 1], Frequency().forecast(history)[t + 1])
    assert np.isfinite(found).all()
