"""Errors of one sign, index or term, and the tests that must see each.

`benchmarks/mutations.py` applies every mutation to a copy of the package and runs its tests, which
must fail.  `theory/test_mutations.py` holds those that a certificate must see by itself.
"""

from typing import NamedTuple


class Edit(NamedTuple):
    """A text that occurs once in a module of the package, and what replaces it."""

    module: str
    old: str
    new: str


class Mutation(NamedTuple):
    """Edits, and the test that fails with them."""

    name: str
    edits: tuple[Edit, ...]
    test: str


MUTATIONS = (
    Mutation(
        "risk also weighs the prior of decisions, in F and in L",
        (
            Edit(
                "theory/cost",
                "jnp.ones_like(drive), drive) + psi[u]",
                "jnp.ones_like(drive), drive + psi[u])",
            ),
            Edit(
                "theory/free_energy",
                "explained) - logs.decision_prior)",
                "explained + logs.decision_prior))",
            ),
        ),
        "tests/theory/certificate/test_certificate.py",
    ),
    Mutation(
        "the divergence leaves out the transition",
        (Edit("theory/free_energy", "        model.transition,\n", ""),),
        "tests/theory/test_free_energy.py::test_every_table_adds_its_own_divergence",
    ),
    Mutation(
        "the rate of the activity form has a wrong sign",
        (Edit("theory/dynamics", "(2 + 2 * jnp.cosh", "(2 - 2 * jnp.cosh"),),
        "tests/theory/test_dynamics.py::"
        "test_the_rate_of_the_activity_form_is_one_over_tau_x_times_1_minus_x",
    ),
    Mutation(
        "the output layer reads rates without the delay",
        (Edit("theory/dynamics", "output_drive(wired, past[0])", "output_drive(wired, past[-1])"),),
        "tests/theory/test_dynamics.py::test_a_delay_reads_the_rates_of_that_many_steps_before",
    ),
    Mutation(
        "the past comes after the present",
        (Edit("core/scan", "jnp.concatenate([first, rows])", "jnp.concatenate([rows, first])"),),
        "tests/theory/certificate/test_variants.py::"
        "test_the_past_of_a_delayed_run_is_that_many_steps_back",
    ),
    Mutation(
        "a learnt prior is a point estimate on both sides",
        (
            Edit(
                "theory/generative_model",
                "ratio if is_state_prior_learnt else log_ratio",
                "log_ratio",
            ),
            Edit("theory/network", "ratio if is_state_factor_learnt else log_ratio", "log_ratio"),
        ),
        "tests/theory/certificate/test_variants.py::"
        "test_delays_learnt_priors_soft_labels_and_certain_synapses_hold",
    ),
    Mutation(
        "soft labels are rounded",
        (
            Edit(
                "theory/certificate/learning_claims",
                "jnp.log(taken) - jnp.log1p(-taken)",
                "jnp.where(taken > 0.5, jnp.inf, -jnp.inf)",
            ),
        ),
        "tests/theory/certificate/test_variants.py::"
        "test_delays_learnt_priors_soft_labels_and_certain_synapses_hold",
    ),
    Mutation(
        "an active input of a certain synapse excludes the value",
        (Edit("theory/synapses", "(rates != 1)", "(rates != 0)"),),
        "tests/theory/certificate/test_variants.py::"
        "test_a_likelihood_of_exactly_0_or_1_gives_the_same_on_both_sides",
    ),
    Mutation(
        "the integral of a prediction has a wrong sign",
        (Edit("core/binary_sums", "open_ / 2 + part", "open_ / 2 - part"),),
        "tests/core/test_binary_sums.py",
    ),
    Mutation(
        "the softplus of a prediction misses half the mean",
        (Edit("core/binary_sums", "mean / 2 + jnp.log", "mean + jnp.log"),),
        "tests/core/test_binary_sums.py",
    ),
    Mutation(
        "the prior of states plays no part in predictions",
        (Edit("theory/prediction", "jnp.stack([prior, prior])", "0 * jnp.stack([prior, prior])"),),
        "tests/theory/test_prediction.py::test_predictions_of_a_single_state_follow_bayes_rule",
    ),
    Mutation(
        "omitted terms of memory are added with a wrong sign",
        (Edit("theory/bounds", "self.outcomes + self.memory", "self.outcomes - self.memory"),),
        "tests/theory/test_bounds.py::test_a_total_is_the_sum_of_its_parts",
    ),
    Mutation(
        "a structural zero learns",
        (Edit("core/counts", "jnp.where(counts.prior > 0, evidence, 0)", "evidence"),),
        "tests/core/test_counts.py::test_structural_zeros_stay_zero_whatever_is_seen",
    ),
    Mutation(
        "digamma has a wrong coefficient",
        (Edit("core/counts", "square * (1 / 120", "square * (1 / 12"),),
        "tests/core/test_counts.py",
    ),
    Mutation(
        "Home forgets what did not fire",
        (Edit("theory/plasticity", "fired.evidence + silent.evidence", "fired.evidence"),),
        "tests/theory/test_plasticity.py::"
        "test_network_plasticity_equals_bayesian_learning_of_priors_too",
    ),
    Mutation(
        "expected reward raises risk",
        (Edit("agents/modulators", "surprise = reward - state", "surprise = reward + state"),),
        "tests/agents/test_modulators.py",
    ),
    Mutation(
        "a draw returns an entry of weight 0",
        (Edit("core/sampling", "cumulative <= uniform", "cumulative < uniform"),),
        "tests/core/test_sampling.py",
    ),
    Mutation(
        "rewards count after the end of a trial",
        (Edit("agents/rollout", "reward = jnp.where(is_over, 0, reward)", ""),),
        "tests/agents/test_rollout.py::"
        "test_a_trial_that_is_over_stays_over_where_the_goal_could_be_left",
    ),
)
