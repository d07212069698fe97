"""Groups of subjects side by side: each element, its difference in natural units, adjusted p.

Each group is a population of its own (`fit_normal` on the same likelihoods), so that no group
shrinks to another.  The difference is between typical subjects, those at the populations' means;
Welch's t test on the scale without bounds, adjusted by Holm's method over all tests: psi of two
choices is one test.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from hebbayes.reverse_engineering.behaviour.subjects.description import EXTRAS, wide_prior
from hebbayes.reverse_engineering.behaviour.subjects.elements import ELEMENT_NAMES, psi_of
from hebbayes.reverse_engineering.behaviour.subjects.population import LEAST_SUBJECTS, fit_normal
from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, STANDARD_ERRORS, Estimate
from hebbayes.reverse_engineering.statistics.groups import Comparison, adjusted, compare

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.evidence import NormalPrior
    from hebbayes.reverse_engineering.behaviour.subjects.description import (
        PopulationDescription,
        SubjectDescription,
    )
    from hebbayes.reverse_engineering.behaviour.subjects.population import Normal, Population
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials

Floats = NDArray[np.float64]
Scale = Callable[[Floats], Floats]

_N_DRAWS = 20_000


@dataclass(frozen=True, eq=False)
class Compared:
    """What is compared: parameters of one population and their names in results.

    Attributes:
        population: Of all subjects.
        wide: Wide prior of its parameters.
        scales: Name of a result -> from parameters (draws, parameters) to natural units (draws,).
        tested: Name of a result -> weights of the parameters whose sum is tested, (parameters,).
    """

    population: "Population"
    wide: "NormalPrior"
    scales: Mapping[str, Scale]
    tested: Mapping[str, Floats]


def compare_groups(
    group: NDArray[np.str_],
    compared: Sequence[Compared],
    measured: Mapping[str, Floats],
    *,
    seed: int = 0,
) -> dict[str, Comparison]:
    """Return the comparison of every element between the first group and each other.

    ``group`` (subjects,) is each subject's; ``measured`` holds numbers (subjects,) that need no
    model.  Groups of fewer than 3 subjects are left out.  With more than two groups the names say
    which are compared.

    Example:
        >>> group = np.array(["a"] * 4 + ["b"] * 4)
        >>> right = np.array([0.5, 0.6, 0.5, 0.6, 0.9, 0.8, 0.9, 0.8])
        >>> one = compare_groups(group, [], {"success": right})["success"]
        >>> one.conditions, round(one.difference.value, 2), one.p < 0.01
        (('a', 'b'), 0.3, True)
    """
    names = [name for name in np.unique(group).tolist() if (group == name).sum() >= LEAST_SUBJECTS]
    rng = np.random.default_rng(seed)
    found: dict[str, Comparison] = {}
    repeats: dict[str, str] = {}  # psi of the second of two choices is less that of the first
    for other in names[1:]:
        pair = (names[0], other)
        end = f": {other} - {names[0]}" if len(names) > 2 else ""
        rows = tuple(group == name for name in pair)
        for one in compared:
            normals = [fit_normal(one.population.expansion[r], one.wide) for r in rows]
            sizes = tuple(int(r.sum()) for r in rows)
            for name, scale in one.scales.items():
                found[name + end] = _compared(
                    name, pair, normals, sizes, scale=scale, weights=one.tested[name], rng=rng
                )
                if (same := _tested_before(one, name)) is not None:
                    repeats[name + end] = same + end
        for name, values in measured.items():
            first, second = (dict(enumerate(values[r].tolist())) for r in rows)
            found[name + end] = compare(name, pair, first, second, is_paired=False)
    alone = {name: one for name, one in found.items() if name not in repeats}
    p = {name: one.p for name, one in zip(alone, adjusted(list(alone.values())))}
    return {name: replace(one, p=p[repeats.get(name, name)]) for name, one in found.items()}


def psi_scales(
    n_parameters: int, labels: Sequence[str]
) -> tuple[dict[str, Scale], dict[str, Floats]]:
    """Return scales and tested sums for psi of every choice, whose biases are the last parameters.

    Example:
        >>> scales, tested = psi_scales(1, ["left", "right"])
        >>> scales["psi: left"](np.array([[0.8]])).tolist(), tested["psi: left"].tolist()
        ([0.4], [0.5])
    """
    n = len(labels)
    scales: dict[str, Scale] = {}
    tested = {}
    for k, label in enumerate(labels):
        scales[f"psi: {label}"] = lambda values, k=k: psi_of(values[:, values.shape[1] - n + 1 :])[
            :, k
        ]
        weights = np.zeros(n_parameters)
        weights[n_parameters - n + 1 :] = -1 / n  # the bias less the mean over all choices
        if k < n - 1:
            weights[n_parameters - n + 1 + k] += 1
        tested[f"psi: {label}"] = weights
    return scales, tested


def _tested_before(compared: Compared, name: str) -> str | None:
    """The earlier result whose test this one repeats with the opposite sign."""
    for earlier in compared.scales:
        if earlier == name:
            return None
        if np.array_equal(compared.tested[earlier], -compared.tested[name]):
            return earlier
    return None


def _compared(
    name: str,
    pair: tuple[str, str],
    normals: "Sequence[Normal]",
    sizes: tuple[int, ...],
    *,
    scale: Scale,
    weights: Floats,
    rng: np.random.Generator,
) -> Comparison:
    variance = np.array([weights @ one.mean_covariance @ weights for one in normals])
    shift = float(weights @ (normals[1].mean - normals[0].mean))
    error = float(np.sqrt(variance.sum()))
    freedom = variance.sum() ** 2 / float((variance**2 / (np.array(sizes) - 1)).sum())
    p = float(2 * student.sf(abs(shift) / error, freedom))
    wider = student.ppf(0.5 + LEVEL / 2, freedom) / STANDARD_ERRORS
    drawn = [
        scale(rng.multivariate_normal(one.mean, wider**2 * one.mean_covariance, _N_DRAWS))
        for one in normals
    ]
    means = tuple(float(scale(one.mean[None])[0]) for one in normals)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn[1] - drawn[0], [tail, 1 - tail])
    return Comparison(
        quantity=name,
        conditions=pair,
        n=(sizes[0], sizes[1]),
        means=(means[0], means[1]),
        difference=Estimate(means[1] - means[0], float(low), float(high)),
        p=p,
        p_rank=float("nan"),
        is_paired=False,
    )


def describe_groups(
    subjects: "Sequence[SubjectDescription]",
    population: "PopulationDescription",
    trials: "SubjectTrials",
    labels: Sequence[str],
    *,
    seed: int = 0,
) -> "dict[str, Comparison]":
    """Return the comparison of groups, element by element; empty without two groups.

    Example:
        >>> describe_groups  # doctest: +ELLIPSIS
        <function describe_groups at ...>
    """
    if any(one.group is None for one in subjects):
        return {}
    group = np.array([str(one.group) for one in subjects])
    measured = {
        "success": np.array([one.success for one in subjects]),
        "missed": np.array([one.n_missed / one.n_trials for one in subjects]),
    }
    for extra in map(ELEMENT_NAMES.get, EXTRAS):
        if extra and all(extra in one.elements for one in subjects):
            measured[extra] = np.array([one.elements[extra].estimate.value for one in subjects])
    compared = []
    if population.base and population.models[population.base].normal is not None:
        compared = [_of_theory(population, trials, labels)]
        if population.best not in (population.base, "") and population.best in population.models:
            compared.append(_of_winner(population, trials))
    return compare_groups(group, compared, measured, seed=seed)


def _of_theory(
    population: "PopulationDescription", trials: "SubjectTrials", labels: Sequence[str]
) -> Compared:
    one = population.models[population.base]
    wide = wide_prior(one, trials)
    n = len(one.parameters)
    scales, tested = psi_scales(n, labels)
    for place, parameter in enumerate(one.parameters):
        if name := ELEMENT_NAMES.get(parameter.name):
            scales[name] = _scale(parameter.natural, place)
            tested[name] = np.eye(n)[place]
    return Compared(one, wide, scales, tested)


def _of_winner(population: "PopulationDescription", trials: "SubjectTrials") -> Compared:
    one = population.models[population.best]
    wide = wide_prior(one, trials)
    n_own = len(model_of(population.best).own(trials.trials))
    scales, tested = {}, {}
    for place, parameter in enumerate(one.parameters[:n_own]):
        name = f"{population.best}: {parameter.name}"
        scales[name] = _scale(parameter.natural, place)
        tested[name] = np.eye(len(one.parameters))[place]
    return Compared(one, wide, scales, tested)


def _scale(natural_of: Any, place: int) -> Any:
    return lambda values: natural_of(values[:, place])
