"""Posterior draws of all models at once by importance sampling, and intervals of mixtures.

Models share the likelihood and differ by their priors alone, so that every draw serves all of
them.  The proposal is a mixture over the modes of all models of Student's t with the mode's
covariance, heavier-tailed than the posterior (multiple importance sampling with the balance
heuristic; Veach & Guibas, SIGGRAPH 1995).  The effective number of draws says how far weights may
be trusted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, softmax

from hebbayes.clinic.estimation.models import freed

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.climbing import Mode
    from hebbayes.clinic.estimation.likelihood import Observed
    from hebbayes.clinic.estimation.models import ModelFit

Floats = NDArray[np.float64]

N_DRAWS = 60
"""Draws from the modes of each model."""

N_ALONE = 150
"""Draws of a model that shares them with no other."""

_LIKELY = 0.15  # odds of a model from which elements are freed
_FREEDOM = 6.0
_WIDER = 1.1  # factor of the standard deviations of the proposal


@dataclass(frozen=True, eq=False)
class Draws:
    """Weighted draws of one model's posterior.

    Attributes:
        theta: (draws, parameters).
        weight: (draws,), sums to 1.
        log_evidence: Of the model, by the mean of the weights, nats.
    """

    theta: Floats
    weight: Floats
    log_evidence: float

    @property
    def effective(self) -> float:
        """Effective number of draws."""
        return float(1 / (self.weight**2).sum())


def draw_posteriors(
    observed: "Observed",
    fits: "Mapping[str, ModelFit]",
    rng: np.random.Generator,
    count: int = N_DRAWS,
) -> dict[str, Draws]:
    """Return weighted draws of every model's posterior, ``count`` from the modes of each.

    More draws come from where each element would be if it were free in the likeliest models, for
    the elements' intervals.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> from hebbayes.clinic.estimation.models import fit_models
        >>> one, prior = example(60)
        >>> draws = draw_posteriors(one, fit_models(one, prior), np.random.default_rng(0))
        >>> bool(draws["phi"].effective > 30)
        True
    """
    modes: list[Mode] = []
    counts: list[int] = []
    for fit in fits.values():
        modes += fit.modes
        counts += shares_of(fit, count)
    chance = softmax([fit.log_evidence for fit in fits.values()])
    for fit, likely in zip(fits.values(), chance):
        if likely >= _LIKELY:
            for element in observed.layout.elements:
                modes.append(freed(fit.modes[0], fit.prior, observed.layout, element.name))
                counts.append(round(1.5 * count * likely))
    theta, log_proposal = draw_mixture(modes, counts, rng)
    log_likelihood = observed.log_likelihoods(theta)
    return {
        name: weighted(theta, log_likelihood + fit.prior.log_density(theta) - log_proposal)
        for name, fit in fits.items()
    }


def draw_posterior(
    observed: "Observed", fit: "ModelFit", rng: np.random.Generator, count: int = N_ALONE
) -> Draws:
    """Return weighted draws of the posterior of one model alone.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> from hebbayes.clinic.estimation.models import fit_model
        >>> one, prior = example(60)
        >>> fit = fit_model(one, prior, "phi", (np.zeros((1, 10)), []))
        >>> bool(draw_posterior(one, fit, np.random.default_rng(0)).effective > 30)
        True
    """
    theta, log_proposal = draw_mixture(fit.modes, shares_of(fit, count), rng)
    log_weight = observed.log_likelihoods(theta) + fit.prior.log_density(theta)
    return weighted(theta, log_weight - log_proposal)


def shares_of(fit: "ModelFit", count: int) -> list[int]:
    """Return how many of some ``count`` draws each mode gives, by its share of the evidence.

    Example:
        >>> from hebbayes.clinic.estimation.climbing import Mode
        >>> from hebbayes.clinic.estimation.models import ModelFit
        >>> mode = Mode(np.zeros(1), 0.0, 0.0, np.eye(1))
        >>> shares_of(ModelFit("", None, (mode, mode)), 10)
        [5, 5]
    """
    share = np.exp([mode.log_evidence - fit.log_evidence for mode in fit.modes])
    share = 0.9 * share / share.sum() + 0.1 / len(share)
    return [max(round(one), 1) for one in share * count]


def weighted(theta: Floats, log_weight: Floats) -> Draws:
    """Return the draws ``theta`` (draws, parameters) with normalised weights.

    Example:
        >>> weighted(np.zeros((2, 1)), np.log([1.0, 3.0])).weight.round(6).tolist()
        [0.25, 0.75]
    """
    total = float(logsumexp(log_weight))
    return Draws(theta, np.exp(log_weight - total), total - float(np.log(len(theta))))


def draw_mixture(
    modes: "Sequence[Mode]", counts: Sequence[int], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return draws (draws, parameters) around modes, ``counts`` of each, and their log density.

    Example:
        >>> from hebbayes.clinic.estimation.climbing import Mode
        >>> mode = Mode(np.zeros(2), 0.0, 0.0, np.eye(2))
        >>> theta, density = draw_mixture([mode], [5], np.random.default_rng(0))
        >>> theta.shape, density.shape
        ((5, 2), (5,))
    """
    total, n = sum(counts), len(modes[0].theta)
    scale = np.sqrt(_FREEDOM / rng.chisquare(_FREEDOM, total)) * _WIDER
    normal = rng.normal(size=(total, n)) * scale[:, None]
    roots = [np.asarray(np.linalg.cholesky(mode.information), float) for mode in modes]
    ends = np.cumsum([0, *counts])
    theta = np.concatenate(
        [
            mode.theta + np.linalg.solve(root.T, normal[start:end].T).T
            for mode, root, start, end in zip(modes, roots, ends, ends[1:])
        ]
    )
    densities = [
        np.log(count / total) + _log_student((theta - mode.theta) @ root / _WIDER, root)
        for mode, root, count in zip(modes, roots, counts)
    ]
    return theta, np.asarray(logsumexp(densities, axis=0))


def _log_student(z: Floats, root: Floats) -> Floats:
    n, v = z.shape[1], _FREEDOM
    constant = gammaln((v + n) / 2) - gammaln(v / 2) - n / 2 * np.log(v * np.pi)
    constant += np.log(np.diag(root)).sum() - n * np.log(_WIDER)
    return np.asarray(constant - (v + n) / 2 * np.log1p((z**2).sum(1) / v))


def quantiles(values: Floats, weight: Floats, levels: Sequence[float]) -> Floats:
    """Return weighted quantiles of ``values`` (draws,), between the draws.

    Example:
        >>> quantiles(np.arange(5.0), np.ones(5), (0.5,)).tolist()
        [2.0]
    """
    order = np.argsort(values)
    share = np.cumsum(weight[order]) - weight[order] / 2
    return np.asarray(np.interp(np.asarray(levels) * weight.sum(), share, values[order]))
