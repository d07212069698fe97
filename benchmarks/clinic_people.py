"""Does the clinic's model predict people?  Held-out likelihood beside Rescorla-Wagner.

Every model is fitted to half of each person's blocks (a population by Laplace-EM, then the most
probable parameters of each person) and scored on the other half, both ways.  Each block teaches
new stimuli, so learning begins anew.  False beliefs are off: what is wrong in a block is known only
after it.

    python benchmarks/clinic_people.py rlwm_schizophrenia.csv --workers 16 --out people.json
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numba import njit

from hebbayes.clinic.elements import IDENTITY, POSITIVE, SHARE
from hebbayes.clinic.estimation.climbing import climb, modes_from
from hebbayes.clinic.estimation.layout import Extensions
from hebbayes.clinic.estimation.population import fit_population
from hebbayes.clinic.tables import ReadAs, read_subjects
from hebbayes.data.behaviour import read_behaviour

COLUMNS = {
    "subject": "subjID", "group": "group", "session": "block", "choice": "choice",
    "outcome": "outcome", "stimulus": "stimulus",
}  # fmt: skip

# parameter -> scale, mean, wide spread; the value where it is off
RW = {
    "rate": (SHARE, -0.5, 1.5, np.nan),
    "rate_of_losses": (SHARE, -0.5, 1.5, np.nan),
    "inverse_temperature": (POSITIVE, 1.5, 1.0, np.nan),
    "initial_value": (IDENTITY, 0.3, 0.5, 0.0),
    "stickiness": (IDENTITY, 0.0, 1.0, 0.0),
    "lapse": (SHARE, -3.0, 1.5, 0.0),
    "forgetting": (SHARE, -2.0, 1.5, 0.0),
}

MODELS = {
    "theory": Extensions(),
    "theory, leak": Extensions(leak=True),
    "theory, active cue": Extensions(active_only=True),
    "theory, leak, active cue": Extensions(leak=True, active_only=True),
    "theory, leak, active cue, stickiness": Extensions(True, True, True),
    "RW, one rate": ("rate", "inverse_temperature", "initial_value"),
    "RW, two rates": ("rate", "rate_of_losses", "inverse_temperature", "initial_value"),
    "RW, two rates, stickiness": tuple(RW)[:5],
    "RW, two rates, stickiness, lapse": tuple(RW)[:6],
    "RW, two rates, forgetting": (*tuple(RW)[:4], "forgetting"),
    "RW, two rates, stickiness, forgetting": (*tuple(RW)[:5], "forgetting"),
    "RW, two rates, stickiness, lapse, forgetting": tuple(RW),
}


@njit(cache=True)
def rw_probabilities(parameters, stimulus, choice, outcome, begins, n_stimuli):
    """Probability of the choices made (sets, trials, choices), NumPy rows of natural parameters."""
    n_choices = 3
    p = np.empty((len(parameters), len(choice), n_choices))
    for s in range(len(parameters)):
        up, down, beta, start, sticky, lapse, forget = parameters[s]
        q = np.full((n_stimuli, n_choices), start)
        last = -1
        for t in range(len(choice)):
            if begins[t]:
                q[:] = start
                last = -1
            z = beta * q[stimulus[t]]
            if last >= 0:
                z[last] += sticky
            e = np.exp(z - z.max())
            p[s, t] = (1 - lapse) * e / e.sum() + lapse / n_choices
            q += forget * (start - q)
            last = choice[t]
            if choice[t] >= 0 and not np.isnan(outcome[t]):
                error = outcome[t] - q[stimulus[t], choice[t]]
                q[stimulus[t], choice[t]] += (up if error > 0 else down) * error
    return p


@dataclass(frozen=True)
class RwLayout:
    """Parameters of one Rescorla-Wagner, as the population's fit reads them."""

    parameters: tuple[str, ...]

    def of(self, attribute):
        """Means and spreads of the wide prior."""
        place = {"healthy": 1, "wide": 2}[attribute]
        return np.array([RW[name][place] for name in self.parameters])

    def natural(self, theta):
        """All natural parameters (sets, 7)."""
        whole = np.tile([RW[name][3] for name in RW], (len(theta), 1))
        for k, name in enumerate(self.parameters):
            whole[:, list(RW).index(name)] = RW[name][0].natural(theta[:, k])
        if "rate_of_losses" not in self.parameters:
            whole[:, 1] = whole[:, 0]
        return whole


