"""`clinic treat` and `clinic cultures`: keys of the contract, what is said, what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hebbayes import ClinicConfig, run_clinic
from hebbayes.clinic.treatment.percepts import PerceptDesign
from hebbayes.clinic.treatment.retraining import persistence_experiment
from hebbayes.commands.clinic.persistence import present_persistence
from hebbayes.core.errors import HebbayesError
from hebbayes.data.formats.npz import to_npz
from hebbayes.simulators import CultureDesign, simulate_culture


@pytest.fixture(scope="module")
def treated():
    return run_clinic(ClinicConfig(what="treat", impairment="psi=4", trials=300, workers=1))


def test_a_simulated_patient_is_corrected_and_what_returns_is_measured(treated) -> None:
    summary = treated.outcome().summary
    assert {"correction", "recovered_fraction", "side_effects", "subjects"} <= set(summary)
    (given,) = summary["correction"]
    assert given["element"] == "psi"
    assert -6 < given["dose"] < -1
    assert summary["recovered_fraction"] > 0.7
    (subject,) = summary["subjects"]
    assert subject["truth"] == "psi=4"
    assert subject["verdict"] == "psi"


def test_the_page_says_that_it_is_no_medical_device_and_what_is_a_hypothesis(treated) -> None:
    notes = treated.outcome().notes
    assert notes[-1] == "Research software, no medical device."
    assert any(note.startswith("psi: Hypothesis (") for note in notes)


def test_controls_of_a_table_are_not_treated(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [
        (f"s{k}", "HC" if k < 3 else "SZ", *rng.integers(0, 2, 3)) for k in range(4)
        for _ in range(25)
    ]  # fmt: skip
    names = ["subject", "group", "stimulus", "choice", "reward"]
    path = tmp_path / "choices.csv"
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    config = ClinicConfig(what="treat", file=path, controls="HC", workers=1)
    outcome = run_clinic(config).outcome()
    assert any("none was tried on a person" in note for note in outcome.notes)
    summary = outcome.summary
    assert [one["subject"] for one in summary["subjects"]] == ["s3"]
    assert summary["recovered_fraction"] is None or summary["correction"]


def test_symptoms_of_a_stated_impairment_are_shown_with_intervals() -> None:
    config = ClinicConfig(what="symptoms", impairment="phi=-3,phi=3", workers=1)
    outcome = run_clinic(config).outcome()
    low, high = outcome.summary["symptoms"]
    assert (low["element"], low["dose"], high["dose"]) == ("phi", -3, 3)
    change = high["changes"]["false_percepts"]
    assert 0.2 < change["low"] < change["value"] < change["high"] < 0.5
    assert low["changes"]["misses"]["low"] > 0.1
    assert outcome.notes[-1] == "Research software, no medical device."


def test_a_design_names_the_task_that_separates_each_element() -> None:
    outcome = run_clinic(ClinicConfig(what="design", trials=200, workers=1)).outcome()
    designs = {one["design"]: one["elements"] for one in outcome.summary["designs"]}
    assert len(designs) == 11
    for element, best in outcome.summary["best"].items():
        evidence = {name: one[element]["evidence"] for name, one in designs.items()}
        assert evidence[best] == max(evidence.values())
    assert any("no task separates them" in note for note in outcome.notes)


def test_what_persists_is_shown_beside_the_plan_that_mends_it() -> None:
    small = PerceptDesign(learning_trials=300, retraining_trials=300)
    found = persistence_experiment(small, n_networks=4, n_plans=4)
    outcome = present_persistence(found, 1.0)
    assert list(outcome.summary["endings"]) == list(found.endings)
    assert outcome.summary["recovered_fraction"]["healthy"] == 1
    assert outcome.summary["plans_tried"] == 8
    assert f"phi = {found.plan.phi:.1f}" in outcome.notes[2]
    assert outcome.notes[-1] == "Research software, no medical device."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"what": "treat", "impairment": "mood=3"}, "no element 'mood'"),
        ({"what": "treat", "impairment": "phi"}, "an impairment must be ELEMENT=DOSE"),
        ({"what": "treat", "impairment": "silent=2"}, "silent must be from 0 to 1"),
        ({"what": "cultures"}, "clinic cultures compares two recordings"),
        ({"what": "cultures", "file": Path("no.npz"), "compare": Path("no.npz")}, "cannot read no"),
    ],
)
def test_what_cannot_be_treated_is_one_sentence(options, message) -> None:
    with pytest.raises(HebbayesError, match=message):
        run_clinic(ClinicConfig(workers=1, **options))


@pytest.mark.thorough
def test_cultures_of_two_files_are_compared(tmp_path: Path) -> None:
    paths = []
    for name, prior in (("control", 0.4), ("drug", 0.6)):
        design = CultureDesign(n_units=8, n_sessions=12, n_trials=64, tilt=0.1, state_prior=prior)
        to_npz(simulate_culture(design).recording, tmp_path / f"{name}.npz")
        paths.append(tmp_path / f"{name}.npz")
    config = ClinicConfig(what="cultures", file=paths[0], compare=paths[1], workers=1)
    outcome = run_clinic(config).outcome()
    assert outcome.summary["conditions"] == ["control", "drug"]
    one = outcome.summary["comparisons"][0]
    assert one["difference"] == pytest.approx(one["means"][1] - one["means"][0])
    assert outcome.notes[-1] == "Research software, no medical device."
