"""The healthy model, and for each element a model in which it may be far from healthy.

M0 is the population of healthy subjects; M_k is the same with the spread of element k wide.  The
posterior may have several modes: each model climbs from many starts, and its evidence is the sum
over its modes of Laplace's approximation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from hebbayes.clinic.elements import HEALTHY
from hebbayes.clinic.estimation.climbing import Mode, Prior, climb, distinct, modes_from

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.estimation.likelihood import Observed

Floats = NDArray[np.float64]

N_HEALTHY_DRAWS, N_HEALTHY_REFINED = 50, 2
N_DRAWS, N_REFINED = 25, 1


FREE_SPREAD = 2.0
"""Prior standard deviation of an element in its own interval, in its wide spreads."""


@dataclass(frozen=True, eq=False)
class ModelFit:
    """One model of one subject.

    Attributes:
        name: `HEALTHY`, or the element that may be far from healthy.
        prior: Of the parameters.
        modes: Distinct modes, the highest first.
    """

    name: str
    prior: Prior
    modes: tuple[Mode, ...]

    @property
    def log_evidence(self) -> float:
        """Sum over modes of Laplace's approximation, nats."""
        return float(logsumexp([mode.log_evidence for mode in self.modes]))


def widened(population: Prior, layout: "Layout", element: str) -> Prior:
    """Return the population with the spread of one element wide.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, population = example(5)
        >>> widened(population, one.layout, "phi").spread[:2].tolist()
        [1.5, 0.3]
    """
    spread, places = population.spread.copy(), layout.places(element)
    spread[places] = np.maximum(layout.of("wide")[places], spread[places])
    return Prior(population.mean, spread)


def freed(mode: Mode, prior: Prior, layout: "Layout", element: str) -> Mode:
    """Return where a mode moves, by one Newton step, if an element is free as in its own interval.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, prior = example(60)
        >>> mode = climb(one, prior, prior.mean)
        >>> moved = freed(mode, prior, one.layout, "phi")
        >>> bool(abs(moved.theta[0]) > abs(mode.theta[0]))
        True
    """
    places = layout.places(element)
    free = FREE_SPREAD * layout.of("wide")[places]
    lost = np.maximum(prior.spread[places] ** -2.0 - free**-2.0, 0.0)
    information, slope = mode.information.copy(), np.zeros_like(mode.theta)
    information[places, places] -= lost
    slope[places] = lost * (mode.theta - prior.mean)[places]
    step = np.linalg.solve(information, slope)
    return replace(mode, theta=mode.theta + step, information=information)


def fit_models(observed: "Observed", population: Prior, seed: int = 0) -> Mapping[str, ModelFit]:
    """Return the fit of every model by name, the healthy one first.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> fits = fit_models(*example(30))
        >>> list(fits)[:3]
        ['healthy', 'phi', 'psi']
    """
    layout, rng = observed.layout, np.random.default_rng(seed)
    n = len(layout.parameters)
    priors = {HEALTHY: population}
    for element in layout.elements:
        priors[element.name] = widened(population, layout, element.name)
    starts = [
        prior.mean + prior.spread * rng.normal(size=(N_HEALTHY_DRAWS if k == 0 else N_DRAWS, n))
        for k, prior in enumerate(priors.values())
    ]
    draws = np.concatenate([population.mean[None], *starts])
    likelihood = observed.log_likelihoods(draws)
    fits: dict[str, ModelFit] = {}
    for name, prior in priors.items():
        best = np.argsort(-(likelihood + prior.log_density(draws)))
        first = list(draws[best[: N_REFINED if fits else N_HEALTHY_REFINED]])
        first += [fits[HEALTHY].modes[0].theta] if fits else []
        modes = distinct([climb(observed, prior, start, is_rough=True) for start in first])
        fits[name] = ModelFit(name, prior, tuple(modes))
    return fits


def fit_model(
    observed: "Observed", prior: Prior, name: str, starts: tuple[Floats, list[Mode]]
) -> ModelFit:
    """Return the fit of one model from standard normal draws and modes of the healthy model.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, prior = example(30)
        >>> fit_model(one, prior, "phi", (np.zeros((2, 10)), [])).name
        'phi'
    """
    normal, healthy = starts
    modes = modes_from(observed, prior, prior.mean + prior.spread * normal, 2)
    modes += [climb(observed, prior, mode.theta) for mode in healthy[:1]]
    return ModelFit(name, prior, tuple(distinct(modes)))
