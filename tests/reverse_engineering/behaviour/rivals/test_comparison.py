"""The verdict on animals of known kind, and the rule that makes it."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.choices import Choices, choices_of
from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals, judge
from hebbayes.simulators import (
    ActorCritic,
    AnimalDesign,
    FixedReadout,
    HebbianLearner,
    RescorlaWagner,
    WinStayLoseShift,
    simulate_learner,
)

DESIGN = AnimalDesign(n_sessions=8, n_trials=100, reversals=(2, 4, 6), n_units=2, reward_delay=1)
STILL = replace(DESIGN, reversals=(), reliability=0.93)
SHARED = {"bias": (0.4, 0.0), "stickiness": 0.5}
KINDS = {"t": "as the theory says", "u": "as the theory says", "o": "learns otherwise",
         "n": "does not learn"}  # fmt: skip


def compared(learner, design=DESIGN, seed=1):
    animal = simulate_learner(learner, design, seed=seed)
    return compare_rivals(choices_of(animal.recording, animal.activity, 2), 1)


@pytest.mark.parametrize(
    ("learner", "design", "verdict", "best"),
    [
        (HebbianLearner(ratio=25.0, **SHARED), DESIGN, "as the theory says", "canonical"),
        (HebbianLearner(ratio=25.0, leak=0.02), DESIGN, "as the theory says", "leaky"),
        (
            HebbianLearner(ratio=25.0, leak=0.02, reads_active_only=True),
            DESIGN,
            "as the theory says",
            "active_cue",
        ),
        (RescorlaWagner(rate=0.3, **SHARED), DESIGN, "learns otherwise", "rescorla_wagner"),
        (
            RescorlaWagner(rate=0.5, rate_of_losses=0.05),
            DESIGN,
            "learns otherwise",
            "rescorla_wagner_two_rates",
        ),
        (ActorCritic(**SHARED), DESIGN, "learns otherwise", "actor_critic"),
        (WinStayLoseShift(), DESIGN, "learns otherwise", "win_stay_lose_shift"),
        (FixedReadout(weights=((3.0, 0.0), (0.0, 0.0))), STILL, "does not learn", "readout"),
        (FixedReadout(bias=(0.4, 0.0)), DESIGN, "does not learn", "constant"),
    ],
)
def test_an_animal_of_each_kind_gets_its_verdict(learner, design, verdict, best) -> None:
    comparison = compared(learner, design)
    assert comparison.verdict == verdict
    assert comparison.winner.model.name == best
    assert len(comparison.rivals) == 10
    evidence = [rival.log_evidence for rival in comparison.rivals]
    assert evidence == sorted(evidence, reverse=True)


def test_estimates_of_the_winner_cover_the_truth() -> None:
    truth = {"lambda / gain": 25.0, "leak per trial": 0.02, "stickiness": 0.5,
             "bias of decision 0": 0.4}  # fmt: skip
    estimates = compared(HebbianLearner(ratio=25.0, leak=0.02, **SHARED)).winner.estimates
    for name, value in truth.items():
        assert estimates[name].low < value < estimates[name].high, name


def test_the_verdict_is_relative_to_its_rivals() -> None:
    """Without Rescorla-Wagner and actor-critic among the rivals such an animal passes for ours."""
    comparison = compared(RescorlaWagner(rate=0.1, bias=(0.4, 0.0)))
    assert comparison.verdict == "learns otherwise"
    left = [one for one in comparison.rivals
            if one.model.name in ("canonical", "leaky", "active_cue", "unmodulated", "constant",
                                  "win_stay_lose_shift", "readout")]  # fmt: skip
    alone = judge({one.model.name: one.log_evidence for one in left},
                  {one.model.name: one.model.kind for one in left})  # fmt: skip
    assert alone == "as the theory says"


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ({"t": -10.0, "u": -9.0, "o": -11.1, "n": -20.0}, "as the theory says"),
        ({"t": -10.0, "u": -9.0, "o": -10.9, "n": -20.0}, "cannot tell"),
        ({"t": -10.0, "u": -9.0, "o": -6.9, "n": -20.0}, "learns otherwise"),
        ({"t": -10.0, "u": -9.0, "o": -8.9, "n": -20.0}, "cannot tell"),
        ({"t": -10.0, "u": -9.0, "o": -8.9, "n": -8.8}, "does not learn"),
        ({"t": -10.0, "u": -9.0, "o": -18.0, "n": -9.1}, "cannot tell"),
    ],
)
def test_learning_needs_a_margin_over_every_other_class(evidence, verdict) -> None:
    assert judge(evidence, KINDS) == verdict


def test_choices_that_no_rule_can_be_fitted_to_are_refused(rng) -> None:
    session = np.zeros(400, int)
    one = Choices(np.zeros(400, int), rng.random((400, 1)), rng.random(400), session, 2)
    with pytest.raises(ValueRangeError, match="fewer than two different decisions"):
        compare_rivals(one, 0)
    many = Choices(rng.integers(0, 30, 400), rng.random((400, 2)), rng.random(400), session, 30)
    with pytest.raises(ValueRangeError, match="30 decisions read from 2 states are too many"):
        compare_rivals(many, 0)
