"""Intervals of one subject's elements against a posterior that is known."""

import numpy as np
import pytest
from scipy.stats import norm

from hebbayes.clinic.diagnosis.odds import MODEL_NAMES
from hebbayes.clinic.diagnosis.subjects import WIDENING, intervals
from hebbayes.clinic.estimation.layout import Layout
from hebbayes.clinic.estimation.models import FREE_SPREAD, widened
from hebbayes.clinic.estimation.population import typical_population
from hebbayes.clinic.estimation.sampling import weighted

LAYOUT = Layout(2)
POPULATION = typical_population(LAYOUT)


def known(value: float, error: float) -> dict:
    """Draws of all models of a subject whose φ alone is measured, with a normal error."""
    rng = np.random.default_rng(0)
    theta = POPULATION.mean + POPULATION.spread * rng.normal(size=(40_000, 10))
    theta[:, 0] = value + 2 * error * rng.normal(size=40_000)
    proposal = norm.logpdf(theta[:, 0], value, 2 * error) + POPULATION.log_density(theta)
    proposal -= norm.logpdf(theta[:, 0], POPULATION.mean[0], POPULATION.spread[0])
    likelihood = norm.logpdf(theta[:, 0], value, error)
    own = widened(POPULATION, LAYOUT, "phi")
    priors = {name: own if name == "phi" else POPULATION for name in MODEL_NAMES}
    return {
        name: weighted(theta, likelihood + prior.log_density(theta) - proposal)
        for name, prior in priors.items()
    }


@pytest.mark.parametrize("sure", ["healthy", "phi", "lapse"])
def test_an_interval_rests_on_no_model(sure):
    """Whichever model has won, φ is free: its prior is twice as wide as that of its model."""
    value, error = 1.8, 0.25
    odds = np.array([1.0 if name == sure else 0.0 for name in MODEL_NAMES])
    bounds, _ = intervals(LAYOUT, POPULATION, known(value, error), odds)
    free = FREE_SPREAD * LAYOUT.of("wide")[0]
    variance = 1 / (error**-2 + free**-2)
    mean = variance * value / error**2
    reach = WIDENING * norm.ppf(0.975) * np.sqrt(variance)
    np.testing.assert_allclose(bounds["phi"][0], [mean - reach, mean, mean + reach], atol=0.06)
