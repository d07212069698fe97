"""The critic: one more canonical unit, whose soft labels are bootstrapped risks and which forgets.

P(risk | state) = r1/(r1 + r0), r += (G, 1 - G): an output unit of two values that reads one one-hot
group, with the decision prior learnt from the same counts (docs/theory.md, "A critic").  A cap on
the counts of a state weights each event by the product of that state's later scalings.
"""

from typing import TYPE_CHECKING

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_shape
from hebbayes.core.counts import Counts, Ratio, log_ratio, without_evidence
from hebbayes.core.scan import scan_time
from hebbayes.theory.categorical.certificate import certify_categories
from hebbayes.theory.categorical.model import CategoricalEvents, CategoricalModel, Factors

if TYPE_CHECKING:
    from hebbayes.theory.certificate.certificate import Certificate

EYE = 1e6
"""Counts with which a unit recognises its own observation."""


def seeing_model(n_states: int, policy: Counts, decisions: tuple[int, ...]) -> CategoricalModel:
    """Return a model whose states are what is observed, and whose decisions follow ``policy``.

    The decision prior is the policy's counts summed over previous states.

    Example:
        >>> model = seeing_model(3, without_evidence(jnp.ones((3, 2))), (2,))
        >>> model.decision_prior.prior.tolist()
        [3.0, 3.0]
    """
    eye = jnp.where(jnp.eye(n_states, dtype=bool), EYE, 1.0)
    flat = jnp.ones((n_states, n_states))
    return CategoricalModel(
        Factors((n_states,), (n_states,), decisions),
        without_evidence(eye.astype(policy.prior.dtype)),
        without_evidence(flat.astype(policy.prior.dtype)),
        policy,
        without_evidence(jnp.ones(n_states, policy.prior.dtype)),
        Counts(policy.prior.sum(0), policy.evidence.sum(0)),
    )


def later_scalings(
    states: Float[Array, "time states"], start: Float[Array, " states"], most_counts: float
) -> tuple[Float[Array, "time states"], Float[Array, " states"]]:
    """Return the share of each event, and of the first counts, that a cap on counts leaves.

    ``states`` are one-hot; every event adds 1 to the counts of its state, which are then scaled to
    a sum of at most ``most_counts``.

    Example:
        >>> kept, prior_kept = later_scalings(jnp.ones((2, 1)), jnp.array([1.0]), 2.0)
        >>> kept.round(3).tolist(), prior_kept.round(3).tolist()
        ([[0.667...], [0.667...]], [0.667...])
    """
    check_shape("states", states, ("time", start.shape[0]))

    def step(size: Array, fired: Array) -> tuple[Array, Array]:
        grown = size + fired
        scale = jnp.where(fired > 0, jnp.minimum(1, most_counts / grown), 1)
        return grown * scale, scale

    scales = scan_time(step, start, states)[1]
    kept = jnp.cumprod(scales[::-1], axis=0)[::-1]
    return kept, kept[0]


def certify_critic(
    risk_counts: Float[Array, "2 states"],
    states: Float[Array, "time states"],
    labels: Float[Array, " time"],
    most_counts: float = 5.0,
    *,
    ratio: Ratio = log_ratio,
    damage: str | None = None,
) -> "Certificate":
    """Return the certificate of a critic that counts soft labels and forgets.

    ``risk_counts`` are those before, harm first; ``states`` (one-hot) are those judged at each step
    and ``labels`` their G.  The unit reads the state one step after it was seen.

    Example:
        >>> states = jnp.eye(3)[jnp.array([0, 1, 0, 2])]
        >>> labels = jnp.array([0.1, 0.9, 0.5, 0.3])
        >>> certify_critic(jnp.full((2, 3), 2.0), states, labels, most_counts=4.5).worst < 1e-4
        True
    """
    check_shape("labels", labels, (states.shape[0],))
    n_states = risk_counts.shape[1]
    model = seeing_model(n_states, without_evidence(risk_counts.T), (2,))
    kept, prior_kept = later_scalings(states, risk_counts.sum(0), most_counts)
    # decisions read the previous state: the first is judged after an undecided one
    still = jnp.full((1, n_states), 1 / n_states, states.dtype)
    events = CategoricalEvents(
        jnp.concatenate([states, states[-1:]]),
        jnp.concatenate([jnp.full((1, 2), 0.5), jnp.stack([labels, 1 - labels], 1)]),
        jnp.zeros(states.shape[0] + 1, states.dtype),
        jnp.concatenate([jnp.zeros_like(still), kept]),
        prior_kept,
    )
    return certify_categories(model, events, ratio, damage=damage)
