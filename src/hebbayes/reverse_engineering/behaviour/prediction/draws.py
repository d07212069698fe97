"""Learners whose parameters are drawn from what the decisions say of them.

Each model gets a share of the draws in proportion to its evidence, so that intervals hold the
uncertainty of parameters and, where models are close, that of the model (docs/recordings.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.simulators.learners import FixedReadout

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Rival
    from hebbayes.simulators.learners import AbstractLearner

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DrawnLearners:
    """Learners of one model, their parameters drawn.

    Attributes:
        rival: The model and its fit.
        n_animals: Number of draws.
        learner: All of them; its parameters have shape (animals,).
    """

    rival: "Rival"
    n_animals: int
    learner: "AbstractLearner"


def learner_of(rival: "Rival", values: Floats, n_decisions: int) -> "AbstractLearner":
    """Return the learner with parameters ``values`` (..., parameters), on their unbounded scale.

    Decisions that were never taken never will be.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
        >>> from hebbayes.reverse_engineering.behaviour.rivals.comparison import fit_model
        >>> from hebbayes.reverse_engineering.behaviour.rivals.models import trials_of
        >>> choices = Choices(np.array([0, 0, 0, 1]), np.ones((4, 1)), None, np.zeros(4, int), 2)
        >>> rival = fit_model(MODELS[0], trials_of(choices, 0, 1.0))
        >>> learner_of(rival, np.tile(rival.fit.parameters, (5, 1)), 2).ratio.shape
        (5,)
    """
    natural = np.stack(
        [one.natural(values[..., k]) for k, one in enumerate(rival.parameters)], axis=-1
    )
    n_biases = rival.taken.size - 1
    n_own = natural.shape[-1] - rival.model.is_sticky - n_biases
    bias = np.full((*natural.shape[:-1], n_decisions), -np.inf)
    bias[..., rival.taken[:-1]] = natural[..., natural.shape[-1] - n_biases :]
    bias[..., rival.taken[-1]] = 0.0
    stickiness = natural[..., n_own] if rival.model.is_sticky else np.zeros(natural.shape[:-1])
    learner = rival.form.learner(natural[..., :n_own])
    if isinstance(learner, FixedReadout) and np.size(learner.weights):
        known = np.asarray(learner.weights)
        weights = np.zeros((*known.shape[:-2], n_decisions, known.shape[-1]))
        weights[..., rival.taken, :] = known
        rows = weights if weights.ndim > 2 else tuple(map(tuple, weights.tolist()))
        learner = replace(learner, weights=rows)
    return replace(
        learner, bias=bias, stickiness=stickiness if stickiness.ndim else float(stickiness)
    )


def draw_learners(
    rivals: "Sequence[Rival]", n_decisions: int, n_draws: int, *, rng: np.random.Generator
) -> list[DrawnLearners]:
    """Return ``n_draws`` learners of the models, each model with its share by evidence.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals
        >>> rng = np.random.default_rng(0)
        >>> choices = Choices(rng.integers(0, 2, 99), rng.random((99, 1)), rng.random(99),
        ...                   np.zeros(99, int), 2)
        >>> drawn = draw_learners(compare_rivals(choices, 0).rivals, 2, 40, rng=rng)
        >>> sum(one.n_animals for one in drawn)
        40
    """
    drawn = []
    for rival, n_animals in zip(rivals, rng.multinomial(n_draws, evidence_shares(rivals))):
        if n_animals:
            values = rng.multivariate_normal(rival.fit.parameters, rival.fit.covariance, n_animals)
            learner = learner_of(rival, values, n_decisions)
            drawn.append(DrawnLearners(rival, int(n_animals), learner))
    return drawn


def evidence_shares(rivals: "Sequence[Rival]") -> Floats:
    """Return the probability of each model if all were as likely beforehand, (models,).

    Example:
        >>> from types import SimpleNamespace as Some
        >>> evidence_shares([Some(log_evidence=np.log(3.0)), Some(log_evidence=0.0)]).round(2)
        array([0.75, 0.25])
    """
    evidence = np.array([one.log_evidence for one in rivals])
    share = np.exp(evidence - evidence.max())
    return np.asarray(share / share.sum())
