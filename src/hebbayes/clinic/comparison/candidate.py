"""A rival model beside one subject, in the form that the clinic's own fits read.

Rivals are those of `reverse_engineering.behaviour`; fits, draws and populations are the clinic's.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.rivals.comparison import unbounded_log_odds
from hebbayes.reverse_engineering.behaviour.rivals.evidence import STEP
from hebbayes.reverse_engineering.behaviour.rivals.kernels import score
from hebbayes.reverse_engineering.behaviour.rivals.models import Trials

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.climbing import Prior
    from hebbayes.clinic.estimation.likelihood import Observed
    from hebbayes.reverse_engineering.behaviour.rivals.models import Form, LogOdds, Parameter

Floats = NDArray[np.float64]


def trials_of(observed: "Observed") -> Trials:
    """Return the trials of a subject as rivals read them.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> trials_of(example(20)[0]).n_decisions
        2
    """
    task, did = observed.task, observed.choices
    first = np.maximum.accumulate(np.where(task.begins, np.arange(task.n_trials), 0))
    stimuli = np.ascontiguousarray(task.stimuli, float)
    return Trials(
        x=stimuli,
        counted=stimuli,
        decision=np.asarray(did.choice, np.int64),
        previous=np.where(task.begins, -1, np.roll(did.choice, 1)),
        worth=2 * did.outcome - 1,
        taken=np.arange(task.n_choices),
        delay=0,
        floor=1.0,
        start=first,
        forgets_missed=True,
    )


@dataclass(frozen=True, eq=False)
class Candidate:
    """One form of a rival beside one subject.

    Attributes:
        form: Of the model.
        parameters: Of the form, in its order.
        trials: Of the subject.
        prior: Wide, of the parameters.
    """

    form: "Form"
    parameters: "tuple[Parameter, ...]"
    trials: Trials
    prior: "Prior"

    @property
    def layout(self) -> "CandidateLayout":
        """What the fit of a population asks for."""
        return CandidateLayout(self.prior)

    @cached_property
    def decision(self) -> NDArray[np.int64]:
        """Choices made, (choices made,)."""
        return np.asarray(self.trials.decision[self.trials.is_used], np.int64)

    def log_odds(self, theta: Floats) -> Floats:
        """Return log odds (sets, choices made, choices) of parameters without bounds.

        Example:
            >>> from hebbayes.clinic.comparison.rivals import candidates_of
            >>> from hebbayes.clinic.estimation.cases import example
            >>> one = candidates_of("rescorla_wagner", trials_of(example(20)[0]))[0]
            >>> one.log_odds(one.prior.mean[None]).shape
            (1, 20, 2)
        """
        odds = unbounded_log_odds(self.form, self.parameters, theta)
        return np.ascontiguousarray(odds[:, self.trials.is_used])

    def pointwise(self, theta: Floats) -> Floats:
        """Return the log probability (sets, choices made) of each choice.

        Example:
            >>> from hebbayes.clinic.comparison.rivals import candidates_of
            >>> from hebbayes.clinic.estimation.cases import example
            >>> one = candidates_of("constant", trials_of(example(20)[0]))[0]
            >>> one.pointwise(np.zeros((1, 1))).round(4)[0, 0].item()
            -0.6931
        """
        odds = self.log_odds(theta)
        top = odds.max(-1, keepdims=True)
        total = np.log(np.exp(odds - top).sum(-1)) + top[..., 0]
        taken = np.take_along_axis(odds, self.decision[None, :, None], 2)[..., 0]
        return np.asarray(taken - total)

    def log_likelihoods(self, theta: Floats) -> Floats:
        """Return the log likelihood (sets,) of parameters (sets, parameters), nats.

        Example:
            >>> from hebbayes.clinic.comparison.rivals import candidates_of
            >>> from hebbayes.clinic.estimation.cases import example
            >>> one = candidates_of("constant", trials_of(example(20)[0]))[0]
            >>> one.log_likelihoods(np.zeros((1, 1))).round(2).tolist()
            [-13.86]
        """
        return np.asarray(self.pointwise(theta).sum(1))

    def score(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Return log likelihood, gradient and Fisher's information at ``theta`` (parameters,).

        Example:
            >>> from hebbayes.clinic.comparison.rivals import candidates_of
            >>> from hebbayes.clinic.estimation.cases import example
            >>> one = candidates_of("constant", trials_of(example(20)[0]))[0]
            >>> one.score(np.zeros(1))[2].round(2).tolist()
            [[5.0]]
        """
        moved = np.vstack([theta, theta + STEP * np.eye(theta.size)])
        value, slope, information = score(self.log_odds(moved), self.decision, STEP)
        return float(value), slope, information


@dataclass(frozen=True, eq=False)
class CandidateLayout:
    """Parameters of a candidate, as the fit of a population asks for them.

    Attributes:
        prior: Wide, of the parameters.
    """

    prior: "Prior"

    def of(self, attribute: str) -> Floats:
        """Return the prior's mean ("healthy") or its spread ("wide").

        Example:
            >>> from hebbayes.clinic.estimation.climbing import Prior
            >>> CandidateLayout(Prior(np.zeros(1), np.ones(1))).of("wide").tolist()
            [1.0]
        """
        return self.prior.mean if attribute == "healthy" else self.prior.spread


def with_lapse(log_odds: "LogOdds", place: int) -> "LogOdds":
    """Return log odds where a share of choices is random: natural parameter number ``place``.

    Example:
        >>> odds = with_lapse(lambda natural: np.array([[[50.0, 0.0]]]), 0)(np.array([[0.5]]))
        >>> np.exp(odds[0, 0] - odds[0, 0].max()).round(3).tolist()
        [1.0, 0.333]
    """

    def lapsing(natural: Floats) -> Floats:
        odds = log_odds(np.delete(natural, place, axis=1))
        share = np.exp(odds - odds.max(-1, keepdims=True))
        share /= share.sum(-1, keepdims=True)
        lapse = natural[:, place, None, None]
        return np.asarray(np.log((1 - lapse) * share + lapse / share.shape[-1]))

    return lapsing
