"""The maze agent and source separation in one batch on the accelerator, and on CPU cores.

The CPU side is the product as its worker processes run it: one trial after the other, one thread,
one process pinned to each core.  All cores start together; their rates are added.  On the
accelerator a batch holds as many agents (seeds x mazes), mapped over the same functions.  In
`later trial` every agent has learnt and reads synapses of its own.
"""

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from accelerator.agreement import gap
from accelerator.measuring import Report, attempt, compiled, devices, on, put, timed
from hebbayes.agents.finite_trial import finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.separation import separate
from hebbayes.commands.sources import N_SOURCES, N_STIMULI
from hebbayes.environments.hidden_sources import (
    block_mixing,
    draw_mixtures,
    hidden_sources,
    naive_model,
)
from hebbayes.environments.maze import maze_world, random_maze

MAZES = 64
"""Different mazes in a batch, as far as it holds so many agents."""


def draw_worlds(key: Any, n: int, *, is_endless: bool) -> Any:
    """Return ``n`` mazes; without goals, if trials must last as long as they may."""

    def draw(key: Any) -> Any:
        world = maze_world(random_maze(key=key))
        is_goal = jnp.zeros_like(world.is_goal) if is_endless else world.is_goal
        return dataclasses.replace(world, is_goal=is_goal)

    return jax.vmap(draw)(jax.random.split(key, n))


def draw_agents(key: Any, batch: int, *, is_endless: bool) -> tuple[Any, Any]:
    """Return the world and the key of each agent of a batch."""
    worlds = draw_worlds(key, min(batch, MAZES), is_endless=is_endless)
    each = jnp.arange(batch) % MAZES
    worlds = jax.tree.map(lambda leaf: leaf[each], worlds)
    return worlds, jax.random.split(jax.random.fold_in(key, 1), batch)


def trials(n_steps: int, *, is_first: bool) -> Callable[..., Any]:
    """Return one trial of every agent: of one naive model, or each of its own."""
    run = partial(finite_trial, n_steps=n_steps)

    def one(model: Any, world: Any, key: Any) -> Any:
        return run(model, world, first_move_of_decision(), key=key)

    return jax.vmap(one, (None if is_first else 0, 0, 0))


def measure_maze(report: Report, is_open: Callable[[], bool], *, is_small: bool) -> None:
    """Add maze steps per second of batches, and trials that equal those of the CPU."""
    for dtype in (jnp.float32, jnp.float64):
        size = (4, 400) if is_small else (32, 3000)
        attempt(report, "maze agreement", _same_trials, report, dtype, size)
    for batch in (1, 4) if is_small else (1, 64, 512, 4096):
        if is_open():
            n_steps = 200 if is_small else 1000
            attempt(report, "maze", _maze_batch, report, (batch, n_steps))


def _maze_batch(report: Report, size: tuple[int, int]) -> None:
    batch, n_steps = size
    device = devices()[0]
    model = maze_agent_model(0.25, dtype=jnp.float32)
    draw = partial(draw_agents, batch=batch, is_endless=True)
    inputs = [on(device, draw, jax.random.key(seed)) for seed in range(3)]
    for name, is_first in (("first trial", True), ("later trial", False)):
        start = time.perf_counter()
        run = jax.jit(trials(n_steps, is_first=is_first))
        with jax.default_matmul_precision("highest"):
            learnt, summary = jax.block_until_ready(run(model, *inputs[0]))
            warm_up = time.perf_counter() - start
            timing = timed(partial(run, model), inputs, seconds=1)
        made = int(summary.n_steps.sum())
        row = {"what": name, "agents": batch, "mazes": min(batch, MAZES), "steps": made}
        rate = {"steps_per_s": made / timing.median, "warm_up_s": warm_up}
        report.add("maze", {"where": "device", **row, **rate, **timing.row()})
        model = learnt


def _same_trials(report: Report, dtype: Any, size: tuple[int, int]) -> None:
    batch, n_steps = size
    model = maze_agent_model(0.25, dtype=dtype)
    accelerator, cpu = devices()
    worlds, keys = on(cpu, partial(draw_agents, batch=batch, is_endless=False), jax.random.key(7))

    def two_trials(model: Any, worlds: Any, keys: Any) -> Any:
        later = jax.vmap(lambda k: jax.random.fold_in(k, 1))(keys)
        learnt, first = trials(n_steps, is_first=True)(model, worlds, keys)
        learnt, second = trials(n_steps, is_first=False)(learnt, worlds, later)
        return (first, second), learnt.policy.evidence

    (here, counts), (there, other) = (
        on(d, two_trials, model, worlds, keys) for d in (cpu, accelerator)
    )
    for name, one, two in zip(("first", "second"), here, there):
        taken = np.asarray(one.n_taken), np.asarray(two.n_taken)
        is_same = (taken[0] == taken[1]).all(-1)
        energies = (np.asarray(s.free_energy, float).sum(-1)[is_same] for s in (one, two))
        row = {"dtype": jnp.dtype(dtype).name, "trial": name, "trials": batch}
        row |= {
            "identical": int(is_same.sum()),
            "free_energy_gap": gap(*energies) if is_same.any() else None,
        }
        row |= {
            "solved_on_device": int(two.is_solved.sum()),
            "solved_on_cpu": int(one.is_solved.sum()),
        }
        row |= {
            "mean_steps_on_device": float(two.n_steps.mean()),
            "mean_steps_on_cpu": float(one.n_steps.mean()),
        }
        if name == "second" and is_same.any():
            row["counts_gap"] = gap(np.asarray(counts)[is_same], np.asarray(other)[is_same])
        report.add("maze agreement", row)


