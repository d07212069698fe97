"""Dense networks in few bytes per step (`hebbayes.theory.dense`): time, memory, agreement.

A step needs 4 bytes per synapse for activity (2 in bfloat16), and 32 for learning after every step
(24): four priors read, one float64 sum read and written.  `of_memory_needed` sets what the program
holds at most against the counts and weights that it is given.
"""

import gc
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from accelerator.dense import DTYPE, draw_model, measure_size, observed
from accelerator.measuring import Report, attempt, bandwidth, compiled, devices, on, put
from hebbayes.core.counts import log_ratio
from hebbayes.core.scan import scan_time
from hebbayes.theory import dense
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.network import drive, firing_rate, wiring
from hebbayes.theory.plasticity import Firing, adapt
from hebbayes.theory.verbs import activity

LARGE = (704, 1408, 2816, 5632, 8192, 11264, 14144)
"""Units of networks with 10^6 to 4 10^8 synapses."""


def measure_large(report: Report, is_open: Callable[[], bool], *, is_small: bool) -> None:
    """Add rows of `theory.dense` beside today's general path at 8,192 units, and slopes."""
    device, _ = devices()
    speed = bandwidth(device, 2**24 if is_small else 2**30)
    report.add("bandwidth", {"where": "device", "copied_bytes_per_s": speed})
    attempt(report, "large agreement", _agreement, report, device)
    largest = 512 if is_small else 8192
    for n in (128, 256, largest) if is_small else LARGE:
        for storage in (DTYPE, jnp.bfloat16) if n == largest else (DTYPE,):
            for part in (_resting, _learning):
                if is_open():
                    attempt(report, "large", part, report, device, n, storage, speed)
                    gc.collect()
    attempt(report, "dense", measure_size, report, "device", device, (largest, 16, 0.4, speed))
    for what in ("activity", "learning"):
        rows = [
            r
            for r in report.rows.get("large", [])
            if r.get("what") == what and r["storage"] == "float32"
        ]
        if len(rows) > 1:
            synapses, times = (np.log([r[k] for r in rows]) for k in ("synapses", "us_per_step"))
            slope = float(np.polyfit(synapses, times, 1)[0])
            report.add("large slopes", {"what": what, "sizes": len(rows), "slope": slope})


def _drawn(device: Any, n: int, storage: Any) -> dense.DenseNetwork:
    """Return a network with random counts, drawn on the device one table at a time."""

    def table(number: int) -> Any:
        key = jax.random.key(number)
        return on(
            device, lambda k: jax.random.uniform(k, (n, n), DTYPE, 1, 50).astype(storage), key
        )

    def synapses(number: int) -> dense.DenseSynapses:
        one, two, three, four = (table(number + i) for i in range(4))
        return dense.DenseSynapses((one, two), (three, four), zeros(n, n))

    def zeros(*shape: int, dtype: Any = float) -> Any:
        return put(jnp.zeros(shape, dtype), device)

    rates = zeros(n, dtype=DTYPE) + 0.5
    sums = [zeros(n) for _ in range(3)]
    first, second = synapses(0), synapses(4)
    return dense.DenseNetwork(first, second, 0 * rates, rates, *sums, zeros())


def _learning(report: Report, device: Any, n: int, storage: Any, speed: float) -> None:
    steps = 8
    state, inputs = _drawn(device, n, storage), observed(device, 0, (steps, n))
    held = sum(leaf.nbytes for leaf in jax.tree.leaves(state))
    program = dense.learn_dense_in_place.lower(state, inputs).compile()

    def go() -> None:
        nonlocal state
        state, potentials = program(state, inputs)
        jax.block_until_ready((state, potentials))

    needed = (16 if storage == DTYPE else 8) + 16
    _large_row(report, "learning", (n, steps, storage, needed, speed), go, (program, held, device))


def _resting(report: Report, device: Any, n: int, storage: Any, speed: float) -> None:
    steps = 64
    one, two = (
        on(device, lambda k: jax.random.normal(k, (n, n), DTYPE).astype(storage), jax.random.key(i))
        for i in range(2)
    )
    wired = dense.DenseWiring(one, two, put(jnp.zeros(n, DTYPE), device))
    inputs = observed(device, 0, (steps, n))
    held = sum(leaf.nbytes for leaf in jax.tree.leaves(wired))
    program = compiled(device, dense.run_dense, wired, inputs)
    needed = jnp.dtype(storage).itemsize
    _large_row(
        report,
        "activity",
        (n, steps, storage, needed, speed),
        lambda: jax.block_until_ready(program(wired, inputs)),
        (program, held, device),
    )


def _large_row(
    report: Report,
    what: str,
    plan: tuple[int, int, Any, int, float],
    go: Callable[[], Any],
    memory: tuple[Any, int, Any],
) -> None:
    n, steps, storage, needed, speed = plan
    program, held, device = memory
    go()
    begin, durations = time.perf_counter(), []
    while len(durations) < 5 or (len(durations) < 50 and time.perf_counter() - begin < 1):
        start = time.perf_counter()
        go()
        durations.append((time.perf_counter() - start) / steps)
    seconds, synapses, used = float(np.median(durations)), 2 * n * n, program.memory_analysis()
    peak = used.argument_size_in_bytes + used.output_size_in_bytes
    peak += used.temp_size_in_bytes - used.alias_size_in_bytes
    row = {"what": what, "units": n, "synapses": synapses, "storage": jnp.dtype(storage).name}
    row |= {"us_per_step": 1e6 * seconds, "bytes_per_synapse": needed}
    row |= {"of_bandwidth": needed * synapses / seconds / speed, "of_memory_needed": peak / held}
    stats = device.memory_stats() or {}
    row |= {"peak_bytes_in_use": stats.get("peak_bytes_in_use"), "runs": len(durations)}
    report.add("large", row)


def _agreement(report: Report, device: Any) -> None:
    """Add how far `theory.dense` is from the general path, in float64 and float32."""
    n, steps = 96, 6
    for dtype, tolerance in ((jnp.float64, 1e-12), (DTYPE, 8 * 2 * n * 2.0**-23)):
        model = jax.tree.map(lambda leaf, d=dtype: leaf.astype(d), draw_model(jax.random.key(1), n))
        network = put(network_of(model), device)
        inputs = observed(device, 0, (steps, n)).astype(dtype)
        after, fast = dense.learn_dense(dense.dense_network(network), inputs)
        one, two = _general(network, inputs)
        learnt = dense.with_learnt(network, after).recurrent.hebb.evidence
        gaps = {
            "potentials": float(jnp.abs(fast - two).max() / jnp.abs(two).max()),
            "counts": float(jnp.abs(learnt - one.recurrent.hebb.evidence).max() / steps),
        }
        resting = activity(network, inputs).potentials
        found = dense.run_dense(dense.dense_wiring(network), inputs)
        gaps["activity"] = float(jnp.abs(found - resting).max() / jnp.abs(resting).max())
        holds = max(gaps.values()) < tolerance
        row = {"dtype": jnp.dtype(dtype).name, "tolerance": tolerance, "holds": holds}
        report.add("large agreement", {**row, **gaps})


@jax.jit
def _general(network: Any, inputs: Any) -> Any:
    def step(carry: Any, seen: Any) -> Any:
        network, x = carry
        v = drive(wiring(network, log_ratio), seen, x)
        y = firing_rate(v)
        return (adapt(network, Firing(seen[None], y[None], x[None])), y), v

    start = jnp.full(network.n_units, 0.5, inputs.dtype)
    (network, _), potentials = scan_time(step, (network, start), inputs)
    return network, potentials
