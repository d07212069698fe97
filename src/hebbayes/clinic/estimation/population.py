"""The population of healthy subjects, estimated from controls by Laplace-EM.

Parameters of a control are normal around the population's mean with its spread, independent of
each other.  The spread has a hyperprior worth `PSEUDO_SUBJECTS` at a quarter of the wide spread.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.estimation.climbing import Mode, Prior, climb, modes_from
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.estimation.likelihood import Observed

Floats = NDArray[np.float64]

PSEUDO_SUBJECTS, PSEUDO_SPREAD = 4.0, 0.25
LEAST_CONTROLS = 2
"""A single control says nothing of a spread."""

_MOST_ROUNDS, _TOLERANCE = 60, 0.004  # wide spreads
_N_DRAWS, _N_REFINED = 60, 2


def typical_population(layout: "Layout") -> Prior:
    """Return the assumed population where there are no controls.

    Example:
        >>> from hebbayes.clinic.estimation.layout import Layout
        >>> typical_population(Layout(2)).spread[0].item()
        0.3
    """
    return Prior(layout.of("healthy"), layout.of("spread"))


def fit_population(controls: "Sequence[Observed]", seed: int = 0) -> Prior:
    """Return the population that the controls come from, widened by its own uncertainty.

    Raises `ValueRangeError` for fewer than two controls.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> controls = [example(40, seed=k)[0] for k in range(3)]
        >>> fit_population(controls).mean.shape
        (10,)
    """
    n = len(controls)
    if n < LEAST_CONTROLS:
        raise ValueRangeError(
            f"the population of healthy subjects needs at least {LEAST_CONTROLS} controls; got "
            f"{n}. Without --controls a typical population is assumed."
        )
    layout = controls[0].layout
    wide, healthy = layout.of("wide"), layout.of("healthy")
    prior = Prior(healthy, wide / 2)
    draws = prior.mean + prior.spread * np.random.default_rng(seed).normal(
        size=(_N_DRAWS, len(wide))
    )
    modes = [
        max(modes_from(one, prior, draws, _N_REFINED), key=lambda mode: mode.height)
        for one in controls
    ]
    for _ in range(_MOST_ROUNDS):
        new = _maximised(modes, prior, healthy, wide)
        moved = np.abs(np.r_[(new.mean - prior.mean) / wide, (new.spread - prior.spread) / wide])
        prior = new
        modes = [climb(one, prior, mode.theta) for one, mode in zip(controls, modes)]
        if moved.max() < _TOLERANCE:
            break
    return Prior(prior.mean, prior.spread * np.sqrt(1 + 1 / n))


def _maximised(modes: Sequence[Mode], prior: Prior, healthy: Floats, wide: Floats) -> Prior:
    theta = np.array([mode.theta for mode in modes])
    variance = np.array([np.diag(np.linalg.inv(mode.information)) for mode in modes])
    n = len(theta)
    weight = n / prior.spread**2
    mean = (weight * theta.mean(0) + healthy / wide**2) / (weight + wide**-2.0)
    squares = ((theta - mean) ** 2 + variance).sum(0)
    pseudo = PSEUDO_SUBJECTS * (PSEUDO_SPREAD * wide) ** 2
    return Prior(mean, np.sqrt((squares + pseudo) / (n + PSEUDO_SUBJECTS)))
