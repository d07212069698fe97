"""Is the verdict right?  Simulated studies in which the truth about learning is known.

A study has ten cultures, in all of which the gains of units drift.  In addition, responses change
by canonical learning, plain Hebbian learning, a random walk of shape, a linear trend of each
unit's shape, or not at all.  The worth of canonical learning is the share of the best null's loss
that the TRUE change, at its best size, would remove.

    OMP_NUM_THREADS=1 python benchmarks/verdict.py --studies 100 --first 40000 --workers 2
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from hebbayes.data.files import write_text
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.catalogue import default_models
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster
from hebbayes.reverse_engineering.forecasting.judging.selection import Roles, choose
from hebbayes.reverse_engineering.forecasting.judging.verdict import LEAST, judge, roles_of
from hebbayes.reverse_engineering.forecasting.scoring import Scores, combined_loss, score
from hebbayes.reverse_engineering.forecasting.sessions import (
    Session,
    find_patterns,
    pattern_index,
    split_sessions,
)
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import belief, naive_counts
from hebbayes.reverse_engineering.synapses import coincidence_counts

SCENARIOS = ("canonical", "gain_drift", "random_walk", "hebbian", "trend")


@dataclass(frozen=True)
class StudyDesign:
    """A simulated study.

    Attributes:
        n_cultures: Cultures.
        n_units: Units per culture.
        n_channels: Stimulus channels per culture.
        n_sessions: Sessions per culture.
        n_trials: Trials per session.
        n_training: Sessions that models are fitted on.
        gain_step: Step per session of the random walk of log gains.
        change: Size of the change, in spikes per trial.
        mixed: Probability that a channel follows the other source.
    """

    n_cultures: int = 10
    n_units: int = 16
    n_channels: int = 16
    n_sessions: int = 32
    n_trials: int = 80
    n_training: int = 10
    gain_step: float = 0.04
    change: float = 6.5
    mixed: float = 0.25


@dataclass(frozen=True)
class Truth(ChangeForecaster[None]):
    """The true change of expected responses to each pattern since training."""

    patterns: object
    by_session: np.ndarray  # (later sessions, patterns, units)

    def fit(self, training: Sequence[Session]) -> int:
        return 0

    def predict(self, state: int, stimuli: np.ndarray) -> np.ndarray:
        return self.by_session[state][pattern_index(self.patterns, stimuli)]

    def advance(self, state: int, stimuli: np.ndarray) -> int:
        return state + 1


def simulate(
    design: StudyDesign, scenario: str, rng: np.random.Generator
) -> tuple[Recording, np.ndarray]:
    """Return a recording and the true change (sessions, trials, units) of expected responses."""
    stimuli, own = _block(design, rng)
    mean, loading = _evoked(design, stimuli, own, rng)
    change = {
        "canonical": _canonical_change,
        "hebbian": _hebbian_change,
        "random_walk": _random_walk,
        "trend": _trend,
        "gain_drift": lambda design, *_: np.zeros((design.n_sessions, *mean.shape)),
    }[scenario](design, stimuli, own, loading, rng)
    change = change - change[: design.n_training].mean(0)
    steps = rng.normal(0, design.gain_step, (design.n_sessions, 1, design.n_units))
    gain = np.exp(np.cumsum(steps, axis=0))
    rate = gain * np.maximum(mean + change, 0.05)
    most = np.ceil(rate / 0.4)  # binomial counts, sub-Poisson like those of cultures
    counts = rng.binomial(most.astype(int), rate / most)
    recording = Recording(
        np.tile(stimuli, (design.n_sessions, 1)),
        counts.reshape(-1, design.n_units),
        np.repeat(np.arange(design.n_sessions), design.n_trials),
    )
    return recording, change


def _block(design: StudyDesign, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    own = np.arange(design.n_channels) * 2 // design.n_channels
    sources = rng.integers(0, 2, (design.n_trials, 2))
    swap = rng.random((design.n_trials, design.n_channels)) < design.mixed
    return np.where(swap, sources[:, 1 - own], sources[:, own]).astype(float), own


def _evoked(
    design: StudyDesign, stimuli: np.ndarray, own: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean responses and loadings: both sources, unequally, and some channels."""
    loading = rng.uniform(0.2, 1.0, (2, design.n_units))
    loading[rng.integers(0, 2, design.n_units), np.arange(design.n_units)] *= 0.2
    drive = np.stack([stimuli[:, own == s].mean(1) for s in (0, 1)], axis=1) @ loading
    texture = (stimuli - 0.5) @ rng.normal(0, 0.15, (design.n_channels, design.n_units))
    return 1.0 + 8.0 * drive + texture * rng.uniform(0, 1, design.n_units), loading


def _canonical_change(design, stimuli, own, loading, rng):
    prior = float(np.exp(rng.normal(np.log(2500), 0.4)))
    counts = naive_counts(own, 2, prior, rng.uniform(0.005, 0.02))
    factor = rng.normal(0, 0.3)
    beliefs = []
    for _ in range(design.n_sessions):
        beliefs.append(belief(counts, stimuli, factor))
        for part in np.array_split(stimuli, 6):
            counts = counts + coincidence_counts(part, belief(counts, part, factor))
    return design.change * np.stack(beliefs) @ loading


