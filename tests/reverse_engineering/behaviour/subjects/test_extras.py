"""Precision and the modulator's bias: found where they differ from 1 and 0."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import norm

from hebbayes.data.behaviour import Behaviour
from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
from hebbayes.reverse_engineering.behaviour.subjects.elements import extended
from hebbayes.reverse_engineering.behaviour.subjects.extras import fit_extra, posterior_on_grid
from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_form
from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
from hebbayes.simulators import HebbianLearner, simulate_choices

LEAKY = next(one for one in MODELS if one.name == "leaky")


@dataclass(frozen=True)
class Altered(HebbianLearner):
    """A learner with another precision and a biased modulator."""

    precision: float = 1.0
    modulator_bias: float = 0.0

    def log_odds(self, state, x):
        return self.precision * super().log_odds(state, x)

    def learn(self, state, trial):
        return super().learn(state, replace(trial, worth=trial.worth + self.modulator_bias))


def found(learner, extra, seed=0):
    rng = np.random.default_rng(seed)
    n = 600
    session, stimulus = np.repeat(np.arange(6), 100), rng.integers(2, size=n)
    right = stimulus ^ (session % 2)
    right = np.where(rng.random(n) < 0.1, 1 - right, right)
    worth = np.where(right[:, None] == np.arange(2), 1.0, -1.0)
    choice, won = simulate_choices(learner, np.eye(2)[stimulus], session, worth, rng=rng)
    behaviour = Behaviour(choice, np.eye(2)[stimulus], risk=(1 - won) / 2, session=session)
    subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
    start = fit_form(LEAKY, LEAKY.forms(subjects[0].trials)[0], subjects[0].trials).parameters
    return fit_extra(extended(LEAKY)[extra], subjects, start[None], 3)


@pytest.mark.parametrize("bias", [0.0, 0.6])
def test_the_bias_of_the_modulator_is_found(bias) -> None:
    fit = found(Altered(ratio=20.0, leak=0.03, modulator_bias=bias), "modulator bias")
    assert fit.low[0] < bias < fit.high[0]
    assert fit.share[0] < 0.5


@pytest.mark.parametrize("precision", [1.0, 2.5])
def test_precision_is_found(precision) -> None:
    fit = found(Altered(ratio=20.0, leak=0.03, precision=precision), "precision")
    assert fit.low[0] < np.log(precision) < fit.high[0]


def test_a_gaussian_posterior_is_found_from_its_grid() -> None:
    """Likelihood N(0.3, 0.2), prior N(0, 0.7): the product in closed form."""
    grid = np.union1d(np.linspace(-2.1, 2.1, 7).round(6), np.linspace(-0.31, 0.91, 62).round(6))
    mean, low, high, share, evidence = posterior_on_grid(
        grid, norm(0.3, 0.2).logpdf(grid), 0.0, 0.7
    )
    variance = 1 / (1 / 0.2**2 + 1 / 0.7**2)
    assert mean == pytest.approx(0.3 * variance / 0.2**2, abs=0.01)
    assert share == pytest.approx(np.sqrt(variance) / 0.7, rel=0.03)
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(variance), rel=0.03)
    assert evidence == pytest.approx(norm(0, np.hypot(0.2, 0.7)).logpdf(0.3), abs=0.02)
