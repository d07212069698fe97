"""Expectations over a sum of independent two-valued variables, without enumerating it.

With X = sum_i values[v_i, i] and v_i drawn by weights[:, i],

    E[sig(X)]      = 1/2 + int_0^inf Im phi(t) / sinh(pi t) dt,        phi(t) = E[exp(i t X)]
    E[softplus(X)] = E[X]/2 + ln 2 + int_0^inf (1 - Re phi(t)) / (t sinh(pi t)) dt

The characteristic function phi is a product over variables, so the cost grows with their number,
not with 2 to that number.  The midpoint rule converges exponentially: in float64 the absolute error
is below 1e-13 as long as X spreads over less than some 500 nats.
"""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_shape
from hebbayes.core.scan import scan_time

_N_NODES = 1024
_NEGLIGIBLE = 40.0  # exp(-40) < 1e-17


def expected_sigmoid(
    values: Float[Array, "2 variables sums"], weights: Float[Array, "2 variables"]
) -> Float[Array, "2 sums"]:
    """Return E[sig(X)] and E[sig(-X)] of every sum.

    An infinite value decides the sign of X; combinations whose values oppose each other, or hold a
    NaN, are impossible and left out, and the rest is normalised.

    Example:
        >>> values = jnp.array([[2.0], [-1.0]])[..., None]
        >>> expected_sigmoid(values, jnp.array([[0.25], [0.75]])).round(4)[0].tolist()
        [0.4219...]
    """
    is_finite, is_up, is_down = jnp.isfinite(values), values == jnp.inf, values == -jnp.inf
    finite, shares = _split(values, weights, is_finite)
    nodes, step, phi = _characteristic(finite, shares)
    open_ = shares.sum(0).prod(0)  # the chance that no value decides
    part = (phi.imag / jnp.sinh(jnp.pi * nodes)).sum(-1) * step
    never_down, never_up = (
        (weights[..., None] * (is_finite | other)).sum(0).prod(0) for other in (is_up, is_down)
    )
    on = never_down - open_ + jnp.clip(open_ / 2 + part, 0, open_)
    off = never_up - open_ + jnp.clip(open_ / 2 - part, 0, open_)
    both = jnp.stack([on, off])
    return both / both.sum(0)


def expected_softplus(
    values: Float[Array, "2 variables sums"], weights: Float[Array, "2 variables"]
) -> Float[Array, " sums"]:
    """Return E[ln(1 + exp X)] of every sum; NaN if a value is infinite.

    Example:
        >>> values = jnp.array([[2.0], [-1.0]])[..., None]
        >>> expected_softplus(values, jnp.array([[0.25], [0.75]])).round(4).tolist()
        [0.7667...]
    """
    finite, shares = _split(values, weights, jnp.isfinite(values))
    nodes, step, phi = _characteristic(finite, shares)
    mean = (finite * shares).sum((0, 1))
    part = ((1 - phi.real) / (nodes * jnp.sinh(jnp.pi * nodes))).sum(-1) * step
    return jnp.where(jnp.isfinite(values).all((0, 1)), mean / 2 + jnp.log(2.0) + part, jnp.nan)


def _split(values: Array, weights: Array, is_used: Array) -> tuple[Array, Array]:
    check_shape("weights", weights, values.shape[:2])
    return jnp.where(is_used, values, 0), weights[..., None] * is_used


def _characteristic(values: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Return nodes t (sums, nodes), their distance and phi(t); nodes reach as far as X needs.

    X stays within ``spread`` of its mean, up to a chance of exp(-40) (Hoeffding).
    """
    gaps = jnp.abs(values[0] - values[1])
    spread = jnp.minimum(gaps.sum(0), jnp.sqrt(_NEGLIGIBLE / 2 * (gaps**2).sum(0)))
    reach = jnp.abs((values * weights).sum((0, 1))) + spread
    step = 2 * jnp.pi / (reach + _NEGLIGIBLE)
    nodes = (jnp.arange(_N_NODES, dtype=values.dtype) + 0.5) * step[:, None]

    def multiply(phi: Array, variable: tuple[Array, Array]) -> tuple[Array, None]:
        value, weight = variable
        waves = jnp.exp(1j * value[..., None] * nodes)
        return phi * (weight[..., None] * waves).sum(0), None

    start = jnp.ones(nodes.shape, jnp.result_type(nodes.dtype, jnp.complex64))
    phi = scan_time(multiply, start, (values.swapaxes(0, 1), weights.swapaxes(0, 1)))[0]
    return nodes, step, phi
