"""The command `design`: its pools, its keys, how it resumes, and what it refuses."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE
from hebbayes.cli.main import run as run_command
from hebbayes.commands.configs.design import DesignConfig
from hebbayes.commands.design import present, run
from hebbayes.commands.design.plan import plan_from_config
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import plain
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.core.errors import HebbayesError
from hebbayes.reverse_engineering.experimental_design.culture import CultureTask, measure_culture

SMALL = DesignConfig(
    cultures=3,
    sessions=8,
    trials=48,
    units=8,
    stimuli=8,
    train_sessions=4,
    prior_count=400.0,
    studies=2,
    suggest=False,
    workers=1,
)
PLAN = plan_from_config(SMALL, {})


@pytest.fixture(scope="module")
def small():
    return run(SMALL)


@pytest.mark.thorough
def test_the_json_has_the_contract_s_keys_with_an_error_beside_every_number(small) -> None:
    summary = plain(present(small).summary)
    for key in ("recovery_error", "coverage", "smallest_detectable", "power", "false_claims"):
        assert summary[key].keys() == summary["standard_errors"][key].keys()
    assert set(summary["coverage"]) == {"phi", "ln_prior_count", "weights"}
    assert set(summary["smallest_detectable"]) == {"phi", "ln_prior_count", "learning"}
    assert set(summary["false_claims"]) == {"hebbian", "gain_drift"}
    assert summary["suggestion"] is None
    assert present(small).figures["design"]().axes


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_worker_processes_measure_what_this_process_measures() -> None:
    tasks = [CultureTask(PLAN, (0, k), is_forecast=k == 1) for k in range(2)]
    with open_workers(2) as workers:
        results = list(workers.map(measure_culture, tasks))
    for task, measures in zip(tasks, results):
        for name, values in measure_culture(task).items():
            np.testing.assert_allclose(measures[name], values, rtol=1e-9, equal_nan=True)


def test_flags_have_precedence_over_the_recording() -> None:
    plan = plan_from_config(DesignConfig(units=5), {"units": 9, "trials": 33, "fano": 0.7})
    assert (plan.culture.n_units, plan.culture.n_trials, plan.culture.fano) == (5, 33, 0.7)


def test_the_command_reads_a_recording_and_prints_one_object(tmp_path, capsys) -> None:
    file = tmp_path / "a.npz"
    sizes = ["--sessions", "5", "--trials", "40", "--units", "6", "--stimuli", "8"]
    assert run_command(["simulate-culture", str(file), *sizes, "--json"]) == DONE
    capsys.readouterr()
    words = ["--cultures", "2", "--studies", "2", "--workers", "1", "--json"]
    assert run_command(["design", "--like", str(file), *words]) == DONE
    printed = json.loads(capsys.readouterr().out)
    assert (printed["design"]["sessions"], printed["design"]["units"]) == (5, 6)
    assert (printed["power"], printed["measured"]["trials"]) == ({}, 40)  # two cultures are too few


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"cultures": 0}, "--cultures must be at least 1; got 0."),
        ({"units": 1}, "--units must be at least 2; got 1."),
        ({"studies": 1}, "--studies must be at least 2; got 1."),
        ({"train_sessions": 9}, "--train-sessions must lie between 1 and 8; got 9."),
        (
            {"d1": 1.0},
            "--d1 must lie between 0 and 1, both left out, for phi to be finite; got 1.0.",
        ),
        ({"workers": -1}, "--workers must be at least 0; got -1."),
    ],
)
def test_an_impossible_design_is_refused(wrong, sentence) -> None:
    with pytest.raises(HebbayesError) as caught:
        run(replace(SMALL, **wrong))
    assert str(caught.value) == sentence


def test_a_missing_file_is_bad_input(tmp_path, capsys) -> None:
    assert run_command(["design", "--like", str(tmp_path / "none.npz")]) == BAD_INPUT
    assert capsys.readouterr().err.count("\n") == 1
