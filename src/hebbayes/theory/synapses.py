"""Synapses: their running counts, and the weights and thresholds that activity reads from them.

A synapse is certain if its ratio Hebb / Home is exactly 1: the presynaptic input is always on while
the unit has that value.  Its weight is infinite and so is its threshold; their sum is ln 1 = 0 for
an active input, and excludes the value for a silent one (docs/theory.md section 10).
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_shape
from hebbayes.core.counts import Counts, Ratio, combine
from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import einsum


class Synapses(eqx.Module):
    """Running counts of one projection, (2, n_post, n_pre): excitatory (ON), inhibitory (OFF).

    Attributes:
        hebb: Postsynaptic unit on (off) while the presynaptic one fired.
        home: Postsynaptic unit on (off): the homeostatic trace.
    """

    hebb: Counts
    home: Counts

    def __check_init__(self) -> None:
        """Both traces have one shape (2, n_post, n_pre)."""
        hebb, home = jnp.shape(self.hebb.prior), jnp.shape(self.home.prior)
        if hebb != home or len(hebb) != 3 or hebb[0] != 2:
            raise ShapeError(f"hebb {hebb} and home {home} must both be (2, n_post, n_pre).")

    @property
    def n_post(self) -> int:
        """Number of units that receive."""
        return int(self.hebb.prior.shape[1])

    @property
    def n_pre(self) -> int:
        """Number of inputs."""
        return int(self.hebb.prior.shape[2])


class Strengths(eqx.Module):
    """One projection as the activity equation uses it, each (2, n_post, n_pre).

    Attributes:
        weights: W1, W0: log odds of Hebb/Home.
        log_complement: ln(1 - W1^), ln(1 - W0^): what a synapse adds to its unit's threshold.
    """

    weights: Float[Array, "2 post pre"]
    log_complement: Float[Array, "2 post pre"]

    def __check_init__(self) -> None:
        """Both arrays have one shape (2, n_post, n_pre)."""
        check_shape("weights", self.weights, (2, None, None))
        check_shape("log_complement", self.log_complement, jnp.shape(self.weights))


def strengths(synapses: Synapses, ratio: Ratio) -> Strengths:
    """Return weights and their threshold contributions from the running counts.

    ``ratio`` is `log_ratio`, or `digamma_ratio` for the exact variational posterior.

    Example:
        >>> from hebbayes.core.counts import log_ratio, without_evidence
        >>> half = Synapses(without_evidence(jnp.full((2, 1, 3), 5.0)),
        ...                 without_evidence(jnp.full((2, 1, 3), 10.0)))
        >>> strengths(half, log_ratio).weights[0].tolist()
        [[0.0, 0.0, 0.0]]
    """
    silent = combine(synapses.home, synapses.hebb, -1)
    return Strengths(ratio(synapses.hebb, silent), ratio(silent, synapses.home))


def uncertain(synapses: Strengths) -> Strengths:
    """Return ``synapses`` without the certain ones, whose weight and threshold are infinite.

    Example:
        >>> weights = jnp.array([jnp.inf, 1.0])[:, None, None]
        >>> uncertain(Strengths(weights, -weights)).weights[:, 0, 0].tolist()
        [0.0, 1.0]
    """
    is_certain = jnp.isposinf(synapses.weights)
    weights, complement = (
        jnp.where(is_certain, 0, part) for part in (synapses.weights, synapses.log_complement)
    )
    return Strengths(weights, complement)


def exclusion(
    synapses: Strengths, rates: Float[Array, "*time pre"]
) -> Float[Array, "*time 2 post"]:
    """Return -inf for each unit value that a silent input of a certain synapse excludes, else 0.

    Example:
        >>> weights = jnp.array([jnp.inf, 1.0])[:, None, None]
        >>> exclusion(Strengths(weights, -weights), jnp.array([[1.0], [0.0]]))[..., 0].tolist()
        [[0.0, 0.0], [-inf, 0.0]]
    """
    dtype = synapses.weights.dtype
    is_certain, is_silent = jnp.isposinf(synapses.weights).astype(dtype), (rates != 1).astype(dtype)
    n_silent = einsum("uji,...i->...uj", is_certain, is_silent)
    return jnp.where(n_silent > 0, -jnp.inf, 0).astype(dtype)
