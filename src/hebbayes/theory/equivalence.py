"""The map between the two readings of one system, exact in both directions.

Hebb1 = a[1,1], Home1 - Hebb1 = a[0,1] and so on for every projection; firing counts of a layer are
the counts of its prior (I22, Table 1; docs/theory.md section 4).  Matrices of the network are the
transposes of the tables.
"""

import jax.numpy as jnp

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import Counts, combine
from hebbayes.theory.generative_model import GenerativeModel
from hebbayes.theory.network import Network
from hebbayes.theory.synapses import Synapses


def synapses_of(table: Counts) -> Synapses:
    """Return the synapses that hold a count table (2, 2, m, n): post n, pre m.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> synapses_of(without_evidence(jnp.ones((2, 2, 3, 1)))).home.prior.shape
        (2, 1, 3)
    """
    fired = Counts(table.prior[ON].swapaxes(1, 2), table.evidence[ON].swapaxes(1, 2))
    silent = Counts(table.prior[OFF].swapaxes(1, 2), table.evidence[OFF].swapaxes(1, 2))
    return Synapses(hebb=fired, home=combine(fired, silent))


def table_of(synapses: Synapses) -> Counts:
    """Return the count table (2, 2, n_pre, n_post) that a projection holds.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> table = without_evidence(jnp.ones((2, 2, 3, 1)))
        >>> bool(jnp.all(table_of(synapses_of(table)).prior == table.prior))
        True
    """
    silent = combine(synapses.home, synapses.hebb, -1)
    return Counts(
        jnp.stack([synapses.hebb.prior, silent.prior]).swapaxes(2, 3),
        jnp.stack([synapses.hebb.evidence, silent.evidence]).swapaxes(2, 3),
    )


def network_of(model: GenerativeModel) -> Network:
    """Return the canonical network that performs inference and learning under ``model``.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> from hebbayes.theory.generative_model import prior_counts
        >>> model = GenerativeModel(without_evidence(jnp.ones((2, 2, 3, 1))),
        ...                         prior_counts(jnp.array([0.5])))
        >>> network_of(model).n_inputs
        3
    """
    return Network(
        sensory=synapses_of(model.likelihood),
        state_firing=model.state_prior,
        recurrent=None if model.transition is None else synapses_of(model.transition),
        output=None if model.policy is None else synapses_of(model.policy),
        decision_firing=model.decision_prior,
    )


def model_of(network: Network) -> GenerativeModel:
    """Return the generative model that ``network`` implements.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> half = Synapses(without_evidence(jnp.full((2, 1, 3), 5.0)),
        ...                 without_evidence(jnp.full((2, 1, 3), 10.0)))
        >>> model_of(Network(half, without_evidence(jnp.ones((2, 1))))).n_outcomes
        3
    """
    return GenerativeModel(
        likelihood=table_of(network.sensory),
        state_prior=network.state_firing,
        transition=None if network.recurrent is None else table_of(network.recurrent),
        policy=None if network.output is None else table_of(network.output),
        decision_prior=network.decision_firing,
    )
