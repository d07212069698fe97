"""Beliefs read from weights of networks whose generative model is known."""

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.special import expit, logit

from hebbayes.commands.derive.from_network import read_network
from hebbayes.core.errors import FormatError, ShapeError
from hebbayes.reverse_engineering.weights.beliefs import beliefs_of, offsets
from hebbayes.reverse_engineering.weights.layers import InputStatistics, LayerWeights

N_UNITS, N_INPUTS = 6, 9


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(4)
    on, off = rng.uniform(0.05, 0.95, (2, N_UNITS, N_INPUTS))
    prior = np.array([0.02, 0.2, 0.5, 0.7, 0.9, 0.99])
    threshold = logit(prior) + (np.log1p(-on) - np.log1p(-off)).sum(1)
    return {"on": on, "off": off, "prior": prior, "threshold": threshold}


def layer(model, **changes):
    fields = {
        "name": "x",
        "weights": logit(model["on"]) - logit(model["off"]),
        "pair": None,
        "recurrent": None,
        "recurrent_pair": None,
        "threshold": model["threshold"],
        "prior": None,
        "activation": "sig",
    }
    return LayerWeights(**(fields | changes))


def test_the_prior_comes_back_from_weights_given_apart(model):
    pair = logit(model["on"]), logit(model["off"])
    beliefs = beliefs_of(layer(model, weights=None, pair=pair))
    np.testing.assert_allclose(beliefs.prior, model["prior"], atol=1e-6)
    np.testing.assert_allclose(beliefs.table_on, model["on"], atol=1e-6)
    assert beliefs.how == "exact"
    assert beliefs.extreme().tolist() == [0, 5]


def test_the_range_of_weights_alone_contains_the_prior(model):
    beliefs = beliefs_of(layer(model))
    truth = logit(model["prior"])
    assert beliefs.how == "range"
    assert np.all((beliefs.low < truth) & (truth < beliefs.high))
    assert "symmetric choice" in beliefs.undetermined[0]


def test_the_range_is_that_of_every_offset(model):
    weights = logit(model["on"]) - logit(model["off"])
    beliefs = beliefs_of(layer(model))
    for c in (-40.0, 40.0):
        on, off = weights / 2 + c, c - weights / 2
        inner = model["threshold"] - (np.logaddexp(0, off) - np.logaddexp(0, on)).sum(1)
        assert np.all((beliefs.low - 1e-9 < inner) & (inner < beliefs.high + 1e-9))


def test_exact_input_means_give_the_exact_prior(model):
    for unit in range(N_UNITS):
        on, off, prior = (model[key][unit : unit + 1] for key in ("on", "off", "prior"))
        mean = prior * on[0] + (1 - prior) * off[0]
        one = layer(model, weights=logit(on) - logit(off), threshold=model["threshold"][[unit]])
        beliefs = beliefs_of(one, InputStatistics(mean))
        np.testing.assert_allclose(beliefs.prior, prior, atol=1e-6)
        np.testing.assert_allclose(beliefs.table_on, on, atol=1e-6)
        assert beliefs.error is None


def test_sampled_inputs_give_the_prior_within_their_sampling_error(model, tmp_path):
    rng = np.random.default_rng(8)
    scores = []
    for unit in range(N_UNITS):
        state = rng.random(4000) < model["prior"][unit]
        chance = np.where(state[:, None], model["on"][unit], model["off"][unit])
        inputs = (rng.random(chance.shape) < chance).astype(float)
        weights = (logit(model["on"]) - logit(model["off"]))[[unit]]
        path = tmp_path / f"{unit}.npz"
        np.savez(path, W=weights, h=model["threshold"][[unit]], inputs=inputs, activation="sig")
        (beliefs,) = read_network(path).beliefs
        assert beliefs.how == "estimated"
        scores.append((beliefs.log_odds[0] - logit(model["prior"][unit])) / beliefs.error[0])
    assert np.max(np.abs(scores)) < 4
    assert np.sqrt(np.mean(np.square(scores))) > 0.2  # the error is no excuse


def test_offsets_match_the_means_they_are_made_for():
    rng = np.random.default_rng(2)
    weights = rng.normal(scale=5, size=(4, 7))
    prior, mean = rng.random(4), rng.uniform(0.01, 0.99, 7)
    c = offsets(weights, prior, mean)
    mixed = prior[:, None] * expit(weights / 2 + c) + (1 - prior[:, None]) * expit(c - weights / 2)
    np.testing.assert_allclose(mixed, np.broadcast_to(mean, mixed.shape), rtol=1e-9)


