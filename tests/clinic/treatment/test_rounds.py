"""Diagnose, treat, diagnose again: what is given, when it ends, and what it changed."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.clinic.subject import Subject
from hebbayes.clinic.treatment.rounds import Finding, Outlook, outlook, treat_in_rounds
from hebbayes.reverse_engineering.statistics.estimate import Estimate


def says(element: str, estimated: Subject | None = None):
    """A diagnosis that always says the same."""

    def diagnose(subject: Subject, number: int) -> Finding:
        del number
        seen = estimated or subject
        healthy = replace(seen, **{element: getattr(Subject(), element)}) if element else seen
        return Finding(element, seen, healthy, {})

    return diagnose


def sees_phi(subject: Subject, number: int) -> Finding:
    """A diagnosis that sees half of the shift."""
    del number
    seen = replace(subject, phi=subject.phi / 2)
    return Finding("phi" if abs(seen.phi) > 0.8 else "", seen, replace(seen, phi=0.0), {"phi": 1.0})


def test_a_second_round_gives_what_the_first_left() -> None:
    patient = Subject(phi=5.0)
    one = treat_in_rounds(patient, sees_phi, n_rounds=1, n=8)
    two = treat_in_rounds(patient, sees_phi, n_rounds=2, n=8)
    assert one.ending == "rounds used up"
    assert len(two.corrections) == 2
    shares = [outlook(Subject(), patient, c.subjects[-1], n=12).recovered for c in (one, two)]
    assert shares[1] > shares[0] > 0.3
    assert two.subjects[0] == patient


def test_nothing_is_given_without_a_diagnosis() -> None:
    course = treat_in_rounds(Subject(phi=5.0), says(""), n=4)
    assert course.corrections == ()
    assert course.ending == "nothing found"
    assert course.subjects == (Subject(phi=5.0),)


def test_nothing_is_given_if_nothing_is_lost() -> None:
    course = treat_in_rounds(Subject(), says("phi", Subject(phi=0.1)), n=4)
    assert (course.ending, course.corrections) == ("nothing lost", ())


def test_a_wrong_diagnosis_returns_little_and_harm_is_seen() -> None:
    patient = Subject(phi=3.0)
    guess = Subject(recurrence=6.0)
    course = treat_in_rounds(patient, says("recurrence", guess), n_rounds=1, n=8)
    found = outlook(Subject(), patient, course.subjects[-1], n=20)
    assert found.recovered < 0.2
    harmed = outlook(Subject(), Subject(phi=1.0), Subject(phi=6.0), n=12)
    assert harmed.is_harmed
    assert not outlook(Subject(), patient, patient, n=4).is_harmed


def test_the_share_is_of_what_was_lost() -> None:
    found = outlook(Subject(), Subject(lapse=0.8), Subject(lapse=0.4), n=16)
    assert 0.2 < found.recovered < 0.9
    assert found.recovered == pytest.approx(found.gained.value / found.lost.value)
    assert np.isnan(outlook(Subject(), Subject(), Subject(), n=4).recovered)


def test_harm_is_more_than_noise() -> None:
    lost = Estimate(0.1, 0.05, 0.15)
    assert Outlook(lost, Estimate(-0.02, -0.03, -0.01), -0.2, {}).is_harmed
    assert not Outlook(lost, Estimate(-0.02, -0.05, 0.01), -0.2, {}).is_harmed
