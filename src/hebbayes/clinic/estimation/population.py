"""The population of healthy subjects, estimated from controls by EM with posterior draws.

Parameters of a control are normal around the population's mean with its spread, independent of
each other.  The spread has a hyperprior worth `PSEUDO_SUBJECTS` at a quarter of the wide spread.
Posterior means, not modes, enter: the posterior of a share near 0 is skewed, and its mode lies
above its mean on the scale without bounds.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from hebbayes.clinic.estimation.climbing import Prior, distinct, modes_from
from hebbayes.clinic.estimation.sampling import draw_mixture
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.estimation.likelihood import Observed

Floats = NDArray[np.float64]

PSEUDO_SUBJECTS, PSEUDO_SPREAD = 4.0, 0.25
LEAST_CONTROLS = 2
"""A single control says nothing of a spread."""

_ROUNDS = (4, 12, 40, 100)  # of EM before draws are made anew: weights bear little narrowing
_TOLERANCE = 0.001
_N_STARTS, _N_REFINED, _N_DRAWS = 40, 2, 200


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
    prior, rng = Prior(healthy, wide / 2), np.random.default_rng(seed)
    for rounds in _ROUNDS:
        drawn = [_draws(one, prior, rng) for one in controls]
        theta, log_weight = (np.array(part) for part in zip(*drawn))
        for _ in range(rounds):
            new = _maximised(theta, log_weight, prior, (healthy, wide))
            moved = np.abs(np.r_[new.mean - prior.mean, new.spread - prior.spread]).max()
            prior = new
            if moved < _TOLERANCE:
                break
    return Prior(prior.mean, prior.spread * np.sqrt(1 + 1 / n))


def _draws(one: "Observed", prior: Prior, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draws of a control's posterior, and log likelihood less log density of the proposal."""
    normal = rng.normal(size=(_N_STARTS, len(prior.mean)))
    normal[0] = 0.0
    modes = distinct(modes_from(one, prior, prior.mean + prior.spread * normal, _N_REFINED))
    theta, log_proposal = draw_mixture(modes, [_N_DRAWS // len(modes)] * len(modes), rng)
    return theta, one.log_likelihoods(theta) - log_proposal


def _maximised(
    theta: Floats, log_weight: Floats, prior: Prior, known: tuple[Floats, Floats]
) -> Prior:
    """One round of EM from draws (controls, draws, ...)."""
    healthy, wide = known
    n = len(theta)
    weight = softmax(log_weight + prior.log_density(theta), axis=1)[..., None]
    strength = n / prior.spread**2
    means = (weight * theta).sum(1).mean(0)
    mean = (strength * means + healthy / wide**2) / (strength + wide**-2.0)
    squares = (weight * (theta - mean) ** 2).sum((0, 1))
    pseudo = PSEUDO_SUBJECTS * (PSEUDO_SPREAD * wide) ** 2
    return Prior(mean, np.sqrt((squares + pseudo) / (n + PSEUDO_SUBJECTS)))
