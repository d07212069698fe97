"""Many learners at once do what each would do alone, in the past and in what is to come."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError
from hebbayes.simulators import (
    ActorCritic,
    AnimalDesign,
    FixedReadout,
    HebbianLearner,
    RescorlaWagner,
    WinStayLoseShift,
    active_cues,
    simulate_learner,
)
from hebbayes.simulators.lives import Future, Past, live

DESIGN = AnimalDesign(n_sessions=3, n_trials=40, reversals=(1,), reward_delay=1, n_units=2)
SHARED = {"bias": (0.3, 0.0), "stickiness": 0.4}
LEARNERS = [
    HebbianLearner(ratio=20.0, leak=0.02, **SHARED),
    HebbianLearner(ratio=20.0, leak=0.02, reads_active_only=True, **SHARED),
    HebbianLearner(ratio=20.0, is_modulated=False, **SHARED),
    RescorlaWagner(rate=0.2, rate_of_losses=0.4, initial_value=0.1, **SHARED),
    RescorlaWagner(rate=0.2, cues=active_cues, learns_outcome=True, **SHARED),
    ActorCritic(is_gradient=True, **SHARED),
    WinStayLoseShift(**SHARED),
    FixedReadout(weights=((1.0, -1.0), (0.0, 0.5)), **SHARED),
]


def past_of(animal, **changes):
    session = animal.recording.session_index
    is_first = np.diff(session, prepend=-1) > 0
    x = np.where(is_first[:, None], 0.5, np.roll(animal.activity, 1, 0))
    worth = 1 - 2 * animal.recording.risk
    return replace(Past(x, animal.recording.decisions, worth, session), **changes)


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda one: type(one).__name__)
def test_probabilities_are_those_of_the_animal_simulated_alone(learner) -> None:
    animal = simulate_learner(learner, DESIGN, seed=4)
    lives = live(learner, 2, past_of(animal), None, rng=np.random.default_rng(0), reward_delay=1)
    np.testing.assert_allclose(lives.past_probability[0], animal.probability, atol=1e-9)


def test_each_animal_has_its_own_parameters() -> None:
    animal = simulate_learner(LEARNERS[0], DESIGN, seed=4)
    many = HebbianLearner(
        ratio=np.array([20.0, 60.0]),
        leak=np.array([0.02, 0.0]),
        bias=np.array([[0.3, 0.0], [-1.0, 0.0]]),
        stickiness=np.array([0.4, 0.0]),
    )
    alone = HebbianLearner(ratio=60.0, bias=(-1.0, 0.0))
    rng = np.random.default_rng(0)
    both = live(many, 2, past_of(animal), None, rng=rng, n_animals=2, reward_delay=1)
    for k, learner in enumerate((LEARNERS[0], alone)):
        one = live(learner, 2, past_of(animal), None, rng=rng, reward_delay=1)
        np.testing.assert_allclose(both.past_probability[k], one.past_probability[0], atol=1e-12)


def test_what_is_to_come_goes_on_where_the_past_ended() -> None:
    """The decisions an animal takes are then its past: both give them the same probability."""
    animal = simulate_learner(LEARNERS[3], DESIGN, seed=5)
    past, rng = past_of(animal), np.random.default_rng(1)
    x, session = rng.random((60, 2)), np.repeat([0, 1], 30)
    future = Future(x, np.tile([0.8, 0.3], (60, 1)), session, worth=(-0.5, 1.0))
    lives = live(LEARNERS[3], 2, past, future, rng=rng, n_animals=3)
    whole = Past(
        np.concatenate([past.x, x]),
        np.concatenate([past.decision, lives.taken[1]]),
        np.concatenate([past.worth, lives.worth[1]]),
        np.concatenate([past.session_index, session + 3]),
    )
    again = live(LEARNERS[3], 2, whole, None, rng=rng).past_probability[0, -60:]
    taken = again[np.arange(60), lives.taken[1]]
    assert 0.4 < taken.mean() < 0.98
    first = live(LEARNERS[3], 2, past, future, rng=np.random.default_rng(7), n_animals=4000)
    share = (first.taken[:, 0] == 0).mean()
    assert share == pytest.approx(again[0, 0], abs=4 * 0.5 / np.sqrt(4000))


def test_rewards_come_with_their_chance_and_are_learnt_from() -> None:
    future = Future(np.ones((200, 1)), np.tile([0.9, 0.2], (200, 1)), np.zeros(200, int))
    learner = RescorlaWagner(rate=0.2, inverse_temperature=5.0)
    lives = live(learner, 2, None, future, rng=np.random.default_rng(0), n_animals=300)
    for decision, chance in enumerate((0.9, 0.2)):
        won = lives.worth[lives.taken == decision] > 0
        assert won.mean() == pytest.approx(chance, abs=4 * np.sqrt(0.25 / won.size))
    early, late = (lives.taken == 0)[:, :5].mean(), (lives.taken == 0)[:, -50:].mean()
    assert early < 0.75
    assert late > 0.9


def test_learning_begins_anew_where_it_is_said_to() -> None:
    animal = simulate_learner(LEARNERS[0], DESIGN, seed=6)
    session = animal.recording.session_index
    is_new = np.diff(session, prepend=-1) > 0
    rng = np.random.default_rng(0)
    fresh = live(LEARNERS[0], 2, past_of(animal, is_new=is_new), None, rng=rng)
    for k in range(3):
        rows = session == k
        whole = past_of(animal)
        part = Past(whole.x[rows], whole.decision[rows], whole.worth[rows], session[rows] - k)
        alone = live(LEARNERS[0], 2, part, None, rng=rng)
        np.testing.assert_allclose(fresh.past_probability[0, rows], alone.past_probability[0])


def test_missed_trials_teach_nothing_but_may_be_forgotten_in() -> None:
    decision, worth = np.array([0, -1, -1, 0]), np.array([1.0, np.nan, np.nan, 1.0])
    learner = HebbianLearner(ratio=4.0, leak=0.5)
    rng, x = np.random.default_rng(0), np.ones((4, 1))
    kept, faded = (
        live(
            learner, 2, Past(x, decision, worth, np.zeros(4, int), None, forgets), None, rng=rng
        ).past_probability[0, :, 0]
        for forgets in (False, True)
    )
    assert kept[1] == kept[2] == kept[3] > 0.5
    assert kept[1] == faded[1] > faded[2] > faded[3] > 0.5


def test_past_and_future_must_fit() -> None:
    with pytest.raises(ShapeError, match="neither past nor future"):
        live(LEARNERS[0], 2, None, None, rng=np.random.default_rng(0))
    animal = simulate_learner(LEARNERS[0], DESIGN, seed=6)
    future = Future(np.ones((3, 5)), np.ones((3, 2)), np.zeros(3, int))
    with pytest.raises(ShapeError, match="have 2 and 5 states"):
        live(LEARNERS[0], 2, past_of(animal), future, rng=np.random.default_rng(0))
