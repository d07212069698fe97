"""The benchmark on tiny sizes; a peer of our own making stands in for the public implementation."""

import dataclasses
import sys
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import digamma, xlogy

from hebbayes.agents.maze_agent import maze_agent_model
from hebbayes.commands.bench import maze, peers, run, sources
from hebbayes.commands.bench.maze_agreement import agreement, without_goals
from hebbayes.commands.bench.measuring import Request, measure
from hebbayes.commands.bench.memory import memory_candidates, memory_rows, product_bytes
from hebbayes.commands.bench.present import BenchResult, Row, present
from hebbayes.commands.bench.run import one_core_settings
from hebbayes.commands.bench.timing import Candidate, Samples, alternate
from hebbayes.commands.bench.workload import Workload
from hebbayes.commands.configs import BenchConfig
from hebbayes.core.counts import log_ratio, without_evidence
from hebbayes.core.errors import HebbayesError, ShapeError, ValueRangeError
from hebbayes.environments.hidden_sources import naive_model
from hebbayes.environments.maze import maze_world, random_maze
from hebbayes.theory.generative_model import GenerativeModel, expected_logs, prior_counts
from hebbayes.theory.inference import infer_trajectory

pytestmark = pytest.mark.thorough

TINY = Workload(
    rounds=2,
    maze_steps=200,
    maze_trials=1,
    studies=1,
    study_trials=1,
    agreement_steps=100,
    sources_steps=64,
    products=50,
)
NAMES = ("one", "two")


def asymmetric_model(sizes=(5, 4, 6)):
    n_outcomes, n_states, n_decisions = sizes
    draw = np.random.default_rng(1).uniform

    def counts(*shape):
        return without_evidence(jnp.asarray(draw(2.0, 40.0, shape)))

    return GenerativeModel(
        likelihood=counts(2, 2, n_outcomes, n_states),
        state_prior=prior_counts(jnp.full(n_states, 0.5)),
        transition=counts(2, 2, n_states, n_states),
        policy=counts(2, 2, n_states, n_decisions),
        decision_prior=prior_counts(jnp.asarray(draw(0.1, 0.9, n_decisions))),
    )


class Miniature:
    """Eqs. 2 and 3 in NumPy float64 on the block layout, with the peer's public names."""

    def __init__(self, a, d, b=None, c=None, e=None, sim_type=2, buf_size=1):
        self.qa, self.qbi, self.qci, self.d, self.e = (
            None if t is None else np.array(t, np.float64) for t in (a, b, c, d, e)
        )
        self.sim_type, self.buf_size = sim_type, buf_size
        self.No, self.Ns = a.shape[0] // 2, a.shape[1] // 2
        self.Nd = 0 if c is None else c.shape[1] // 2
        self.o_buf = np.zeros((2 * self.No, buf_size))
        self.qs_buf = np.zeros((2 * self.Ns, buf_size))
        self.qd_buf = np.zeros((2 * self.Nd, buf_size))
        self.d_buf = np.zeros((self.Nd, buf_size), int)
        self.cache = {}
        self.reset_buffer()

    def reset_buffer(self):
        self.buf_idx = 1
        self.qs_buf[:, 0] = 0.5

    def _logs(self, name):
        if name not in self.cache:
            on, off = np.split(getattr(self, name), 2)
            ln = np.log if self.sim_type == 2 else digamma
            self.cache[name] = np.concatenate([ln(on) - ln(on + off), ln(off) - ln(on + off)])
        return self.cache[name]

    @staticmethod
    def _softmax(v):
        on, off = np.split(v, 2)
        return np.concatenate([1 / (1 + np.exp(off - on)), 1 / (1 + np.exp(on - off))])

    def infer(self, o):
        k, past = self.buf_idx, self.qs_buf[:, self.buf_idx - 1]
        v = self._logs("qa").T @ o + np.log(self.d)
        self.o_buf[:, k] = o
        if self.qbi is None:
            self.qs_buf[:, k] = self._softmax(v)
            self.buf_idx += 1
            return self.qs_buf[:, k]
        self.qs_buf[:, k] = self._softmax(v + self._logs("qbi").T @ past)
        self.qd_buf[:, k] = self._softmax(self._logs("qci").T @ past + np.log(self.e))
        self.buf_idx += 1
        return self.qs_buf[:, k], self.d_buf[:, k], self.qd_buf[:, k]

    def learn(self, gammas=None, chunk=None):
        self.cache = {}
        used, before = slice(1, self.buf_idx), slice(0, self.buf_idx - 1)
        s, past = self.qs_buf[:, used], self.qs_buf[:, before]
        self.qa += self.o_buf[:, used] @ s.T
        if self.qbi is None:
            return
        self.qbi += past @ s.T
        taken = np.concatenate([self.d_buf[:, used], 1 - self.d_buf[:, used]])
        for k, risk in enumerate(gammas):
            part = slice(k * chunk, (k + 1) * chunk)
            self.qci = np.maximum(self.qci + (1 - 2 * risk) * past[:, part] @ taken[:, part].T, 1)

    def compute_vfe(self, gammas=None, chunk=None):
        used, before = slice(1, self.buf_idx - 1), slice(0, self.buf_idx - 2)
        s, d, past = self.qs_buf[:, used], self.qd_buf[:, used], self.qs_buf[:, before]
        trust = 1 - 2 * np.repeat(gammas, chunk)[: s.shape[1]]
        prior = self._logs("qbi").T @ past + np.log(self.d)[:, None]
        states = xlogy(s, s) - s * (self._logs("qa").T @ self.o_buf[:, used] + prior)
        explained = trust * (self._logs("qci").T @ past) + np.log(self.e)[:, None]
        return states.sum() + (xlogy(d, d) - d * explained).sum()


