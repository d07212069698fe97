"""Which task separates which element: the closed form against enumeration, and what tasks show."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from hebbayes.clinic import separability as module
from hebbayes.clinic.designs import Design
from hebbayes.clinic.elements import BY_NAME
from hebbayes.clinic.estimation.layout import Layout
from hebbayes.clinic.estimation.models import widened
from hebbayes.clinic.estimation.population import typical_population
from hebbayes.clinic.separability import (
    candidate_designs,
    fisher_information,
    separability,
)

TRIALS = 600


@pytest.fixture(scope="module")
def found():
    wanted = ("embedded", "clear stimuli", "mostly ambiguous stimuli", "states that last less")
    doses = {name: one.wide for name, one in BY_NAME.items()}
    designs = candidate_designs(TRIALS)
    return {name: separability(designs[name], doses, n_tasks=4) for name in wanted}


def test_the_evidence_is_that_of_normal_densities() -> None:
    design, layout = Design(trials=300), Layout(2)
    population = typical_population(layout)
    information = fisher_information(design, layout, population, n_tasks=2, seed=0)
    one = separability(design, {"psi": 2.0}, n_tasks=2)["psi"]
    shift = 2.0 * (np.arange(10) == layout.places("psi")[0])
    covariances = {
        name: np.linalg.inv(information) + np.diag(widened(population, layout, name).spread ** 2)
        for name in ("psi", one.rival)
    }
    densities = {
        name: multivariate_normal(np.zeros(10), covariance).logpdf(shift)
        for name, covariance in covariances.items()
    }
    assert one.evidence == pytest.approx(densities["psi"] - densities[one.rival], rel=1e-4)


def test_rivals_are_of_another_class(found) -> None:
    for separations in found.values():
        for name, one in separations.items():
            assert BY_NAME[one.rival].kind != BY_NAME[name].kind


def test_ambiguous_stimuli_tell_phi_and_clear_ones_do_not(found) -> None:
    ambiguous, clear = (
        found[k]["phi"].evidence for k in ("mostly ambiguous stimuli", "clear stimuli")
    )
    assert ambiguous > 2 * clear
    assert found["embedded"]["phi"].is_told


def test_lasting_states_tell_recurrence(found) -> None:
    lasting, less = (found[k]["recurrence"].evidence for k in ("embedded", "states that last less"))
    assert lasting > 2 * less
    assert found["embedded"]["recurrence"].is_told


def test_more_trials_tell_smaller_doses() -> None:
    short, long = (separability(Design(trials=n), n_tasks=4) for n in (300, 1200))
    assert all(long[name].dose < short[name].dose for name in long)


def test_a_population_that_varies_more_hides_smaller_doses() -> None:
    population = typical_population(Layout(2))
    wide = type(population)(population.mean, 2 * population.spread)
    narrow = separability(Design(trials=300), n_tasks=2)
    hidden = separability(Design(trials=300), population=wide, n_tasks=2)
    assert all(hidden[name].dose > narrow[name].dose for name in narrow)
    assert pytest.approx(1.386, abs=1e-3) == module.TOLD
