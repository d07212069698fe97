"""How often is the diagnosis right?  Simulated patients with known doses, and healthy subjects.

For each number of trials: the population of healthy subjects is estimated from 40 simulated
controls; patients have one element moved by 1, 1.5 or 2 of its wide spreads, on every side on
which it can be impaired; as many subjects are healthy.  d' of every dose is measured on these
subjects, whom the population does not know: the mean estimate of the element in patients less
that in healthy subjects, in units of their standard deviation.  Accuracy is given by bands of d';
doses below 2 are given apart, since no method can tell them.  Odds are recalibrated by the other
half of the subjects.

    python benchmarks/clinic.py --patients 450 --workers 16 --out clinic.json

Finished subjects are kept in OUT.jsonl beside the result; the same command goes on from there.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import platform
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np

from hebbayes.clinic.designs import Design
from hebbayes.clinic.estimation.cases import example
from hebbayes.clinic.estimation.climbing import Prior
from hebbayes.clinic.estimation.layout import Layout
from hebbayes.clinic.estimation.models import fit_models
from hebbayes.clinic.estimation.population import fit_population
from hebbayes.clinic.recovery import study
from hebbayes.clinic.recovery.cohort import DOSES, Designed, dosed_cells, draw_member
from hebbayes.clinic.recovery.recover import judged
from hebbayes.clinic.recovery.separation import separations

BANDS = ((2.0, 2.5), (2.5, 3.0), (3.0, np.inf))
N_CONTROLS = 40


def population_of(trials: int) -> list[list[float]]:
    """Mean and spread of the population that simulated controls show."""
    source, layout = Designed(Design(trials=trials)), Layout(2)
    controls = [
        draw_member(source, layout, np.random.default_rng([1, trials, k])).observed
        for k in range(N_CONTROLS)
    ]
    found = fit_population(controls)
    return [found.mean.tolist(), found.spread.tolist()]


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=450, help="as many are healthy")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--trials", default="600,1200")
    parser.add_argument("--minutes", type=float, default=0.0, help="stop new subjects after this")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/clinic.json"))
    return parser.parse_args()


def main() -> None:
    """Run the study and write its result."""
    asked = options()
    started = time.time()
    sizes = [int(n) for n in asked.trials.split(",")]
    fit_models(*example(30))  # compiled once, before processes are forked
    kept = Kept(asked.out.with_suffix(".jsonl"))
    with ProcessPoolExecutor(asked.workers) as pool:
        populations = kept.run(pool, "population", population_of, sizes)
        priors = {n: Prior(*map(np.array, populations[str(n)])) for n in sizes}
        print(f"populations after {time.time() - started:.0f} s", flush=True)
        cases = [case for n in sizes for case in cases_of(n, priors[n], asked.patients)]
        cases.sort(key=lambda case: case.seed[2:])  # whatever is finished is balanced
        last = started + 60 * asked.minutes if asked.minutes else np.inf
        records = kept.run(pool, "case", study.run_case, cases, case_key, last=last)
    result = {
        "machine": f"{platform.processor() or platform.machine()}, {asked.workers} processes",
        "subjects": len(records),
        "doses_in_wide_spreads": DOSES,
        "design": str(Design()),
        "both": overall(list(records.values())),
        "sizes": {
            str(n): {
                "population": vars(priors[n]),
                **overall(mine),
                "separable": by_separation(mine),
            }
            for n in sizes
            if (mine := [r for key, r in records.items() if key.startswith(f"[4, {n},")])
        },
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(rounded(result), indent=1) + "\n", encoding="utf-8")
    print(json.dumps(rounded(result), indent=1))
    print(f"{len(records)} subjects in {time.time() - started:.0f} s -> {asked.out}")


def cases_of(trials: int, population: Prior, n_patients: int) -> list[study.Case]:
    """Patients of every dose, and as many healthy subjects."""
    source, layout = Designed(Design(trials=trials)), Layout(2)
    made = []
    for k in range(-(-n_patients // len(dosed_cells()))):
        for c, (element, dose) in enumerate(dosed_cells()):
            made.append(study.Case(source, layout, population, element, dose, (4, trials, k, c)))
            healthy = (4, trials, k, 1000 + c)
            made.append(study.Case(source, layout, population, "", 0.0, healthy))
    return made


def case_key(case: study.Case) -> str:
    """What a finished subject is found by."""
    return str(list(case.seed))


def rates_of(
    records: list, cell: tuple[str, float], right: np.ndarray, flagged: np.ndarray
) -> dict[str, float]:
    """Shares of the patients with one dose."""
    rows = [k for k, one in enumerate(records) if (one["element"], one["dose"]) == cell]
    return {
        "n": len(rows),
        "flagged": float(flagged[rows].mean()),
        "flagged_and_right": float(right[rows].mean()),
    }


def shuffled(records: list) -> list:
    """Halves that judge each other are drawn by chance."""
    return [records[k] for k in np.random.default_rng(5).permutation(len(records))]


def overall(records: list) -> dict[str, Any]:
    """What does not depend on d'."""
    found = judged(shuffled(records))
    return {
        "accuracy": found.accuracy,
        "coverage": found.coverage,
        "own_coverage": found.own_coverage,
        "recalibration": vars(found.recalibration),
        "confusion": found.confusion,
        "groups_of_ten": study.group_accuracy(records),
        "effective_draws_median": {
            name: float(np.median([one["effective"][name] for one in records]))
            for name in records[0]["effective"]
        },
    }


