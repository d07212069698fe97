"""Small cultures made by hand, and MATLAB files that hold them."""

from pathlib import Path

import numpy as np
from scipy.io import savemat


def small_culture(
    seed: int = 0, *, sessions: int = 12, trials: int = 32, channels: int = 6, units: int = 8
) -> dict[str, np.ndarray]:
    """Even units learn to prefer source 1, odd ones source 2; no session lacks a state."""
    rng = np.random.default_rng(seed)
    n = sessions * trials
    sources = rng.integers(0, 2, (n, 2))
    sources[::trials], sources[1::trials] = (1, 0), (0, 1)
    sources[2::trials], sources[3::trials] = (0, 0), (1, 1)
    own = np.arange(channels) * 2 // channels
    stimuli = np.where(rng.random((n, channels)) < 0.75, sources[:, own], sources[:, 1 - own])
    learnt = np.repeat(np.linspace(0.5, 1.5, sessions), trials)[:, None]
    rate = 1.5 + 3 * learnt * sources[:, np.arange(units) % 2]
    counts = rng.poisson(rate)
    return {"s": sources.astype("u1"), "o": stimuli.astype("u1"), "r": counts.astype("u1")}


def write_cultures(path: Path, cultures: list[object], name: str = "data_small") -> Path:
    cell = np.empty((len(cultures), 1), object)
    for k, culture in enumerate(cultures):
        cell[k, 0] = culture
    savemat(path, {name: cell})
    return path
