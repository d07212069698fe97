"""Minimising the variational free energy over parameters: Dirichlet counts of what went together.

    a += o (x) s,    b += s_previous (x) s,    c += (1 - 2 risk) s_previous (x) decision

(I22; docs/theory.md eq. 3).  The decision is the one TAKEN.  Risk is known only later, so learning
takes a finished experience, or a single step of it (on-line).  Counts of the policy are floored
after every chunk.  Priors of states and decisions are learnt only on request.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_at_least, check_between, check_finite, check_shape
from hebbayes.core.counts import Counts, add_evidence
from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import einsum
from hebbayes.core.scan import scan_time
from hebbayes.theory.generative_model import GenerativeModel
from hebbayes.theory.inference import with_complement


class Experience(eqx.Module):
    """What an agent observes, believes and does, time-first; probabilities, not logarithms.

    Rows whose states are all 0 come after the end of a trial and leave no evidence.

    Attributes:
        observations: (time, n_outcomes), 0 or 1.
        states: (time, 2, n_states), posterior of states.
        previous_states: (time, 2, n_states), posterior one step earlier.
        decisions: (time, n_decisions), one-hot: the decisions taken.
        risk: (time,), in [0, 1].
    """

    observations: Float[Array, "time outcomes"]
    states: Float[Array, "time 2 states"]
    previous_states: Float[Array, "time 2 states"]
    decisions: Float[Array, "time decisions"] | None = None
    risk: Float[Array, " time"] | None = None

    def __check_init__(self) -> None:
        """All arrays have the same steps."""
        time = jnp.shape(self.observations)[:1]
        check_shape("observations", self.observations, ("time", None))
        check_shape("states", self.states, (*time, 2, None))
        check_shape("previous_states", self.previous_states, jnp.shape(self.states))
        if self.decisions is not None:
            check_shape("decisions", self.decisions, (*time, None))
        if self.risk is not None:
            check_shape("risk", self.risk, time)


def pair_evidence(
    first: Float[Array, "time 2 m"],
    second: Float[Array, "time 2 n"],
    weight: Float[Array, " time"] | None = None,
) -> Float[Array, "2 2 m n"]:
    """Return how often each value of ``first`` went with each of ``second``, weighted per step.

    Example:
        >>> on = with_complement(jnp.array([[1.0], [1.0], [0.0]]))
        >>> pair_evidence(on, on)[:, :, 0, 0].tolist()
        [[2.0, 0.0], [0.0, 1.0]]
    """
    check_shape("first", first, ("time", 2, None))
    check_shape("second", second, (first.shape[0], 2, None))
    weighted = first if weight is None else first * weight[:, None, None]
    return einsum("tvi,tuj->vuij", weighted, second)


def learn(
    model: GenerativeModel,
    experience: Experience,
    *,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
    is_state_prior_learnt: bool = False,
    is_decision_prior_learnt: bool = False,
) -> GenerativeModel:
    """Return ``model`` after ``experience``: eq. 3, the policy chunk by chunk in order.

    Example:
        >>> from hebbayes.core.counts import total, without_evidence
        >>> from hebbayes.theory.generative_model import prior_counts
        >>> model = GenerativeModel(without_evidence(jnp.ones((2, 2, 1, 1))),
        ...                         prior_counts(jnp.array([0.5])))
        >>> sure = with_complement(jnp.ones((3, 1)))
        >>> after = learn(model, Experience(jnp.ones((3, 1)), sure, sure))
        >>> total(after.likelihood)[:, 0, 0, 0].tolist()
        [4.0, 1.0]
    """
    _check(model, experience)
    seen = with_complement(experience.observations)
    likelihood = add_evidence(model.likelihood, pair_evidence(seen, experience.states))
    transition = model.transition
    if transition is not None:
        together = pair_evidence(experience.previous_states, experience.states)
        transition = add_evidence(transition, together)
    state_prior = model.state_prior
    if is_state_prior_learnt:
        state_prior = add_evidence(state_prior, experience.states.sum(0))
    policy, decision_prior = model.policy, model.decision_prior
    if policy is not None and decision_prior is not None and experience.decisions is not None:
        policy = learn_policy(policy, experience, chunk_length, policy_floor)
        if is_decision_prior_learnt:
            is_lived = experience.states.sum(-2)[:, :1, None]
            taken = is_lived * with_complement(experience.decisions)
            decision_prior = add_evidence(decision_prior, taken.sum(0))
    return GenerativeModel(likelihood, state_prior, transition, policy, decision_prior)


def _check(model: GenerativeModel, experience: Experience) -> None:
    widths = {
        "observations": model.n_outcomes,
        "states": model.n_states,
        "decisions": model.n_decisions,
    }
    for name, width in widths.items():
        values = getattr(experience, name)
        if values is not None and (name != "decisions" or model.policy is not None):
            check_shape(name, values, (..., width))
            check_between(name, values, 0, 1)
    if experience.risk is not None:
        check_between("risk", experience.risk, 0, 1)


def learn_policy(
    policy: Counts, experience: Experience, chunk_length: int | None, floor: float
) -> Counts:
    """Return the policy's counts after the decisions taken, floored after every chunk.

    Without ``chunk_length`` everything is one chunk.  Raises `ShapeError` if the experience
    has no decisions or no risk.

    Example:
        >>> from hebbayes.core.counts import total
        >>> from hebbayes.theory.generative_model import flat_model
        >>> sure = with_complement(jnp.ones((3, 1)))
        >>> seen = Experience(jnp.ones((3, 2)), sure, sure, jnp.ones((3, 1)), jnp.zeros(3))
        >>> policy = flat_model(2, 1, 1).policy
        >>> total(learn_policy(policy, seen, None, 1.0))[:, 0, 0, 0].tolist()
        [4.0, 1.0]
    """
    if experience.decisions is None or experience.risk is None:
        raise ShapeError("learning a policy needs the decisions taken and their risk.")
    check_shape("decisions", experience.decisions, ("time", policy.prior.shape[-1]))
    check_finite("risk", experience.risk)
    if chunk_length is not None:
        check_at_least("chunk_length", chunk_length, 1)
    n_steps = experience.decisions.shape[0]
    length = n_steps if chunk_length is None else chunk_length
    n_chunks = -(-n_steps // length)

    def in_chunks(values: Array) -> Array:
        padding = [(0, n_chunks * length - n_steps)] + [(0, 0)] * (values.ndim - 1)
        return jnp.pad(values, padding).reshape(n_chunks, length, *values.shape[1:])

    parts = (
        in_chunks(experience.previous_states),
        in_chunks(with_complement(experience.decisions)),
        in_chunks(1 - 2 * experience.risk),  # padded steps have previous_states = 0: no evidence
    )

    def step(counts: Counts, part: tuple[Array, Array, Array]) -> tuple[Counts, None]:
        return add_evidence(counts, pair_evidence(*part), floor), None

    return scan_time(step, policy, parts)[0]
