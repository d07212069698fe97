"""How often the decoder reads states that a population does not carry, and those that it does.

Random trials and stimuli in blocks, units that drift and units that do not; beside the p value that
`decode` reports stands that of shifts alone.  Run:
``python benchmarks/decoder.py > benchmarks/results/decoder.json`` (minutes on one core).
"""

import argparse
import json
import sys
import time

import numpy as np

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.ensembles.decoding import ALPHA, decode

N_TRIALS, N_UNITS, N_STATES = 200, 8, 2
STIMULI = ("random trials", "blocks of 10-40", "blocks of 40-60", "probability blocks of 20-60")
DRIFTS = ("none", "random walk", "trend")
EXTRA_SPIKES = 1.0
"""Spikes that a state adds to the mean of 3 of its units, where power is measured."""


def drawn_states(rng: np.random.Generator, stimuli: str) -> np.ndarray:
    """Return binary states (trials, states) of a design."""
    if stimuli == "random trials":
        return rng.integers(0, 2, (N_TRIALS, N_STATES)).astype(float)
    shortest, longest = map(int, stimuli.split()[-1].split("-"))
    columns = []
    for _ in range(N_STATES):
        lengths = rng.integers(shortest, longest + 1, N_TRIALS)
        block = np.repeat((np.arange(N_TRIALS) + rng.integers(0, 2)) % 2, lengths)[:N_TRIALS]
        if stimuli.startswith("probability"):
            block = rng.random(N_TRIALS) < np.where(block, 0.85, 0.15)
        columns.append(block.astype(float))
    return np.column_stack(columns)


def drawn_gains(rng: np.random.Generator, drift: str) -> np.ndarray:
    """Return the gains of units (trials, units), independent of the states."""
    if drift == "random walk":
        steps = rng.normal(size=(N_TRIALS, N_UNITS)) / np.sqrt(N_TRIALS)
        return np.exp(0.8 * np.cumsum(steps, axis=0))
    if drift == "trend":
        return np.exp(np.linspace(-1, 1, N_TRIALS)[:, None] * rng.normal(0, 0.7, N_UNITS))
    return np.ones((N_TRIALS, N_UNITS))


def p_values(stimuli: str, drift: str, extra: float, seed: int) -> tuple[float, float]:
    """Return the p value of one simulated population, and that of shifts alone."""
    rng = np.random.default_rng((seed, STIMULI.index(stimuli), DRIFTS.index(drift)))
    states = drawn_states(rng, stimuli)
    rates = 3 * drawn_gains(rng, drift) + extra * states[:, np.arange(N_UNITS) % N_STATES]
    recording = Recording(states, rng.poisson(rates), np.zeros(N_TRIALS, int))
    read = decode(recording, states, "stimuli", train_sessions=1, seed=seed)
    return read.p, read.p_shifted


def main() -> None:
    """Print the shares of populations that were called above chance."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--nothing", type=int, default=200, help="populations without states")
    parser.add_argument("--something", type=int, default=60, help="populations with states")
    options = parser.parse_args()
    rows, started = [], time.process_time()
    for stimuli in STIMULI:
        for drift in DRIFTS:
            row: dict[str, object] = {"stimuli": stimuli, "drift": drift}
            for what, extra, n in (
                ("false_positives", 0.0, options.nothing),
                ("power", EXTRA_SPIKES, options.something),
            ):
                found = np.array([p_values(stimuli, drift, extra, seed) for seed in range(n)])
                row[what], row[f"{what}_of_shifts_alone"] = (found < ALPHA).mean(0).tolist()
            rows.append(row)
            print(row, file=sys.stderr, flush=True)
    sizes = {"trials": N_TRIALS, "units": N_UNITS, "states": N_STATES, "alpha": ALPHA}
    numbers = {"populations": [options.nothing, options.something], "extra_spikes": EXTRA_SPIKES}
    seconds = time.process_time() - started
    print(json.dumps({**sizes, **numbers, "rows": rows, "seconds": seconds}, indent=1))


if __name__ == "__main__":
    main()
