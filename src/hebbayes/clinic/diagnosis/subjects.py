"""Diagnosis of one subject: odds, verdict and estimates with intervals.

The interval of an element mixes the models by their odds, and in each of them this element is free
as well, with a prior of `FREE_SPREAD` wide spreads: an interval rests neither on the element being
healthy nor on its own model having won.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from hebbayes.clinic.diagnosis.odds import (
    EMBEDDED,
    FEW_TRIALS,
    MODEL_NAMES,
    OUTCOMES,
    Recalibration,
    class_odds,
    evidence_vector,
    model_odds,
    verdict_of,
)
from hebbayes.clinic.elements import BY_NAME, HEALTHY, SHARE
from hebbayes.clinic.estimation.climbing import Prior
from hebbayes.clinic.estimation.models import FREE_SPREAD, fit_models, widened
from hebbayes.clinic.estimation.sampling import Draws, draw_posteriors, quantiles
from hebbayes.reverse_engineering.statistics.estimate import Estimate

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.estimation.likelihood import Observed

Floats = NDArray[np.float64]

WIDENING = 1.1
"""Factor of intervals, but those of shares, with which 95 % of them hold the truth in simulated
patients (benchmarks/clinic.py): some hundred effective draws know little of the tails."""

_LEVELS = (0.025, 0.5, 0.975)


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What the choices of one subject say.

    Attributes:
        subject: Name.
        group: Empty if none.
        log_evidence: Of every model, in the order of `MODEL_NAMES`, nats.
        odds: Probability of each model by name.
        classes: Probability of being healthy and of each class, by name.
        verdict: A class, `HEALTHY` or `CANNOT_TELL`.
        estimates: Natural value of every element with its 95 % interval, (parameters of it,).
        effective_draws: Effective number of draws behind each interval.
        n_trials: Choices that were made.
        limit: Sentence on what limits the result; empty if nothing does.
        draws: Posterior draws of the likeliest model.
    """

    subject: str
    group: str
    log_evidence: Floats
    odds: Mapping[str, float]
    classes: Mapping[str, float]
    verdict: str
    estimates: "Mapping[str, Estimate[Any]]"
    effective_draws: Mapping[str, float]
    n_trials: int
    limit: str
    draws: Draws


def diagnose_subject(
    observed: "Observed",
    population: "Prior",
    recalibration: Recalibration | None = None,
    seed: int = 0,
) -> Diagnosis:
    """Return the diagnosis of one subject, given the population of healthy ones.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> found = diagnose_subject(*example(400, "psi", 2.5))
        >>> found.verdict
        'psi'
    """
    recalibration = recalibration or EMBEDDED
    fits = fit_models(observed, population, seed)
    draws = draw_posteriors(observed, fits, np.random.default_rng(seed + 1))
    evidence = evidence_vector({name: one.log_evidence for name, one in draws.items()})
    odds = model_odds(evidence, recalibration)
    classes = class_odds(odds)
    bounds, effective = intervals(observed.layout, population, draws, odds)
    n_made = observed.choices.n_made
    return Diagnosis(
        subject=observed.name,
        group=observed.group,
        log_evidence=evidence,
        odds=dict(zip(MODEL_NAMES, odds.tolist())),
        classes=dict(zip(OUTCOMES, classes.tolist())),
        verdict=verdict_of(classes, recalibration, n_made),
        estimates={
            name: Estimate(*(BY_NAME[name].scale.natural(ends[:, k]) for k in (1, 0, 2)))
            for name, ends in bounds.items()
        },
        effective_draws=effective,
        n_trials=n_made,
        limit=_limit(n_made),
        draws=draws[MODEL_NAMES[int(np.argmax(odds))]],
    )


def intervals(
    layout: "Layout", population: "Prior", draws: Mapping[str, Draws], odds: Floats
) -> tuple[dict[str, Floats], dict[str, float]]:
    """Return low, median and high of each element (parameters, 3) without bounds, and how sure.

    ``draws`` are those of all models, with the same parameters (`draw_posteriors`).

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, prior = example(5)
        >>> theta = np.linspace(-1, 1, 11)[:, None] * np.ones(10)
        >>> same = Draws(theta, np.full(11, 1 / 11), 0.0)
        >>> draws = dict.fromkeys(MODEL_NAMES, same)
        >>> bounds, effective = intervals(one.layout, prior, draws, np.full(11, 1 / 11))
        >>> abs(bounds["phi"][0, 1].round(6).item())
        0.0
    """
    bounds, effective = {}, {}
    theta = draws[HEALTHY].theta
    for element in layout.elements:
        places = layout.places(element.name)
        mean = population.mean[places]
        free = Prior(mean, FREE_SPREAD * layout.of("wide")[places])
        weight = np.zeros(len(theta))
        for name, share in zip(MODEL_NAMES, odds):
            model = element.name if name == HEALTHY else name
            spread = widened(population, layout, model).spread[places]
            own = theta[:, places]
            freed = free.log_density(own) - Prior(mean, spread).log_density(own)
            with np.errstate(divide="ignore"):
                weight += share * softmax(np.log(draws[model].weight) + freed)
        ends = np.array([quantiles(theta[:, place], weight, _LEVELS) for place in places])
        factor = 1.0 if element.scale is SHARE else WIDENING
        bounds[element.name] = ends[:, 1:2] + factor * (ends - ends[:, 1:2])
        effective[element.name] = float(1 / (weight**2).sum())
    return bounds, effective


def _limit(n_made: int) -> str:
    if n_made == 0:
        return "No choice was made: odds and estimates are those of the prior."
    if n_made < FEW_TRIALS:
        return f"Only {n_made} choices: odds and estimates are mostly those of the prior."
    return ""
