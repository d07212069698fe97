"""The layers in a file of weights, identified by name and checked by shape.

    nn.RNN      PREFIX.weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, and l1, l2, ...
    nn.Linear   PREFIX.weight, PREFIX.bias
    plain       W or W1, W0;  K or K1, K0;  h or phi1, phi0;  of the output layer V, V1, V0, m, psi

Beside them: `activation` (text), and statistics of inputs, `inputs` (n, inputs) or `input_mean`
with `input_count`.  Weights are (units, inputs), as PyTorch writes them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_finite
from hebbayes.core.errors import FormatError, ShapeError

if TYPE_CHECKING:
    from hebbayes.data.weights import Weights

Array = NDArray[np.float64]
_RNN = re.compile(r"(?P<prefix>.*?)(?P<what>weight|bias)_(?P<kind>ih|hh)_l(?P<number>\d+)")
_LINEAR = re.compile(r"(?P<prefix>(?:.*\.)?)(?P<what>weight|bias)")
_PLAIN = {
    "x": ("W", "K", "h", "phi"),
    "y": ("V", "", "m", "psi"),
}
ACTIVATIONS = {
    "sig": "sig",
    "sigmoid": "sig",
    "tanh": "tanh",
    "softmax": "softmax",
    "exp": "exp",
    "relu": "relu",
    "identity": "identity",
    "linear": "identity",
    "none": "identity",
}


@dataclass(frozen=True)
class LayerWeights:
    """One layer as stored in a file; weights are (units, inputs).

    Attributes:
        name: Prefix or letter of its names.
        weights: Difference of on and off weights, None if the pair is given.
        pair: On and off weights apart.
        recurrent: Weights from the layer's own past, difference of on and off.
        recurrent_pair: Recurrent on and off weights apart.
        threshold: h, None if only the prior is given.
        prior: phi1 - phi0, if the file has it.
        activation: Name of the activation.
        is_activation_assumed: Whether the activation is a default.
    """

    name: str
    weights: Array | None
    pair: tuple[Array, Array] | None
    recurrent: Array | None
    recurrent_pair: tuple[Array, Array] | None
    threshold: Array | None
    prior: Array | None
    activation: str
    is_activation_assumed: bool = False

    @property
    def difference(self) -> Array:
        """On less off weights."""
        if self.weights is not None:
            return self.weights
        assert self.pair is not None  # a layer has one or the other
        return self.pair[0] - self.pair[1]

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.difference)

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return self.difference.shape[1]


@dataclass(frozen=True)
class InputStatistics:
    """Statistics of the inputs.

    Attributes:
        mean: Mean of each input.
        covariance_of_mean: Sampling covariance of that mean; None if no count is given.
    """

    mean: Array
    covariance_of_mean: Array | None = None


@dataclass
class _Parts:
    """Arrays of one layer while its names are sorted."""

    arrays: dict[str, Array] = field(default_factory=dict)
    is_recurrent_kind: bool = False


def layers_in(weights: "Weights", activation: str | None) -> list[LayerWeights]:
    """Return the layers of a file, in order.

    Raises `FormatError` if there is none or its activation is not known, `ShapeError`.

    Example:
        >>> from hebbayes.data.weights import Weights
        >>> file = Weights({"fc.weight": np.ones((2, 3)), "fc.bias": np.zeros(2)})
        >>> [layer.name for layer in layers_in(file, "sig")]
        ['fc']
    """
    arrays = {
        name.removeprefix("parameter_"): np.asarray(value, float)
        for name, value in weights.arrays.items()
        if value.dtype.kind in "fiub"
    }
    result = [*_torch_layers(arrays), *_plain_layers(arrays)]
    if not result:
        raise FormatError(
            "this file has no layers; wanted weight_ih_l0 and weight_hh_l0 (nn.RNN), weight and "
            f"bias (nn.Linear), or W and h; it has {', '.join(weights.arrays)}."
        )
    return [_layer(name, parts, weights.texts, activation) for name, parts in result]


def _torch_layers(arrays: Mapping[str, Array]) -> list[tuple[str, _Parts]]:
    layers: dict[str, _Parts] = {}
    for name, value in arrays.items():
        match = _RNN.fullmatch(name)
        if match:
            key = f"{match['prefix']}l{match['number']}"
            layers.setdefault(key, _Parts(is_recurrent_kind=True))
            layers[key].arrays[f"{match['what']}_{match['kind']}"] = value
            continue
        match = _LINEAR.fullmatch(name)
        if match:
            key = match["prefix"].rstrip(".") or "linear"
            layers.setdefault(key, _Parts()).arrays[match["what"]] = value
    return list(layers.items())


def _plain_layers(arrays: Mapping[str, Array]) -> list[tuple[str, _Parts]]:
    result = []
    for layer, (matrix, recurrent, threshold, prior) in _PLAIN.items():
        names = {matrix: "weight", f"{matrix}1": "weight1", f"{matrix}0": "weight0"}
        if recurrent:
            names |= {recurrent: "weight_hh", f"{recurrent}1": "hh1", f"{recurrent}0": "hh0"}
        names |= {threshold: "bias", f"{prior}1": "prior1", f"{prior}0": "prior0"}
        parts = {names[n]: value for n, value in arrays.items() if n in names}
        if parts:
            result.append((layer, _Parts(parts)))
    return result


def _layer(
    name: str, parts: _Parts, texts: Mapping[str, str], activation: str | None
) -> LayerWeights:
    arrays = dict(parts.arrays)
    for key, value in arrays.items():
        check_finite(f"{key} of layer {name}", value)
    pair = _pair(arrays, "weight1", "weight0", name)
    recurrent_pair = _pair(arrays, "hh1", "hh0", name)
    weights = arrays.get("weight_ih", arrays.get("weight"))
    if weights is None and pair is None:
        raise FormatError(f"layer {name} has no weights, only {', '.join(arrays)}.")
    result = weights if weights is not None else pair[0]  # type: ignore[index]
    if result.ndim != 2:
        raise ShapeError(f"weights of layer {name} have shape {result.shape}; wanted two axes.")
    recurrent = arrays.get("weight_hh")
    n_units = result.shape[0]
    _check_recurrent(name, recurrent if recurrent is not None else recurrent_pair, n_units)
    biases = [arrays[k] for k in ("bias", "bias_ih", "bias_hh") if k in arrays]
    threshold = np.sum(biases, axis=0) if biases else None
    priors = _pair(arrays, "prior1", "prior0", name)
    for bias in [b for b in (threshold, None if priors is None else priors[0]) if b is not None]:
        if bias.shape != (n_units,):
            raise ShapeError(f"bias of layer {name} has shape {bias.shape}; wanted ({n_units},).")
    chosen, is_assumed = _activation(name, parts, texts, activation)
    return LayerWeights(
        name=name,
        weights=None if pair is not None else weights,
        pair=pair,
        recurrent=None if recurrent_pair is not None else recurrent,
        recurrent_pair=recurrent_pair,
        threshold=threshold if threshold is not None or priors is not None else np.zeros(n_units),
        prior=None if priors is None else priors[0] - priors[1],
        activation=chosen,
        is_activation_assumed=is_assumed,
    )


def _pair(arrays: Mapping[str, Array], on: str, off: str, name: str) -> tuple[Array, Array] | None:
    if (on in arrays) != (off in arrays):
        raise FormatError(f"layer {name} has one of {on} and {off}; a pair needs both.")
    if on not in arrays:
        return None
    if arrays[on].shape != arrays[off].shape:
        raise ShapeError(
            f"{on} and {off} of layer {name} have shapes {arrays[on].shape} and "
            f"{arrays[off].shape}; they must match."
        )
    return arrays[on], arrays[off]


def _check_recurrent(name: str, recurrent: Any, n_units: int) -> None:
    for matrix in recurrent if isinstance(recurrent, tuple) else (recurrent,):
        if matrix is None or matrix.shape == (n_units, n_units):
            continue
        if matrix.ndim == 2 and matrix.shape[0] == n_units and n_units % matrix.shape[1] == 0:
            gates = n_units // matrix.shape[1]
            raise ShapeError(
                f"layer {name} has {gates} rows of weights per unit: a gated network (LSTM, GRU), "
                "which is not canonical; wanted nn.RNN."
            )
        raise ShapeError(
            f"recurrent weights of layer {name} have shape {matrix.shape}; wanted "
            f"({n_units}, {n_units})."
        )


def _activation(
    name: str, parts: _Parts, texts: Mapping[str, str], activation: str | None
) -> tuple[str, bool]:
    """Return the activation named by the file or the user, else the default, and if it is one."""
    said = next(
        (
            texts[key]
            for key in (f"{name}.activation", "activation", f"{name}.nonlinearity", "nonlinearity")
            if key in texts
        ),
        None,
    )
    if said is not None:
        if said.lower() not in ACTIVATIONS:
            raise FormatError(
                f"the file names the activation {said!r}; known are {', '.join(ACTIVATIONS)}."
            )
        stated = ACTIVATIONS[said.lower()]
        if activation is not None and activation != stated:
            raise FormatError(
                f"the file names the activation {stated}; --activation is {activation}."
            )
        return stated, False
    if activation is not None:
        return activation, False
    if parts.is_recurrent_kind:
        return "tanh", True
    if "weight1" in parts.arrays or "weight0" in parts.arrays:
        return "sig", True
    raise FormatError(f"layer {name} has no activation; pass --activation, e.g. --activation sig.")


def statistics_in(weights: "Weights") -> InputStatistics | None:
    """Return the input statistics in a file, or None.

    Raises `FormatError` for means that are not probabilities.

    Example:
        >>> from hebbayes.data.weights import Weights
        >>> statistics_in(Weights({"inputs": np.array([[0, 1], [1, 1]])})).mean.tolist()
        [0.5, 1.0]
    """
    arrays = weights.arrays
    if "inputs" in arrays:
        inputs = np.asarray(arrays["inputs"], float)
        if inputs.ndim != 2 or len(inputs) < 2:
            raise ShapeError(
                f"inputs has shape {inputs.shape}; wanted (samples, inputs) with 2 or more samples."
            )
        centred = inputs - inputs.mean(0)
        covariance = centred.T @ centred / (len(inputs) - 1) / len(inputs)
        return _checked(InputStatistics(inputs.mean(0), covariance))
    if "input_mean" not in arrays:
        return None
    mean = np.atleast_1d(np.asarray(arrays["input_mean"], float))
    if "input_count" not in arrays:
        return _checked(InputStatistics(mean))
    count = float(np.asarray(arrays["input_count"]).ravel()[0])
    return _checked(InputStatistics(mean, np.diag(mean * (1 - mean) / count)))


def _checked(statistics: InputStatistics) -> InputStatistics:
    wrong = ~((statistics.mean >= 0) & (statistics.mean <= 1))
    if wrong.any():
        raise FormatError(
            f"the mean of input {int(np.argmax(wrong))} is {statistics.mean[wrong][0]}; binary "
            "inputs have means between 0 and 1."
        )
    return statistics
