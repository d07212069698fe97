"""Blind source separation, timed: infer and learn at every step (docs/theory.md section 6).

`separate_sources` is what the command `sources` runs; it also sums the free energy.  The public
implementation does the same model's inference and learning.  pymdp takes ln E[A] for E[ln A], so it
is compared with a loop of our own functions in that ("log") mode, which infers and learns only.
Everything is float64.  No memory bound: 128 counts stay in the nearest cache.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from hebbayes.commands.bench.peers import PUBLIC, PYMDP, PublicSources, PymdpSources, find_peers
from hebbayes.commands.bench.present import Measurement, Row
from hebbayes.commands.bench.timing import Candidate, Samples, alternate
from hebbayes.commands.sources import N_SOURCES, N_STIMULI
from hebbayes.core.arrays import ON
from hebbayes.core.counts import log_ratio
from hebbayes.core.scan import scan_time
from hebbayes.environments.hidden_sources import (
    block_mixing,
    draw_mixtures,
    hidden_sources,
    naive_model,
)
from hebbayes.theory.generative_model import GenerativeModel, expected_logs
from hebbayes.theory.inference import infer_states, undecided
from hebbayes.theory.learning import Experience, learn

if TYPE_CHECKING:
    from hebbayes.commands.bench.workload import Workload

EXACT = "sources step: infer, learn, free energy (digamma)"
NEURAL = "sources step: infer, learn (log)"
Watch = Callable[[NDArray[Any]], NDArray[Any]]


def measure(workload: "Workload", *, has_peers: bool, seed: int) -> Measurement:
    """Return our rows, each compared with the peer that does the same, if there is one.

    Example:
        >>> from hebbayes.commands.bench.workload import Workload
        >>> tiny = Workload(rounds=2, sources_steps=16)
        >>> [row.steps for row in measure(tiny, has_peers=False, seed=0).rows]
        [16, 16]
    """
    model_key, world_key = jax.random.split(jax.random.key(seed))
    model = naive_model(N_STIMULI, jnp.full(N_SOURCES, 0.5), key=model_key)
    world = hidden_sources(block_mixing(N_STIMULI, N_SOURCES))
    stimuli = np.asarray(draw_mixtures(world, workload.sources_steps, key=world_key).stimuli, float)
    ours: dict[str, Watch] = {EXACT: exact_watch(model), NEURAL: neural_watch(model)}
    theirs, notes = _peers(model) if has_peers else ({}, ())
    everyone = ours | dict(theirs.values())
    candidates = [
        Candidate(what, lambda watch=watch: watch(stimuli), len(stimuli))
        for what, watch in everyone.items()
    ]
    samples = alternate(candidates, workload.rounds)
    rows = [_row(what, samples, ours[what], theirs.get(what), stimuli) for what in ours]
    peers = [samples.row(name) for name, _ in theirs.values()]
    return Measurement((*rows, *peers), notes, samples.warm_up_seconds)


def exact_watch(model: GenerativeModel) -> Watch:
    """Return the computation of the command `sources`, as a function from stimuli to activity.

    Example:
        >>> model = naive_model(4, jnp.array([0.5, 0.5]), key=jax.random.key(0))
        >>> exact_watch(model)(np.ones((3, 4))).shape
        (3, 2)
    """
    from hebbayes.agents.kernels.separation import separate_sources

    prior = np.asarray(model.likelihood.prior)
    state_prior = np.asarray(model.state_prior.prior)
    return lambda stimuli: separate_sources(prior, state_prior, stimuli[None]).posterior[0]


def neural_watch(model: GenerativeModel) -> Watch:
    """Return inference and learning in "log" mode, as a function from stimuli to activity.

    Example:
        >>> model = naive_model(4, jnp.array([0.5, 0.5]), key=jax.random.key(0))
        >>> neural_watch(model)(np.ones((3, 4))).shape
        (3, 2)
    """
    before = undecided(model.n_states, model.state_prior.prior.dtype)

    def step(model: GenerativeModel, stimulus: Array) -> tuple[GenerativeModel, Array]:
        states = jnp.exp(infer_states(expected_logs(model, log_ratio), stimulus, before))
        return learn(model, Experience(stimulus[None], states[None], before[None])), states[ON]

    watch = jax.jit(lambda stimuli: scan_time(step, model, stimuli)[1])
    return lambda stimuli: np.asarray(watch(stimuli))


def _peers(model: GenerativeModel) -> tuple[dict[str, tuple[str, Watch]], tuple[str, ...]]:
    """The peer of each of our rows, and a note for each that is absent."""
    names, notes = find_peers([PUBLIC, PYMDP])
    peers: dict[str, tuple[str, Watch]] = {}
    if PUBLIC in names:
        what = f"{names[PUBLIC]}: infer, learn (digamma)"
        peers[EXACT] = what, lambda stimuli: PublicSources(model).watch(stimuli)
    if PYMDP in names:
        what = f"{names[PYMDP]}: infer, learn (log), one agent per source, compiled loop"
        peers[NEURAL] = what, PymdpSources(model).watch
    return peers, notes


def _row(
    what: str,
    samples: Samples,
    watch: Watch,
    peer: tuple[str, Watch] | None,
    stimuli: NDArray[Any],
) -> Row:
    if peer is None:
        return samples.row(what)
    name, watch_theirs = peer
    difference = float(np.abs(watch(stimuli) - watch_theirs(stimuli)).max())
    ratio = samples.ratio(samples.of(name), what)
    return samples.row(what, ratio_to_peer=ratio, peer=name, agreement={"activity": difference})
