"""A POMDP of categorical factors: its counts, inference, learning and free energy.

    s_g = softmax(sum_i lnA.o_i + sum_p lnB.s_p,previous + lnD_g),   d_k = softmax(lnC.s + lnE_k)

(docs/theory.md, "Categorical groups").  Outcomes, states and decisions are one-hot groups side by
side; every table is normalised over its first index within each group.  Groups of two are the
binary theory.  The network's side stands in `categorical.network`, by separate code.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_shape
from hebbayes.core.counts import Counts, Ratio, add_evidence, log_ratio
from hebbayes.core.numerics import contract_or_zero, product_or_zero
from hebbayes.theory.categorical.groups import check_groups, log_softmax_groups, sum_groups


class Factors(eqx.Module):
    """Sizes of the groups.

    Attributes:
        outcomes: Values of each outcome modality.
        states: Values of each state factor.
        decisions: Values of each decision factor.
    """

    outcomes: tuple[int, ...] = eqx.field(static=True)
    states: tuple[int, ...] = eqx.field(static=True)
    decisions: tuple[int, ...] = eqx.field(static=True)


class CategoricalModel(eqx.Module):
    """Dirichlet counts of every table.

    Attributes:
        factors: Sizes of the groups.
        likelihood: (outcomes, states), a.
        transition: (previous states, states), b: the inverse map.
        policy: (previous states, decisions), c.
        state_prior: (states,), d.
        decision_prior: (decisions,), e.
    """

    factors: Factors
    likelihood: Counts
    transition: Counts
    policy: Counts
    state_prior: Counts
    decision_prior: Counts

    def __check_init__(self) -> None:
        """The tables have the shapes that the groups ask for."""
        n_outcomes = jnp.shape(self.likelihood.prior)[0]
        n_states, n_decisions = jnp.shape(self.policy.prior)
        for name, length in (
            ("outcomes", n_outcomes), ("states", n_states), ("decisions", n_decisions)
        ):  # fmt: skip
            check_groups(name, getattr(self.factors, name), length)
        check_shape("likelihood", self.likelihood.prior, (n_outcomes, n_states))
        check_shape("transition", self.transition.prior, (n_states, n_states))
        check_shape("state_prior", self.state_prior.prior, (n_states,))
        check_shape("decision_prior", self.decision_prior.prior, (n_decisions,))


class CategoricalEvents(eqx.Module):
    """What an agent lives through, time-first; groups are one-hot.

    Attributes:
        observations: (time, outcomes).
        decisions: (time, decisions), those taken; soft labels are welcome.
        risk: (time,), of each decision.
        kept: (time, states), the share of each step's evidence for the policy that later
            forgetting leaves, by previous state; 1 forgets nothing.
        prior_kept: (states,), the same share of the counts before the first step.
    """

    observations: Float[Array, "time outcomes"]
    decisions: Float[Array, "time decisions"]
    risk: Float[Array, " time"]
    kept: Float[Array, "time states"] | float = 1.0
    prior_kept: Float[Array, " states"] | float = 1.0


class CategoricalLogs(eqx.Module):
    """Expected logarithms of the tables, shaped like those of `CategoricalModel`.

    Attributes:
        likelihood: lnA.
        transition: lnB.
        policy: lnC.
        state_prior: lnD.
        decision_prior: lnE.
    """

    likelihood: Float[Array, "outcomes states"]
    transition: Float[Array, "states states"]
    policy: Float[Array, "states decisions"]
    state_prior: Float[Array, " states"]
    decision_prior: Float[Array, " decisions"]


def expected_categorical_log(counts: Counts, sizes: tuple[int, ...], ratio: Ratio) -> Array:
    """Return E[ln A] of a table, or of a vector, whose first index runs over groups of ``sizes``.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> flat = without_evidence(jnp.ones((5, 1)))
        >>> jnp.exp(expected_categorical_log(flat, (2, 3), log_ratio))[:, 0].round(3).tolist()
        [0.5, 0.5, 0.333..., 0.333..., 0.333...]
    """
    index = jnp.repeat(jnp.arange(len(sizes)), jnp.array(sizes), total_repeat_length=sum(sizes))
    prior, evidence = (
        jnp.moveaxis(sum_groups(jnp.moveaxis(part, 0, -1), sizes), -1, 0)[index]
        for part in (counts.prior, counts.evidence)
    )
    return ratio(counts, Counts(prior, evidence))


def categorical_logs(model: CategoricalModel, ratio: Ratio = log_ratio) -> CategoricalLogs:
    """Return the expected logarithms of every table; D and E are log ratios in either mode.

    Example:
        >>> logs = categorical_logs(flat_categorical_model(Factors((2,), (4,), (3,))))
        >>> float(jnp.exp(logs.state_prior).sum().round(6))
        1.0
    """
    factors = model.factors
    return CategoricalLogs(
        expected_categorical_log(model.likelihood, factors.outcomes, ratio),
        expected_categorical_log(model.transition, factors.states, ratio),
        expected_categorical_log(model.policy, factors.states, ratio),
        expected_categorical_log(model.state_prior, factors.states, log_ratio),
        expected_categorical_log(model.decision_prior, factors.decisions, log_ratio),
    )


def flat_categorical_model(factors: Factors, count: float = 1.0) -> CategoricalModel:
    """Return a model in which every count is ``count``.

    Example:
        >>> flat_categorical_model(Factors((2,), (3, 2), (4,))).policy.prior.shape
        (5, 4)
    """
    n_o, n_s, n_d = (sum(g) for g in (factors.outcomes, factors.states, factors.decisions))

    def flat(*shape: int) -> Counts:
        return Counts(jnp.full(shape, count), jnp.zeros(shape))

    return CategoricalModel(
        factors, flat(n_o, n_s), flat(n_s, n_s), flat(n_s, n_d), flat(n_s), flat(n_d)
    )


def infer_categories(
    logs: CategoricalLogs, factors: Factors, observation: Array, previous_states: Array
) -> tuple[Array, Array]:
    """Return the log posteriors of states and of decisions, one softmax per group.

    Example:
        >>> model = flat_categorical_model(Factors((2,), (4,), (3,)))
        >>> states, decisions = infer_categories(
        ...     categorical_logs(model), model.factors, jnp.array([1.0, 0.0]), jnp.full(4, 0.25))
        >>> jnp.exp(states).round(6).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    states = (
        contract_or_zero("ij,...i->...j", logs.likelihood, observation)
        + contract_or_zero("ij,...i->...j", logs.transition, previous_states)
        + logs.state_prior
    )
    decisions = (
        contract_or_zero("ij,...i->...j", logs.policy, previous_states) + logs.decision_prior
    )
    return (
        log_softmax_groups(states, factors.states),
        log_softmax_groups(decisions, factors.decisions),
    )


