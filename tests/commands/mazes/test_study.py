"""Studies: the same numbers whatever the workers, the order and the interruptions."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import jax
import numpy as np
import pytest

from hebbayes.agents.finite_trial import finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision
from hebbayes.commands.configs import MazeConfig
from hebbayes.commands.mazes import maze
from hebbayes.commands.mazes.agent_runs import AgentRun, Assignment, History, pack, unpack
from hebbayes.commands.mazes.study import Study
from hebbayes.commands.mazes.trials import MAZE_ROLE, initial_model, simulate_trials
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.progress import DEFAULT_PROGRESS
from hebbayes.commands.running.workers import WorkerError
from hebbayes.core.errors import FormatError, OutputError, ValueRangeError
from hebbayes.data.files import load_arrays, save_arrays
from hebbayes.environments.maze import maze_world, random_maze

CONFIG = MazeConfig(e_right=0.3, mazes=3, trials=4, steps=900, workers=2, seed=7)
SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
from hebbayes.data.files import save_arrays
from hebbayes.commands.mazes import maze
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.configs import MazeConfig
folder, mazes, trials, steps = Path(sys.argv[1]), *map(int, sys.argv[2:])
config = MazeConfig(0.3, mazes=mazes, trials=trials, steps=steps, workers=2, seed=7)
result = maze.run(config, checkpoint=Checkpoint(folder / "checkpoint.npz"))
save_arrays(folder / "results.npz", maze.present(result).arrays)
"""


@pytest.fixture(scope="module")
def undisturbed():
    return maze.present(maze.run(CONFIG)).arrays


def assert_same_arrays(got, wanted):
    assert set(got) == set(wanted)
    for name in wanted:
        np.testing.assert_array_equal(got[name], wanted[name])


class Interrupting(Checkpoint):
    """A checkpoint that stops the study after some saves, as Ctrl-C does."""

    def __init__(self, path, n_saves):
        super().__init__(path)
        self.n_saves = n_saves

    def save(self, arrays):
        super().save(arrays)
        self.n_saves -= 1
        if self.n_saves == 0:
            raise KeyboardInterrupt


@pytest.mark.thorough
def test_results_do_not_depend_on_workers_nor_on_interruptions(undisturbed, tmp_path):
    path = tmp_path / "checkpoint.npz"
    for n_saves in (1, 3):
        with pytest.raises(KeyboardInterrupt):
            maze.run(CONFIG, checkpoint=Interrupting(path, n_saves))
    done = load_arrays(path)["n_done"]
    assert 0 < done.sum() < CONFIG.mazes * CONFIG.trials
    alone = MazeConfig(e_right=0.3, mazes=3, trials=4, steps=900, workers=1, seed=7)
    assert_same_arrays(
        maze.present(maze.run(alone, checkpoint=Checkpoint(path))).arrays, undisturbed
    )
    finished = maze.run(alone, checkpoint=Checkpoint(path))  # nothing is left to do
    assert finished.seconds < 1
    assert_same_arrays(maze.present(finished).arrays, undisturbed)


def test_a_run_consists_of_trials_of_finite_trial():
    run = AgentRun(role=2, maze=5, decision_prior=0.2, trials=2, steps=300)
    reports = list(simulate_trials(Assignment(run, 11, 0, {})))
    root, model = jax.random.key(11), initial_model(run)
    world_key = jax.random.fold_in(jax.random.fold_in(root, MAZE_ROLE), run.maze)
    world = maze_world(random_maze(key=world_key))
    for trial, report in enumerate(reports):
        key = jax.random.fold_in(jax.random.fold_in(jax.random.fold_in(root, 2), 5), trial)
        model, summary = finite_trial(model, world, first_move_of_decision(), n_steps=299, key=key)
        assert report.duration == int(summary.n_steps) + 1
        assert report.free_energy == pytest.approx(float(summary.free_energy.sum()), rel=1e-6)
        np.testing.assert_allclose(report.evidence["policy"], model.policy.evidence)
    later = list(simulate_trials(Assignment(run, 11, 1, reports[0].evidence)))
    assert [r.free_energy for r in later] == [r.free_energy for r in reports[1:]]


def test_another_study_is_not_resumed(tmp_path):
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz")
    checkpoint.save(pack(maze_identity(CONFIG), {"maze 0": History([3], [1.0], np.ones(256))}))
    for other in (MazeConfig(0.3, mazes=3, trials=4, steps=900, seed=8), MazeConfig(0.2)):
        with pytest.raises(FormatError, match="belongs to another study"):
            maze.run(other, checkpoint=checkpoint)
    save_arrays(checkpoint.path, {"identity": np.array(maze_identity(CONFIG))})
    with pytest.raises(FormatError, match="not one of a study"):
        maze.run(CONFIG, checkpoint=checkpoint)


