"""Other packages, run through their public classes on our observations.

`reverse-engineering-py` (GPL) is the public implementation of I22 and I23, `inferactively-pymdp`
a general toolbox of discrete active inference.  This package neither requires
nor installs them; a note reports a peer that cannot be imported.  What each computes:

* `PublicMaze`: the maze network in both layers, infers and samples per step, learns per trial.
* `PublicSources`: one layer, digamma expectations, infers and learns per step.
* `PymdpSources`: the same model as one agent per source, whose stimuli are modalities with the
  source as their only factor.  Its expectation of ln A is ln E[A], our "log" mode.
"""

import importlib
import importlib.metadata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import Counts, total
from hebbayes.core.errors import ShapeError
from hebbayes.core.scan import scan_time

if TYPE_CHECKING:
    from hebbayes.theory.generative_model import GenerativeModel

PUBLIC, PYMDP = "reverse-engineering-py", "inferactively-pymdp"
_MODULES = {PUBLIC: "reverse_engineering.pomdp", PYMDP: "pymdp.agent"}


def find_peers(wanted: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return name and version of each peer that can be imported, and a note for each other.

    Example:
        >>> names, notes = find_peers([PUBLIC, PYMDP])
        >>> len(names) + len(notes)
        2
    """
    names, notes = {}, []
    for distribution in wanted:
        try:
            importlib.import_module(_MODULES[distribution])
        except ImportError as error:
            notes.append(
                f"{distribution} was not measured because it cannot be imported ({error}); "
                "`make bench` creates an environment with it."
            )
        else:
            names[distribution] = f"{distribution} {importlib.metadata.version(distribution)}"
    return names, tuple(notes)


def blocks(counts: Array | NDArray[Any]) -> NDArray[Any]:
    """Return a (2, 2, rows, columns) table as one matrix, [on,on | on,off ; off,on | off,off].

    Example:
        >>> blocks(np.arange(4).reshape(2, 2, 1, 1)).tolist()
        [[0, 1], [2, 3]]
    """
    table = np.asarray(counts)
    return np.block([[table[ON, ON], table[ON, OFF]], [table[OFF, ON], table[OFF, OFF]]])


def paired(values: NDArray[Any]) -> NDArray[Any]:
    """Return (values, 1 - values) side by side on the last axis.

    Example:
        >>> paired(np.array([[1, 0]])).tolist()
        [[1, 0, 0, 1]]
    """
    return np.concatenate([values, 1 - values], axis=-1)


class PublicMaze:
    """The public implementation of a two-layer network, for one trial at a time."""

    def __init__(self, model: "GenerativeModel", n_steps: int) -> None:
        """Build it with the counts of ``model``, in float32, for trials of ``n_steps``."""
        if model.transition is None or model.policy is None or model.decision_prior is None:
            raise ShapeError("this model has one layer; the maze network needs both.")
        self.n_steps = n_steps
        self.network = _public_class()(
            _float32(blocks(total(model.likelihood))),
            _float32(np.full(2 * model.n_states, 0.5)),
            _float32(blocks(total(model.transition))),
            _float32(blocks(total(model.policy))),
            _float32(np.asarray(total(model.decision_prior)).ravel()),
            sim_type=2,
            buf_size=n_steps + 1,  # the first entry holds the start
        )

    def infer(self, observations: NDArray[Any]) -> None:
        """Infer and sample along (time, n_outcomes), in float32, its fastest type."""
        infer = self.network.infer
        self.network.reset_buffer()
        for observation in _float32(paired(observations)):
            infer(observation)

    def decide(self, decisions: NDArray[np.integer]) -> None:
        """Replace its decisions by ``decisions``, so that both learn the same."""
        one_hot = np.arange(self.network.Nd)[:, None] == decisions
        self.network.d_buf[:, 1 : 1 + len(decisions)] = one_hot

    def beliefs(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return activity (time, n_states) and output (time, n_decisions) of the last trial."""
        used = slice(1, self.network.buf_idx)
        activity = self.network.qs_buf[: self.network.Ns, used].T
        return activity, self.network.qd_buf[: self.network.Nd, used].T

    def counts(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return its counts a, b, c in blocks, prior and evidence together."""
        return self.network.qa, self.network.qbi, self.network.qci

    def free_energy(self, risk_of_chunks: NDArray[Any], chunk_length: int) -> float:
        """Return its free energy of the last trial, which omits the last step."""
        return float(self.network.compute_vfe(risk_of_chunks, chunk_length))

    def learn(self, risk_of_chunks: NDArray[Any], chunk_length: int) -> None:
        """Learn from the last trial."""
        self.network.learn(risk_of_chunks, chunk_length)


class PublicSources:
    """The public implementation of one layer that learns at every step."""

    def __init__(self, model: "GenerativeModel") -> None:
        """Build it with the counts of ``model``, in the same precision."""
        prior = np.asarray(total(model.state_prior))
        self.network = _public_class()(
            blocks(total(model.likelihood)),
            (prior / prior.sum(0)).ravel(),
            sim_type=1,
            buf_size=2,
        )

    def watch(self, observations: NDArray[Any]) -> NDArray[Any]:
        """Infer and learn along (time, n_outcomes); return activity (time, n_states)."""
        network = self.network
        activity = np.empty((len(observations), network.Ns))
        for step, observation in enumerate(paired(observations).astype(network.qa.dtype)):
            activity[step] = network.infer(observation)[: network.Ns]
            network.learn()
            network.reset_buffer()
        return activity


class PymdpSources:
    """pymdp at its fastest: inference and learning of every step in one compiled loop."""

    def __init__(self, model: "GenerativeModel") -> None:
        """Build one agent per source with the counts of ``model``, in the same precision."""
        agent, n_sources = _pymdp_agent(model), model.n_states
        no_action = jnp.zeros((n_sources, 1, 1))

        def step(agent: Any, stimuli: Array) -> tuple[Any, Array]:
            observations = [jnp.broadcast_to(stimulus, (n_sources, 1)) for stimulus in stimuli]
            beliefs = agent.infer_states(observations, agent.D)
            return agent.infer_parameters(beliefs, observations, no_action), beliefs[0][:, -1, 1]

        self._watch = jax.jit(lambda stimuli: scan_time(step, agent, stimuli)[1])

    def watch(self, observations: NDArray[Any]) -> NDArray[Any]:
        """Infer and learn along (time, n_outcomes); return activity (time, n_states)."""
        return np.asarray(self._watch(jnp.asarray(observations, int)))


def _pymdp_agent(model: "GenerativeModel") -> Any:
    counts = _off_first(model.likelihood)
    modalities = [jnp.moveaxis(counts[:, :, i], -1, 0) for i in range(model.n_outcomes)]
    prior = _off_first(model.state_prior)
    return importlib.import_module(_MODULES[PYMDP]).Agent(
        A=[table / table.sum(1, keepdims=True) for table in modalities],
        B=[jnp.full((model.n_states, 2, 2, 1), 0.5, counts.dtype)],
        D=[jnp.moveaxis(prior / prior.sum(0), -1, 0)],
        pA=modalities,
        A_dependencies=[[0]] * model.n_outcomes,
        B_dependencies=[[0]],
        num_controls=[1],
        learn_A=True,
        inference_algo="fpi",
        num_iter=1,  # exact: the factors of one agent do not interact
        batch_size=model.n_states,
    )


def _off_first(counts: Counts) -> Array:
    """Counts with value 0 before value 1 on every paired axis."""
    table = total(counts)
    return jnp.flip(table, (0, 1) if table.ndim > 2 else (0,))


def _public_class() -> Any:
    return importlib.import_module(_MODULES[PUBLIC]).POMDP


def _float32(values: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, dtype=np.float32)
