"""The measure of discrepancy, and the entries at the floor that a claim leaves out."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import log_ratio
from hebbayes.theory.certificate.claims import floored_entries
from hebbayes.theory.certificate.measure import discrepancy, worst
from hebbayes.theory.certificate.runs import bayesian_run

from ..networks import one_layer_model, random_events, two_layer_model


@pytest.mark.parametrize(
    ("first", "second", "gap"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 2.0], [1.0, 4.0], 0.5),
        ([0.0], [0.0], 0.0),
        ([0.0], [1e-300], 1.0),
        ([np.inf, 1.0], [np.inf, 2.0], 0.5),
        ([], [], 0.0),
    ],
)
def test_discrepancy_is_relative_to_the_largest_entry(first, second, gap):
    assert float(discrepancy(jnp.array(first), jnp.array(second))) == gap


def test_no_discrepancy_hides_a_nan():
    with np.errstate(invalid="ignore"):
        assert math.isnan(float(worst(jnp.array(0.0), jnp.array(jnp.nan))))


def test_entries_at_the_floor_are_those_whose_learnt_count_is_the_floor():
    model = two_layer_model()
    run = bayesian_run(model, random_events(model), log_ratio, chunk_length=5)
    at_end = np.asarray(run.after.policy.prior + run.after.policy.evidence) == 1
    assert at_end.any()
    assert np.asarray(floored_entries(run, 5, 1.0))[at_end].all()


def test_a_model_without_policy_has_no_floored_entries():
    model = one_layer_model()
    assert floored_entries(bayesian_run(model, random_events(model)), None, 1.0) is None
