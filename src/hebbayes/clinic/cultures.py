"""Cultures of two conditions: in which element is the shift, and what else differs?

One number per culture and quantity, so that the culture is the unit of every test; p-values are
adjusted over all quantities.  A drug that shifts excitability should shift the threshold factor φ,
hence the prior D1 (I23).  The same numbers move with the units recorded, the stimuli and the
electrodes, so quantities that no threshold explains stand beside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.description import CausalDescription, describe_causally
from hebbayes.reverse_engineering.ensembles.match import match_to_labels
from hebbayes.reverse_engineering.ensembles.population import ensemble_means, population_by_labels
from hebbayes.reverse_engineering.experimental_design.recording_statistics import (
    recording_statistics,
)
from hebbayes.reverse_engineering.statistics.groups import Comparison, adjusted, compare

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.description import FindPopulation

Floats = NDArray[np.float64]

THRESHOLD = ("phi", "phi by convention", "published phi, common baseline")
"""Quantities that a shift of the threshold factor moves."""

SIGNIFICANT = 0.05
"""Adjusted p-value below which conditions differ."""


@dataclass(frozen=True, eq=False)
class CultureShift:
    """Two conditions compared.

    Attributes:
        conditions: First and second condition.
        values: Quantity to its value in every culture, for each condition; NaN if unknown.
        comparisons: Quantity by quantity, second less first, p-values adjusted.
        baseline: Responses per trial and unit in training, over all cultures of both conditions;
            the scale of the published phi.
        failures: Condition and culture, and why it is left out.
        sentences: What follows, and what does not.
    """

    conditions: tuple[str, str]
    values: Mapping[str, tuple[Mapping[int, float], Mapping[int, float]]]
    comparisons: tuple[Comparison, ...]
    baseline: float
    failures: Mapping[tuple[str, int], str]
    sentences: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CultureElements:
    """What is read of one culture.

    Attributes:
        values: Quantity to its value, the mean over ensembles.
        first_responses: (ensembles,), mean raw response in training, per trial and unit.
    """

    values: Mapping[str, float]
    first_responses: Floats


def read_elements(
    recording: "Recording",
    *,
    train_sessions: int = 10,
    find_population: "FindPopulation | None" = None,
    seed: int = 0,
) -> CultureElements:
    """Return the elements of one culture, everything fitted on its training sessions.

    Ensembles are those of the known sources, unless ``find_population`` finds others.  Raises
    `HebbayesError` if there are none.

    Example:
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=8, n_sessions=3, n_trials=64, tilt=0.1)
        >>> found = read_elements(simulate_culture(design).recording, train_sessions=2).values
        >>> found["units per ensemble"], found["active units"]
        (4.0, 8.0)
    """
    find = find_population or partial(population_by_labels, train_sessions=train_sessions)
    description = describe_causally(
        recording, find, train_sessions=train_sessions, n_surrogates=8, seed=seed
    )
    means = ensemble_means(description.population, recording)
    first = np.nanmean(means[recording.session_index < train_sessions], 0)
    values = {name: quantity(description) for name, quantity in _QUANTITIES.items()}
    values |= _rates(recording)
    if recording.sources is not None:
        match = match_to_labels(description.population.activity, recording.sources)
        values["correlation with sources"] = float(np.nanmean(match.correlation))
    return CultureElements(values, first)


def compare_cultures(
    first: tuple[str, Mapping[int, "Recording"]],
    second: tuple[str, Mapping[int, "Recording"]],
    *,
    train_sessions: int = 10,
    is_paired: bool = False,
    find_population: "FindPopulation | None" = None,
    seed: int = 0,
) -> CultureShift:
    """Return where two conditions, each a name and its cultures, differ.

    A culture that cannot be read is left out and named.  Raises `ValueRangeError` if a condition
    has none.

    Example:
        >>> compare_cultures(("control", {}), ("drug", {}))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: no culture of control can be read; it has none.
    """
    conditions, failures = (first[0], second[0]), {}
    read: list[dict[int, CultureElements]] = []
    for name, recordings in (first, second):
        found = {}
        for k, recording in recordings.items():
            try:
                found[k] = read_elements(
                    recording,
                    train_sessions=train_sessions,
                    find_population=find_population,
                    seed=seed,
                )
            except HebbayesError as error:
                failures[name, k] = str(error)
        if not found:
            why = next((why for (of, _), why in failures.items() if of == name), "it has none.")
            raise ValueRangeError(f"no culture of {name} can be read; {why}")
        read.append(found)
    baseline = float(
        np.mean([one.first_responses.mean() for part in read for one in part.values()])
    )
    values = _by_quantity(read, baseline)
    comparisons = adjusted(
        [compare(name, conditions, *both, is_paired=is_paired) for name, both in values.items()]
    )
    return CultureShift(
        conditions, values, tuple(comparisons), baseline, failures, _sentences(comparisons)
    )


def _by_quantity(
    read: list[dict[int, CultureElements]], baseline: float
) -> dict[str, tuple[Mapping[int, float], Mapping[int, float]]]:
    names = dict.fromkeys(name for part in read for one in part.values() for name in one.values)
    values = {}
    for name in names:
        parts = [{k: one.values.get(name, np.nan) for k, one in part.items()} for part in read]
        values[name] = (parts[0], parts[1])
    published = [
        {k: _published(one.first_responses, baseline) for k, one in part.items()} for part in read
    ]
    return {THRESHOLD[2]: (published[0], published[1]), **values}


def _published(first_responses: Floats, baseline: float) -> float:
    """φ of I23: x is 1/2 + (response - baseline) / (4 baseline) on average, clipped to [0, 1]."""
    x = np.clip(0.5 + (first_responses - baseline) / (4 * baseline), 0.01, 0.99)
    return float(logit(x).mean())


def _rates(recording: "Recording") -> dict[str, float]:
    """Rates and noise of the recording, which no threshold factor explains."""
    responses = np.where(recording.valid, recording.responses, 0).sum(0)
    rate = responses / np.maximum(recording.valid.sum(0), 1)
    values = {
        "responses per trial and unit": float(rate.mean()),
        "active units": float((rate > 0.3).sum()),
    }
    try:
        found = recording_statistics(recording)
    except HebbayesError:
        return values
    return values | {
        "ln rest": float(np.log(found["rest"])),
        "ln evoked": float(np.log(found["evoked"])),
        "Fano factor": float(found["fano"]),
        "gain drift per session": float(found["gain_drift"]),
    }


def _mean_known(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _log_prior_count(description: CausalDescription) -> float:
    if description.perception is None:
        return float("nan")
    value = description.perception.prior_count.value
    return _mean_known(np.log(value, where=value > 0, out=np.full(value.shape, np.nan)))


def _fall(description: CausalDescription) -> float:
    trace = description.free_energy
    per_trial = trace.total.value / trace.n_trials
    return float(per_trial[-1] - per_trial[0])


def _fall_beyond_gain(description: CausalDescription) -> float:
    late = description.free_energy.total.value[-1] - description.gain_only.value[-1]
    return float(late / description.free_energy.n_trials[-1])


_QUANTITIES: Mapping[str, Callable[[CausalDescription], float]] = {
    THRESHOLD[0]: lambda one: _mean_known(one.log_odds.value),
    THRESHOLD[1]: lambda one: _mean_known(one.assumed_log_odds.value),
    "ln prior count": _log_prior_count,
    "change of F per trial": _fall,
    "late F per trial beyond gain drift": _fall_beyond_gain,
    "units per ensemble": lambda one: float(np.mean([len(u) for u in one.population.units])),
}


def _sentences(comparisons: list[Comparison]) -> tuple[str, ...]:
    """Say where the shift is, what else differs, and what cannot be told."""
    by_name = {one.quantity: one for one in comparisons}
    first, second = comparisons[0].conditions
    shifted = [name for name in THRESHOLD if _differs(by_name[name])]
    said = [
        f"Of the threshold factor, {name} is {_side(by_name[name])} in {second} than in {first}."
        for name in shifted
    ]
    if not shifted:
        said.append(
            "No estimate of the threshold factor differs beyond noise "
            f"(adjusted p at least {SIGNIFICANT:g})."
        )
    said += [
        f"{one.quantity} is {_side(one)} in {second}; a threshold factor alone does not explain it."
        for one in comparisons
        if _differs(one) and one.quantity not in THRESHOLD
    ]
    prior = by_name[THRESHOLD[2]]
    said.append(
        "On a baseline common to both, the published prior D1 is "
        f"{expit(prior.means[0]):.2f} in {first} and {expit(prior.means[1]):.2f} in {second}. It "
        "follows raw excitability: more or livelier units near the electrodes move it too."
    )
    if not comparisons[0].is_paired:
        said.append(
            "The conditions hold different cultures, perhaps with different stimuli, so they do "
            "not show that a drug made the difference; the same cultures before and after would."
        )
    return tuple(said)


def _side(one: Comparison) -> str:
    return "higher" if one.difference.value > 0 else "lower"


def _differs(one: Comparison) -> bool:
    return bool(np.isfinite(one.p) and one.p < SIGNIFICANT)