def separated(world: Any, key: Any, *, sessions: int, steps: int) -> Any:
    """Return posteriors and free energy of one network that separates sources, in float64."""
    model_key, world_key = jax.random.split(key)
    seen = draw_mixtures(world, sessions * steps, key=world_key)
    model = naive_model(N_STIMULI, jnp.full(N_SOURCES, 0.5), key=model_key)
    _, (posterior, nats, _) = separate(model, seen.stimuli.reshape(sessions, steps, N_STIMULI))
    return posterior, nats


def measure_sources(report: Report, *, is_small: bool) -> None:
    """Add steps per second of a batch of seeds, and how far it is from the CPU."""
    accelerator, cpu = devices()
    batch, sessions, steps = (8, 2, 32) if is_small else (1000, 20, 256)
    world = hidden_sources(block_mixing(N_STIMULI, N_SOURCES))
    run = jax.vmap(partial(separated, sessions=sessions, steps=steps), (None, 0))
    seeds = [jax.random.split(jax.random.key(seed), batch) for seed in range(3)]
    inputs = [put((world, keys), accelerator) for keys in seeds]
    start = time.perf_counter()
    program = compiled(accelerator, run, *inputs[0])
    there = jax.block_until_ready(program(*inputs[0]))
    warm_up = time.perf_counter() - start
    timing = timed(program, inputs, seconds=1)
    row = {"where": "device", "seeds": batch, "steps": sessions * steps, "dtype": "float64"}
    rate = {"steps_per_s": batch * sessions * steps / timing.median, "warm_up_s": warm_up}
    report.add("sources", {**row, **rate, **timing.row()})
    here = on(cpu, run, world, seeds[0][:8])
    gaps = (gap(a, np.asarray(b)[:8]) for a, b in zip(here, there))
    names = ("posterior_gap", "free_energy_gap")
    report.add("sources agreement", {"seeds": 8, **dict(zip(names, gaps))})


def measure_cores(report: Report, *, is_small: bool) -> None:
    """Add steps per second of the CPU product on one core and on all, every core at once."""
    cores = sorted(os.sched_getaffinity(0))
    for what in ("maze", "sources"):
        for used in dict.fromkeys((1, len(cores))):
            rates = _rates(what, cores[:used], seconds=1 if is_small else 4)
            row = {"where": "cpu", "cores": used, "steps_per_s": sum(rates)}
            report.add(what, {**row, "slowest_core": min(rates), "fastest_core": max(rates)})


def _rates(what: str, cores: list[int], *, seconds: float) -> list[float]:
    """Return the rate of each core; all are warm before the first starts."""
    settings = {
        "JAX_PLATFORMS": "cpu",
        "JAX_ENABLE_X64": "0" if what == "maze" else "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    script = Path(__file__).parents[1] / "gpu.py"
    command = [sys.executable, str(script), "--rate-of", what, "--seconds", str(seconds)]
    pipe = subprocess.PIPE
    workers = [
        subprocess.Popen(
            [*command, "--core", str(core)],
            stdin=pipe,
            stdout=pipe,
            text=True,
            env=os.environ | settings,
        )
        for core in cores
    ]
    try:
        for worker in workers:
            worker.stdout.readline()  # it is warm
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        return [json.loads(worker.stdout.readline()) for worker in workers]
    finally:
        for worker in workers:
            worker.communicate()


def rate_on_core(what: str, core: int, seconds: float) -> None:
    """Warm up on one core, wait for a line, then print steps per second (a worker's whole life)."""
    os.sched_setaffinity(0, {core})
    run = {"maze": _maze_on_core, "sources": _sources_on_core}[what]()
    run(0)
    print("warm", flush=True)
    sys.stdin.readline()
    begin, made, number = time.perf_counter(), 0, 0
    while time.perf_counter() - begin < seconds:
        number += 1
        made += run(number)
    print(json.dumps(made / (time.perf_counter() - begin)), flush=True)


def _maze_on_core() -> Callable[[int], int]:
    n_steps = 4000
    draw = jax.jit(lambda key: draw_worlds(key, 1, is_endless=True))
    world = jax.tree.map(lambda leaf: leaf[0], draw(jax.random.key(0)))
    state = {"model": maze_agent_model(0.25, dtype=jnp.float32)}

    def run(number: int) -> int:
        key, action = jax.random.key(number), first_move_of_decision()
        learnt, summary = finite_trial(state["model"], world, action, n_steps=n_steps, key=key)
        state["model"] = jax.block_until_ready(learnt)
        return int(summary.n_steps)

    return run


def _sources_on_core() -> Callable[[int], int]:
    sessions, steps = 20, 256
    world = hidden_sources(block_mixing(N_STIMULI, N_SOURCES))
    program = jax.jit(partial(separated, world, sessions=sessions, steps=steps))

    def run(number: int) -> int:
        jax.block_until_ready(program(jax.random.key(number)))
        return sessions * steps

    return run