@pytest.fixture
def public_implementation(monkeypatch):
    """A package of the peer's name that holds `Miniature`."""
    for name in ("reverse_engineering", "reverse_engineering.pomdp"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules["reverse_engineering.pomdp"].POMDP = Miniature
    monkeypatch.setattr(peers.importlib.metadata, "version", lambda name: "0.0")


@pytest.fixture
def no_peers(monkeypatch):
    for name in ("reverse_engineering", "reverse_engineering.pomdp", "pymdp", "pymdp.agent"):
        monkeypatch.setitem(sys.modules, name, None)  # import raises ImportError


def samples(times):
    candidates = tuple(Candidate(name, lambda: None, 10) for name in NAMES)
    return Samples(candidates, np.array(times, float), 0.0)


def test_a_row_holds_the_median_and_the_extremes_of_its_rounds():
    row = samples([[1.0, 5.0], [3.0, 6.0], [2.0, 7.0]]).row("one", bytes_per_step=8)
    assert (row.microseconds_per_step, row.fastest, row.slowest) == (2.0, 1.0, 3.0)
    assert (row.steps, row.bytes_per_step) == (10, 8)


def test_a_ratio_is_taken_within_each_round():
    # rounds say 3, 2 and 10; the medians of the columns would say 20 / 4
    taken = samples([[1.0, 3.0], [10.0, 20.0], [4.0, 40.0]])
    assert taken.ratio(taken.of("two"), "one") == 3.0


def test_candidates_alternate_after_a_warm_up():
    order = []
    candidates = [Candidate(name, lambda name=name: order.append(name), 1) for name in NAMES]
    alternate(candidates, rounds=2)
    assert order == list(NAMES) * 3


def test_memory_rows_are_positive_and_the_bound_comes_first():
    taken = alternate(memory_candidates(60, 20, times=20), rounds=3)
    rows = memory_rows(taken, product_bytes(60, 20))
    assert all(row.microseconds_per_step > 0 and row.bytes_per_step == 4800 for row in rows)
    assert rows[0].fraction_of_bandwidth == 1.0
    assert all(row.fraction_of_bandwidth > 0 for row in rows)


def test_the_json_rows_have_every_key_of_the_contract():
    outcome = present(BenchResult((Row("a step", 1.0, 0.5, 2.0, 10),), ("a note",), 1.0, 2.0))
    wanted = {
        "what",
        "microseconds_per_step",
        "ratio_to_peer",
        "bytes_per_step",
        "fraction_of_bandwidth",
    }
    assert wanted <= set(outcome.summary["rows"][0])
    assert outcome.summary["notes"] == ["a note"]
    assert outcome.tables[0].rows[0][0] == "a step"


def test_one_core_has_one_thread_and_no_forced_kernel(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    environment = one_core_settings("maze").environment()
    assert environment["OPENBLAS_NUM_THREADS"] == environment["OMP_NUM_THREADS"] == "1"
    assert "OPENBLAS_CORETYPE" not in environment


def test_an_unknown_task_is_refused():
    with pytest.raises(ValueRangeError, match="maze, sources, analyze, all; got 'tennis'"):
        run(BenchConfig(what="tennis"))


def test_an_absent_peer_is_named_with_its_remedy(no_peers):
    names, notes = peers.find_peers([peers.PUBLIC, peers.PYMDP])
    assert names == {}
    assert [note.split()[0] for note in notes] == [peers.PUBLIC, peers.PYMDP]
    assert all("`make bench`" in note for note in notes)


def test_the_public_implementation_is_given_our_counts_in_its_layout(public_implementation):
    model = asymmetric_model()
    seen = np.random.default_rng(0).integers(0, 2, (12, model.n_outcomes))
    peer = peers.PublicMaze(model, len(seen))
    peer.infer(seen)
    activity, output = peer.beliefs()
    ours = infer_trajectory(expected_logs(model, log_ratio), jnp.asarray(seen, float))
    np.testing.assert_allclose(activity, np.exp(ours.log_states[:, 0]), atol=1e-6)
    np.testing.assert_allclose(output, np.exp(ours.log_decisions[:, 0]), atol=1e-6)


def test_the_maze_network_of_the_peer_needs_two_layers(public_implementation):
    one_layer = naive_model(4, jnp.array([0.5, 0.5]), key=jax.random.key(0))
    with pytest.raises(ShapeError, match="one layer"):
        peers.PublicMaze(one_layer, 3)


def small_maze():
    world = without_goals(maze_world(random_maze(5, 9, key=jax.random.key(0)), view_size=3))
    return maze_agent_model(0.25, n_outcomes=9, dtype=jnp.float32), world


def test_a_peer_that_computes_the_same_agrees(public_implementation):
    differences = agreement(*small_maze(), 450)
    assert differences["decisions"] == 0
    assert differences["activity"] < 1e-5
    assert differences["output"] < 1e-4
    assert differences["free_energy"] < 1e-5
    assert max(differences[f"counts_{table}"] for table in "bc") < 1e-4
    assert differences["counts_a"] < 1e-3


@pytest.mark.parametrize(
    ("method", "spoilt", "quantity"),
    [
        ("infer", lambda self, o: Miniature.infer(self, o[::-1]), "activity"),
        ("learn", lambda self, g, n: Miniature.learn(self, 1 - g, n), "counts_c"),
        ("compute_vfe", lambda self, g, n: 1.01 * Miniature.compute_vfe(self, g, n), "free_energy"),
    ],
)
def test_a_peer_that_computes_something_else_is_found_out(
    public_implementation, monkeypatch, method, spoilt, quantity
):
    other = type("Other", (Miniature,), {method: spoilt})
    monkeypatch.setattr(sys.modules["reverse_engineering.pomdp"], "POMDP", other)
    assert agreement(*small_maze(), 450)[quantity] > 5e-3


def test_the_maze_has_a_row_for_the_bound_the_products_our_step_and_the_peer(public_implementation):
    measured = maze.measure(TINY, has_peers=True, seed=0)
    rows = {row.what: row for row in measured.rows}
    assert len(rows) == len(measured.rows) == 11
    assert all(row.microseconds_per_step > 0 and row.steps > 0 for row in rows.values())
    step = rows[maze.STEP]
    assert step.bytes_per_step == 377 * 121 * 4
    assert step.fraction_of_bandwidth > 0
    assert step.ratio_to_peer > 0  # how much depends on what else this machine does
    assert step.peer in rows
    command = rows[maze.COMMAND]
    assert 0 < command.steps <= 200
    assert command.ratio_to_peer > 0
    assert measured.notes[-1].startswith(peers.PYMDP)


def test_the_sources_agree_with_a_peer_that_computes_the_same(public_implementation, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymdp.agent", None)
    measured = sources.measure(TINY, has_peers=True, seed=0)
    exact, neural, peer = measured.rows
    assert exact.agreement["activity"] < 1e-12
    assert exact.peer == peer.what
    assert neural.ratio_to_peer is None
    assert measured.notes[0].startswith(peers.PYMDP)


def test_without_peers_rows_are_complete_and_say_nothing_of_them(no_peers):
    measured = maze.measure(dataclasses.replace(TINY, studies=0), has_peers=False, seed=0)
    assert len(measured.rows) == 5
    assert measured.notes == ()


def test_the_command_measures_in_a_process_of_its_own(capfd):
    result = run(BenchConfig(what="sources"), workload=TINY)
    assert [row.steps for row in result.rows] == [64, 64]
    assert result.seconds > 0
    assert result.seconds_compile > 0
    assert capfd.readouterr().out == ""  # the worker's answer is not ours


def test_a_measuring_process_that_fails_is_one_sentence():
    with pytest.raises(HebbayesError, match="measuring sources stopped: "):
        run(BenchConfig(what="sources"), workload=dataclasses.replace(TINY, sources_steps=-1))


def test_peers_asked_for_but_absent_are_noted_not_an_error(no_peers):
    result = measure(Request("sources", TINY, has_peers=True, seed=0))
    assert len(result.rows) == 2
    assert len(result.notes) == 2
