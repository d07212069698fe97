"""Time per step of dense networks against the number of synapses, and of many networks at once.

Every unit reads every input and every unit: W and K hold 2 n^2 synapses, with two weights each.
A call goes from the counts to the result of a run.  `bytes` counts what the arithmetic needs once
at least: counts read, logarithms or weights written, and those read at every step; a compiler that
reads more moves more.  `of_bandwidth` sets them against the bandwidth that copying measures in the
same run, and `bare product` shows what x = sig(M x + h) alone reaches.
"""

import gc
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from accelerator.measuring import (
    Report,
    attempt,
    bandwidth,
    compile_all,
    devices,
    on,
    put,
    timed,
)
from hebbayes.core.counts import Counts
from hebbayes.core.scan import scan_time
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.generative_model import GenerativeModel
from hebbayes.theory.verbs import activity, believe, learn

N_DECISIONS = 32
DTYPE, SIZE = jnp.float32, 4


def draw_model(key: Any, n: int) -> GenerativeModel:
    """Return a model of ``n`` outcomes and states with random counts, drawn on the device."""

    def counts(number: int, *shape: int) -> Counts:
        one, two = jax.random.split(jax.random.fold_in(key, number))
        return Counts(
            jax.random.uniform(one, (2, *shape), DTYPE, 1, 50),
            jax.random.uniform(two, (2, *shape), DTYPE, 0, 9),
        )

    return GenerativeModel(
        likelihood=counts(0, 2, n, n),
        state_prior=counts(1, n),
        transition=counts(2, 2, n, n),
        policy=counts(3, 2, n, N_DECISIONS),
        decision_prior=counts(4, N_DECISIONS),
    )


def posterior(model: Any, observations: Any) -> Any:
    """Return the states and decisions that `believe` infers."""
    beliefs = believe(model, observations)
    return beliefs.states, beliefs.decisions


def potentials(model: Any, observations: Any) -> Any:
    """Return what `activity` of the model's network settles to."""
    active = activity(network_of(model), observations)
    return active.potentials, active.output_potentials


def online_step(model: Any, observations: Any) -> Any:
    """Return the evidence after inferring and learning from the first observation alone."""
    after = learn(model, observations[:1])
    return after.likelihood.evidence, after.transition.evidence


def bare_product(model: Any, observations: Any) -> Any:
    """Return x = sig(M x + h) over the steps: one matrix read per step, nothing else."""
    matrix = model.likelihood.prior[0, 0] / 50 - 0.5
    start = jnp.full(matrix.shape[0], 0.5, DTYPE)
    return scan_time(lambda x, o: (jax.nn.sigmoid(matrix @ x + o), x), start, observations)[1]


FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[[int], int]]] = {
    "believe": (posterior, lambda steps: 16 + 8 + 8 * steps),
    "activity": (potentials, lambda steps: 16 + 2 + 2 * steps),
    "learn, on-line step": (online_step, lambda steps: 16 + 8),
    "bare product": (bare_product, lambda steps: 1 + 1 + steps),
}
"""Function, and the numbers that it moves at least, in units of n^2, for a run of some steps."""


def measure(report: Report, is_open: Callable[[], bool], *, is_small: bool) -> None:
    """Add rows of single networks of growing size on both devices, and slopes."""
    accelerator, cpu = devices()
    speed = {}
    for name, device, n_bytes in (("device", accelerator, 2**30), ("cpu", cpu, 2**28)):
        speed[name] = bandwidth(device, 2**24 if is_small else n_bytes)
        report.add("bandwidth", {"where": name, "copied_bytes_per_s": speed[name]})
    sizes = (64, 128, 256) if is_small else (256, 512, 1024, 2048, 4096, 8192, 16384, 24576)
    plans = (("device", accelerator, 64, sizes, 0.4), ("cpu", cpu, 16, sizes[:3], 0.4))
    for where, device, steps, wanted, seconds in plans:
        for n in wanted:
            if is_open():
                plan = (n, steps, seconds, speed[where])
                attempt(report, "dense", measure_size, report, where, device, plan)
                gc.collect()
    for where in ("device", "cpu"):
        for what in FUNCTIONS:
            add_slope(report, where, what)


