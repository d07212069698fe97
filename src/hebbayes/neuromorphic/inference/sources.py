"""Blind source separation on a core, beside the same network in floating point.

Two hidden sources, stimuli that copy their own source with probability 3/4 (docs/theory.md section
6), prior counts that lean by a few events towards each neuron's own block.  Accuracy is the share
of steps, second half, on which the sign of a neuron's drive names its source.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.neuromorphic.inference.counts import LayerCounts, expected_weights, layer_counts
from hebbayes.neuromorphic.inference.floating import BUDGET, run_floating
from hebbayes.neuromorphic.inference.integer import run_layer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hebbayes.neuromorphic.inference.floating import FloatRun
    from hebbayes.neuromorphic.inference.integer import Run
    from hebbayes.neuromorphic.spec import DeviceSpec

MIXED = 0.25
"""Probability that a stimulus copies the other source."""

STRENGTH, LEAN = 128, 5
"""Prior Home count, and events by which the prior of an own stimulus leans."""


@dataclass(frozen=True, eq=False)
class SourcesScore:
    """Accuracy of a core and of the stages between it and floating point.

    Attributes:
        accuracy: Stage -> (seeds,), from "float" over one approximation after another to "integer".
        agreement: (seeds,), share of steps on which core and floating point name the same sources.
        free_energy_gap: (seeds,), nats per step and neuron by which the core's posterior exceeds
            the smallest free energy under floating point's parameters: KL[core || float].
        weight_divergence: (seeds,), mean KL of P(line on | state), core from float, nats.
        events: What the cores counted, summed over seeds.
    """

    accuracy: dict[str, NDArray[np.float64]]
    agreement: NDArray[np.float64]
    free_energy_gap: NDArray[np.float64]
    weight_divergence: NDArray[np.float64]
    events: dict[str, int]

    @property
    def losses(self) -> dict[str, float]:
        """What each stage costs, mean over seeds: the accuracy before it minus that after it."""
        means = {name: float(values.mean()) for name, values in self.accuracy.items()}
        names = list(means)
        losses = {after: means[before] - means[after] for before, after in pairwise(names)}
        losses["rounding"] = losses.pop("integer")
        return losses | {"total": means["float"] - means["integer"]}


def draw_sources(
    n_steps: int, n_inputs: int, n_sources: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return sources (time, sources) and the stimuli (time, inputs) that mix them.

    Example:
        >>> sources, stimuli = draw_sources(1000, 8, 2, 0)
        >>> bool((stimuli[:, 0] == sources[:, 0]).mean() > 0.8)
        True
    """
    rng = np.random.default_rng(seed)
    sources = rng.integers(0, 2, (n_steps, n_sources))
    copied = np.broadcast_to(np.arange(n_inputs) * n_sources // n_inputs, (n_steps, n_inputs))
    if n_sources > 1:
        shift = rng.integers(1, n_sources, copied.shape)
        is_mixed = rng.random(copied.shape) < MIXED
        copied = np.where(is_mixed, (copied + shift) % n_sources, copied)
    return sources, np.take_along_axis(sources, copied, 1).astype(np.uint8)


def sources_start(
    spec: "DeviceSpec", *, strength: int = STRENGTH, lean: int = LEAN, seed: int = 1
) -> LayerCounts:
    """Return counters that lean towards each neuron's own block by ``lean`` events.

    A full Home smaller than twice the strength halves the prior.  Recurrent lines start flat.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> sources_start(DeviceSpec()).hebb[:, 0, 0].tolist()
        [69, 59]
    """
    strength = max(2, min(strength, (spec.full_home + 1) // 2))
    lean = min(lean, strength // 4)
    own = np.arange(spec.inputs) * spec.neurons // spec.inputs
    tilt = np.zeros((spec.neurons, spec.lines), int)
    tilt[:, : spec.inputs] = lean * (own == np.arange(spec.neurons)[:, None])
    hebb = strength // 2 + np.stack([tilt, -tilt])
    return layer_counts(spec, hebb, np.full((2, spec.neurons), strength), seed=seed)


def score_sources(spec: "DeviceSpec", n_steps: int, seeds: "Iterable[int]") -> SourcesScore:
    """Return how well the core separates sources, and where it loses against floating point.

    The core's own stages start from the same counts and see the same stimuli.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> scored = score_sources(DeviceSpec(inputs=8), 200, [0])
        >>> list(scored.accuracy)
        ['float', 'window', 'spike', 'log', 'sigmoid', 'integer']
    """
    measured = [_score(spec, n_steps, seed) for seed in seeds]
    stages = {name: np.array([one[0][name] for one in measured]) for name in measured[0][0]}
    agreement, gap, divergence = np.array([one[1] for one in measured]).T
    events = {name: sum(one[2][name] for one in measured) for name in measured[0][2]}
    return SourcesScore(stages, agreement, gap, divergence, events)


def _score(spec: "DeviceSpec", n_steps: int, seed: int) -> tuple[dict[str, float], Any, Any]:
    sources, stimuli = draw_sources(n_steps, spec.inputs, spec.neurons, seed)
    start = sources_start(spec, seed=seed + 1)
    half = slice(n_steps // 2, None)
    ran = run_layer(spec, start, stimuli)
    floating = {name: run_floating(spec, start, stimuli, stage) for name, stage in BUDGET}
    drives = {name: one.drive for name, one in floating.items()} | {"integer": ran.drive}
    accuracy = {
        name: float(((drive >= 0) == sources)[half].mean()) for name, drive in drives.items()
    }
    compared = _compare(spec, ran, floating["float"], half)
    return accuracy, compared, ran.events


def _compare(
    spec: "DeviceSpec", ran: "Run", floating: "FloatRun", half: slice
) -> tuple[float, float, float]:
    scale = np.log(2) / 2.0**spec.log_bits
    core, exact = ran.drive[half] * scale, floating.drive[half] * np.log(2)
    group = (np.arange(spec.lines) >= spec.inputs).astype(int)
    weights = floating.hebb / floating.home[..., group]
    return (
        float(((core >= 0) == (exact >= 0)).mean()),
        float(_divergence(core, exact).mean()),
        float(_divergence(_logit(expected_weights(spec, ran.counts)), _logit(weights)).mean()),
    )


def _logit(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


def _divergence(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return KL of Bernoulli variables with these log odds."""
    probability = 1 / (1 + np.exp(-np.clip(first, -500, 500)))
    return np.asarray(
        np.logaddexp(0, second) - np.logaddexp(0, first) + probability * (first - second)
    )
