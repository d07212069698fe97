"""The Bayesian side: a factorial binary partially observed Markov decision process.

Every outcome i, state j and decision k is binary, with two-category Dirichlet counts (I22, section
"Generative model"; docs/theory.md section 2).  Every table is normalised over its FIRST index, so
transition and policy are the inverse maps.  Sizes are read off the tables; one layer (perception
only) leaves out ``policy`` and ``decision_prior``; without memory there is no ``transition``.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_at_least, check_between, check_shape
from hebbayes.core.counts import Counts, Ratio, log_ratio, over_values, without_evidence
from hebbayes.core.errors import ShapeError


class GenerativeModel(eqx.Module):
    """Counts of all parameters; indices [value, condition, ...] with ON, OFF = 0, 1.

    Attributes:
        likelihood: a, (2, 2, n_outcomes, n_states): outcome value given state value.
        state_prior: d, (2, n_states).
        transition: b, (2, 2, n_states, n_states): PREVIOUS state value given state value.
        policy: c, (2, 2, n_states, n_decisions): PREVIOUS state value given decision value.
        decision_prior: e, (2, n_decisions).
    """

    likelihood: Counts
    state_prior: Counts
    transition: Counts | None = None
    policy: Counts | None = None
    decision_prior: Counts | None = None

    def __check_init__(self) -> None:
        """The tables fit together."""
        if (self.policy is None) != (self.decision_prior is None):
            raise ShapeError("policy and decision_prior come together: give both or neither.")
        n_outcomes, n_states, n_decisions = self.n_outcomes, self.n_states, self.n_decisions
        wanted = {
            "likelihood": (2, 2, n_outcomes, n_states),
            "state_prior": (2, n_states),
            "transition": (2, 2, n_states, n_states),
            "policy": (2, 2, n_states, n_decisions),
            "decision_prior": (2, n_decisions),
        }
        for name, shape in wanted.items():
            counts = getattr(self, name)
            if counts is not None and jnp.shape(counts.prior) != shape:
                got = jnp.shape(counts.prior)
                raise ShapeError(f"{name} has shape {got}; this model expects {shape}.")

    @property
    def n_outcomes(self) -> int:
        """Number of binary outcomes."""
        return int(self.likelihood.prior.shape[-2])

    @property
    def n_states(self) -> int:
        """Number of binary hidden states."""
        return int(self.likelihood.prior.shape[-1])

    @property
    def n_decisions(self) -> int:
        """Number of decisions; 0 without a policy."""
        return 0 if self.policy is None else int(self.policy.prior.shape[-1])

    def __repr__(self) -> str:
        """Return the sizes."""
        memory = "no transition" if self.transition is None else "transition"
        sizes = f"outcomes={self.n_outcomes}, states={self.n_states}, decisions={self.n_decisions}"
        return f"GenerativeModel({sizes}, {memory})"


class ExpectedLogs(eqx.Module):
    """E[ln parameter] of every table of a `GenerativeModel`, same shapes and indices.

    Attributes:
        likelihood: lnA, (2, 2, n_outcomes, n_states).
        state_prior: lnD, (2, n_states).
        transition: lnB, (2, 2, n_states, n_states); None without memory.
        policy: lnC, (2, 2, n_states, n_decisions); None without decisions.
        decision_prior: lnE, (2, n_decisions); None without decisions.
    """

    likelihood: Float[Array, "2 2 outcomes states"]
    state_prior: Float[Array, "2 states"]
    transition: Float[Array, "2 2 states states"] | None = None
    policy: Float[Array, "2 2 states decisions"] | None = None
    decision_prior: Float[Array, "2 decisions"] | None = None


def prior_counts(probability: Array, concentration: float = 1.0) -> Counts:
    """Return counts over the two values whose mean is ``probability``; exactly 0 and 1 are legal.

    The result has shape (2, \\*shape of ``probability``).

    Example:
        >>> prior_counts(jnp.array([0.2, 1.0])).prior[0].tolist()
        [0.2..., 1.0]
    """
    check_between("probability", probability, 0, 1)
    return without_evidence(concentration * jnp.stack([probability, 1 - probability]))


def flat_model(n_outcomes: int, n_states: int, n_decisions: int = 0) -> GenerativeModel:
    """Return a model with every count 1; with transition and policy if it has decisions.

    Raises `ValueRangeError` for a model without outcomes or states.

    Example:
        >>> flat_model(3, 2, 4).n_decisions
        4
    """

    for name, n, low in (
        ("n_outcomes", n_outcomes, 1),
        ("n_states", n_states, 1),
        ("n_decisions", n_decisions, 0),
    ):
        check_at_least(name, n, low)

    def flat(*shape: int) -> Counts:
        return without_evidence(jnp.ones((2, *shape)))

    likelihood, state_prior = flat(2, n_outcomes, n_states), flat(n_states)
    if n_decisions == 0:
        return GenerativeModel(likelihood, state_prior)
    return GenerativeModel(
        likelihood=likelihood,
        state_prior=state_prior,
        transition=flat(2, n_states, n_states),
        policy=flat(2, n_states, n_decisions),
        decision_prior=flat(n_decisions),
    )


def expected_log(counts: Counts, ratio: Ratio) -> Array:
    """Return E[ln probability] of each value (leading axis) under ``counts``.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> jnp.exp(expected_log(prior_counts(jnp.array(0.25)), log_ratio)).tolist()
        [0.25, 0.75]
    """
    check_shape("counts", counts.prior, (2, *counts.prior.shape[1:]))
    return ratio(counts, over_values(counts))


def expected_logs(
    model: GenerativeModel,
    ratio: Ratio,
    *,
    is_state_prior_learnt: bool = False,
    is_decision_prior_learnt: bool = False,
) -> ExpectedLogs:
    """Return the expected logarithms of all parameters.

    ``ratio`` is `log_ratio` (neural network) or `digamma_ratio` (exact variational Bayes).  It also
    reads the priors of states and decisions that are learnt; fixed ones are point estimates.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> flat = without_evidence(jnp.ones((2, 2, 3, 1)))
        >>> model = GenerativeModel(flat, prior_counts(jnp.array([0.5])))
        >>> expected_logs(model, log_ratio).likelihood.shape
        (2, 2, 3, 1)
    """

    def of(counts: Counts | None, kind: Ratio) -> Array | None:
        return None if counts is None else expected_log(counts, kind)

    return ExpectedLogs(
        likelihood=expected_log(model.likelihood, ratio),
        state_prior=expected_log(model.state_prior, ratio if is_state_prior_learnt else log_ratio),
        transition=of(model.transition, ratio),
        policy=of(model.policy, ratio),
        decision_prior=of(model.decision_prior, ratio if is_decision_prior_learnt else log_ratio),
    )
