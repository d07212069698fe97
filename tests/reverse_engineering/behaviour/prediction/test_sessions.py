"""Forecasts by session: drawn learners, the rule of rewards, tasks, and what is held out."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.behaviour import Behaviour
from hebbayes.reverse_engineering.behaviour.choices import Choices
from hebbayes.reverse_engineering.behaviour.prediction.draws import draw_learners, learner_of
from hebbayes.reverse_engineering.behaviour.prediction.held_out import hold_out, past_of
from hebbayes.reverse_engineering.behaviour.prediction.population_fits import fit_subjects
from hebbayes.reverse_engineering.behaviour.prediction.rewards import (
    reward_rule,
    stimulus_groups,
)
from hebbayes.reverse_engineering.behaviour.prediction.sessions import forecast_sessions
from hebbayes.reverse_engineering.behaviour.prediction.subjects import (
    ForecastOptions,
    forecast_subjects,
)
from hebbayes.reverse_engineering.behaviour.prediction.tasks import recorded_task, stated_task
from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals, fit_model
from hebbayes.reverse_engineering.behaviour.rivals.models import trials_of
from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
from hebbayes.simulators.learners import Decided, FixedReadout, RescorlaWagner
from hebbayes.simulators.lives import live

LEARNER = RescorlaWagner(rate=0.3, inverse_temperature=4.0)


def subject(learner=LEARNER, *, seed=0, n_sessions=8, n_trials=40, chance=(0.2, 0.8), flips=()):
    """Choices of one subject between two, trial by trial; choice k is best for stimulus k."""
    rng = np.random.default_rng(seed)
    state, rows = learner.init(2, 2), []
    for session in range(n_sessions):
        is_flipped = sum(session >= at for at in flips) % 2
        for _ in range(n_trials):
            stimulus = int(rng.integers(2))
            x = np.eye(2)[stimulus]
            odds = learner.log_odds(state, x)
            share = np.exp(odds) / np.exp(odds).sum()
            choice = int(rng.random() < share[1])
            won = float(rng.random() < chance[int(choice == stimulus ^ is_flipped)])
            state = learner.learn(state, Decided(x, choice, 2 * won - 1, share))
            rows.append((stimulus, choice, won, session))
    stimulus, choice, won, session = np.array(rows).T
    x = np.eye(2)[stimulus.astype(int)]
    return Choices(choice.astype(int), x, 1 - won, session.astype(int), 2)


def fit(choices):
    return compare_rivals(choices, 0).rivals


def fit_readout(choices):
    model = next(one for one in MODELS if one.name == "readout")
    return [fit_model(model, trials_of(choices, 0, 1.0))]


def test_the_rule_is_found_although_outcomes_of_other_choices_are_unseen() -> None:
    choices = subject(flips=(4,))
    group = stimulus_groups(choices.activity, choices.session_index)
    rule = reward_rule(choices.decision, 1 - choices.risk, group, 2)
    assert rule.share @ rule.rewards == pytest.approx([0.2, 0.8], abs=0.12)
    best = rule.best.argmax(1)[group]
    true = np.where(choices.session_index < 4, choices.activity[:, 1], choices.activity[:, 0])
    assert (best == true).mean() > 0.9
    drawn = rule.drawn(group, 500, rng=np.random.default_rng(0))
    np.testing.assert_allclose(drawn.mean(0), rule.mean[group], atol=0.15)


def paid(kind, seed=0, n=2400):
    """Choices by a fixed policy, rewards (0 to 1) drawn from a table of the choice's own."""
    rng = np.random.default_rng(seed)
    stimulus, session = rng.integers(0, 2, n), np.repeat(np.arange(8), n // 8)
    choice = np.where(rng.random(n) < 0.8, stimulus, 1 - stimulus)
    is_best = choice == stimulus
    if kind == "decks":  # no stimuli; four choices, each with gains and losses of its own
        table = np.array([[100, -150, 0, 50], [100, 100, 100, -1150], [50, 50, 0, 25], [50] * 4])
        stimulus, choice = np.zeros(n, int), rng.integers(0, 4, n)
        reward = (table[choice, rng.integers(0, 4, n)] + 1150) / 1250
    elif kind == "best is never lost":  # both above the middle of the range
        reward = np.where(is_best, rng.choice([0.75, 1.0], n), rng.choice([0.0, 0.75], n))
    else:
        won = rng.random(n) < np.where(is_best, 0.8, 0.2)
        low, high = {
            "0/1": ([0.0], [1.0]),
            "two graded values": ([0.3], [0.7]),
            "amounts": ([0.0, 0.25], [0.75, 1.0]),
            "many amounts": (rng.random(n) * 0.7, 0.4 + rng.random(n) * 0.6),
        }[kind]
        reward = np.where(won, rng.choice(high, n), rng.choice(low, n))
    n_choices = int(choice.max()) + 1
    return Choices(choice, np.eye(2)[stimulus], 1 - reward, session, n_choices)


PAID = ("0/1", "two graded values", "amounts", "many amounts", "decks", "best is never lost")


@pytest.mark.parametrize("kind", PAID)
def test_the_rule_pays_what_every_choice_brought(kind) -> None:
    """Simulated choices between equals earn the mean of the choices that were recorded."""
    choices = paid(kind)
    task = recorded_task(choices, choices.activity)
    rng, n = np.random.default_rng(1), choices.n_decisions
    for future in (
        task.held_out(choices.session_index >= 4, 20, rng),
        task.more(2, 250, 60, rng=rng),
    ):
        lives = live(FixedReadout(), n, None, future, rng=rng, n_animals=len(future.chance))
        earned = (1 + lives.worth) / 2
        for stimulus in np.unique(choices.activity[:, 0]):
            seen = np.broadcast_to(future.x[..., 0] == stimulus, earned.shape)
            for choice in range(n):
                recorded = (choices.activity[:, 0] == stimulus) & (choices.decision == choice)
                expected = 1 - choices.risk[recorded].mean()
                found = earned[seen & (lives.taken == choice)].mean()
                assert found == pytest.approx(expected, abs=0.035), (stimulus, choice)


@pytest.mark.parametrize("kind", ["0/1", "two graded values", "amounts", "best is never lost"])
def test_two_distributions_suffice_where_one_choice_is_the_best(kind) -> None:
    choices = paid(kind)
    assert np.isinf(recorded_task(choices, choices.activity).rule.concentration)


def test_a_reversal_swaps_amounts_too() -> None:
    choices = paid("amounts")
    task = recorded_task(choices, choices.activity)
    before = task.more(2, 50, 3, rng=np.random.default_rng(0)).chance
    after = task.more(2, 50, 3, rng=np.random.default_rng(0), reversals=(1,)).chance
    np.testing.assert_array_equal(before[:, :50], after[:, :50])
    np.testing.assert_allclose(before[:, 50:], after[:, 50:, ::-1])


@pytest.mark.parametrize("risk", [(0.0, 1.0), (0.3, 0.7)])
def test_graded_rewards_are_forecast_without_bias(risk) -> None:
    inside, error = [], []
    for seed in range(6):
        choices = paid("0/1", seed, 960)
        choices = replace(choices, risk=np.array(risk)[choices.risk.astype(int)])
        rng = np.random.default_rng(seed)
        held = hold_out(choices, choices.activity, 2, fit_readout, rng=rng, n_draws=60)
        inside += held.is_inside.tolist()
        error += (held.forecast.success.value - held.success).tolist()
    assert sum(inside) >= 10  # of 12
    assert np.mean(error) == pytest.approx(0.0, abs=0.02)


def test_hardly_repeated_stimuli_are_grouped_by_their_largest_channel() -> None:
    rng = np.random.default_rng(0)
    graded, session = rng.random((60, 2)), np.repeat([0, 1], 30)
    group = stimulus_groups(graded, session)
    assert len(np.unique(group)) == 4
    side = graded.argmax(1)
    assert all(len(set(side[group == k])) == 1 for k in range(4))
    single = stimulus_groups(graded[:, :1], np.zeros(60, int))
    assert set(single[graded[:, 0] > 0.9]).isdisjoint(single[graded[:, 0] < 0.1])


def test_no_known_outcome_is_an_error_that_names_the_flags() -> None:
    with pytest.raises(ValueRangeError, match="--outcome, --reward, --feedback or --risk"):
        reward_rule(np.array([0, 1]), np.full(2, np.nan), np.zeros(2, int), 2)


def test_drawn_learners_scatter_as_the_fit_says_and_untaken_choices_stay_untaken() -> None:
    choices = replace(subject(), n_decisions=4)
    rivals = fit(choices)
    rng = np.random.default_rng(0)
    drawn = draw_learners(rivals, 4, 3000, rng=rng)
    assert sum(one.n_animals for one in drawn) == 3000
    most = max(drawn, key=lambda one: one.n_animals)
    assert most.rival.model.name == rivals[0].model.name
    inverse = np.log(most.learner.inverse_temperature)
    place = [one.name for one in most.rival.parameters].index("inverse temperature")
    fitted = most.rival.fit
    assert inverse.mean() == pytest.approx(fitted.parameters[place], abs=0.05)
    assert inverse.std() == pytest.approx(np.sqrt(fitted.covariance[place, place]), rel=0.1)
    readout = next(one for one in rivals if one.model.name == "readout")
    fixed = learner_of(readout, readout.fit.parameters, 4)
    assert np.shape(fixed.weights) == (4, 2)
    for learner in (most.learner, fixed):
        assert np.isneginf(np.asarray(learner.bias)[..., 2:]).all()


def test_what_is_held_out_reaches_no_fit() -> None:
    choices, seen = subject(), []

    def spy(known):
        seen.append(known)
        return fit(known)

    held = hold_out(choices, choices.activity, 2, spy, rng=np.random.default_rng(0), n_draws=100)
    assert seen[0].session_index.max() == 5
    assert held.sessions.tolist() == [6, 7]
    np.testing.assert_allclose(
        held.success, [1 - choices.risk[choices.session_index == k].mean() for k in (6, 7)]
    )
    other = replace(choices, decision=np.where(choices.session_index >= 6, 0, choices.decision))
    again = hold_out(other, choices.activity, 2, spy, rng=np.random.default_rng(0), n_draws=100)
    np.testing.assert_array_equal(seen[0].decision, seen[1].decision)
    assert again.forecast.shares == held.forecast.shares


def test_held_out_sessions_lie_inside_their_intervals() -> None:
    inside, width = [], []
    for seed in range(12):
        choices = subject(seed=seed, n_sessions=6)
        held = hold_out(
            choices, choices.activity, 2, fit, rng=np.random.default_rng(seed), n_draws=200
        )
        inside += held.is_inside.tolist()
        width += (held.forecast.success.high - held.forecast.success.low).tolist()
    assert sum(inside) >= 21  # of 24; 95 % expected
    assert np.mean(width) < 0.4


def test_sessions_to_come_are_like_the_last_ones_and_reverse_if_asked() -> None:
    choices = subject(n_sessions=10, chance=(0.0, 1.0))
    task = recorded_task(choices, choices.activity)
    assert task.worth == (-1.0, 1.0)
    rng = np.random.default_rng(0)
    forecasts = [
        forecast_sessions(
            fit(choices),
            past_of(choices),
            lambda n, at=at: task.more(3, 40, n, rng=rng, reversals=at),
            2,
            rng=rng,
            n_draws=200,
        ).success.value
        for at in ((), (1,))
    ]
    last = 1 - choices.risk[choices.session_index == 9].mean()
    assert forecasts[0] == pytest.approx([last] * 3, abs=0.1)
    assert forecasts[1][0] == pytest.approx(last, abs=0.1)
    assert forecasts[1][1] < forecasts[1][0] - 0.2


def test_a_stated_task_is_played_with_its_own_stimuli_and_rewards() -> None:
    reward = np.array([[0.1, 0.7], [0.7, 0.1]])  # the other way round
    task = stated_task(np.eye(2), reward, n_sessions=2, n_trials=50, frequency=[3.0, 1.0])
    future = task.future(200, rng=np.random.default_rng(0))
    assert future.x[..., 0].mean() == pytest.approx(0.75, abs=0.02)
    np.testing.assert_allclose(
        future.chance, np.where(future.x[..., :1] == 1, reward[0], reward[1])
    )
    reversed_ = stated_task(np.eye(2), reward, n_sessions=2, n_trials=50, reversals=(1,))
    after = reversed_.future(3, rng=np.random.default_rng(0))
    late = after.session_index == 1
    np.testing.assert_allclose(
        after.chance[:, late], np.where(after.x[:, late, :1] == 1, reward[1], reward[0])
    )
    before = task.future(5, rng=np.random.default_rng(0), rests_on_previous=True)
    assert (before.x[:, before.session_index == 0][:, 0] == 0.5).all()


@pytest.mark.parametrize(
    ("reward", "frequency", "error", "said"),
    [
        (np.ones((3, 2)), None, ShapeError, "2 patterns of stimuli, 3 rows of rewards"),
        (np.full((2, 2), 1.5), None, ValueRangeError, "probabilities from 0 to 1"),
        (np.ones((2, 2)), [0.0, 0.0], ValueRangeError, "not all of them 0"),
        (np.ones((2, 2)), [1.0], ShapeError, "1 frequencies"),
    ],
)
def test_a_stated_task_must_fit_together(reward, frequency, error, said) -> None:
    with pytest.raises(error, match=said):
        stated_task(np.eye(2), reward, n_sessions=1, n_trials=5, frequency=frequency)


def table(n=3, **shape):
    each = [subject(seed=k, **shape) for k in range(n)]
    return Behaviour(
        np.concatenate([one.decision for one in each]),
        np.concatenate([one.activity for one in each]),
        risk=np.concatenate([one.risk for one in each]),
        subject=np.repeat(np.arange(n), len(each[0].decision)),
        session=np.concatenate([one.session_index for one in each]),
        subject_ids=[f"s{k}" for k in range(n)],
    )


def test_every_subject_of_a_table_is_forecast_and_failures_are_named() -> None:
    behaviour = table(n_sessions=4)
    risk = behaviour.risk.copy()
    risk[behaviour.subject == 1] = np.nan
    behaviour = replace(behaviour, risk=risk)
    options = ForecastOptions(n_draws=60, n_sessions=2)
    found = dict(forecast_subjects(behaviour, behaviour.stimuli, ReadAs(), options))
    assert list(found) == ["s0", "s1", "s2"]
    assert "no outcome of its choices is known" in found["s1"]
    assert found["s0"].held_out.sessions.tolist() == [3]
    assert found["s0"].to_come.success.value.shape == (2,)
    np.testing.assert_allclose(found["s2"].to_come.taken.value.sum(1), 1.0)
    options = replace(options, n_held=0)
    alone = dict(forecast_subjects(behaviour, behaviour.stimuli, ReadAs(), options))
    assert alone["s0"].held_out is None
    assert "as requested" in alone["s0"].no_held_out


def test_one_session_leaves_none_to_hold_out() -> None:
    behaviour = table(1, n_sessions=1, n_trials=120)
    options = ForecastOptions(n_draws=40)
    ((_, one),) = forecast_subjects(behaviour, behaviour.stimuli, ReadAs(), options)
    assert one.held_out is None
    assert "there is one session" in one.no_held_out


def test_a_known_rule_replaces_the_inferred_one() -> None:
    choices = subject(n_sessions=4)
    chance = np.zeros((len(choices.decision), 2))
    held = hold_out(
        choices, choices.activity, 1, fit, rng=np.random.default_rng(0), n_draws=50, chance=chance
    )
    assert held.forecast.success.value[0] == pytest.approx(0.0)


def test_short_subjects_borrow_from_the_others() -> None:
    """With one population, the interval of a short subject is narrower than alone."""
    each = [subject(seed=k, n_sessions=2, n_trials=120 if k else 15) for k in range(6)]
    behaviour = Behaviour(
        np.concatenate([one.decision for one in each]),
        np.concatenate([one.activity for one in each]),
        risk=np.concatenate([one.risk for one in each]),
        subject=np.concatenate([np.full(len(one.decision), k) for k, one in enumerate(each)]),
        session=np.concatenate([one.session_index for one in each]),
    )
    subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
    first = fit_subjects(subjects, ["rescorla_wagner", "constant"])[0]
    alone = next(one for one in first.alone.rivals if one.model.name == "rescorla_wagner")
    shared = next(one for one in first.shared if one.model.name == "rescorla_wagner")
    assert (np.diag(shared.fit.covariance) < np.diag(alone.fit.covariance)).all()