def maze_identity(config):
    study = Study(
        maze.identity_of("maze", config),
        seed=0,
        workers=1,
        progress=DEFAULT_PROGRESS,
        checkpoint=None,
    )
    return study.identity


def test_packing_keeps_everything_of_a_history():
    histories = {
        "none": History(),
        "some": History([5, 9], [1.5, 2.5], np.arange(4), {"policy": np.ones((2, 3))}),
    }
    again = unpack(pack("x", histories), "x")
    assert again["some"].durations == [5, 9]
    assert again["some"].free_energy == [1.5, 2.5]
    assert again["some"].first_taken.tolist() == [0, 1, 2, 3]
    assert again["some"].evidence["policy"].tolist() == [[1, 1, 1]] * 2
    assert again["none"].durations == []
    assert again["none"].evidence == {}


def study_of_one(**options):
    return Study(
        {}, seed=0, workers=1, **({"progress": DEFAULT_PROGRESS, "checkpoint": None} | options)
    )


def test_a_failure_in_a_worker_is_raised_here():
    run = AgentRun(1, 0, np.full(256, np.nan), 1, 100)
    with study_of_one() as study, pytest.raises(ValueRangeError, match="decision_prior"):
        study.finish({"a": run})


class Killer:
    """Progress that kills the workers at the first finished trial."""

    def __init__(self, mark):
        self.mark = mark

    def start(self, description, total):
        pass

    def advance(self, units=1, status=""):
        for pid in processes_with(self.mark):
            if pid != os.getpid():
                os.kill(pid, signal.SIGKILL)


def processes_with(mark):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if mark.encode() in environment:
                found.append(int(entry.name))
    return found


def test_a_worker_that_dies_is_reported_and_its_finished_trials_are_kept(tmp_path, monkeypatch):
    mark = uuid.uuid4().hex
    monkeypatch.setenv("STUDY_MARK", mark)
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz")
    with (
        study_of_one(progress=Killer(mark), checkpoint=checkpoint) as study,
        pytest.raises(WorkerError, match="status -9"),
    ):
        study.finish({"a": AgentRun(1, 0, 0.3, 3000, 300)})
    assert load_arrays(checkpoint.path)["n_done"][0] >= 1


def test_what_cannot_be_saved_ends_the_study(monkeypatch, tmp_path):
    class Full(Checkpoint):
        def save(self, arrays):
            raise OutputError("cannot write: no space left")

    full = Full(tmp_path / "checkpoint.npz")
    with study_of_one(checkpoint=full) as study, pytest.raises(OutputError):
        study.finish({"a": AgentRun(1, 0, 0.3, 3000, 300)})


def test_workers_must_not_be_negative():
    with pytest.raises(ValueRangeError, match="--workers must be at least 0"):
        maze.run(MazeConfig(0.3, workers=-1))


def kill_at_random(folder, sizes, delays, n_kills):
    """Start the study again and again, kill it ``n_kills`` times; no worker may survive."""
    mark = uuid.uuid4().hex
    command = [sys.executable, "-c", SCRIPT, str(folder), *map(str, sizes)]
    for _ in range(n_kills):
        process = subprocess.Popen(command, env=os.environ | {"STUDY_MARK": mark})
        saved = folder / "checkpoint.npz"
        before = saved.stat().st_mtime_ns if saved.exists() else 0
        while (saved.stat().st_mtime_ns if saved.exists() else 0) == before:
            assert process.poll() is None, "the study ended before it was killed"
            time.sleep(0.002)
        time.sleep(delays.uniform(0, 0.2))
        process.kill()
        process.wait()
        deadline = time.monotonic() + 20
        while processes_with(mark):
            assert time.monotonic() < deadline, "a worker outlived its parent"
            time.sleep(0.02)
    subprocess.run(command, check=True)


def results(folder):
    return (folder / "results.npz").read_bytes()


@pytest.mark.thorough
def test_kills_leave_no_mark_on_the_result(tmp_path):
    sizes = (3, 20, 1000)
    (tmp_path / "killed").mkdir()
    kill_at_random(tmp_path / "killed", sizes, random.Random(0), 2)
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), *map(str, sizes)]
    subprocess.run(command, check=True)
    assert results(tmp_path / "killed") == results(tmp_path)


@pytest.mark.slow
def test_twenty_kills_of_a_longer_study_leave_no_mark(tmp_path):
    sizes = (6, 100, 20_000)
    (tmp_path / "killed").mkdir()
    kill_at_random(tmp_path / "killed", sizes, random.Random(1), 20)
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), *map(str, sizes)]
    subprocess.run(command, check=True)
    assert results(tmp_path / "killed") == results(tmp_path)
