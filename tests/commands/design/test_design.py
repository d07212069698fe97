"""The command `design`: its pools, its keys, how it resumes, and what it refuses."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE
from hebbayes.cli.main import run as run_command
from hebbayes.commands.configs.design import DesignConfig
from hebbayes.commands.design import present, run
from hebbayes.commands.design.culture import Job, measure_culture
from hebbayes.commands.design.likeness import asked_fano, measured_of
from hebbayes.commands.design.plan import cost_of, learning_by, plan_of
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import plain
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.core.errors import HebbayesError
from hebbayes.simulators import AffineReadout, CultureDesign, Plasticity, simulate_culture

SMALL = DesignConfig(
    cultures=3, sessions=8, trials=48, units=8, stimuli=8, train_sessions=4, prior_count=400.0,
    studies=2, suggest=False, workers=1,
)  # fmt: skip
PLAN = plan_of(SMALL, {})


@pytest.fixture(scope="module")
def small():
    return run(SMALL)


def test_the_json_has_the_contract_s_keys_with_an_error_beside_every_number(small) -> None:
    summary = plain(present(small).summary)
    for key in ("recovery_error", "coverage", "smallest_detectable", "power", "false_claims"):
        assert summary[key].keys() == summary["standard_errors"][key].keys()
    assert set(summary["coverage"]) == {"phi", "ln_prior_count", "weights"}
    assert set(summary["smallest_detectable"]) == {"phi", "ln_prior_count", "learning"}
    assert set(summary["false_claims"]) == {"hebbian", "gain_drift"}
    assert summary["suggestion"] is None
    assert present(small).figures["design"]().axes


def test_a_killed_study_resumes_to_the_same_arrays(small, tmp_path) -> None:
    class Fragile(Checkpoint):
        saves = 0

        def save(self, arrays):
            super().save(arrays)
            Fragile.saves += 1
            if Fragile.saves == 2:
                raise KeyboardInterrupt

    path = tmp_path / "checkpoint.npz"
    with pytest.raises(KeyboardInterrupt):
        run(SMALL, checkpoint=Fragile(path))
    resumed = run(SMALL, checkpoint=Checkpoint(path))
    for name, values in present(small).arrays.items():
        assert values.tobytes() == present(resumed).arrays[name].tobytes(), name
    assert plain(present(resumed).summary["power"]) == plain(present(small).summary["power"])


def test_worker_processes_measure_what_this_process_measures() -> None:
    jobs = [Job(PLAN, (0, k), is_forecast=k == 1) for k in range(2)]
    with open_workers(2) as workers:
        found = list(workers.map(measure_culture, jobs))
    for job, measures in zip(jobs, found):
        for name, values in measure_culture(job).items():
            np.testing.assert_allclose(measures[name], values, rtol=1e-9, equal_nan=True)


def test_cultures_of_a_pool_are_those_of_its_design_and_differ() -> None:
    spread = replace(PLAN, phi_spread=0.5, lambda_spread=0.5)
    truths = [
        measure_culture(Job(plan, (0, k), is_forecast=False))["phi"][3, 0]
        for plan in (PLAN, spread)
        for k in range(2)
    ]
    assert truths[0] == truths[1] == pytest.approx(np.log(0.3 / 0.7))
    assert len(set(truths[2:])) == 2


def test_learning_is_worth_more_where_cultures_learn_as_the_theory_says() -> None:
    """The products of forecasts show it: what is left is largest along the theory's own term."""
    plan = replace(PLAN, culture=replace(PLAN.culture, n_sessions=12, fano=0.2, gain_drift=0.0))
    losses = []
    for plasticity in (Plasticity.CANONICAL, Plasticity.NONE):
        gram = measure_culture(Job(learning_by(plan, plasticity), (3,), is_perceived=False))["gram"]
        losses.append(gram[0, 0] - 2 * gram[0, 1] + gram[1, 1])  # of the mean per pattern
    assert losses[0] > 1.2 * losses[1]


def test_costs_are_cultures_times_sessions_times_trials() -> None:
    assert cost_of(PLAN, 0.0) == 3 * 8 * 48
    assert cost_of(PLAN, 1.0) == 3 * 8 * 48 * 8


