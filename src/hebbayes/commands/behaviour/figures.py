"""Curves of observed and simulated choices, simulated only when a figure is drawn."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.rivals.models import AS_THEORY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.behaviour.run import BehaviourResult
    from hebbayes.reverse_engineering.behaviour.subjects.curves import Curves

Floats = NDArray[np.float64]
Band = tuple[Floats, Floats, Floats]

_MOST_SUBJECTS, _RUNS, _MOST_STATES = 24, 20, 12
_SINGLE, _SINGLE_RUNS = 4, 40
_COUNTERFACTUAL = (
    "Simulated subjects choose and learn by themselves in the recorded stimuli; what a choice "
    "not made would have brought is that of the nearest trial in which it was made."
)


def population_figure(result: "BehaviourResult") -> "Figure":
    """Return success by trial and choices by state of all subjects, or some of very many.

    Example:
        >>> population_figure.__name__
        'population_figure'
    """
    from hebbayes.plotting.behaviour.choices import choices_figure

    some = _some(result, _MOST_SUBJECTS)
    curves = _curves(result, some, max(4, _RUNS // len(some)) if len(some) > 5 else _RUNS)
    best = curves[next(iter(curves))]
    observed = np.array([one.observed for one in best])
    shares = np.array([one.share for one in best])[:, :_MOST_STATES]
    simulated = np.nanmean([one.simulated_share.mean(0) for one in best], axis=0)[:_MOST_STATES]
    names = result.state_names[:-1]
    points = "standard errors over subjects" if len(some) > 1 else "one subject"
    return choices_figure(
        best[0].bin,
        _mean_band(observed),
        {_word(name): _simulated_band(all_of) for name, all_of in curves.items()},
        (_mean_band(shares), simulated),
        (names[:_MOST_STATES], result.choice_labels),
        caption=(
            f"{len(some)} of {len(result.subjects)} subjects. (a) Success by trial; points with "
            f"twice their {points}, bands are 95 % of simulated groups. (b) Choices by state, bars "
            f"simulated from {_word(next(iter(curves)))}. {_COUNTERFACTUAL}"
        ),
    )


def subjects_figure(result: "BehaviourResult") -> "Figure":
    """Return success by trial of a few subjects.

    Example:
        >>> subjects_figure.__name__
        'subjects_figure'
    """
    from hebbayes.plotting.behaviour.choices import single_subjects_figure

    some = _some(result, _SINGLE)
    curves = _curves(result, some, _SINGLE_RUNS)
    place = next(iter(curves.values()))[0].bin
    panels = {}
    for at, k in enumerate(some):
        observed = next(iter(curves.values()))[at].observed
        panels[str(result.subjects[k].name)] = (
            (observed, observed, observed),
            {_word(name): _quantiles(all_of[at].simulated) for name, all_of in curves.items()},
        )
    return single_subjects_figure(
        place,
        panels,
        caption="Success by trial of single subjects; bands hold 95 % of simulated runs. "
        + _COUNTERFACTUAL,
    )


def _some(result: "BehaviourResult", most: int) -> list[int]:
    n = len(result.subjects)
    return [int(k) for k in np.unique(np.linspace(0, n - 1, min(n, most)).round())]


def _curves(result: "BehaviourResult", some: list[int], n_runs: int) -> "dict[str, list[Curves]]":
    """Curves of the best model and of the theory's, or of the best of another class."""
    from hebbayes.reverse_engineering.behaviour.subjects.curves import bins_of, simulate_subject

    bins = bins_of(result.trials)
    rng = np.random.default_rng(result.config.seed)
    return {
        name: [
            simulate_subject(
                result.trials[k],
                result.population.models[name],
                k,
                bins=bins,
                n_runs=n_runs,
                rng=rng,
            )
            for k in some
        ]
        for name in _two_models(result)
    }


def _two_models(result: "BehaviourResult") -> tuple[str, str]:
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    population = result.population
    kind = model_of(population.best).kind
    if kind != AS_THEORY and population.base:
        return population.best, population.base
    names = [n for n in result.subjects[0].log_loss if model_of(n).kind != kind]
    return population.best, max(names, key=lambda n: population.log_evidence[n])


def _word(name: str) -> str:
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    return model_of(name).description


def _mean_band(values: Floats) -> Band:
    """Mean over subjects (the first axis) and twice its standard error on both sides."""
    known = np.isfinite(values)
    n = np.maximum(known.sum(0), 1)
    mean = np.where(known.any(0), np.where(known, values, 0).sum(0) / n, np.nan)
    squares = np.where(known, (values - mean) ** 2, 0).sum(0) / np.maximum(n - 1, 1)
    error = 2 * np.sqrt(squares / n)
    return mean, mean - error, mean + error


def _simulated_band(curves: "list[Curves]") -> Band:
    """Band of the mean over subjects, run by run."""
    stacked = np.array([one.simulated for one in curves])  # (subjects, runs, bins)
    known = np.isfinite(stacked)
    runs = np.where(known, stacked, 0).sum(0) / np.maximum(known.sum(0), 1)
    return _quantiles(runs)


def _quantiles(runs: Floats) -> Band:
    low, high = np.nanquantile(runs, [0.025, 0.975], axis=0)
    return np.nanmean(runs, axis=0), low, high
