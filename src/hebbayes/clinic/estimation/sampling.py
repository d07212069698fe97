"""Posterior draws by importance sampling from the modes of a fit, and intervals of mixtures.

The proposal is a mixture over modes of Student's t with the mode's covariance, heavier-tailed than
the posterior.  The effective number of draws says how far weights may be trusted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.likelihood import Observed
    from hebbayes.clinic.estimation.models import ModelFit

Floats = NDArray[np.float64]

N_DRAWS = 150
_FREEDOM = 5.0
_WIDER = 1.2  # factor of the standard deviations of the proposal


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


def draw_posterior(
    observed: "Observed", fit: "ModelFit", rng: np.random.Generator, count: int = N_DRAWS
) -> Draws:
    """Return weighted draws of the posterior of a model.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> from hebbayes.clinic.estimation.models import fit_model
        >>> one, prior = example(60)
        >>> fit = fit_model(one, prior, "phi", (np.zeros((1, 10)), []))
        >>> bool(draw_posterior(one, fit, np.random.default_rng(0)).effective > 30)
        True
    """
    n = len(fit.prior.mean)
    share = np.exp([mode.log_evidence - fit.log_evidence for mode in fit.modes])
    share = 0.9 * share / share.sum() + 0.1 / len(share)
    of = rng.choice(len(share), count, p=share)
    scale = np.sqrt(_FREEDOM / rng.chisquare(_FREEDOM, count)) * _WIDER
    normal = rng.normal(size=(count, n)) * scale[:, None]
    roots = [np.asarray(np.linalg.cholesky(mode.information), float) for mode in fit.modes]
    theta = np.empty((count, n))
    for k, (mode, root) in enumerate(zip(fit.modes, roots)):
        theta[of == k] = mode.theta + np.linalg.solve(root.T, normal[of == k].T).T
    densities = [
        np.log(one) + _log_student((theta - mode.theta) @ root / _WIDER, root)
        for one, mode, root in zip(share, fit.modes, roots)
    ]
    log_weight = observed.log_likelihoods(theta) + fit.prior.log_density(theta)
    log_weight = log_weight - logsumexp(densities, axis=0)
    total = logsumexp(log_weight)
    return Draws(theta, np.exp(log_weight - total), float(total - np.log(count)))


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