def test_what_a_recording_says_is_what_it_was_simulated_with() -> None:
    design = CultureDesign(
        n_units=30, n_stimuli=10, n_sessions=16, n_trials=120, readout=AffineReadout(1.0, 4.0, 0.2),
        fano=0.4, gain_drift=0.08, plasticity=Plasticity.NONE, prior_count=50.0, tilt=0.15,
    )  # fmt: skip
    culture = simulate_culture(design, seed=4)
    found = measured_of(culture.recording)
    sizes = {k: found[k] for k in ("sources", "stimuli", "units", "sessions", "trials")}
    assert sizes == {"sources": 2, "stimuli": 10, "units": 30, "sessions": 16, "trials": 120}
    again = replace(design, fano=found["fano"])  # as asked of the simulator, not as found in counts
    assert measured_of(simulate_culture(again, seed=5).recording)["fano"] == pytest.approx(
        found["fano"], abs=0.04
    )
    believed = culture.posterior[:, culture.preferred_source]
    rate = culture.gain[culture.recording.session] * (culture.rest + culture.evoked * believed)
    variance = rate * (1 - rate / np.ceil(rate / 0.6))  # of binomial counts in whole chances
    expected = np.mean(variance.mean(0) / rate.mean(0))
    assert asked_fano(expected, rate) == pytest.approx(0.4, abs=0.01)
    assert found["fano"] == pytest.approx(0.4, abs=0.04)
    assert found["gain_drift"] == pytest.approx(0.08, abs=0.016)
    assert found["stimulation"] == "repeated"
    assert found["rest"] + found["evoked"] == pytest.approx(5.0, rel=0.25)


@pytest.mark.parametrize(("is_repeated", "is_shuffled", "word"), [
    (True, True, "shuffled"), (False, False, "fresh"),
])  # fmt: skip
def test_stimulation_is_told_from_the_stimuli(is_repeated, is_shuffled, word) -> None:
    design = CultureDesign(n_units=4, n_stimuli=24, n_sessions=4, n_trials=30, mixed=0.4,
                           is_repeated=is_repeated, is_shuffled=is_shuffled)  # fmt: skip
    assert measured_of(simulate_culture(design).recording)["stimulation"] == word


def test_flags_outrank_the_recording_to_be_like() -> None:
    plan = plan_of(DesignConfig(units=5), {"units": 9, "trials": 33, "fano": 0.7})
    assert (plan.culture.n_units, plan.culture.n_trials, plan.culture.fano) == (5, 33, 0.7)


def test_the_command_reads_a_recording_and_prints_one_object(tmp_path, capsys) -> None:
    file = tmp_path / "a.npz"
    sizes = ["--sessions", "5", "--trials", "40", "--units", "6", "--stimuli", "8"]
    assert run_command(["simulate-culture", str(file), *sizes, "--json"]) == DONE
    capsys.readouterr()
    words = ["--cultures", "2", "--studies", "2", "--workers", "1", "--json"]
    assert run_command(["design", "--like", str(file), *words]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["design"]["sessions"], told["design"]["units"]) == (5, 6)
    assert (told["power"], told["measured"]["trials"]) == ({}, 40)  # two cultures judge nobody


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"cultures": 0}, "--cultures must be at least 1; got 0."),
        ({"units": 1}, "--units must be at least 2; got 1."),
        ({"studies": 1}, "--studies must be at least 2; got 1."),
        ({"train_sessions": 9}, "--train-sessions must lie between 1 and 8; got 9."),
        ({"d1": 1.0}, "--d1 must lie between 0 and 1, both left out, for phi to be finite; "
                      "got 1.0."),
        ({"workers": -1}, "--workers must be at least 0; got -1."),
    ],
)  # fmt: skip
def test_an_impossible_design_is_refused(wrong, sentence) -> None:
    with pytest.raises(HebbayesError) as caught:
        run(replace(SMALL, **wrong))
    assert str(caught.value) == sentence


def test_a_missing_file_is_bad_input(tmp_path, capsys) -> None:
    assert run_command(["design", "--like", str(tmp_path / "none.npz")]) == BAD_INPUT
    assert capsys.readouterr().err.count("\n") == 1