def measure_size(
    report: Report, where: str, device: Any, plan: tuple[int, int, float, float]
) -> None:
    """Add a row of every function for one size; the plan: units, steps, seconds, bandwidth."""
    n, steps, seconds, speed = plan
    model = on(device, lambda key: draw_model(key, n), jax.random.key(n))
    inputs = [(model, observed(device, i, (steps, n))) for i in range(3)]
    programs = compile_all(device, {name: (f, inputs[0]) for name, (f, _) in FUNCTIONS.items()})

    def add(what: str) -> None:
        timing = timed(programs.pop(what).result(), inputs, seconds=seconds)
        made = 1 if what.startswith("learn") else steps
        moved = FUNCTIONS[what][1](steps) * n * n * SIZE
        row = {"where": where, "what": what, "units": n, "synapses": 2 * n * n, "steps": made}
        row |= {"us_per_step": 1e6 * timing.median / made, "bytes": moved}
        row |= {"of_bandwidth": moved / timing.median / speed}
        report.add("dense", {**row, **timing.row()})

    for what in FUNCTIONS:  # one may need more memory than there is
        attempt(report, "dense", add, what)


def observed(device: Any, seed: int, shape: tuple[int, ...]) -> Any:
    """Return random binary observations on ``device``."""
    rng = np.random.default_rng(seed)
    return put(rng.integers(0, 2, shape).astype(np.float32), device)


def add_slope(report: Report, where: str, what: str) -> None:
    """Add the slope of ln time against ln synapses, over all sizes and from 2,048 units on."""
    rows = [
        r for r in report.rows.get("dense", []) if r.get("where") == where and r.get("what") == what
    ]
    row = {"where": where, "what": what}
    for name, least in (("slope", 0), ("slope_from_2048_units", 2048)):
        used = [r for r in rows if r["units"] >= least]
        if len(used) > 1:
            synapses, times = (np.log([r[k] for r in used]) for k in ("synapses", "us_per_step"))
            row[name] = float(np.polyfit(synapses, times, 1)[0])
    if len(row) > 2:
        report.add("slopes", row)


def measure_batches(report: Report, is_open: Callable[[], bool], *, is_small: bool) -> None:
    """Add rows of many networks, each with its own counts, and of one network in many runs."""
    accelerator, cpu = devices()
    sizes = (1, 4) if is_small else (1, 16, 256, 1024)
    n, steps = (32, 8) if is_small else (256, 64)
    for where, device, batches in (("device", accelerator, sizes), ("cpu", cpu, sizes[:2])):
        for batch in batches:
            for kind in ("networks", "runs of one network"):
                if is_open():
                    plan = (kind, batch, n, steps)
                    attempt(report, "batched", _batch, report, where, device, plan)
            gc.collect()


def _batch(report: Report, where: str, device: Any, plan: tuple[str, int, int, int]) -> None:
    kind, batch, n, steps = plan
    key = jax.random.key(batch)
    if kind == "networks":
        keys = jax.random.split(key, batch)
        model, axis = on(device, jax.vmap(lambda k: draw_model(k, n)), keys), 0
    else:
        model, axis = on(device, lambda k: draw_model(k, n), key), None
    inputs = [(model, observed(device, i, (batch, steps, n))) for i in range(3)]
    both = (posterior, potentials)
    mapped = {f.__name__: (jax.vmap(f, (axis, 0)), inputs[0]) for f in both}
    for what, program in compile_all(device, mapped).items():
        timing = timed(program.result(), inputs, seconds=0.3)
        report.add(
            "batched",
            {
                "where": where,
                "what": what,
                "kind": kind,
                "batch": batch,
                "units": n,
                "steps": steps,
                "steps_per_s": batch * steps / timing.median,
                **timing.row(),
            },
        )
