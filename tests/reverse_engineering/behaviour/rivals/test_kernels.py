"""Compiled log odds against learners written trial by trial, whose own probabilities they are."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

from hebbayes.reverse_engineering.behaviour.choices import choices_of
from hebbayes.reverse_engineering.behaviour.policy.forward import (
    modulation_weight,
    policy_counts,
    policy_drive,
    policy_evidence,
)
from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
from hebbayes.reverse_engineering.behaviour.rivals.kernels import count_log_odds, score
from hebbayes.reverse_engineering.behaviour.rivals.models import Trials, trials_of
from hebbayes.simulators import (
    ActorCritic,
    AnimalDesign,
    FixedReadout,
    HebbianLearner,
    RescorlaWagner,
    WinStayLoseShift,
    active_cues,
    simulate_animal,
    simulate_learner,
)

DESIGN = AnimalDesign(n_sessions=3, n_trials=60, reversals=(1,), n_units=2, reward_delay=1)
SHARED = {"bias": (0.4, 0.0), "stickiness": 0.3}

LEARNERS = [
    ("canonical", [30.0], HebbianLearner(ratio=30.0, **SHARED)),
    ("leaky", [30.0, 0.02], HebbianLearner(ratio=30.0, leak=0.02, **SHARED)),
    (
        "active_cue",
        [30.0, 0.02],
        HebbianLearner(ratio=30.0, leak=0.02, reads_active_only=True, **SHARED),
    ),
    ("unmodulated", [30.0], HebbianLearner(ratio=30.0, is_modulated=False, **SHARED)),
    (
        "rescorla_wagner",
        [0.2, 3.0, 0.1],
        RescorlaWagner(rate=0.2, inverse_temperature=3.0, initial_value=0.1, **SHARED),
    ),
    (
        "rescorla_wagner_two_rates",
        [0.2, 0.4, 3.0, 0.1],
        RescorlaWagner(
            rate=0.2, rate_of_losses=0.4, initial_value=0.1, learns_outcome=True, **SHARED
        ),
    ),
    ("actor_critic", [0.3, 0.1], ActorCritic(**SHARED)),
    ("actor_critic", [0.3, 0.1], ActorCritic(is_gradient=True, **SHARED)),
    ("win_stay_lose_shift", [2.0, 1.0], WinStayLoseShift(win=2.0, lose=1.0, **SHARED)),
    ("readout", [1.5, -0.5], FixedReadout(weights=((1.5, -0.5), (0.0, 0.0)), bias=(0.4, 0.0))),
    ("constant", [], FixedReadout(bias=(0.4, 0.0))),
]


def model_of(name):
    return next(model for model in MODELS if model.name == name)


@pytest.mark.parametrize(("name", "own", "learner"), LEARNERS)
def test_log_odds_are_those_of_the_learner_itself(name, own, learner) -> None:
    animal = simulate_learner(learner, DESIGN, seed=1)
    trials = trials_of(choices_of(animal.recording, animal.activity, 2), 1, 1.0)
    model = model_of(name)
    natural = np.array([[*own, *[0.3] * model.is_sticky, 0.4]])
    errors = {
        form.name: np.abs(softmax(form.log_odds(natural)[0], axis=1) - animal.probability).max()
        for form in model.forms(trials)
    }
    assert min(errors.values()) < 1e-6  # activity is in single precision


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_every_form_forecasts_what_the_animal_that_it_builds_does(model) -> None:
    """A form's own animal, simulated, has the probabilities that the form gives its decisions."""
    source = simulate_learner(HebbianLearner(ratio=30.0), DESIGN, seed=2)
    trials = trials_of(choices_of(source.recording, source.activity, 2), 1, 1.0)
    own = np.array([one.natural(np.array(one.mean)) for one in model.own(trials)], float)
    for place, form in enumerate(model.forms(trials)):
        animal = simulate_learner(replace(form.learner(own), bias=(0.4, 0.0)), DESIGN, seed=3)
        again = trials_of(choices_of(animal.recording, animal.activity, 2), 1, 1.0)
        same = model.forms(again)[place]
        scaled = own_in_cues(model, same.name, own, trials, again)
        natural = np.array([[*scaled, *[0.0] * model.is_sticky, 0.4]])
        shares = softmax(same.log_odds(natural)[0], axis=1)
        np.testing.assert_allclose(shares, animal.probability, atol=1e-6)


