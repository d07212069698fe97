"""Generative models: expected logarithms against SciPy, and tables that do not fit."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import digamma

from hebbayes.core.counts import digamma_ratio, log_ratio, total, without_evidence
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.theory.generative_model import GenerativeModel, expected_logs, flat_model

from .networks import two_layer_model


@pytest.mark.parametrize(("ratio", "log"), [(log_ratio, np.log), (digamma_ratio, digamma)])
def test_expected_logs_equal_scipy_on_every_table(ratio, log):
    model = two_layer_model()
    logs = expected_logs(model, ratio)
    for name in ("likelihood", "transition", "policy"):
        counts = np.asarray(total(getattr(model, name)))
        expected = log(counts) - log(counts.sum(0))
        np.testing.assert_allclose(getattr(logs, name), expected, rtol=1e-10, atol=1e-12)
    for name in ("state_prior", "decision_prior"):  # priors are point estimates in both modes
        counts = np.asarray(total(getattr(model, name)))
        np.testing.assert_allclose(getattr(logs, name), np.log(counts / counts.sum(0)), rtol=1e-10)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("state_prior", (2, 3)),
        ("transition", (2, 2, 4, 3)),
        ("policy", (2, 2, 3, 6)),
        ("decision_prior", (2, 5)),
    ],
)
def test_a_table_of_another_shape_is_named(name, shape):
    tables = {**vars(two_layer_model()), name: without_evidence(jnp.ones(shape))}
    with pytest.raises(ShapeError, match=f"{name} has shape"):
        GenerativeModel(**tables)


@pytest.mark.parametrize(("sizes", "name"), [((0, 2), "n_outcomes"), ((2, 0), "n_states")])
def test_a_model_without_outcomes_or_states_is_refused(sizes, name):
    with pytest.raises(ValueRangeError, match=f"{name} must be at least 1; got 0"):
        flat_model(*sizes)
