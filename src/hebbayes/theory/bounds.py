"""What the free energy omits, and what it bounds with it (docs/theory.md section 11).

Every outcome has one table per state, and every state one table per previous state; a product of
such tables is no distribution unless it is divided by its sum:

    Z_i(s) = sum_o prod_j A_ij(o | s_j) <= 1        for every outcome i
    Z(s') = prod_j sum_s D(s_j) prod_i B_ij(s'_i | s_j) <= 1        for the previous states s'

The free energy F of eq. 1 leaves both sums out.  F alone bounds the surprise -ln p(o) loosely; with
E_q ln Z of outcomes and of memory added it is the variational bound of the normalised model.
"""

from typing import TYPE_CHECKING

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.arrays import OFF, ON, sizes
from hebbayes.core.binary_sums import expected_softplus
from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.scan import scan_time

if TYPE_CHECKING:
    from hebbayes.theory.generative_model import ExpectedLogs


class OmittedTerms(eqx.Module):
    """What F leaves out per step, nats, each at most 0 in log mode.

    Attributes:
        outcomes: E_q ln Z(s), the sum over outcomes; 0 for a single state.
        memory: E_q ln Z(s'), of the previous states; 0 without a transition.
    """

    outcomes: Float[Array, " *time"]
    memory: Float[Array, " *time"]

    @property
    def total(self) -> Float[Array, " *time"]:
        """Both terms: F + total bounds the surprise of the normalised model."""
        return self.outcomes + self.memory

    def __repr__(self) -> str:
        """Return the sizes."""
        return sizes("OmittedTerms", total=self.outcomes)


def omitted_terms(
    logs: "ExpectedLogs",
    states: Float[Array, "*time 2 states"],
    previous_states: Float[Array, "*time 2 states"],
) -> OmittedTerms:
    """Return what F omits under beliefs about states and previous states; probabilities.

    NaN if an expected logarithm is infinite.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import expected_logs, flat_model
        >>> half = jnp.full((2, 2), 0.5)
        >>> omitted = omitted_terms(expected_logs(flat_model(3, 2, 4), log_ratio), half, half)
        >>> (omitted.outcomes / jnp.log(2)).round(3).tolist()  # 3 outcomes, 1 table too many each
        -3.0
    """
    for name, belief in (("states", states), ("previous_states", previous_states)):
        check_shape(name, belief, (..., 2, logs.state_prior.shape[-1]))
        check_between(name, belief, 0, 1)
    outcomes = _mean_log_sum(logs.likelihood.swapaxes(0, 1).swapaxes(2, 3), states)
    if logs.transition is None:
        return OmittedTerms(outcomes, jnp.zeros_like(outcomes))
    memory = _mean_log_sum(logs.transition, previous_states, logs.state_prior)
    return OmittedTerms(outcomes, memory)


def _mean_log_sum(tables: Array, beliefs: Array, prior: Array | None = None) -> Array:
    """Return sum_j E ln sum_u exp(prior_uj + sum_i tables[v_i, u, i, j]) for each belief in v."""
    on, off = tables[:, ON], tables[:, OFF]
    offset = jnp.zeros((2, off.shape[-1])) if prior is None else prior
    n = off.shape[1]
    odds = jnp.concatenate(
        [on - off, jnp.broadcast_to(offset[ON] - offset[OFF], (2, 1, off.shape[2]))], 1
    )

    def step(_: None, belief: Array) -> tuple[None, Array]:
        weights = jnp.concatenate([belief, jnp.array([[1.0], [0.0]], belief.dtype)], 1)
        low = (belief[..., None] * off).sum((0, 1)) + offset[OFF]
        return None, (low + expected_softplus(odds, weights)).sum()

    rows = beliefs.reshape(-1, 2, n)
    return scan_time(step, None, rows)[1].reshape(beliefs.shape[:-2])