def own_in_cues(model, form, own, trials, again):
    """Rates are per cue of unit length; the longest x of two animals differs."""
    if not form.startswith("cues on,"):
        return own
    longest = [(one.x**2).sum(1).max() for one in (trials, again)]
    rates = {"rescorla_wagner": 1, "rescorla_wagner_two_rates": 2, "actor_critic": 2}[model.name]
    return np.append(own[:rates] * longest[1] / longest[0], own[rates:])


def test_active_cues_are_the_states_themselves() -> None:
    animal = simulate_learner(RescorlaWagner(cues=active_cues, **SHARED), DESIGN, seed=1)
    trials = trials_of(choices_of(animal.recording, animal.activity, 2), 1, 1.0)
    form = next(
        f for f in model_of("rescorla_wagner").forms(trials) if f.name.startswith("cues on,")
    )
    longest = (trials.x**2).sum(1).max()
    natural = np.array([[0.1 * longest, 3.0, 0.0, 0.3, 0.4]])
    np.testing.assert_allclose(
        softmax(form.log_odds(natural)[0], axis=1), animal.probability, atol=1e-6
    )


def test_counts_without_leak_are_those_of_the_output_layer() -> None:
    """Against the closed form that a whole simulated network is described by."""
    animal = simulate_animal(replace(DESIGN, n_decisions=3), seed=4)
    choices = choices_of(animal.recording, animal.activity, 3)
    trials = trials_of(choices, 1, 1.0)
    odds = count_log_odds(
        np.array([[20.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]]), trials.counted, trials.arrays, True, True
    )[0]
    evidence = policy_evidence(choices, modulation_weight(choices.risk), 1)
    closed = policy_drive(policy_counts(evidence, 20.0, 1.0), choices.activity)
    np.testing.assert_allclose(odds, closed, atol=1e-10)


def test_trials_without_decision_or_risk_teach_nothing() -> None:
    animal = simulate_learner(HebbianLearner(ratio=20.0), DESIGN, seed=5)
    decisions, risk = animal.recording.decisions.copy(), animal.recording.risk.copy()
    decisions[10:20], risk[30:40] = -1, np.nan
    recording = replace(animal.recording, decisions=decisions, risk=risk)
    trials = trials_of(choices_of(recording, animal.activity, 2), 0, 1.0)
    for model in MODELS:
        own = [float(one.natural(np.array(one.mean))) for one in model.own(trials)]
        for form in model.forms(trials):
            odds = form.log_odds(np.array([[*own, *[0.0] * model.is_sticky, 0.0]]))[0]
            assert np.isfinite(odds).all()
    parameters = np.array([[20.0, 0.0, 1.0, 0.0, 0.0, 0.0]])
    odds = count_log_odds(parameters, np.ones_like(trials.x), trials.arrays, True, True)
    same = replace(trials, x=np.ones_like(trials.x))
    still = count_log_odds(parameters, np.ones_like(trials.x), same.arrays, True, True)[0]
    assert odds.shape == (1, 180, 2)
    assert np.ptp(still[11:21], axis=0).max() == 0  # nothing changes while decisions are unknown
    assert np.ptp(still[31:41], axis=0).max() == 0
    assert np.ptp(still[:10], axis=0).max() > 0