def by_separation(records: list) -> dict[str, Any]:
    """Accuracy by band of d', and of every dose."""
    records = shuffled(records)
    d_prime = separations(records)
    of = np.array([d_prime.get((one["element"], one["dose"]), np.inf) for one in records])
    odds, flagged = study.cross_fitted(records)
    truth = study.truths(records)

    def accuracy(low: float, high: float) -> dict[str, float]:
        rows = (truth == 0) | ((of >= low) & (of < high))
        return study.accuracy(odds[rows], flagged[rows], truth[rows])

    right = (odds[:, 1:].argmax(1) + 1 == truth) & (flagged > 0)
    return {
        "d_prime_2_and_above": accuracy(2.0, np.inf),
        "by_d_prime": {f"{low:g}-{high:g}": accuracy(low, high) for low, high in BANDS},
        "d_prime_below_2": accuracy(0.0, 2.0),
        "groups_of_ten": study.group_accuracy([r for r, d in zip(records, of) if d >= 2]),
        "doses": [
            {"element": cell[0], "dose": cell[1], "d_prime": value}
            | rates_of(records, cell, right, flagged)
            for cell, value in sorted(d_prime.items())
        ],
    }


def rounded(value: Any) -> Any:
    """Three digits are enough, and NaN is null."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(one) for one in value]
    if isinstance(value, np.ndarray):
        return rounded(value.tolist())
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 4)
    return value


class Kept:
    """Finished tasks in a file, one a line, so that a stopped study goes on."""

    def __init__(self, path: Path) -> None:
        """Read what the file holds."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.done: dict[str, dict[str, Any]] = {}
        for line in lines:
            try:
                kind, key, value = json.loads(line)
            except ValueError:
                continue  # the line that was being written
            self.done.setdefault(kind, {})[key] = value

    def run(
        self,
        pool: ProcessPoolExecutor,
        kind: str,
        function: Callable[[Any], Any],
        tasks: Sequence[Any],
        key: Callable[[Any], str] = str,
        *,
        last: float = np.inf,
    ) -> dict[str, Any]:
        """Return the results of all tasks by key; no new ones start after ``last``."""
        done = self.done.setdefault(kind, {})
        left = [task for task in tasks if key(task) not in done]
        with self.path.open("a", encoding="utf-8") as file:
            futures = {pool.submit(function, task): key(task) for task in left}
            for future in as_completed(futures):
                if future.cancelled():
                    continue
                done[futures[future]] = future.result()
                file.write(json.dumps([kind, futures[future], done[futures[future]]]) + "\n")
                file.flush()
                if time.time() > last:
                    for other in futures:
                        other.cancel()
        return {key(task): done[key(task)] for task in tasks if key(task) in done}


if __name__ == "__main__":
    main()
