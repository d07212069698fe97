"""Which trial's state a decision rests on: found where it is known, and never silently wrong."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.reverse_engineering.behaviour.choices import Choices, basis_of, choices_of
from hebbayes.reverse_engineering.behaviour.decision_basis import (
    PREVIOUS,
    SAME,
    decide_basis,
)
from hebbayes.simulators import AnimalDesign, HebbianLearner, simulate_learner


def both(stimuli, decision, risk, session):
    return {
        basis: [Choices(decision, basis_of(stimuli, session, basis), risk, session, 2)]
        for basis in (SAME, PREVIOUS)
    }


@pytest.fixture(scope="module")
def learner():
    """Decides upon the state of the trial before, and learns."""
    design = AnimalDesign(n_sessions=4, n_trials=100, reversals=(2,), n_units=1)
    return simulate_learner(HebbianLearner(ratio=15.0), design, seed=3)


def test_the_simulated_animal_rests_on_the_trial_before(learner) -> None:
    choices = {
        basis: [choices_of(learner.recording, learner.activity, 2, rests_on=basis)]
        for basis in (SAME, PREVIOUS)
    }
    basis = decide_basis("auto", choices, default=SAME)
    assert (basis.chosen, basis.n_scored, basis.warning) == (PREVIOUS, 320, "")
    assert f"{basis.lead:.1f} nats better" in basis.sentence
    given = decide_basis("same", choices, default=SAME)
    assert given.chosen == SAME
    assert "pass --decision-rests-on previous" in given.warning


def test_decisions_of_the_same_trial_are_found(rng) -> None:
    stimuli = rng.integers(0, 2, (200, 2)).astype(float)
    decision = (stimuli[:, 0] > 0) ^ (rng.random(200) < 0.2)
    choices = both(stimuli, decision.astype(int), None, np.arange(200) // 50)
    assert decide_basis("auto", choices, default=PREVIOUS).chosen == SAME


def test_only_training_trials_are_scored(rng) -> None:
    """The last fifth may say anything."""
    stimuli = rng.integers(0, 2, (200, 1)).astype(float)
    session = np.zeros(200, int)
    decision = rng.integers(0, 2, 200)
    other = np.where(np.arange(200) < 160, decision, stimuli[:, 0].astype(int))
    first, second = (
        decide_basis("auto", both(stimuli, one, None, session), default=SAME)
        for one in (decision, other)
    )
    assert first.log_evidence == second.log_evidence


def test_without_a_lead_the_default_stands(rng) -> None:
    decision, session = rng.integers(0, 2, 60), np.zeros(60, int)
    choices = both(rng.integers(0, 2, (60, 1)).astype(float), decision, None, session)
    for default in (SAME, PREVIOUS):
        assert decide_basis("auto", choices, default=default).chosen == default
    alone = {name: [replace(one, decision=np.zeros(60, int)) for one in animals]
             for name, animals in choices.items()}  # fmt: skip
    assert not decide_basis("auto", alone, default=SAME).log_evidence
