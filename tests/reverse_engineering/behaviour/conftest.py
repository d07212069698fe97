"""Animals that several tests read: one that is told its states, one that learns K from nothing."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.behaviour.choices import choices_of
from hebbayes.simulators import AnimalDesign, simulate_animal

DESIGN = AnimalDesign(
    n_stimuli=6,
    n_units=24,
    n_output_units=0,
    n_sessions=8,
    reversals=(5,),
    decision_prior=(0.65, 0.35),
    coupling=1.0,
)
LEARNER = AnimalDesign(
    n_states=3,
    n_stimuli=6,
    n_decisions=3,
    n_sessions=3,
    reversals=(),
    recurrent_skill=0.0,
    recurrent_prior_count=20.0,
)


@pytest.fixture(scope="session")
def animal():
    return simulate_animal(DESIGN, seed=5)


@pytest.fixture(scope="session")
def learner():
    return simulate_animal(LEARNER, seed=2)


@pytest.fixture(scope="session")
def choices(animal):
    return choices_of(animal.recording, animal.activity)


@pytest.fixture
def rng():
    return np.random.default_rng(0)
