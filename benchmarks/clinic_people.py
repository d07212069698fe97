"""Does the clinic's model predict people?  Held-out likelihood beside Rescorla-Wagner.

Every model is fitted to half of each person's blocks (a population by EM, then the most probable
parameters of each person) and scored on the other half, both ways.  Each block teaches new stimuli,
so that learning begins anew.  False beliefs are off: what is wrong in a block is known only after
it.  One finished fit is one line of the cache, so that a killed run goes on.

    python benchmarks/clinic_people.py rlwm_schizophrenia.csv --workers 16
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from hebbayes.clinic.comparison.candidate import Candidate, trials_of
from hebbayes.clinic.comparison.compare import CIRCUIT as CIRCUIT_NAME
from hebbayes.clinic.comparison.differences import BIAS, CHOICES, agreements, compare_groups
from hebbayes.clinic.comparison.rivals import EVERYTHING, RIVALS, candidates_of
from hebbayes.clinic.estimation.climbing import climb, modes_from
from hebbayes.clinic.estimation.layout import Extensions
from hebbayes.clinic.estimation.likelihood import Observed
from hebbayes.clinic.estimation.population import fit_population
from hebbayes.clinic.tables import ReadAs, read_subjects
from hebbayes.data.behaviour import read_behaviour

COLUMNS = {
    "subject": "subjID", "group": "group", "session": "block", "choice": "choice",
    "outcome": "outcome", "stimulus": "stimulus",
}  # fmt: skip

SEEN = "circuit, leak, active cue, absolute reward, stickiness, certain cues"
BEST_CIRCUIT = f"{SEEN}, no element of states or credit"
FIXED = {"phi": 0.0, "recurrence": 0.0, "reliability": 0.0, "misassigned_credit": -8.0}
"""Elements that clear pictures do not need, where they are fixed on the scale without bounds."""

CERTAIN = 0.999  # pictures on a screen are seen without doubt
CIRCUIT = {
    "circuit, as written": ReadAs(),
    "circuit, leak": ReadAs(extensions=Extensions(leak=True)),
    "circuit, active cue": ReadAs(extensions=Extensions(active_only=True)),
    "circuit, leak, active cue": ReadAs(extensions=Extensions(True, False, True)),
    "circuit, leak, active cue, stickiness": ReadAs(extensions=Extensions(True, True, True)),
    "circuit, leak, active cue, absolute reward, stickiness": ReadAs(
        extensions=Extensions(True, True, True, True)
    ),
    SEEN: ReadAs(reliability=CERTAIN, extensions=Extensions(True, True, True, True)),
    BEST_CIRCUIT: ReadAs(reliability=CERTAIN, extensions=Extensions(True, True, True, True)),
}
MODELS = [*CIRCUIT, *(one.name for one in RIVALS)]


def halves(path: Path, name: str, count: int):
    """People's choices in even and in odd blocks, under one model."""
    frame = frame_of(path, count)
    number = frame.groupby("subjID")["block"].transform(lambda b: pd.factorize(b)[0])
    return [people_of(frame[number % 2 == half], name) for half in (0, 1)]


@dataclass(frozen=True)
class Restricted:
    """One person under the circuit with some elements fixed, as fits of a population read it."""

    observed: Observed

    @property
    def layout(self):
        """Itself: it answers `of` for the elements that are free."""
        return self

    @cached_property
    def free(self):
        """Whether each parameter is free."""
        return np.array([name not in FIXED for name in self.observed.layout.parameters])

    @cached_property
    def start(self):
        """All parameters, the fixed ones at their values."""
        layout = self.observed.layout
        values = layout.of("healthy")
        values[~self.free] = [FIXED[name] for name in layout.parameters if name in FIXED]
        return values

    def of(self, attribute):
        """A number of each free parameter."""
        return self.observed.layout.of(attribute)[self.free]

    def whole(self, theta):
        """All parameters of sets of free ones."""
        values = np.tile(self.start, (len(theta), 1))
        values[:, self.free] = theta
        return values

    def log_likelihoods(self, theta):
        """Log likelihood of sets of free parameters."""
        return self.observed.log_likelihoods(self.whole(theta))

    def score(self, theta):
        """Log likelihood, slope and information of free parameters."""
        value, slope, information = self.observed.score(self.whole(theta[None])[0])
        return value, slope[self.free], information[np.ix_(self.free, self.free)]


def frame_of(path: Path, count: int) -> pd.DataFrame:
    """Choices of the first ``count`` people; of all if it is 0."""
    frame = pd.read_csv(path)
    people = frame["subjID"].unique()[: count or None]
    return frame[frame["subjID"].isin(people)]


def people_of(frame: pd.DataFrame, name: str):
    """What the fits of one model read."""
    read_as = replace(CIRCUIT.get(name, ReadAs()), new_stimuli="yes")
    subjects = read_subjects(read_behaviour(frame, **COLUMNS), read_as).subjects
    if name in CIRCUIT:
        blind = [
            replace(one, task=replace(one.task, false_belief=0 * one.task.false_belief))
            for one in subjects
        ]
        return [Restricted(one) for one in blind] if name == BEST_CIRCUIT else blind
    return [candidate(name, one) for one in subjects]


def candidate(name: str, one) -> Candidate:
    """The form of a rival that reads the cue that is on, the widest prior of a read-out."""
    forms = candidates_of(name, trials_of(one))
    return next((form for form in forms if form.form.name.startswith("cues on,")), forms[-1])


