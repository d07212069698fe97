"""Comparison of conditions by one number per culture."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.statistics.groups import Comparison, adjusted, compare

if TYPE_CHECKING:
    from hebbayes.commands.analyze.culture import CausalCulture
    from hebbayes.commands.analyze.run import CausalAnalysis

Floats = NDArray[np.float64]


def compare_conditions(result: "CausalAnalysis") -> list[Comparison]:
    """Return every quantity of the first file against every other file, p-values adjusted.

    Raises `ShapeError` if cultures are to be paired and no pair exists.

    Example:
        >>> from types import SimpleNamespace
        >>> compare_conditions(SimpleNamespace(others=()))
        []
    """
    return adjusted(
        [
            compare(
                name,
                (result.condition, other.condition),
                _per_culture(result, quantity),
                _per_culture(other, quantity),
                is_paired=result.config.paired,
            )
            for other in result.others
            for name, quantity in QUANTITIES.items()
        ]
    )


def free_energy_changes(result: "CausalAnalysis") -> dict[int, float]:
    """Return each culture's change of free energy per trial, last session less first, in nats.

    Example:
        >>> from types import SimpleNamespace
        >>> free_energy_changes(SimpleNamespace(cultures=()))
        {}
    """
    return dict(_per_culture(result, _fall))


def published_log_odds(result: "CausalAnalysis") -> Floats:
    """Return the published phi of all ensembles of all cultures.

    Example:
        >>> from types import SimpleNamespace
        >>> factors = np.log([[0.5, 0.8], [0.5, 0.2]])
        >>> one = SimpleNamespace(description=SimpleNamespace(published_factors=factors))
        >>> published_log_odds(SimpleNamespace(cultures=[one])).round(3).tolist()
        [0.0, 1.386]
    """
    return np.concatenate([np.empty(0), *(_published(culture) for culture in result.cultures)])


def _per_culture(
    result: "CausalAnalysis", quantity: Callable[["CausalCulture"], float]
) -> Mapping[int, float]:
    return {culture.number: quantity(culture) for culture in result.cultures}


def _published(culture: "CausalCulture") -> Floats:
    factors = culture.description.published_factors
    return np.asarray(factors[ON] - factors[OFF])


def _mean_known(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _fall(culture: "CausalCulture") -> float:
    trace = culture.description.free_energy
    per_trial = trace.total.value / trace.n_trials
    return float(per_trial[-1] - per_trial[0])


def _fall_beyond_gain(culture: "CausalCulture") -> float:
    description = culture.description
    n = description.free_energy.n_trials[-1]
    return float((description.free_energy.total.value[-1] - description.gain_only.value[-1]) / n)


def _log_prior_count(culture: "CausalCulture") -> float:
    perception = culture.description.perception
    if perception is None:
        return float("nan")
    value = perception.prior_count.value
    return _mean_known(np.log(value, where=value > 0, out=np.full(value.shape, np.nan)))


def _rate(culture: "CausalCulture") -> float:
    recording = culture.recording
    return float(recording.responses[recording.valid].mean())


QUANTITIES: Mapping[str, Callable[["CausalCulture"], float]] = {
    "phi": lambda culture: _mean_known(culture.description.log_odds.value),
    "phi by convention": lambda culture: _mean_known(culture.description.assumed_log_odds.value),
    "published phi": lambda culture: _mean_known(_published(culture)),
    "ln prior count": _log_prior_count,
    "change of F per trial": _fall,
    "late F per trial beyond gain drift": _fall_beyond_gain,
    "responses per trial and unit": _rate,
}
"""Quantity -> its value in a culture, NaN if it cannot be identified; the mean over ensembles."""
