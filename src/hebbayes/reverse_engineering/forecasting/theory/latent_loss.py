"""How well a latent canonical network that learns explains responses, and the gradient of that.

Pure JAX, so that the gradient runs through every session's learning; the fit is
`latent_network`.  The dtype is that of the process.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from hebbayes.core.numerics import einsum
from hebbayes.core.scan import scan_time

Floats = NDArray[np.float64]


def loss_and_gradient(
    stimuli: Floats,
    responses: Floats,
    present: Floats,
    n_sources: int,
    *,
    usual_count: float = 3000.0,
) -> Callable[[Floats], tuple[float, Floats]]:
    """Return the function of parameters that gives the loss and its gradient.

    The loss is the share of the variance of centred responses (sessions, trials, units) that a
    linear read-out of the network's beliefs leaves, plus 1e-4 times the squared parameters:
    ln(prior count / ``usual_count``), factors (sources,), leans (channels x sources).  ``present``
    (sessions, trials) is 0 if a shorter session was padded.

    Example:
        >>> o = np.tile(np.eye(2), (3, 1, 1))
        >>> slope = loss_and_gradient(o, np.tile([[1.0], [-1.0]], (3, 1, 1)), np.ones((3, 2)), 1)
        >>> loss, gradient = slope(np.array([0.0, 0.0, 0.1, -0.1]))
        >>> 0 < loss < 1, gradient.shape
        (True, (4,))
    """
    data = jnp.asarray(stimuli), jnp.asarray(responses), jnp.asarray(present)

    def slope(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = _loss_and_gradient(jnp.asarray(parameters), data, n_sources, usual_count)
        return float(value), np.asarray(gradient, np.float64)

    return slope


def _loss(
    parameters: Array, data: tuple[Array, Array, Array], n_sources: int, usual_count: float
) -> Array:
    stimuli, responses, present = data
    lean = parameters[1 + n_sources :].reshape(-1, n_sources)
    given = jax.nn.sigmoid(jnp.stack([lean, -lean]))  # P(channel on), source on and off
    naive = usual_count * jnp.exp(parameters[0]) * jnp.stack([given, 1 - given])
    step = _session_step(parameters[1 : 1 + n_sources])
    _, beliefs = scan_time(step, naive, (stimuli, present))
    total = (present[..., None] * responses**2).sum()
    left = 1 - _explained(beliefs, responses, present) / total
    return left + 1e-4 * (parameters**2).sum()


# compiled once for recordings of one size
_loss_and_gradient = jax.jit(jax.value_and_grad(_loss), static_argnums=(2, 3))


def _session_step(factor: Array) -> Callable[[Array, Any], tuple[Array, Array]]:
    def step(counts: Array, session: tuple[Array, Array]) -> tuple[Array, Array]:
        o, is_present = session
        on, off = counts  # stimulus on, off; each (2, channels, sources)
        weights = jnp.log(on / off)
        normaliser = jnp.log(off / (on + off)).sum(1)
        h = normaliser[0] - normaliser[1] + factor
        x = jax.nn.sigmoid(o @ (weights[0] - weights[1]) + h)
        activity = jnp.stack([x, 1 - x]) * is_present[:, None]
        gained = jnp.stack([einsum("tc,vts->vcs", value, activity) for value in (o, 1 - o)])
        return counts + gained, x

    return step


def _explained(beliefs: Array, responses: Array, present: Array) -> Array:
    """Sum of squares that the least-squares read-out of centred beliefs explains."""
    weight = present[..., None]
    design = (beliefs - (weight * beliefs).sum((0, 1)) / weight.sum()) * weight
    n_sources = design.shape[-1]
    products = einsum("kts,ktr->sr", design, design) + 1e-3 * jnp.eye(n_sources)
    targets = einsum("kts,ktu->su", design, responses)
    return (targets * jnp.linalg.solve(products, targets)).sum()
