"""Small recordings by hand: repeated or fresh stimuli, ragged sessions, unobserved, decisions."""

import numpy as np

from hebbayes.data.recording import Recording

DELAY = 1  # of the small animal's reward, trials


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


def small_animal(
    seed: int = 0, gain: float = 1.0, *, sessions: int = 7, trials: int = 30
) -> tuple[Recording, np.ndarray]:
    """Go / no-go decisions made by the theory's own rule, in NumPy; the rule reverses half way."""
    rng = np.random.default_rng(seed)
    n = sessions * trials
    state, session = rng.integers(0, 2, n), np.repeat(np.arange(sessions), trials)
    stimuli = np.where(rng.random((n, 4)) < 0.85, state[:, None], 1 - state[:, None])
    x = np.where(state == 1, 0.9, 0.1) + rng.uniform(-0.05, 0.05, n)
    counts, waiting = np.full((2, 2, 2), 20.0), []  # [state value, decision value, decision]
    decisions, risk = np.zeros(n, int), np.zeros(n)
    for t in range(n):
        before = x[t - 1] if t % trials else 0.5
        table = np.moveaxis(counts, 1, 0)  # [decision value, state value, decision]
        p = table / table.sum(1, keepdims=True)
        odds = np.array([before, 1 - before]) @ np.log(p[0] / p[1]) + [0.3, -0.3]
        go = 1 / (1 + np.exp(odds[0] - odds[1]))
        decisions[t] = rng.random() < go
        told = state[t - 1] if t % trials else rng.integers(2)
        right = (decisions[t] == told) ^ (session[t] >= sessions - 2)
        risk[t] = 0.1 if right else 0.9
        waiting.append((before, decisions[t], gain * (1 - 2 * risk[t])))
        if t >= DELAY:
            was, taken, worth = waiting[t - DELAY]
            pre, post = np.array([was, 1 - was]), np.eye(2)[taken]
            made = np.stack([post, 1 - post])  # (decision value, decision)
            counts = np.maximum(counts + worth * pre[:, None, None] * made[None], 1.0)
    responses = rng.poisson(1 + 6 * np.tile(x[:, None], (1, 6)))
    recording = Recording(stimuli, responses, session, decisions=decisions, risk=risk)
    return recording, x[:, None]