def held_out(task):
    """Log likelihood of the held-out choices of each person, and their number."""
    path, name, fold, count = task
    both = halves(path, name, count)
    train, test = both[fold], both[1 - fold]
    started = time.process_time()
    prior = fit_population(train)
    theta = most_probable(train, prior)
    return {
        "model": name,
        "fold": fold,
        "people": count,
        "values": [float(o.log_likelihoods(t[None])[0]) for o, t in zip(test, theta)],
        "theta": [one.tolist() for one in theta],
        "choices": [n_made(other) for other in test],
        "mean": prior.mean.tolist(),
        "spread": prior.spread.tolist(),
        "cpu_seconds": time.process_time() - started,
    }


def most_probable(people, prior):
    """The most probable parameters of each person."""
    rng = np.random.default_rng(0)
    draws = prior.mean + prior.spread * rng.normal(size=(40, len(prior.mean)))
    found = []
    for one in people:
        modes = [*modes_from(one, prior, draws, 2), climb(one, prior, prior.mean)]
        found.append(max(modes, key=lambda mode: mode.height).theta)
    return found


def n_made(one) -> int:
    """Number of choices of one person."""
    if isinstance(one, Candidate):
        return len(one.decision)
    return (one.observed if isinstance(one, Restricted) else one).choices.n_made


def finished(cache: Path, count: int) -> dict:
    """Fits that are in the cache, by model and fold."""
    lines = cache.read_text().splitlines() if cache.exists() else []
    rows = [json.loads(line) for line in lines]
    return {(row["model"], row["fold"]): row for row in rows if row["people"] == count}


def tabulated(rows: dict) -> dict:
    """The table of models whose two folds are finished."""
    sums = {}
    for name in MODELS:
        if all((name, fold) in rows for fold in (0, 1)):
            both = [rows[name, fold] for fold in (0, 1)]
            sums[name] = [sum(np.array(row[key]) for row in both) for key in ("values", "choices")]
    learners = [one.name for one in RIVALS if one.learns and one.name in sums]
    best = max(learners, key=lambda name: sums[name][0].sum())
    table = {}
    for name, (value, n) in sums.items():
        each = value / n - sums[best][0] / sums[best][1]
        table[name] = {
            "nats_per_choice": round(value.sum() / n.sum(), 4),
            "mean_difference_from_best_rw": round(float(each.mean()), 4),
            "standard_error": round(float(each.std(ddof=1) / np.sqrt(len(each))), 4),
            "cpu_seconds": round(sum(rows[name, fold]["cpu_seconds"] for fold in (0, 1)), 1),
        }
    return {
        "people": len(sums[best][0]),
        "choices": int(sums[best][1].sum()),
        "models_tried": len(table),
        "best_rw": best,
        "models": table,
    }


def group_differences(rows: dict, path: Path, count: int) -> dict:
    """What differs between the groups, under the circuit and under Rescorla-Wagner.

    Parameters are the means of those of the two halves, each drawn to the population of all people,
    so that neither group is drawn to the other.
    """
    people = {name: people_of(frame_of(path, count), name) for name in (BEST_CIRCUIT, EVERYTHING)}
    circuit = [one.observed for one in people[BEST_CIRCUIT]]
    numbers = [
        {
            (CHOICES, "mean outcome"): float(np.nanmean(one.choices.outcome)),
            (CHOICES, "missed"): 1 - one.choices.n_made / one.task.n_trials,
        }
        for one in circuit
    ]
    for name, model in ((BEST_CIRCUIT, CIRCUIT_NAME), (EVERYTHING, EVERYTHING)):
        theta = np.mean([rows[name, fold]["theta"] for fold in (0, 1)], axis=0)
        one = people[name][0]
        if name == EVERYTHING:
            names = [parameter.name for parameter in one.parameters]
        else:
            names = [n for n in one.observed.layout.parameters if n not in FIXED]
        for row, values in zip(numbers, theta):
            row |= {
                (model, word if names.count(word) == 1 else f"{word} {k}"): float(value)
                for k, (word, value) in enumerate(zip(names, values))
                if word != "false_belief" and not word.startswith(BIAS)
            }
    found = compare_groups([one.group for one in circuit], numbers, "HC")
    return {
        "differences": [
            {
                "model": one.model,
                "quantity": one.test.quantity,
                "groups": one.test.conditions,
                "n": one.test.n,
                "means": rounded(one.test.means),
                "difference": rounded(one.test.difference.as_tuple()),
                "hedges_g": rounded(one.effect.as_tuple()),
                "p_adjusted": float(f"{one.test.p:.3g}"),
            }
            for one in found
        ],
        "agreements": [vars(one) for one in agreements(found)],
    }


def rounded(values) -> list[float]:
    """Numbers with three digits after the point."""
    return [round(float(value), 3) for value in values]


def main() -> None:
    """Score all models and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--people", type=int, default=0, help="the first so many; 0 for all")
    parser.add_argument("--models", default=",,".join(MODELS), help="separated by two commas")
    parser.add_argument("--cache", type=Path, default=Path("clinic_people.jsonl"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/people.json"))
    asked = parser.parse_args()
    rows = finished(asked.cache, asked.people)
    tasks = [
        (asked.file, name, fold, asked.people)
        for name in asked.models.split(",,")
        for fold in (0, 1)
        if name and (name, fold) not in rows
    ]
    with ProcessPoolExecutor(asked.workers) as pool:
        for future in as_completed([pool.submit(held_out, task) for task in tasks]):
            row = future.result()
            rows[row["model"], row["fold"]] = row
            with asked.cache.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            score = sum(row["values"]) / sum(row["choices"])
            print(f"{row['model']}, half {row['fold']}: {score:.4f}", flush=True)
    result = tabulated(rows)
    if all((name, fold) in rows for name in (BEST_CIRCUIT, EVERYTHING) for fold in (0, 1)):
        result["groups"] = group_differences(rows, asked.file, asked.people)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
