"""Corrections: the least dose that helps, where it helps, and what else it does."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.clinic.impairments import Impairment, impair
from hebbayes.clinic.subject import Subject
from hebbayes.clinic.treatment.correction import (
    ENOUGH,
    corrected,
    distance_from_healthy,
    find_correction,
    robustness,
    side_effects,
    success_of,
)

DOSES = {
    "phi": 3.0,
    "psi": -4.0,
    "speed": 2.0,
    "modulator_bias": -0.5,
    "misassigned_credit": 4.0,
    "recurrence": 2.0,
    "false_belief": 3.0,
    "reliability": -2.0,
    "inverse_temperature": -2.0,
    "lapse": 4.0,
    "sensory_noise": 0.3,
}


@pytest.mark.parametrize("element", DOSES)
def test_the_right_element_returns_what_was_lost_by_no_more_than_the_whole_dose(element) -> None:
    patient = impair(Subject(), [Impairment(element, DOSES[element])])
    assert distance_from_healthy(patient, element) == pytest.approx(-DOSES[element])
    correction = find_correction(patient, element, n=10)
    assert correction.recovered.value >= ENOUGH
    assert 0 < abs(correction.dose) <= abs(DOSES[element]) + 1e-9
    assert np.sign(correction.dose) == -np.sign(DOSES[element])
    smaller = np.abs(correction.doses) < abs(correction.dose) - 1e-9
    assert (correction.recovered_by_dose[smaller] < ENOUGH).all()
    again = success_of([Subject(), patient, corrected(patient, correction)], n=10, seed=9).mean(1)
    assert again[2] > again[1] + 0.7 * (again[0] - again[1])


def test_nothing_is_advised_if_nothing_is_lost() -> None:
    correction = find_correction(Subject(phi=0.05), "phi", n=6)
    assert correction.dose == 0
    assert np.isnan(correction.recovered.value)
    assert corrected(Subject(phi=0.05), correction).phi == 0.05


def test_another_element_does_not_bring_back_what_phi_lost() -> None:
    patient = Subject(phi=3.0)
    guess = replace(patient, phi=0.0, psi=(-3.0,))  # a wrong diagnosis: psi too low
    correction = find_correction(guess, "psi", n=10)
    change = robustness(correction, {"phi": patient}, n=10)["phi"]
    lost = np.diff(success_of([patient, Subject()], n=10).mean(1)).item()
    assert change.value < 0.2 * lost


def test_too_much_is_a_side_effect() -> None:
    harmed = side_effects(Subject(phi=2.0), Subject(phi=-4.0), n=8)
    assert "misses" in harmed
    assert "false_percepts" not in harmed
    assert all(one.low > 0 for one in harmed.values())
    assert side_effects(Subject(), Subject(), n=3) == {}


def test_a_symptom_that_comes_back_to_its_healthy_value_is_no_side_effect() -> None:
    assert side_effects(Subject(phi=-4.0), Subject(), n=6) == {}
