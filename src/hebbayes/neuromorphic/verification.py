"""The ladder of the inference layer: tables, C, Verilog under two simulators, and a netlist.

Every rung repeats the same steps and compares every drive, spike, random state and counter with
the integer model.  Floating point is compared apart, by score (`inference.sources`).
"""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.core.errors import ValueRangeError
from hebbayes.neuromorphic.inference.counts import layer_counts
from hebbayes.neuromorphic.inference.emission import (
    PREFIX,
    layer_files,
    layer_vectors,
    testbench_files,
)
from hebbayes.neuromorphic.inference.sources import draw_sources
from hebbayes.neuromorphic.simulation import TOOL_OF, Rung, simulate
from hebbayes.neuromorphic.spec import DeviceSpec

if TYPE_CHECKING:
    from hebbayes.neuromorphic.inference.emission import Vectors

RUNGS = tuple(TOOL_OF)
"""Names of all rungs: c, iverilog, verilator, netlist."""

_NETLIST_STEPS, _CHECKS = 300, 200


def rungs_of(words: str) -> tuple[str, ...]:
    """Return the rungs that a comma-separated list names.  Raises `ValueRangeError`.

    Example:
        >>> rungs_of("c, verilator")
        ('c', 'verilator')
    """
    named = tuple(word.strip() for word in words.split(",") if word.strip())
    for word in named:
        if word not in RUNGS:
            raise ValueRangeError(f"--rungs has no {word!r}; wanted a list of {', '.join(RUNGS)}.")
    return named


def vectors_of(spec: DeviceSpec, steps: int, seed: int) -> "Vectors":
    """Return vectors of a core with random counters that are nearly full, so that it halves soon.

    Example:
        >>> vectors_of(DeviceSpec(inputs=4), 10, 0).ran.events["steps"]
        10
    """
    rng, groups = np.random.default_rng(seed), 1 + spec.is_recurrent
    full = spec.full_home
    home = rng.integers(full - full // 16, full + 1, (2, spec.neurons, groups))
    group = (np.arange(spec.lines) >= spec.inputs).astype(int)
    hebb = rng.integers(0, home[..., group] + 1)
    odds = rng.uniform(-2, 2, spec.neurons)
    start = layer_counts(spec, hebb, home, odds=odds, seed=seed + 1)
    seen = draw_sources(steps, spec.inputs, spec.neurons, seed)[1]
    return layer_vectors(spec, start, seen, check_every=max(1, steps // _CHECKS))


def core_files(spec: DeviceSpec, vectors: "Vectors") -> dict[str, str]:
    """Return sources, testbenches and vectors of a core: name -> text.

    Example:
        >>> spec = DeviceSpec(inputs=4)
        >>> len(core_files(spec, vectors_of(spec, 3, 0)))
        14
    """
    return layer_files(spec) | testbench_files(spec, vectors) | vectors.files


def climb(
    spec: DeviceSpec,
    steps: int,
    rungs: Iterable[str],
    *,
    seed: int = 0,
    sources: Mapping[str, str] | None = None,
) -> tuple[list[Rung], "Vectors"]:
    """Return what each rung finds, and the vectors it was compared with.

    ``sources`` replace generated files of the same name: a core that somebody has edited.  The
    netlist, which is slow, repeats the first 300 steps.

    Example:
        >>> climb(DeviceSpec(inputs=4), 10, [])[0]
        []
    """
    vectors, found = vectors_of(spec, steps, seed), []
    for rung in rungs:
        is_short = rung == "netlist" and steps > _NETLIST_STEPS
        given = vectors_of(spec, _NETLIST_STEPS, seed) if is_short else vectors
        with tempfile.TemporaryDirectory(prefix="hebbayes-core-") as name:
            folder = Path(name)
            for file, text in (core_files(spec, given) | dict(sources or {})).items():
                (folder / file).write_text(text, encoding="utf-8")
            found.append(simulate(rung, folder, f"{PREFIX}_inference"))
    return found, vectors


def random_spec(rng: np.random.Generator) -> DeviceSpec:
    """Return a small recurrent spec whose runs halve and reach the end of the sigmoid's table.

    Example:
        >>> random_spec(np.random.default_rng(0)).is_recurrent
        True
    """
    inputs, neurons = int(rng.integers(6, 13)), int(rng.integers(2, 5))
    counter_bits = int(rng.integers(5, 9))
    is_window = bool(rng.integers(2))
    full = (1 << counter_bits) - 1
    return DeviceSpec(
        inputs=inputs,
        neurons=neurons,
        is_recurrent=True,
        learns_recurrent=True,
        counter_bits=counter_bits,
        log_bits=int(rng.integers(2, 11)),
        sigmoid_bits=int(rng.integers(4, 13)),
        lanes=1 << int(rng.integers(0, 3)),
        forgetting="window" if is_window else "halve",
        window=int(rng.integers(full // 2, full)) if is_window else 0,
    )
