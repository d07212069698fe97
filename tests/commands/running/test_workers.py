"""Workers: the same results in this process and in others, and what happens when one is lost."""

import os
import signal
import sys
import threading
import time
from operator import neg

import pytest

from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.commands.running.worker_processes import ProcessWorkers
from hebbayes.commands.running.workers import (
    InProcessWorkers,
    WorkerError,
    WorkerSettings,
)
from hebbayes.core.errors import ValueRangeError


def processes(number):
    return ProcessWorkers(number, settings=WorkerSettings(), remedy="try again.")


@pytest.fixture(params=[InProcessWorkers, lambda: processes(1), lambda: processes(2)])
def workers(request):
    with request.param() as opened:
        yield opened


def test_results_come_in_the_order_of_the_tasks(workers) -> None:
    assert list(workers.map(neg, range(6))) == [0, -1, -2, -3, -4, -5]
    assert list(workers.map(neg, [7])) == [-7]  # the same workers again
    assert list(workers.map(neg, [])) == []


def test_an_error_is_raised_at_its_turn_and_the_workers_go_on(workers) -> None:
    results = workers.map(abs, [-1, "a", -3])
    assert next(results) == 1
    with pytest.raises(TypeError, match="bad operand"):
        next(results)
    assert list(workers.map(abs, [-4])) == [4]


def test_a_generator_streams_its_items_and_then_ends(workers) -> None:
    first, second = workers.submit(count_to, 3), workers.submit(count_to, 2)
    replies = [reply for batch in workers.replies() for reply in batch]
    for task, items in ((first, [0, 1, 2, None]), (second, [0, 1, None])):
        own = [reply for reply in replies if reply.task == task]
        assert [reply.value for reply in own] == items
        assert [reply.is_last for reply in own] == [False] * (len(items) - 1) + [True]


# found by name in a worker process, which does not import this file
SOURCE = """
import os, time
def count_to(n):
    yield from range(n)
def print_something(word):
    print(word)
    return word
def refuse(word):
    class Local(Exception):
        pass
    raise Local(word)
def make_a_function(_):
    return lambda: None
def environment(name):
    return os.environ.get(name)
def kill(name):
    os.kill(os.getpid(), 9)
def interrupted(_):
    raise SystemError("a result with an exception set") from KeyboardInterrupt()
def sleep(seconds):
    print(os.getpid(), flush=True)
    time.sleep(seconds)
"""


@pytest.fixture(scope="module", autouse=True)
def tasks(tmp_path_factory):
    """A module that both this process and its workers can import."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "worker_tasks.py").write_text(SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        import worker_tasks

        globals()["count_to"] = worker_tasks.count_to
        yield worker_tasks


def test_prints_of_a_task_are_no_replies(tasks) -> None:
    with processes(1) as workers:
        assert list(workers.map(tasks.print_something, ["hello"])) == ["hello"]


@pytest.mark.parametrize("name", ["refuse", "make_a_function"])
def test_what_cannot_be_pickled_is_an_error_and_no_silence(tasks, name) -> None:
    with processes(1) as workers, pytest.raises(Exception, match=r"Local|local|pickle"):
        list(workers.map(getattr(tasks, name), ["a word"]))


def test_an_error_carries_the_traceback_of_its_process() -> None:
    with processes(1) as workers, pytest.raises(TypeError) as caught:
        list(workers.map(abs, ["a"]))
    assert "In a worker process" in caught.value.__notes__[0]


def test_a_lost_worker_is_reported_with_the_remedy_and_the_others_go_on(tasks) -> None:
    with processes(2) as workers:
        with pytest.raises(WorkerError, match=r"status -9\) before its task; try again."):
            list(workers.map(tasks.kill, [0]))
        assert list(workers.map(abs, [-1, -2])) == [1, 2]


def test_a_worker_is_set_up_as_asked(tasks, monkeypatch) -> None:
    monkeypatch.setenv("UNWANTED", "1")
    settings = WorkerSettings(precision=32, is_xla_pinned=True, unset=("UNWANTED",))
    names = ["JAX_ENABLE_X64", "OPENBLAS_NUM_THREADS", "UNWANTED", "XLA_FLAGS"]
    with ProcessWorkers(1, settings=settings, remedy="") as workers:
        *values, flags = workers.map(tasks.environment, names)
    assert values == ["0", "1", None]
    assert "intra_op_parallelism_threads=1" in flags


@pytest.fixture
def ctrl_c():
    """Let SIGINT interrupt, even if the suite runs in the background and ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_worker_has_a_session_of_its_own_and_ctrl_c_stops_the_wait(tasks, ctrl_c) -> None:
    interrupt = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    started = time.perf_counter()
    interrupt.start()
    with processes(1) as workers, pytest.raises(KeyboardInterrupt):
        list(workers.map(tasks.sleep, [60]))
    assert time.perf_counter() - started < 30


def test_one_worker_works_in_this_process_and_none_may_be_negative() -> None:
    assert isinstance(open_workers(1), InProcessWorkers)
    assert open_workers(0).number >= 1
    with pytest.raises(ValueRangeError, match="--workers must be at least 0"):
        open_workers(-1)


def test_an_interrupt_in_the_compiled_code_of_a_task_is_no_failed_task(tasks) -> None:
    with InProcessWorkers() as workers, pytest.raises(KeyboardInterrupt):
        list(workers.map(tasks.interrupted, [None]))


def test_an_interrupted_worker_process_ends_without_a_traceback(tasks, capfd) -> None:
    with processes(1) as workers, pytest.raises(WorkerError, match="status 130"):
        list(workers.map(tasks.interrupted, [None]))
    assert capfd.readouterr().err == ""
