"""Small recordings by hand: repeated or fresh stimuli, ragged sessions, unobserved responses."""

import numpy as np

from hebbayes.data.recording import Recording


def small_recording(
    seed: int = 0,
    *,
    sessions: int = 8,
    trials: int = 24,
    channels: int = 6,
    units: int = 5,
    is_repeated: bool = True,
    is_ragged: bool = False,
    unobserved: float = 0.0,
    gain_step: float = 0.1,
) -> Recording:
    """Poisson counts of units that follow one of two mixed sources, with wandering gains."""
    rng = np.random.default_rng(seed)
    lengths = np.full(sessions, trials) - (np.arange(sessions) % 3 if is_ragged else 0)
    n = sessions * trials
    sources = rng.integers(0, 2, (n, 2))
    sources[::trials], sources[1::trials] = (1, 0), (0, 1)
    own = np.arange(channels) * 2 // channels
    stimuli = np.where(rng.random((n, channels)) < 0.75, sources[:, own], sources[:, 1 - own])
    if is_repeated:
        sources, stimuli = (np.tile(v[:trials], (sessions, 1)) for v in (sources, stimuli))
    gain = np.exp(np.cumsum(rng.normal(0, gain_step, (sessions, units)), axis=0))
    rate = 1.0 + 4.0 * sources[:, np.arange(units) % 2] + stimuli[:, [0]] * stimuli[:, [1]]
    counts = rng.poisson(np.repeat(gain, trials, axis=0) * rate)
    kept = (np.arange(trials) < lengths[:, None]).ravel()
    return Recording(
        stimuli[kept],
        counts[kept],
        np.repeat(np.arange(sessions), trials)[kept],
        valid=rng.random((int(kept.sum()), units)) >= unobserved,
        sources=sources[kept],
    )
