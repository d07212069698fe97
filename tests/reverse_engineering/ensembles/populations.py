"""Small populations that answer to hidden sources, in ragged sessions."""

from collections.abc import Sequence

import numpy as np

from hebbayes.data.recording import Recording


def population(
    n_sources: int = 2,
    *,
    lengths: Sequence[int] = (90, 60, 110, 80),
    n_units: int = 12,
    n_channels: int = 12,
    mixed: float = 0.1,
    gain: float = 3.0,
    seed: int = 0,
) -> Recording:
    """Unit u answers to source u modulo their number; channels copy sources, block by block."""
    rng = np.random.default_rng(seed)
    sources = rng.integers(0, 2, (sum(lengths), n_sources))
    own = np.arange(n_channels) * n_sources // n_channels
    other = (own + rng.integers(1, max(2, n_sources), (len(sources), n_channels))) % n_sources
    copied = np.where(rng.random((len(sources), n_channels)) < mixed, other, own)
    rate = 1 + gain * sources[:, np.arange(n_units) % n_sources]
    return Recording(
        np.take_along_axis(sources, copied, axis=1),
        rng.poisson(rate),
        np.repeat(np.arange(len(lengths)), lengths),
        sources=sources,
        unit_ids=np.arange(100, 100 + n_units),
    )
