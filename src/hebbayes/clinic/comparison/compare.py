"""The clinic's model of one subject beside its rivals: which describes the choices better?

Each model is scored by the log probability of a choice that it was not fitted to
(`leave_one_out`).  One describes a subject clearly better than another if the sum of differences is
above `LEAST_NATS` and two standard errors (Sivula, Magnusson & Vehtari, arXiv:2008.10296).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.comparison.candidate import Candidate, trials_of
from hebbayes.clinic.comparison.leave_one_out import LeaveOneOut, leave_one_out
from hebbayes.clinic.comparison.rivals import (
    RIVAL_NAMES,
    candidates_of,
    description_of,
    starts_of,
)
from hebbayes.clinic.estimation.climbing import climb, distinct
from hebbayes.clinic.estimation.models import ModelFit
from hebbayes.clinic.estimation.sampling import draw_posterior
from hebbayes.clinic.kernels.simulation import replay

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.likelihood import Observed
    from hebbayes.clinic.estimation.sampling import Draws
    from hebbayes.reverse_engineering.behaviour.rivals.models import Trials

Floats = NDArray[np.float64]

CIRCUIT = "circuit"
"""Name of the clinic's model among its rivals."""

LEAST_NATS, STANDARD_ERRORS = 4.0, 2.0
"""What a clear difference exceeds."""


@dataclass(frozen=True, eq=False)
class Standing:
    """All models beside one subject.

    Attributes:
        subject: Name.
        group: Empty if none.
        scores: Of every model by name, the circuit first.
        estimates: Posterior mean of each parameter of every rival, on the scale without bounds.
    """

    subject: str
    group: str
    scores: Mapping[str, LeaveOneOut]
    estimates: Mapping[str, Mapping[str, float]]

    @property
    def nats_per_choice(self) -> dict[str, float]:
        """Of every model by name."""
        return {name: one.nats_per_choice for name, one in self.scores.items()}

    @property
    def winner(self) -> str:
        """The model that predicts best; empty without choices."""
        nats = self.nats_per_choice
        return max(nats, key=nats.__getitem__) if np.isfinite(nats[CIRCUIT]) else ""

    def lead(self, name: str) -> tuple[float, float]:
        """Return by how many nats a model is ahead of the circuit, and the standard error.

        Example:
            >>> score = LeaveOneOut(np.zeros(9), np.zeros(9))
            >>> Standing("", "", {"circuit": score, "constant": score}, {}).lead("constant")
            (0.0, 0.0)
        """
        apart = self.scores[name].log_density - self.scores[CIRCUIT].log_density
        if apart.size < 2:
            return float(apart.sum()), float("nan")
        return float(apart.sum()), float(np.sqrt(apart.size) * apart.std(ddof=1))

    @property
    def better(self) -> str:
        """The rival that is clearly better than the circuit, the best of several; else empty."""
        if self.winner in ("", CIRCUIT):
            return ""
        nats, error = self.lead(self.winner)
        return self.winner if nats > max(LEAST_NATS, STANDARD_ERRORS * error) else ""

    @property
    def caution(self) -> str:
        """Sentence where a rival is clearly better; else empty."""
        if not self.better:
            return ""
        nats, error = self.lead(self.better)
        return (
            "The circuit model does not describe this subject's choices better than "
            f"{description_of(self.better)} ({nats:.0f} nats behind, standard error {error:.0f}); "
            "the diagnosis rests on it."
        )


@dataclass(frozen=True, eq=False)
class ComparisonTask:
    """One subject to be compared; picklable.

    Attributes:
        observed: Task and choices.
        draws: Posterior draws of the clinic's likeliest model.
        seed: Of everything random.
        has_false_belief: Whether that model is the one in which a false belief is far from healthy.
    """

    observed: "Observed"
    draws: "Draws"
    seed: int
    has_false_belief: bool = False


