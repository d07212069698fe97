"""Bounds on surprise and predictions of random models, beside enumeration of all joint states."""

import importlib.util
import json
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import log_ratio
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.theory.bounds import OmittedTerms, omitted_terms
from hebbayes.theory.generative_model import expected_logs

from .networks import one_layer_model

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def bounds():
    spec = importlib.util.spec_from_file_location("bounds", BENCHMARKS / "bounds.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bounds"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bounds"]


@pytest.mark.parametrize(
    "size",
    [
        (3, 2, True),
        pytest.param((1, 1, False), marks=pytest.mark.thorough),
        pytest.param((3, 2, False), marks=pytest.mark.thorough),
    ],
)
def test_f_and_its_omitted_terms_bound_surprise(bounds, size):
    rows = [bounds.compare(1000 + seed, size) for seed in range(6)]
    for row in rows:
        assert max(row["omitted"]) < 1e-12
        assert row["slack"] > -1e-12
        assert row["slack"] <= row["slack_of_f_alone"] + 1e-12
        assert row["error_of_outcomes"] < 1e-12
        assert row.get("error_of_states", 0) < 1e-12
        assert row.get("slack_of_digamma_with_kl", 1) > 0
        if size[1] == 1:
            assert abs(row["slack"]) < 1e-12
    if size == (3, 2, False):  # the KL bounds nothing in log mode
        assert min(row["slack_of_log_with_kl"] for row in rows) < -0.01


def test_the_committed_study_holds():
    study = json.loads((BENCHMARKS / "results" / "bounds.json").read_text())
    assert study["models"] == 500
    assert study["worst"]["slack"] > -1e-12
    assert study["worst"]["slack_of_digamma_with_kl"] > 0
    assert max(study["worst"][f"error_of_{name}"] for name in ("states", "outcomes")) < 1e-12


def test_beliefs_that_do_not_fit_are_refused():
    logs = expected_logs(one_layer_model(), log_ratio)
    half = jnp.full((2, 4), 0.5)
    with pytest.raises(ShapeError, match=r"previous_states has shape \(2, 3\)"):
        omitted_terms(logs, half, half[:, :3])
    with pytest.raises(ValueRangeError, match="states must lie between"):
        omitted_terms(logs, 3 * half, half)
    assert np.asarray(omitted_terms(logs, half, half).memory) == 0


def test_a_total_is_the_sum_of_its_parts():
    both = OmittedTerms(jnp.array([-1.0]), jnp.array([-0.5]))
    assert both.total.tolist() == [-1.5]
    assert repr(both) == "OmittedTerms(total (1,))"