def test_learning_begins_anew_where_stimuli_are_new() -> None:
    """Each session alone gives the same odds as all of them with a new start in each."""
    source = simulate_learner(HebbianLearner(ratio=20.0), DESIGN, seed=5)
    choices = choices_of(source.recording, source.activity, 2)
    session = choices.session_index
    whole = replace(trials_of(choices, 1, 1.0), start=60 * session)
    for model in MODELS:
        own = [float(one.natural(np.array(one.mean))) for one in model.own(whole)]
        natural = np.array([[*own, *[0.3] * model.is_sticky, 0.4]])
        for place, form in enumerate(model.forms(whole)):
            anew = form.log_odds(natural)[0]
            for k in range(3):
                alone = replace(
                    whole,
                    start=None,
                    **{
                        name: getattr(whole, name)[session == k]
                        for name in ("x", "counted", "decision", "previous", "worth")
                    },
                )
                if form.name.startswith("cues on,"):  # their unit is the longest x of all trials
                    continue
                expected = model.forms(alone)[place].log_odds(natural)[0]
                np.testing.assert_allclose(anew[session == k], expected, atol=1e-12)


def test_forgetting_goes_on_in_missed_trials() -> None:
    """After n missed trials, counts are (1 - leak)^n as far from their prior."""
    decision = np.array([0, -1, -1, -1, 0])
    trials = Trials(np.ones((5, 1)), np.ones((5, 1)), decision, np.full(5, -1), np.ones(5),
                    np.arange(2), 0, 0.1, forgets_missed=True)  # fmt: skip
    parameters = np.array([[10.0, 0.2, 1.0, 0.0, 0.0, 0.0]])
    odds = count_log_odds(parameters, trials.counted, trials.arrays, True, True)[0]
    left = 0.8 ** np.arange(4)  # of the one count that the first trial added
    expected = np.log((5 + left) / 5 * 10 / (10 + left))  # taken: on-on and its home
    other = np.log(5 / (5 + left) * (10 + left) / 10)  # not taken: on-off and its home
    np.testing.assert_allclose(odds[1:, 0], expected)
    np.testing.assert_allclose(odds[1:, 1], other)
    still = replace(trials, forgets_missed=False)
    kept = count_log_odds(parameters, still.counted, still.arrays, True, True)[0]
    assert np.ptp(kept[1:], axis=0).max() == 0


def test_precision_scales_what_is_read_and_the_modulator_bias_what_is_learnt() -> None:
    animal = simulate_learner(HebbianLearner(ratio=20.0), DESIGN, seed=6)
    trials = trials_of(choices_of(animal.recording, animal.activity, 2), 0, 1.0)

    def odds(precision, bias, one=trials):
        parameters = np.array([[20.0, 0.01, precision, bias, 0.0, 0.0]])
        return count_log_odds(parameters, one.counted, one.arrays, True, True)[0]

    np.testing.assert_allclose(odds(2.5, 0.0), 2.5 * odds(1.0, 0.0))
    raised = replace(trials, worth=trials.worth + 0.3)
    np.testing.assert_allclose(odds(1.0, 0.3), odds(1.0, 0.0, raised))


def test_score_is_the_derivative_of_the_likelihood(rng) -> None:
    base, columns = rng.normal(size=(50, 3)), rng.normal(size=(2, 50, 3))
    decision = rng.integers(0, 3, 50)

    def height(parameters):
        odds = base + np.tensordot(parameters, columns, 1)
        return np.log(softmax(odds, axis=1)[np.arange(50), decision]).sum()

    step = 1e-6
    odds = np.stack([base, *(base + step * column for column in columns)])
    likelihood, slope, information = score(odds, decision, step)
    assert likelihood == pytest.approx(height(np.zeros(2)))
    numeric = [(height(1e-5 * e) - height(-1e-5 * e)) / 2e-5 for e in np.eye(2)]
    np.testing.assert_allclose(slope, numeric, rtol=1e-4)
    share = softmax(base, axis=1)
    spread = np.einsum("tk,kl->tkl", share, np.eye(3)) - share[:, :, None] * share[:, None]
    expected = np.einsum("atk,tkl,btl->ab", columns, spread, columns)
    np.testing.assert_allclose(information, expected, rtol=1e-5)
