"""Posterior predictive curves: what a model would choose in a subject's own trials, from the start.

Each run draws parameters from the subject's posterior and lets the model choose and learn by
itself in the recorded stimuli.  What a choice not made would have brought is taken from the nearest
trial of the session in which it was made in the same state; where there is none, it is the
opposite of what the choices made there brought.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.subjects.fits import form_of
from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of
from hebbayes.simulators.group import simulate_choices

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.subjects.population import Population
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials
    from hebbayes.simulators.learners import AbstractLearner

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Curves:
    """One subject, observed and simulated.

    Attributes:
        bin: Place in the session, trials: middle of each bin, (bins,).
        observed: Mean success in each bin, (bins,); NaN if none is known.
        simulated: (runs, bins).
        share: Share of each choice in each state, (states, choices); NaN if the state never is on.
        simulated_share: (runs, states, choices).
    """

    bin: Floats
    observed: Floats
    simulated: Floats
    share: Floats
    simulated_share: Floats


def simulate_subject(
    subject: "SubjectTrials",
    population: "Population",
    k: int,
    *,
    bins: Floats,
    n_runs: int,
    rng: np.random.Generator,
) -> Curves:
    """Return observed and simulated curves of subject ``k``; ``bins`` are edges within a session.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
        >>> from hebbayes.reverse_engineering.behaviour.subjects.population import fit_population
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 10, np.ones((20, 1)), risk=[0.0, 1.0] * 10)
        >>> subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
        >>> constant = fit_population(MODELS[-2], "", subjects, np.zeros((1, 1)))
        >>> curves = simulate_subject(subjects[0], constant, 0, bins=np.array([0.0, 10.0, 20.0]),
        ...                           n_runs=2, rng=np.random.default_rng(0))
        >>> curves.observed.tolist(), curves.simulated.shape
        ([0.5, 0.5], (2, 2))
    """
    trials, session = subject.trials, subject.session_index
    worth = worth_of_choices(subject)
    place = _place_in_session(session)
    begins_anew = bool((trials.starts > 0).any())
    missed = trials.decision < 0
    runs, shares = [], []
    for _ in range(n_runs):
        learner = _drawn_learner(subject, population, k, rng)
        choice, won = simulate_choices(
            learner,
            trials.x,
            session,
            worth,
            rng=rng,
            is_missed=missed,
            begins_anew=begins_anew,
            reward_delay=trials.delay,
        )
        runs.append(_binned(place, (1 + won) / 2, bins))
        shares.append(_share(trials.x, choice, trials.n_decisions))
    return Curves(
        bin=(bins[1:] + bins[:-1]) / 2,
        observed=_binned(place, (1 + np.where(missed, np.nan, trials.worth)) / 2, bins),
        simulated=np.array(runs),
        share=_share(trials.x, trials.decision, trials.n_decisions),
        simulated_share=np.array(shares),
    )


def worth_of_choices(subject: "SubjectTrials") -> Floats:
    """Return what every choice would have been worth, (trials, choices); NaN if nothing is known.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 0, 1], np.ones((3, 1)), risk=[0.0, 1.0, 0.0])
        >>> worth_of_choices(subjects_of(behaviour, behaviour.stimuli, ReadAs())[0]).tolist()
        [[1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0]]
    """
    trials = subject.trials
    _, pattern = np.unique(trials.x.round(1), axis=0, return_inverse=True)
    kind = subject.session_index * (int(pattern.max()) + 1) + pattern.ravel()
    worth = np.full((len(kind), trials.n_decisions), np.nan)
    known = (trials.decision >= 0) & np.isfinite(trials.worth)
    for one in np.unique(kind):
        rows = np.flatnonzero(kind == one)
        made = rows[known[rows]]
        for choice in range(trials.n_decisions):
            at = made[trials.decision[made] == choice]
            if at.size:
                nearest = at[np.abs(rows[:, None] - at[None]).argmin(1)]
                worth[rows, choice] = trials.worth[nearest]
            elif made.size:
                worth[rows, choice] = -trials.worth[made].mean()
    rows = np.flatnonzero(known)
    worth[rows, trials.decision[rows]] = trials.worth[rows]
    return worth


def bins_of(subjects: Sequence["SubjectTrials"], most: int = 20) -> Floats:
    """Return edges of bins of trials within a session, as long as three quarters of the sessions.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 10, np.ones((20, 1)))
        >>> bins_of(subjects_of(behaviour, behaviour.stimuli, ReadAs()), 4).tolist()
        [0.0, 5.0, 10.0, 15.0, 20.0]
    """
    lengths = np.concatenate([np.bincount(one.session_index) for one in subjects])
    longest = max(2, int(np.quantile(lengths, 0.25)))
    return np.linspace(0, longest, min(most, longest) + 1)


def _drawn_learner(
    subject: "SubjectTrials", population: "Population", k: int, rng: np.random.Generator
) -> "AbstractLearner":
    trials, model = subject.trials, model_of(population.model)
    drawn = rng.multivariate_normal(population.mean[k], population.covariance[k])
    natural = np.array(
        [float(one.natural(np.array(value))) for one, value in zip(population.parameters, drawn)]
    )
    n_own = len(model.own(trials))
    bias = natural[n_own + model.is_sticky :]
    return replace(
        form_of(model, population.form, trials).learner(natural[:n_own]),
        bias=(*bias.tolist(), 0.0),
        stickiness=float(natural[n_own]) if model.is_sticky else 0.0,
    )


def _place_in_session(session: Integers) -> Integers:
    is_first = np.diff(session, prepend=-1) != 0
    index = np.arange(len(session))
    return index - np.maximum.accumulate(np.where(is_first, index, 0))


def _binned(place: Integers, success: Floats, bins: Floats) -> Floats:
    known = np.isfinite(success) & (place < bins[-1])
    at = np.searchsorted(bins, place[known], side="right") - 1
    n = np.bincount(at, minlength=len(bins) - 1)
    total = np.bincount(at, success[known], minlength=len(bins) - 1)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def _share(x: Floats, choice: Integers, n_choices: int) -> Floats:
    made = choice >= 0
    counts = x[made].T @ (choice[made][:, None] == np.arange(n_choices))
    total = counts.sum(1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1), np.nan)
