"""Which task separates which element: evidence that a task would give, before anybody does it.

To first order around a typical healthy subject, choices say of the parameters what a normal
estimate with Fisher's information I says.  If element k is moved by a dose, the evidence for the
model in which k is free, over the one in which j is, is then known in closed form:

    ln p(k) - ln p(j) = [d' (M_j - M_k) d + ln det S_j / S_k] / 2,   M = S^-1, S = I^-1 + prior

No patient is simulated.  For shares that begin near 0 (m, ε), it understates large doses.
λ and the modulator's gain are one element: no task separates them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.elements import BY_NAME
from hebbayes.clinic.estimation.layout import Layout
from hebbayes.clinic.estimation.likelihood import Observed
from hebbayes.clinic.estimation.models import widened
from hebbayes.clinic.estimation.population import typical_population
from hebbayes.clinic.subject import simulate
from hebbayes.core.checks import check_at_least

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.climbing import Prior

Floats = NDArray[np.float64]

TOLD = float(np.log(0.8 / 0.2))
"""Evidence over the best rival, nats, with which odds of two classes reach 0.8."""

_SEPARATION = 2.5
"""d' of the doses that are asked about."""


def candidate_designs(trials: int) -> dict[str, Design]:
    """Return designs that differ from the embedded one in one thing each.

    Example:
        >>> list(candidate_designs(600))[:2]
        ['embedded', 'no reversals']
    """
    base = Design(trials=trials)
    return {
        "embedded": base,
        "no reversals": replace(base, reversal=0),
        "a reversal every 40 trials": replace(base, reversal=40),
        "feedback in every trial": replace(base, silent=0.0),
        "no feedback in half": replace(base, silent=0.5),
        "clear stimuli": replace(base, ambiguous=0.0, reliability=0.97),
        "mostly ambiguous stimuli": replace(base, ambiguous=0.8),
        "states that last less": replace(base, stay=0.7),
        "the same stimuli throughout": replace(base, block=0),
        "new stimuli every 60 trials": replace(base, block=60, reversal=0),
        "certain rewards": replace(base, reward=1.0),
    }


@dataclass(frozen=True)
class Separation:
    """What a task says of one element.

    Attributes:
        dose: The dose, in the element's direction of impairment, at which its estimate reaches
            d' = 2.5.
        evidence: Expected evidence at that dose over the best rival of another class, nats.
        rival: That rival.
    """

    dose: float
    evidence: float
    rival: str

    @property
    def is_told(self) -> bool:
        """Whether the class would be told, with odds of 0.8 against the rival."""
        return self.evidence > TOLD


def separability(
    design: Design,
    doses: Mapping[str, float] | None = None,
    *,
    population: "Prior | None" = None,
    n_tasks: int = 6,
    seed: int = 0,
) -> dict[str, Separation]:
    """Return what a task says of every element, at ``doses`` or where d' reaches 2.5.

    Example:
        >>> found = separability(Design(trials=300), n_tasks=2)
        >>> found["phi"].dose > 0.5, sorted(found)[0]
        (True, 'false_belief')
    """
    check_at_least("n_tasks", n_tasks, 1)
    layout = Layout(design.choices)
    population = population or typical_population(layout)
    information = fisher_information(design, layout, population, n_tasks=n_tasks, seed=seed)
    names = [one.name for one in layout.elements]
    models = {name: _model(information, widened(population, layout, name).spread) for name in names}
    made = {}
    for name in names:
        place = int(layout.places(name)[0])
        dose = (doses or {}).get(name) or _SEPARATION * _error(information, population, place)
        rivals = {
            other: (dose**2 * (models[other][0] - models[name][0])[place, place]
                    + models[other][1] - models[name][1]) / 2
            for other in names
            if BY_NAME[other].kind != BY_NAME[name].kind
        }  # fmt: skip
        rival = min(rivals, key=lambda other: rivals[other])
        made[name] = Separation(dose, float(rivals[rival]), rival)
    return made


def fisher_information(
    design: Design, layout: Layout, population: "Prior", *, n_tasks: int, seed: int
) -> Floats:
    """Return Fisher's information of a typical subject, mean over tasks, without the prior.

    Example:
        >>> layout = Layout(2)
        >>> one = fisher_information(
        ...     Design(trials=60), layout, typical_population(layout), n_tasks=1, seed=0)
        >>> one.shape, bool((np.linalg.eigvalsh(one) > -1e-8).all())
        ((10, 10), True)
    """
    found = []
    for k in range(n_tasks):
        rng = np.random.default_rng((seed, k, 4))
        task = draw_task(design, rng)
        did = simulate(layout.subject(population.mean), task, rng).choices
        found.append(Observed(task, did, layout).score(population.mean)[2])
    return np.asarray(reduce(add, found) / n_tasks)


def _model(information: Floats, spread: Floats) -> tuple[Floats, float]:
    """Return S^-1 and ln det S, up to ln det I^-1, of the marginal of the estimate."""
    whole = information + np.diag(spread**-2.0)
    inner = np.linalg.solve(whole, information)
    log_det = np.linalg.slogdet(whole)[1] + 2 * np.log(spread).sum()
    return information - information @ inner, float(log_det)


def _error(information: Floats, population: "Prior", place: int) -> float:
    """Standard deviation of an element's estimate over healthy subjects."""
    precision = population.spread**-2.0
    precision[place] = 1e-9  # the element itself is free
    variance = np.linalg.inv(information + np.diag(precision))[place, place]
    return float(np.sqrt(variance + population.spread[place] ** 2))
