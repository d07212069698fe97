"""The delay until outcomes are learnt from: its posterior, and that of simulated subjects."""

import numpy as np
import pytest

from hebbayes.data.behaviour import Behaviour
from hebbayes.reverse_engineering.behaviour.decision_basis import DecisionBasis
from hebbayes.reverse_engineering.behaviour.subjects.delays import delay_posterior
from hebbayes.reverse_engineering.behaviour.subjects.settings import settled
from hebbayes.reverse_engineering.behaviour.subjects.tasks import DelayTask, run_delay
from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
from hebbayes.simulators import HebbianLearner, simulate_choices


def test_the_posterior_has_the_odds_of_the_evidence() -> None:
    posterior = delay_posterior({0: -50.0, 1: -50.0 + np.log(3), 2: -50.0 - np.log(100), 3: -90.0})
    odds = posterior.probability[1] / posterior.probability[0]
    assert odds == pytest.approx(3.0)
    assert sum(posterior.probability.values()) == pytest.approx(1.0)
    assert posterior.value == 1
    assert posterior.credible == (0, 1)


def test_equal_evidence_leaves_every_delay_open() -> None:
    assert delay_posterior(dict.fromkeys(range(4), -7.0)).credible == (0, 1, 2, 3)


@pytest.mark.parametrize("delay", [0, 2])
def test_the_delay_of_a_simulated_subject_is_found(rng, delay) -> None:
    n = 400
    session, stimulus = np.repeat(np.arange(20), 20), rng.integers(2, size=n)
    right = stimulus ^ (session % 2)
    worth = np.where(right[:, None] == np.arange(2), 1.0, -1.0)
    x, learner = np.eye(2)[stimulus], HebbianLearner(ratio=4.0, leak=0.1)
    choice, won = simulate_choices(learner, x, session, worth, rng=rng, reward_delay=delay)
    behaviour = Behaviour(choice, x, risk=(1 - won) / 2, session=session)
    trials = subjects_of(behaviour, x, ReadAs())[0].trials
    start = np.array([3.0, -2.0, 0.0, 0.0])
    found = run_delay(DelayTask("leaky", "", trials, start, (0, 1, 2, 3)))
    assert delay in found.credible
    assert found.probability[delay] > 0.5


def test_settings_keep_the_posterior_and_say_it() -> None:
    scores = {ReadAs(reward_delay=delay): -10.0 - 3 * delay for delay in range(4)}
    basis = DecisionBasis("same", True)
    chosen = settled(scores, ReadAs(), basis, 20, asked=("no", "auto"))
    assert chosen.delay is not None
    assert chosen.delay.credible == (0,)
    assert "a delay of 0 has 95." in chosen.sentences[-1]
    assert settled(scores, ReadAs(), basis, 20, asked=("no", "2")).delay is None
