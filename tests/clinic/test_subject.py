"""Subjects: doses, luck, and what each element does."""

import numpy as np
import pytest

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.elements import BY_NAME, ELEMENTS
from hebbayes.clinic.subject import Subject, impaired, natural_parameters, simulate
from hebbayes.core.errors import ValueRangeError

TASK = draw_task(Design(trials=300, reversal=0), np.random.default_rng(0))


def choices_of(subject, seed=1):
    return simulate(subject, TASK, np.random.default_rng(seed))


@pytest.mark.parametrize("element", [*BY_NAME, "silent", "latency"])
def test_dose_zero_is_healthy_bit_for_bit(element):
    healthy, dosed = choices_of(Subject()), choices_of(impaired(Subject(), element, 0.0))
    np.testing.assert_array_equal(healthy.choices.choice, dosed.choices.choice)
    np.testing.assert_array_equal(healthy.choices.outcome, dosed.choices.outcome)
    np.testing.assert_array_equal(healthy.states, dosed.states)
    np.testing.assert_array_equal(healthy.probability, dosed.probability)


@pytest.mark.parametrize("element", [one.name for one in ELEMENTS if one.is_fitted])
def test_a_dose_changes_what_a_subject_does(element):
    dosed = impaired(Subject(), element, 2.0)
    assert not np.array_equal(choices_of(dosed).probability, choices_of(Subject()).probability)


@pytest.mark.parametrize(("element", "dose"), [("sensory_noise", 0.3), ("silent", 0.5)])
def test_degraded_input_blurs_states(element, dose):
    blurred = choices_of(impaired(Subject(), element, dose)).states[:, 0]
    clear = choices_of(Subject()).states[:, 0]
    hidden = TASK.hidden[:, 0]
    assert np.corrcoef(blurred, hidden)[0, 1] < np.corrcoef(clear, hidden)[0, 1] - 0.02


def test_a_late_modulator_learns_later():
    late = choices_of(impaired(Subject(), "latency", 5))
    first = choices_of(Subject()).probability[:6]
    assert np.ptp(late.probability[:5], axis=0).max() < 1e-12
    assert np.ptp(first, axis=0).max() > 1e-3


def test_high_phi_reports_states_that_are_absent():
    high, low = (choices_of(impaired(Subject(), "phi", d)).states[:, 0] for d in (2.0, -2.0))
    absent = TASK.hidden[:, 0] == 0
    assert (high > 0.5)[absent].mean() > (low > 0.5)[absent].mean() + 0.05


def test_a_false_belief_misleads_at_first():
    believer = impaired(Subject(), "false_belief", 3.0)
    early = np.flatnonzero(TASK.begins)[:, None] + np.arange(10)
    rates = [
        np.mean([(choices_of(who, k).choices.choice == TASK.right)[early] for k in range(20)])
        for who in (Subject(), believer)
    ]
    assert rates[1] < rates[0] - 0.2


def test_unknown_elements_and_shares_beyond_one_are_named():
    with pytest.raises(ValueRangeError, match="no element 'gamma'"):
        impaired(Subject(), "gamma", 1.0)
    with pytest.raises(ValueRangeError, match=r"from 0 to 1; got 1\.5"):
        impaired(Subject(), "silent", 1.5)


def test_psi_counts_from_the_last_choice():
    assert natural_parameters(Subject(psi=(1.0, 2.0, 0.5)), 3)[-2:].tolist() == [0.5, 1.5]
