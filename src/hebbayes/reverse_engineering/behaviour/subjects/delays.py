"""After how many trials outcomes are learnt from: the posterior over the delays that were tried.

Prior: each delay is as probable as any other.  The likelihood of a delay is the evidence of a model
that learns after it, all other parameters integrated out (Laplace).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_form, form_of
from hebbayes.reverse_engineering.statistics.estimate import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hebbayes.reverse_engineering.behaviour.rivals.models import Model, Trials

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DelayPosterior:
    """How probable each delay is.

    Attributes:
        probability: Of each delay, in trials; they sum to 1.
    """

    probability: Mapping[int, float]

    @property
    def value(self) -> int:
        """The most probable delay."""
        return max(self.probability, key=self.probability.__getitem__)

    @property
    def credible(self) -> tuple[int, ...]:
        """The fewest delays that together hold 95 %, in order."""
        likely = sorted(self.probability, key=self.probability.__getitem__, reverse=True)
        held = np.cumsum([self.probability[delay] for delay in likely])
        return tuple(sorted(likely[: int(np.searchsorted(held, LEVEL)) + 1]))


def delay_posterior(log_evidence: Mapping[int, float]) -> DelayPosterior:
    """Return the posterior over delays from the log evidence of each, nats.

    Example:
        >>> posterior = delay_posterior({0: -10.0, 1: -11.0, 2: -20.0})
        >>> posterior.value, posterior.credible, round(posterior.probability[1], 3)
        (0, (0, 1), 0.269)
    """
    probability = softmax(list(log_evidence.values()))
    return DelayPosterior(dict(zip(log_evidence, probability.tolist())))


def delay_evidence(
    model: "Model", form_name: str, trials: "Trials", start: "Floats", delays: tuple[int, ...]
) -> dict[int, float]:
    """Return the log evidence of one form of a model with each delay, nats, under its wide prior.

    Fits start from ``start`` (parameters,), such as the best parameters with another delay.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 20, np.ones((40, 1)), risk=[0.0, 1.0] * 20)
        >>> trials = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0].trials
        >>> found = delay_evidence(MODELS[0], "", trials, np.array([4.0, 0.0, 0.0]), (0, 1))
        >>> sorted(found)
        [0, 1]
    """
    evidence = {}
    for delay in delays:
        late = replace(trials, delay=min(delay, len(trials.decision)))
        fit = fit_form(model, form_of(model, form_name, late), late, starts=start[None])
        evidence[delay] = fit.log_evidence
    return evidence