def learn_categories(
    model: CategoricalModel,
    events: CategoricalEvents,
    states: Float[Array, "time states"],
    previous_states: Float[Array, "time states"],
    floor: float = 0.0,
) -> CategoricalModel:
    """Return the model after learning: counts += presynaptic x postsynaptic, c by 1 - 2 risk.

    Priors d and e learn too; forgetting (``events.kept``) is of c.  Forgotten prior counts of c
    become negative evidence, so that the prior stays readable.

    Example:
        >>> model = flat_categorical_model(Factors((2,), (2,), (2,)))
        >>> step = jnp.array([[1.0, 0.0]])
        >>> events = CategoricalEvents(step, step, jnp.array([0.0]))
        >>> learn_categories(model, events, step, step).policy.evidence.tolist()
        [[1.0, 0.0], [0.0, 0.0]]
    """
    trust = (1 - 2 * events.risk)[:, None]
    kept = jnp.broadcast_to(jnp.asarray(events.kept), previous_states.shape)
    share = jnp.broadcast_to(jnp.asarray(events.prior_kept), previous_states.shape[-1:])[:, None]
    policy = Counts(
        model.policy.prior, share * model.policy.evidence + (share - 1) * model.policy.prior
    )
    gained = jnp.einsum("tv,tu->vu", trust * kept * previous_states, events.decisions)
    return CategoricalModel(
        model.factors,
        add_evidence(model.likelihood, jnp.einsum("tv,tu->vu", events.observations, states)),
        add_evidence(model.transition, jnp.einsum("tv,tu->vu", previous_states, states)),
        add_evidence(policy, gained, floor),
        add_evidence(model.state_prior, states.sum(0)),
        add_evidence(model.decision_prior, events.decisions.sum(0)),
    )


def categorical_free_energy(
    logs: CategoricalLogs,
    events: CategoricalEvents,
    log_states: Float[Array, "time states"],
    log_decisions: Float[Array, "time decisions"],
    previous_states: Float[Array, "time states"],
) -> Float[Array, " time"]:
    """Return F of every step in nats, without the parameters' divergence.

    ``log_decisions`` are those of the decisions' expectation, or the logarithm of soft labels.

    Example:
        >>> model = flat_categorical_model(Factors((2,), (4,), (3,)))
        >>> logs, o, s = categorical_logs(model), jnp.array([[1.0, 0.0]]), jnp.full((1, 4), 0.25)
        >>> d = jnp.full((1, 3), 1 / 3)
        >>> events = CategoricalEvents(o, d, jnp.array([0.5]))
        >>> F = categorical_free_energy(logs, events, jnp.log(s), jnp.log(d), s)
        >>> float((F / jnp.log(2)).round(4)[0])
        3.0
    """
    s, d = jnp.exp(log_states), jnp.exp(log_decisions)
    expected = contract_or_zero("ij,...i->...j", logs.likelihood, events.observations)
    expected += contract_or_zero("ij,...i->...j", logs.transition, previous_states)
    explained = contract_or_zero("ij,...i->...j", logs.policy, events.kept * previous_states)
    trust = (1 - 2 * events.risk)[:, None]
    of_states = product_or_zero(s, log_states - expected - logs.state_prior)
    of_decisions = product_or_zero(
        d, log_decisions - product_or_zero(trust, explained) - logs.decision_prior
    )
    return of_states.sum(-1) + of_decisions.sum(-1)
