"""Beliefs that persist: synapses learnt under a wrong prior, and the retraining that mends them.

φ is mended, but what was learnt while it was wrong still makes percepts of nothing.  Plans of
retraining are searched, not assumed: a temporary correction of φ beyond healthy, with stimuli of
some reliability and states of some frequency, then the world as it is.  A plan is chosen on some
networks and judged on others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from hebbayes.clinic.treatment.percepts import (
    PerceptDesign,
    Percepts,
    Phase,
    course_of,
    follow,
    live,
    naive_synapses,
    percepts,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate

Floats = NDArray[np.float64]

VERY_RELIABLE = 0.97
KEPT = -4.0
"""φ of an over-correction that is kept."""

_PHI, _SHARE = (-6.0, 0.0), (0.05, 0.95)
_RELIABILITY, _PREVALENCE = (0.55, 0.97), (0.2, 0.8)
_N_POINTS = 9  # at which courses are followed


@dataclass(frozen=True)
class Plan:
    """A plan of retraining.

    Attributes:
        phi: Threshold factor while it is corrected beyond healthy; 0 for no over-correction.
        trials: Trials with it; the rest of the retraining has φ = 0 and the world as it is.
        reliability: Of stimuli during those trials; None for the world's own.
        prevalence: Of the state during those trials; None for the world's own.
    """

    phi: float
    trials: int
    reliability: float | None = None
    prevalence: float | None = None


@dataclass(frozen=True, eq=False)
class Ending:
    """What networks report at the end of a course, each with the interval over networks.

    Attributes:
        false_percepts: The state, of stimuli that say nothing.
        misses: No state, while it is on.
        false_alarms: The state, while it is off.
    """

    false_percepts: Estimate[float]
    misses: Estimate[float]
    false_alarms: Estimate[float]


Reports = Mapping[str, Estimate[Floats]]
"""Kind of report to its mean over networks with the interval, (points,) each."""

KINDS = ("false_percepts", "misses", "false_alarms")


@dataclass(frozen=True, eq=False)
class Persistence:
    """The persistence experiment.

    Attributes:
        design: Networks, world, and numbers of trials.
        plan: The plan that the search found.
        endings: Course to what it ends in: while impaired, healthy, mended at once, and after
            retraining by each plan.
        n_plans: Plans tried.
        n_networks: Networks on which the endings are measured; others chose the plan.
        worst_misses: Misses at the end of the over-correction that the plan asks for.
        trials: Trials since φ was mended at which the courses were followed, (points,).
        curves: Course to what its networks report at these trials, under the φ then in force.
    """

    design: PerceptDesign
    plan: Plan
    endings: Mapping[str, Ending]
    n_plans: int
    n_networks: int
    worst_misses: Estimate[float]
    trials: NDArray[np.int64]
    curves: Mapping[str, Reports]


def phases_of(plan: Plan, design: PerceptDesign) -> list[Phase]:
    """Return the phases of a plan, together as long as the retraining.

    Example:
        >>> [p.trials for p in phases_of(Plan(-2.0, 400), PerceptDesign())]
        [400, 1200]
    """
    rest = design.retraining_trials - plan.trials
    first = Phase(plan.trials, plan.phi, plan.reliability, plan.prevalence)
    return [first, Phase(rest)]


def persistence_experiment(
    design: PerceptDesign | None = None,
    *,
    n_networks: int = 40,
    n_plans: int = 64,
    seed: int = 0,
) -> Persistence:
    """Return what persists after φ is mended, and the best plan found.

    Example:
        >>> small = PerceptDesign(learning_trials=300, retraining_trials=300)
        >>> found = persistence_experiment(small, n_networks=4, n_plans=4)
        >>> found.endings["impaired"].false_percepts.value > 0.9
        True
    """
    design = design or PERSISTENT
    plan, tried = search_plan(design, n_networks=n_networks, n_plans=n_plans, seed=seed)
    ill, healthy, rng = _learnt(design, n_networks, (seed, 1))
    whole = design.retraining_trials
    courses = {
        "mended, ordinary stimuli": [Phase(whole)],
        "mended, very reliable stimuli": [Phase(whole, reliability=VERY_RELIABLE)],
        "over-correction kept": [Phase(whole, KEPT)],
        "plan found": phases_of(plan, design),
    }
    stops = np.linspace(0, whole, _N_POINTS).round().astype(int)
    lives = list(courses.values())
    followed = np.array(list(follow(ill, lives, design, rng, stops.tolist())))
    after = dict(zip(courses, followed[-1]))
    endings = {
        "healthy": _ending(percepts(healthy, 0.0, design, seed=seed)),
        "impaired": _ending(percepts(ill, design.impaired_phi, design, seed=seed)),
        "mended at once": _ending(percepts(ill, 0.0, design, seed=seed)),
    }
    for name, counts in after.items():
        phi = KEPT if name == "over-correction kept" else 0.0
        endings[name] = _ending(percepts(counts, phi, design, seed=seed))
    middle = live(ill, [phases_of(plan, design)[:1]], design, np.random.default_rng((seed, 2)))[0]
    worst = mean_estimate(percepts(middle, plan.phi, design, seed=seed).misses)
    curves = {
        name: _reports(followed[:, k], lives[k], design, stops, seed)
        for k, name in enumerate(courses)
    }
    return Persistence(design, plan, endings, tried, n_networks, worst, stops, curves)


def _reports(
    counts: Floats,
    phases: list[Phase],
    design: PerceptDesign,
    stops: NDArray[np.int64],
    seed: int,
) -> dict[str, Estimate[Floats]]:
    """What networks with counts (points, ...) report, under the φ of the trial before."""
    phi = course_of(phases, design)[0][np.maximum(stops - 1, 0)]
    shown = [_ending(percepts(one, float(now), design, seed=seed)) for one, now in zip(counts, phi)]
    return {
        kind: Estimate(*np.array([getattr(one, kind).as_tuple() for one in shown]).T)
        for kind in KINDS
    }


PERSISTENT = PerceptDesign(n_stimuli=11, prior_count=30.0, tilt=0.05)
"""Networks quick to learn, so that what is learnt under a wrong prior weighs much."""


def search_plan(
    design: PerceptDesign, *, n_networks: int, n_plans: int, seed: int
) -> tuple[Plan, int]:
    """Return the plan after which percepts are nearest to healthy ones, and how many were tried.

    Plans fill the space evenly (a Sobol sequence); as many again vary the best quarter.

    Example:
        >>> small = PerceptDesign(learning_trials=200, retraining_trials=200)
        >>> search_plan(small, n_networks=3, n_plans=4, seed=0)[1]
        8
    """
    ill, healthy, _ = _learnt(design, n_networks, (seed, 0))
    wanted = percepts(healthy, 0.0, design, seed=seed)
    sobol = qmc.Sobol(4, rng=np.random.default_rng((seed, 3)))
    points = sobol.random_base2(max(int(np.log2(n_plans)), 0))
    scores = _scores(points, ill, wanted, design, seed)
    best = points[np.argsort(scores)[: max(len(points) // 4, 1)]]
    rng = np.random.default_rng((seed, 4))
    near = np.repeat(best, -(-len(points) // len(best)), axis=0)[: len(points)]
    near = np.clip(near + rng.normal(0, 0.1, near.shape), 0, 1)
    points = np.concatenate([points, near])
    scores = np.concatenate([scores, _scores(near, ill, wanted, design, seed)])
    return _plan(points[np.argmin(scores)], design), len(points)


def _learnt(
    design: PerceptDesign, n: int, seed: tuple[int, int]
) -> tuple[Floats, Floats, np.random.Generator]:
    """Counts of impaired networks when φ is mended, and of healthy ones at the end of it all."""
    rng = np.random.default_rng(seed)
    first, whole = design.learning_trials, design.retraining_trials
    naive = naive_synapses(design, n, rng)
    ill, healthy = live(naive, [[Phase(first, design.impaired_phi)], [Phase(first)]], design, rng)
    return ill, live(healthy, [[Phase(whole)]], design, rng)[0], rng


def _plan(point: Floats, design: PerceptDesign) -> Plan:
    low, high = np.array([_PHI, _SHARE, _RELIABILITY, _PREVALENCE]).T
    phi, share, reliability, prevalence = (low + point * (high - low)).tolist()
    return Plan(phi, round(share * design.retraining_trials), reliability, prevalence)


def _scores(
    points: Floats, ill: Floats, wanted: Percepts, design: PerceptDesign, seed: int
) -> Floats:
    """Distance from healthy percepts after every plan, summed over the three kinds of report."""
    lives = [phases_of(_plan(point, design), design) for point in points]
    after = live(ill, lives, design, np.random.default_rng((seed, 5)))
    return np.array([_distance(percepts(c, 0.0, design, seed=seed), wanted) for c in after])


def _distance(found: Percepts, wanted: Percepts) -> float:
    return float(
        sum(np.abs(getattr(found, name) - getattr(wanted, name).mean()).mean() for name in KINDS)
    )


def _ending(found: Percepts) -> Ending:
    return Ending(
        mean_estimate(found.false_percepts),
        mean_estimate(found.misses),
        mean_estimate(found.false_alarms),
    )


def shares_of_return(found: Persistence) -> dict[str, float]:
    """Return how much of the excess of false percepts each course has removed, 1 for all.

    Example:
        >>> small = PerceptDesign(learning_trials=300, retraining_trials=300)
        >>> shares = shares_of_return(persistence_experiment(small, n_networks=4, n_plans=4))
        >>> shares["impaired"], shares["healthy"]
        (0.0, 1.0)
    """
    value = {name: one.false_percepts.value for name, one in found.endings.items()}
    excess = value["impaired"] - value["healthy"]
    return {name: float((value["impaired"] - v) / excess) for name, v in value.items()}