def test_a_tanh_network_is_read_as_the_binary_network_it_is(tmp_path):
    """s = tanh(u) is 2 sig(2 u) - 1: the log odds of every account of inputs and past agree."""
    rng = np.random.default_rng(0)
    W, K, b = rng.normal(size=(3, 4)), rng.normal(size=(3, 3)), rng.normal(size=3)
    arrays = {"weight_ih_l0": W, "weight_hh_l0": K, "bias_ih_l0": b, "bias_hh_l0": np.zeros(3)}
    save_file({f"rnn.{name}": value for name, value in arrays.items()}, tmp_path / "a.safetensors")
    report = read_network(tmp_path / "a.safetensors")
    (beliefs,) = report.beliefs
    o, past = rng.integers(0, 2, 4), rng.random(3)
    on = expit(2 * (W @ o + K @ (2 * past - 1) + b))
    differences = logit(beliefs.table_on) - logit(beliefs.table_off)
    threshold = beliefs.log_odds - differences.sum(1) / 2  # h = phi + normaliser at c = 0
    np.testing.assert_allclose(expit(differences @ np.concatenate([o, past]) + threshold), on)
    assert report.layers[0].is_activation_assumed
    assert report.derivation.interpretations[0].family.name == "spin"


def test_a_network_trained_by_gradient_is_read(tmp_path):
    """A sigmoid unit that learns to infer a source reports its beliefs, and what stays open."""
    rng = np.random.default_rng(3)
    on, off, prior = rng.uniform(0.2, 0.8, 5), rng.uniform(0.2, 0.8, 5), 0.3
    source = (rng.random(20_000) < prior).astype(float)
    inputs = (rng.random((20_000, 5)) < np.where(source[:, None] == 1, on, off)).astype(float)
    weights, bias = np.zeros(5), 0.0
    for _ in range(3000):
        error = source - expit(inputs @ weights + bias)
        weights += 0.5 * error @ inputs / len(inputs)
        bias += 0.5 * error.mean()
    path = tmp_path / "trained.npz"
    layers = {"fc.weight": weights[None], "fc.bias": np.array([bias])}
    np.savez(path, **layers)
    (alone,) = read_network(path, "sig").beliefs
    assert alone.low[0] < logit(prior) < alone.high[0]
    assert alone.undetermined
    np.savez(path, **layers, inputs=inputs)
    (informed,) = read_network(path, "sig").beliefs
    assert abs(informed.prior[0] - prior) < 0.03  # training noise, of order 0.01
    np.testing.assert_allclose(informed.table_on[0], on, atol=0.06)


@pytest.mark.parametrize("activation", ["softmax", "exp", "relu", "identity"])
def test_other_activations_report_their_family_and_thresholds_only(tmp_path, activation):
    np.savez(tmp_path / "a.npz", W=np.ones((2, 3)), h=np.array([1.0, 2.0]), activation=activation)
    (beliefs,) = read_network(tmp_path / "a.npz").beliefs
    assert beliefs.how == "family only"
    assert beliefs.log_odds.tolist() == [1.0, 2.0]


BAD = {
    "no layer": ({"zebra": np.ones(3)}, FormatError, "has no layer"),
    "no activation": ({"fc.weight": np.ones((2, 3))}, FormatError, "--activation"),
    "half a pair": ({"W1": np.ones((2, 3)), "h": np.ones(2)}, FormatError, "a pair needs both"),
    "gated": (
        {"weight_ih_l0": np.ones((8, 3)), "weight_hh_l0": np.ones((8, 2))},
        ShapeError,
        "gated network",
    ),
    "wrong bias": (
        {"W": np.ones((2, 3)), "h": np.ones(3), "activation": "sig"},
        ShapeError,
        "bias",
    ),
    "one axis": ({"W": np.ones(3), "activation": "sig"}, ShapeError, "two axes"),
    "unknown activation": ({"W": np.ones((1, 3)), "activation": "gelu"}, FormatError, "gelu"),
    "not finite": (
        {"W": np.full((1, 2), np.nan), "activation": "sig"},
        ValueError,
        "must be finite",
    ),
    "other inputs": (
        {"W": np.ones((1, 2)), "h": np.ones(1), "input_mean": np.ones(3) / 2, "activation": "sig"},
        ShapeError,
        "have 3 entries",
    ),
    "no probability": (
        {"W": np.ones((1, 2)), "input_mean": np.array([0.5, 1.5]), "activation": "sig"},
        FormatError,
        "input 1",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_weights_that_are_no_network_are_refused(tmp_path, kind):
    arrays, error, words = BAD[kind]
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(error, match=words):
        read_network(tmp_path / "a.npz")
