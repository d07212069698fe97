"""Symptoms of impaired elements: dose-response as the theory foretells it, and what each counts."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.clinic.subject import Simulated, Subject, simulate
from hebbayes.clinic.symptoms import (
    NAMES,
    SYMPTOM_TASK,
    SYMPTOMS,
    dose_response,
    draw_symptom_task,
    measure_symptoms,
    symptoms_of,
)
from hebbayes.clinic.task import Choices

N = 24


def changes(element: str, symptom: str, doses: tuple[float, ...]) -> np.ndarray:
    """Change of a symptom from dose 0, whose place is the middle, in standard errors' company."""
    found = dose_response(element, doses, n=N).changes[symptom]
    return np.array([found.value, (found.high - found.low) / 4])


def is_monotone(values: np.ndarray, errors: np.ndarray) -> bool:
    """Whether each step of the dose changes the symptom in one direction, up to 2 s.e."""
    steps, noise = np.diff(values, prepend=0.0), 2 * np.hypot(errors, np.roll(errors, 1))
    return bool((steps > -noise).all() or (steps < noise).all())


@pytest.mark.parametrize(
    ("element", "symptom", "doses"),
    [
        ("phi", "false_percepts", (0.5, 1.0, 2.0, 4.0)),
        ("phi", "misses", (-0.5, -1.0, -2.0, -4.0)),
        ("phi", "learning", (1.0, 2.0, 4.0)),
        ("phi", "learning", (-1.0, -2.0, -4.0)),
        ("psi", "learning", (1.5, 3.0, 6.0)),
        ("psi", "learning", (-1.5, -3.0, -6.0)),
        ("speed", "learning", (0.5, 1.0, 2.0, 3.0)),
        ("inverse_temperature", "learning", (-0.5, -1.0, -2.0)),
        ("lapse", "learning", (1.0, 2.0, 4.0, 6.0)),
        ("false_belief", "learning", (0.5, 1.0, 2.0, 4.0)),
        ("false_belief", "learning", (-0.5, -1.0, -2.0)),
    ],
)
def test_a_symptom_grows_with_the_dose_on_each_side_of_healthy(element, symptom, doses) -> None:
    values, errors = changes(element, symptom, doses)
    assert is_monotone(values, errors)
    assert abs(values[-1]) > 4 * errors[-1]
    worse = {one.name: one.is_worse_if for one in SYMPTOMS}[symptom]
    helps = element == "false_belief" and doses[0] < 0  # belief in what is right
    assert np.sign(values[-1]) == (-worse if helps else worse)


def test_mild_pessimism_helps_reversal_before_it_harms() -> None:
    mild, strong = -0.175, -1.0
    persistence, errors = changes("modulator_bias", "persistence", (mild, strong))
    assert persistence[0] < -4 * errors[0]
    success, errors = changes("modulator_bias", "success", (mild, strong))
    assert success[0] > 4 * errors[0]
    assert success[1] < -4 * errors[1]


def test_extremes_of_phi_break_learning() -> None:
    healthy = symptoms_of([Subject()], n=N)[0, :, NAMES.index("learning")].mean()
    low, high = dose_response("phi", (-12.0, 12.0), n=N).values["learning"].value
    assert healthy > 0.7
    assert max(low, high) < 0.6  # chance is 1/2


def test_a_healthy_subject_is_undecided_if_stimuli_say_nothing_and_misses_little() -> None:
    shown = dict(zip(NAMES, symptoms_of([Subject()], n=N)[0].mean(0)))
    assert shown["false_percepts"] == pytest.approx(0.5, abs=0.02)
    assert shown["misses"] < 0.15
    assert shown["miscalibration"] < 0.1


def canned(choices: list[int], states: np.ndarray) -> tuple:
    """A task of blocks of 300, and a subject that did and believed what is given."""
    task, is_blank = draw_symptom_task(SYMPTOM_TASK, np.random.default_rng(3))
    outcome = np.zeros(task.n_trials)
    choice = np.resize(np.array(choices), task.n_trials)
    probability = np.full((task.n_trials, 2), 0.5)
    return task, is_blank, Simulated(Choices(choice, outcome), states, probability, task.stimuli)


def test_each_symptom_counts_what_it_says() -> None:
    task, is_blank, did = canned([0], np.full((600, 2), 0.25))
    seen = replace(did, states=np.where(is_blank[:, None], 0.625, 0.25) * np.ones(2))
    found = dict(zip(NAMES, measure_symptoms(seen, task, is_blank, 200)))
    assert found["false_percepts"] == 0.625
    assert found["misses"] == 0.75
    found = dict(zip(NAMES, measure_symptoms(did, task, is_blank, 200)))
    assert found["misses"] == 0.75
    assert found["miscalibration"] == pytest.approx(abs(0.25 - task.hidden.mean()), abs=1e-12)
    assert found["success"] == (task.right == 0).mean()
    within = np.arange(600) % 300
    after = (within >= 200) & ~is_blank
    assert found["persistence"] == (task.right[after] != 0).mean()
    early = (within >= 50) & (within < 100) & ~is_blank
    assert found["learning"] == (task.right[early] == 0).mean()
    assert found["perseveration"] == 1.0  # always the same choice


def test_a_subject_that_knows_all_has_no_symptom() -> None:
    task, is_blank, did = canned([0], np.zeros((600, 2)))
    knows = replace(did, states=task.hidden, choices=Choices(task.right, did.choices.outcome))
    found = dict(zip(NAMES, measure_symptoms(knows, task, is_blank, 200)))
    assert (found["misses"], found["miscalibration"], found["persistence"]) == (0, 0, 0)
    assert found["success"] == 1
    assert np.isnan(found["perseveration"])


def test_doses_are_compared_in_the_same_tasks_with_the_same_luck() -> None:
    twice = symptoms_of([Subject(), Subject()], n=2, seed=5)
    np.testing.assert_array_equal(twice[0], twice[1])
    assert not np.array_equal(twice, symptoms_of([Subject()] * 2, n=2, seed=6))


def test_a_blank_stimulus_is_drawn_at_random() -> None:
    task, is_blank = draw_symptom_task(replace(SYMPTOM_TASK, trials=4000), np.random.default_rng(0))
    agrees = (task.stimuli == np.repeat(task.hidden, SYMPTOM_TASK.channels, 1)).mean(1)
    assert agrees[is_blank].mean() == pytest.approx(0.5, abs=0.02)
    assert agrees[~is_blank].mean() == pytest.approx(SYMPTOM_TASK.reliability, abs=0.01)
    did = simulate(Subject(), task, np.random.default_rng(1))
    assert did.states[is_blank].mean() == pytest.approx(0.5, abs=0.02)