@dataclass(frozen=True)
class RwObserved:
    """One person's choices under Rescorla-Wagner; slopes by differences."""

    layout: RwLayout
    arrays: tuple

    def probabilities(self, theta):
        """Probabilities (sets, trials made, choices)."""
        made = self.arrays[1] >= 0
        return rw_probabilities(self.layout.natural(theta), *self.arrays)[:, made]

    def log_likelihoods(self, theta):
        """Log likelihood (sets,)."""
        choice = self.arrays[1][self.arrays[1] >= 0]
        p = self.probabilities(theta)
        return np.log(p[:, np.arange(len(choice)), choice]).sum(1)

    def score(self, theta):
        """Log likelihood, slope and Fisher's information."""
        choice = self.arrays[1][self.arrays[1] >= 0]
        step = 1e-5
        p = self.probabilities(np.vstack([theta, theta + step * np.eye(theta.size)]))
        slope = (p[1:] - p[0]) / step
        at = (np.arange(len(choice)), choice)
        information = np.einsum("atk,btk,tk->ab", slope, slope, 1 / p[0])
        return np.log(p[0][at]).sum(), (slope[(slice(None), *at)] / p[0][at]).sum(1), information


def halves(path: Path, name: str, count: int):
    """People's choices in even and in odd blocks, under one model."""
    frame = pd.read_csv(path)
    people = frame["subjID"].unique()[: count or None]
    frame = frame[frame["subjID"].isin(people)]
    number = frame.groupby("subjID")["block"].transform(lambda b: pd.factorize(b)[0])
    return [people_of(frame[number % 2 == half], MODELS[name]) for half in (0, 1)]


def people_of(frame: pd.DataFrame, model):
    """What fits of one model read."""
    extensions = model if isinstance(model, Extensions) else Extensions()
    reading = read_subjects(
        read_behaviour(frame, **COLUMNS), ReadAs(new_stimuli="yes", extensions=extensions)
    )
    if isinstance(model, Extensions):
        return [
            replace(one, task=replace(one.task, false_belief=0 * one.task.false_belief))
            for one in reading.subjects
        ]
    return [
        RwObserved(
            RwLayout(model),
            (
                one.task.stimuli.argmax(1), one.choices.choice, one.choices.outcome,
                one.task.begins, one.task.n_states,
            ),
        )
        for one in reading.subjects
    ]  # fmt: skip


def held_out(task):
    """Nats per held-out choice of one model and one direction, by person."""
    path, name, fold, count = task
    both = halves(path, name, count)
    train, test = both[fold], both[1 - fold]
    prior = fit_population(train)
    rng = np.random.default_rng(0)
    draws = prior.mean + prior.spread * rng.normal(size=(40, len(prior.mean)))
    values = []
    for one, other in zip(train, test):
        modes = [*modes_from(one, prior, draws, 2), climb(one, prior, prior.mean)]
        best = max(modes, key=lambda mode: mode.height).theta
        values.append(float(other.log_likelihoods(best[None])[0]))
    n = [int((held_choices(other) >= 0).sum()) for other in test]
    return name, fold, values, n


def held_choices(one):
    """Choices of one person."""
    return one.arrays[1] if isinstance(one, RwObserved) else one.choices.choice


def main() -> None:
    """Score all models and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--people", type=int, default=0, help="the first so many; 0 for all")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/clinic_people.json"))
    asked = parser.parse_args()
    started = time.time()
    tasks = [(asked.file, name, fold, asked.people) for name in MODELS for fold in (0, 1)]
    table: dict[str, dict[str, float]] = {}
    sums: dict[str, list[np.ndarray]] = {}
    with ProcessPoolExecutor(asked.workers) as pool:
        for future in as_completed([pool.submit(held_out, task) for task in tasks]):
            name, fold, values, n = future.result()
            print(f"{name}, half {fold}: {sum(values) / sum(n):.4f}", flush=True)
            total = sums.setdefault(name, [np.zeros(len(n)), np.zeros(len(n))])
            total[0] += values
            total[1] += n
    best = max((n for n in sums if n.startswith("RW")), key=lambda n: sums[n][0].sum())
    for name in MODELS:
        value, n = sums[name]
        each = value / n - sums[best][0] / sums[best][1]
        table[name] = {
            "nats_per_choice": round(value.sum() / n.sum(), 4),
            "mean_difference_from_best_rw": round(float(each.mean()), 4),
            "standard_error": round(float(each.std(ddof=1) / np.sqrt(len(each))), 4),
        }
    result = {
        "people": len(sums[best][0]),
        "choices": int(sums[best][1].sum()),
        "best_rw": best,
        "models": table,
        "seconds": round(time.time() - started, 1),
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