def _hebbian_change(design, stimuli, own, loading, rng):
    centred = stimuli - stimuli.mean(0)
    direction = np.stack([stimuli[:, own == s].mean(1) for s in (0, 1)], axis=1) @ loading
    weights, changes = np.zeros((design.n_channels, design.n_units)), []
    decay = rng.uniform(0.0, 0.08)
    for _ in range(design.n_sessions):
        changes.append(centred @ weights)
        response = direction + changes[-1]
        covariance = centred.T @ (response - response.mean(0)) / len(stimuli)
        weights = (1 - decay) * weights + 0.01 * covariance
    changes = np.stack(changes)
    return 0.1 * design.change * changes / changes[-1].std()


def _random_walk(design, stimuli, own, loading, rng):
    shape = (design.n_sessions, design.n_channels, design.n_units)
    weights = np.cumsum(rng.normal(0, 0.02 * design.change, shape), axis=0)
    return (stimuli - stimuli.mean(0)) @ weights


def _trend(design, stimuli, own, loading, rng):
    weights = rng.normal(0, 0.008 * design.change, (design.n_channels, design.n_units))
    session = np.arange(design.n_sessions)[:, None, None]
    return session * ((stimuli - stimuli.mean(0)) @ weights)


def score_culture(design: StudyDesign, scenario: str, seed: tuple[int, ...]) -> Scores:
    """Return the scores of all models and of the truth on one simulated culture."""
    recording, change = simulate(design, scenario, np.random.default_rng(seed))
    split = split_sessions(recording, design.n_training)
    patterns = find_patterns(split.training)
    first = [
        int(np.argmax((recording.stimuli[: design.n_trials] == p).all(1))) for p in patterns.stimuli
    ]
    units = split.unit_ids.astype(int)
    truth = Truth(patterns, change[design.n_training :][:, first][:, :, units])
    return score(split, {**default_models().all, "truth": truth})


def worth(scores: Sequence[Scores], roles: Roles) -> float:
    """Return the share of the chosen null's loss that the true change would remove."""
    truth = len(scores[0].names) - 1
    grams = [one.gram for one in scores]
    oracle = choose(grams, replace(roles, theory_terms=(truth,), theory_forecasts=()))
    return float(
        np.mean(
            [
                1 - combined_loss(g, oracle.null + oracle.theory) / combined_loss(g, oracle.null)
                for g in grams
            ]
        )
    )


def run_study(job: tuple[StudyDesign, str, int]) -> dict[str, object]:
    """Return the verdict on one simulated study and the worth of canonical learning."""
    design, scenario, study = job
    number = SCENARIOS.index(scenario)
    scores = [score_culture(design, scenario, (study, number, k)) for k in range(design.n_cultures)]
    models = default_models()
    verdict = judge(scores, models)
    return {
        "scenario": scenario,
        "worth": worth(scores, roles_of(scores[0], models)),
        "value": verdict.gain.value,
        "low": verdict.gain.low,
        "high": verdict.gain.high,
        "adds": verdict.adds,
        "smallest_detectable": verdict.smallest_detectable,
        "terms": sorted({fold.term for fold in verdict.folds}),
        "nulls": sorted({fold.null for fold in verdict.folds}),
    }


def summary(studies: Sequence[dict], scenario: str) -> dict[str, object]:
    """Return how often theory was claimed in one scenario."""
    own = [s for s in studies if s["scenario"] == scenario]
    if scenario == "canonical":
        own = [s for s in own if s["worth"] >= 0.02]
    return {
        "studies": len(own),
        "claims": sum(bool(s["adds"]) for s in own),
        "share": float(np.mean([s["adds"] for s in own])) if own else None,
        "mean_worth": float(np.mean([s["worth"] for s in own])) if own else None,
        "mean_value": float(np.mean([s["value"] for s in own])) if own else None,
        "median_smallest_detectable": (
            float(np.median([s["smallest_detectable"] for s in own])) if own else None
        ),
    }


def main() -> None:
    """Run the studies, print a line per scenario, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="number, and seed, of the first study")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--change", type=float, default=StudyDesign.change)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--scenarios", nargs="+", default=list(SCENARIOS))
    options = parser.parse_args()
    design, started = StudyDesign(change=options.change), time.perf_counter()
    numbers = range(options.first, options.first + options.studies)
    jobs = [(design, s, k) for s in options.scenarios for k in numbers]
    with ProcessPoolExecutor(options.workers) as pool:
        studies = list(pool.map(run_study, jobs))
    summaries = {s: summary(studies, s) for s in options.scenarios}
    for scenario, row in summaries.items():
        print(scenario, json.dumps(row))
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    if options.out:
        write_text(options.out, record(design, options.first, summaries, studies))


def record(design: StudyDesign, first: int, summaries: dict, studies: Sequence[dict]) -> str:
    """Return the results as JSON, one line per list."""
    lists = {
        f"{scenario}_{key}": [round(s[key], 5) for s in studies if s["scenario"] == scenario]
        for scenario in summaries
        for key in ("worth", "value", "low", "high", "smallest_detectable")
    }
    head = {
        "design": asdict(design),
        "first": first,
        "least": LEAST,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        **summaries,
        **lists,
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