def run_comparison(task: ComparisonTask) -> Standing:
    """Return the comparison that the task asks for.

    Example:
        >>> from hebbayes.clinic.diagnosis.subjects import diagnose_subject
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, population = example(30)
        >>> draws = diagnose_subject(one, population).draws
        >>> sorted(run_comparison(ComparisonTask(one, draws, 0)).scores)[:2]
        ['circuit', 'constant']
    """
    observed = task.observed
    scores = {CIRCUIT: circuit_score(observed, task.draws, is_blind=not task.has_false_belief)}
    estimates = {}
    trials = trials_of(observed)
    for name in RIVAL_NAMES:
        found = rival_score(name, trials, task.seed)
        if found is not None:
            scores[name], estimates[name] = found
    return Standing(observed.name, observed.group, scores, estimates)


def circuit_score(observed: "Observed", draws: "Draws", *, is_blind: bool = True) -> LeaveOneOut:
    """Return how well the clinic's model predicts each choice.

    Which beliefs are false is what outcomes of a whole block say, and no rival knows that: the
    model ``is_blind`` to it, by weights of the draws.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> from hebbayes.clinic.estimation.sampling import Draws
        >>> one, prior = example(30)
        >>> draws = Draws(np.tile(prior.mean, (50, 1)), np.full(50, 0.02), 0.0)
        >>> circuit_score(one, draws).log_density.shape
        (30,)
    """
    log_weight = _log(draws.weight)
    if not is_blind:
        return leave_one_out(pointwise_of(observed, draws.theta), log_weight)
    task = replace(observed.task, false_belief=np.zeros_like(observed.task.false_belief))
    pointwise = pointwise_of(replace(observed, task=task), draws.theta)
    log_weight = log_weight + pointwise.sum(1) - observed.log_likelihoods(draws.theta)
    return leave_one_out(pointwise, log_weight)


def pointwise_of(observed: "Observed", theta: Floats) -> Floats:
    """Return the log probability (sets, choices made) of each choice under the clinic's model.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, prior = example(30)
        >>> total = pointwise_of(one, prior.mean[None]).sum()
        >>> bool(np.isclose(total, one.log_likelihoods(prior.mean[None])[0]))
        True
    """
    task, (choice, outcome), rules = observed.arrays
    made = np.flatnonzero(choice >= 0)
    probability = np.empty((len(choice), observed.task.n_choices))
    did = (choice, outcome, np.empty(observed.task.evidence.shape), probability)
    values = np.empty((len(theta), made.size))
    none = np.empty((0, 2))
    for row, natural in zip(values, observed.layout.natural(theta)):
        replay(natural, task, did, none, (0, *rules))
        row[:] = np.log(probability[made, choice[made]])
    return values


def rival_score(
    name: str, trials: "Trials", seed: int
) -> tuple[LeaveOneOut, dict[str, float]] | None:
    """Return how well a rival predicts each choice, and its estimates; None if it takes no part.

    Of several forms that one speaks which has the highest evidence.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> score, estimates = rival_score("constant", trials_of(example(30)[0]), 0)
        >>> list(estimates)
        ['bias of decision 0']
    """
    fitted = [(one, _fit(name, one)) for one in candidates_of(name, trials)]
    if not fitted:
        return None
    one, fit = max(fitted, key=lambda pair: pair[1].log_evidence)
    draws = draw_posterior(one, fit, np.random.default_rng(seed))  # type: ignore[arg-type]
    score = leave_one_out(one.pointwise(draws.theta), _log(draws.weight))
    names = [parameter.name for parameter in one.parameters]
    return score, dict(zip(names, (draws.weight @ draws.theta).tolist()))


def _fit(name: str, one: Candidate) -> ModelFit:
    modes = [climb(one, one.prior, start) for start in starts_of(one)]  # type: ignore[arg-type]
    return ModelFit(name, one.prior, tuple(distinct(modes)))


def _log(weight: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(weight, 1e-300)))
