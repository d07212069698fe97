"""Elements of a subject's network in natural units: psi, learning, leak, precision and the rest.

They are read from the theory's model that explains all subjects best; precision and the bias of the
modulator each from that model with one more free parameter (`extras`).
Only the ratio of lambda to the modulator's gain can be told from decisions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS, STICKINESS
from hebbayes.reverse_engineering.behaviour.rivals.forms import hebbian_forms
from hebbayes.reverse_engineering.behaviour.rivals.models import AS_THEORY, Model, Parameter
from hebbayes.reverse_engineering.statistics.estimate import Estimate, normal_estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.models import Trials
    from hebbayes.reverse_engineering.behaviour.subjects.extras import ExtraFit
    from hebbayes.reverse_engineering.behaviour.subjects.population import Population

Floats = NDArray[np.float64]

PRECISION = Parameter("precision", 0.0, 0.7, np.exp, (0.0,))
MODULATOR_BIAS = Parameter("modulator bias", 0.0, 0.7, lambda values: values, (0.0,))

ELEMENT_NAMES = {
    "lambda / gain": "learning",
    "leak per trial": "leak",
    STICKINESS: "stickiness",
    "precision": "precision",
    "modulator bias": "modulator_bias",
}
_EXTRAS = {"precision": (PRECISION, "learning"), "modulator bias": (MODULATOR_BIAS, "leak")}
_TOLD_BY = 0.8  # of the wide prior's standard deviation: above it decisions say nothing
_N_HALVINGS = 60
_CONFOUNDED = 0.95  # correlation beyond which two parameters are one class


@dataclass(frozen=True, eq=False)
class Element:
    """One element: its estimate, or the class that decisions cannot tell apart.

    Attributes:
        estimate: In natural units; under the prior where ``cannot_tell`` is not empty.
        cannot_tell: Elements that decisions do not tell apart, as a sentence; empty if they do.
    """

    estimate: Estimate[float]
    cannot_tell: str = ""


def extended(base: Model) -> dict[str, Model]:
    """Return the theory's model ``base`` with one more free parameter, by its name.

    Example:
        >>> {name: model.kind for name, model in extended(MODELS[0]).items()}
        {'precision': 'as the theory says', 'modulator bias': 'as the theory says'}
    """
    leaks, reads_both = base.name != "canonical", base.name != "active_cue"

    def own(extra: Parameter) -> Callable[["Trials"], tuple[Parameter, ...]]:
        return lambda trials: (*base.own(trials), extra)

    return {
        "precision": Model(
            f"{base.name} with precision",
            AS_THEORY,
            f"{base.description}, free precision",
            own(PRECISION),
            hebbian_forms(is_leaky=leaks, reads_both=reads_both, extra="precision"),
        ),
        "modulator bias": Model(
            f"{base.name} with modulator bias",
            AS_THEORY,
            f"{base.description}, free bias of the modulator",
            own(MODULATOR_BIAS),
            hebbian_forms(is_leaky=leaks, reads_both=reads_both, extra="modulator bias"),
        ),
    }


def theory_models() -> tuple[Model, ...]:
    """Return the models of the theory's class.

    Example:
        >>> [model.name for model in theory_models()]
        ['canonical', 'leaky', 'active_cue']
    """
    return tuple(one for one in MODELS if one.kind == AS_THEORY)


def natural(parameter: Parameter, estimate: "Estimate[Floats]", place: int) -> Estimate[float]:
    """Return one parameter in natural units, from estimates on the scale without bounds.

    Example:
        >>> natural(PRECISION, Estimate(np.zeros(1), np.zeros(1), np.zeros(1)), 0)
        Estimate(value=1.0, low=1.0, high=1.0)
    """
    value, low, high = (float(parameter.natural(np.asarray(e[place]))) for e in estimate.as_tuple())
    return Estimate(value, low, high)


def psi_of(bias: Floats) -> Floats:
    """Return psi = ln E1 - ln E0 of all choices from the biases (..., choices - 1).

    E sums to 1 and has the odds of the bias (`decision_prior`).

    Example:
        >>> psi_of(np.array([0.8])).round(2).tolist()
        [0.4, -0.4]
    """
    bias = np.asarray(bias, float)
    whole = np.concatenate([bias, np.zeros((*bias.shape[:-1], 1))], axis=-1)
    if whole.shape[-1] == 2:  # E and 1 - E: half the difference each
        return np.concatenate([bias / 2, -bias / 2], axis=-1)
    low, high = -whole.max(-1) - 50, -whole.min(-1) + 50
    for _ in range(_N_HALVINGS):  # of where the scale of the odds lies
        middle = (low + high) / 2
        is_above = expit(whole + middle[..., None]).sum(-1) > 1
        low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
    return np.asarray(whole + ((low + high) / 2)[..., None])


def psi_estimate(mean: Floats, covariance: Floats, n_choices: int) -> Estimate[Floats]:
    """Return psi (choices,) of normal parameters whose last ones are the biases.

    Example:
        >>> psi_estimate(np.zeros(1), np.full((1, 1), 1e-12), 2).value.round(3).tolist()
        [0.0, -0.0]
    """
    last = slice(len(mean) - (n_choices - 1), None)
    bias, spread = mean[last], covariance[last, last]
    step = 1e-4
    value = psi_of(bias)
    if n_choices == 2:
        slope = np.array([[0.5], [-0.5]])
    else:
        moved = psi_of(
            np.vstack([bias + step * np.eye(bias.size), bias - step * np.eye(bias.size)])
        )
        slope = ((moved[: bias.size] - moved[bias.size :]) / (2 * step)).T
    error = np.sqrt(np.maximum(np.diag(slope @ spread @ slope.T), 0.0))
    return normal_estimate(value, error)


def extra_element(extra: str, fit: "ExtraFit", k: int) -> dict[str, Element]:
    """Return the extra parameter of subject ``k`` by its name in results.

    Example:
        >>> from types import SimpleNamespace
        >>> zero = np.zeros(1)
        >>> fit = SimpleNamespace(value=zero, low=zero, high=zero, share=np.ones(1))
        >>> extra_element("precision", fit, 0)["precision"].cannot_tell
        'precision and learning cannot be told apart by these trials'
    """
    parameter, other = _EXTRAS[extra]
    name = ELEMENT_NAMES[extra]
    value = natural(parameter, Estimate(fit.value, fit.low, fit.high), k)
    words = f"{name.replace('_', ' ')} and {other} cannot be told apart by these trials"
    return {name: Element(value, words if fit.share[k] > _TOLD_BY else "")}


def elements_of(
    population: "Population", k: int, wide_spread: Mapping[str, float]
) -> dict[str, Element]:
    """Return the elements of subject ``k`` that a population's parameters are.

    ``wide_spread`` is the standard deviation of the wide prior of each parameter.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.subjects.population import (
        ...     Expansion, Population)
        >>> nothing = Expansion(*[np.zeros((1, 1))] * 2, np.zeros((1, 1, 1)))
        >>> one = Population("a", "", (PRECISION,), None, nothing, np.zeros((1, 1)),
        ...                  np.full((1, 1, 1), 0.49), np.zeros(1))
        >>> elements_of(one, 0, {"precision": 0.7})["precision"].cannot_tell[:39]
        'these trials say nothing of precision b'
    """
    from hebbayes.reverse_engineering.behaviour.subjects.population import subject_estimate

    estimate = subject_estimate(population, k)
    information = population.expansion.information[k]
    own = np.linalg.inv(
        information + np.diag([wide_spread[p.name] ** -2.0 for p in population.parameters])
    )
    sd = np.sqrt(np.diag(own))
    correlation = own / np.outer(sd, sd)
    result = {}
    for place, parameter in enumerate(population.parameters):
        name = parameter.name
        if name not in ELEMENT_NAMES:
            continue
        others = [
            ELEMENT_NAMES[p.name]
            for q, p in enumerate(population.parameters)
            if q != place and p.name in ELEMENT_NAMES and abs(correlation[place, q]) > _CONFOUNDED
        ]
        word, reason = ELEMENT_NAMES[name].replace("_", " "), ""
        if others:
            reason = f"{word} and {' and '.join(others)} cannot be told apart by these trials"
        elif sd[place] > _TOLD_BY * wide_spread[name]:
            reason = f"these trials say nothing of {word} beyond its prior"
        result[ELEMENT_NAMES[name]] = Element(natural(parameter, estimate, place), reason)
    return result
