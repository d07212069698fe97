"""How often is the diagnosis right?  Simulated patients with known doses, and healthy subjects.

For each number of trials: the population of healthy subjects is estimated from 40 simulated
controls; doses are multiples of the standard deviation that each element's own estimate has in
healthy subjects; patients with these doses and as many healthy subjects are diagnosed.  d' of each
dose is measured on these subjects; odds are recalibrated by the other half of them.

    python benchmarks/clinic.py --subjects 600 --workers 16 --out clinic.json

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
from hebbayes.clinic.recovery.cohort import DIRECTIONS, Designed, draw_member
from hebbayes.clinic.recovery.separation import Separating, estimates_of

TARGETS = (2.25, 2.75, 4.5)
BANDS = ((2.0, 2.5), (2.5, 3.0), (3.0, np.inf))
N_CONTROLS, N_HEALTHY = 40, 24


def population_of(trials: int) -> Prior:
    """The population that simulated controls show."""
    source, layout = Designed(Design(trials=trials)), Layout(2)
    controls = [
        draw_member(source, layout, np.random.default_rng([1, trials, k])).observed
        for k in range(N_CONTROLS)
    ]
    return fit_population(controls)


def doses_of(task: tuple[int, Prior]) -> dict[str, float]:
    """Standard deviation of each element's own estimate in healthy subjects."""
    trials, population = task
    source, layout = Designed(Design(trials=trials)), Layout(2)
    return {
        element: float(
            estimates_of(
                Separating(source, layout, population, element), 0.0, N_HEALTHY, [2, trials]
            ).std(ddof=1)
        )
        for element, _ in DIRECTIONS
    }


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=600, help="patients; as many are healthy")
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
        populations = kept.run(pool, "population", population_record, sizes)
        priors = {n: Prior(*map(np.array, populations[str(n)])) for n in sizes}
        tasks = [(n, priors[n]) for n in sizes]
        spreads = kept.run(pool, "spreads", doses_of, tasks, lambda task: str(task[0]))
        print(f"doses after {time.time() - started:.0f} s", flush=True)
        cases = [
            case for n in sizes for case in cases_of(n, priors[n], spreads[str(n)], asked.subjects)
        ]
        np.random.default_rng(3).shuffle(cases)
        last = started + 60 * asked.minutes if asked.minutes else np.inf
        records = kept.run(pool, "case", study.run_case, cases, case_key, last=last)
    result = {
        "machine": f"{platform.processor() or platform.machine()}, {asked.workers} processes",
        "seconds": round(time.time() - started, 1),
        "subjects": len(records),
        "sizes": {
            str(n): summary(records, n)
            for n in sizes
            if any(key.startswith(f"[4, {n},") for key in records)
        },
        "design": str(Design()),
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result["sizes"], indent=1))
    print(f"{len(records)} subjects in {result['seconds']} s -> {asked.out}")


def population_record(trials: int) -> list[list[float]]:
    """Mean and spread, as JSON keeps them."""
    prior = population_of(trials)
    return [prior.mean.tolist(), prior.spread.tolist()]


def cases_of(trials: int, population: Prior, spreads: dict, n_patients: int) -> list[study.Case]:
    """Patients of every dose, and as many healthy subjects."""
    source, layout = Designed(Design(trials=trials)), Layout(2)
    cells = [
        (element, side * target * spreads[element], band)
        for element, side in DIRECTIONS
        for band, target in enumerate(TARGETS)
    ]
    each = -(-n_patients // max(len(cells), 1))
    sick = [
        study.Case(source, layout, population, element, dose, str(band), (4, trials, c, k))
        for c, (element, dose, band) in enumerate(cells)
        for k in range(each)
    ]
    return sick + [
        study.Case(source, layout, population, "", 0.0, "", (4, trials, 10_000, k))
        for k in range(len(sick))
    ]


def case_key(case: study.Case) -> str:
    """What a finished subject is found by."""
    return str(list(case.seed))


def measured(mine: list) -> dict[str, Any]:
    """d' of every dose, from the estimates of the study's own subjects."""
    healthy = [one["estimates"] for one in mine if not one["element"]]
    table = {}
    for element, side in DIRECTIONS:
        start = np.array([one[element] for one in healthy])
        cells = [
            np.array(
                [
                    one["estimates"][element]
                    for one in mine
                    if one["element"] == element
                    and (one["dose"] > 0) == (side > 0)
                    and one["band"] == str(band)
                ]
            )
            for band in range(len(TARGETS))
        ]
        varied = [cell.var(ddof=1) for cell in cells if len(cell) > 1]
        spread = np.sqrt((start.var(ddof=1) + np.mean(varied or [start.var(ddof=1)])) / 2)
        table[f"{element} {'+' if side > 0 else '-'}"] = [
            float(abs(cell.mean() - start.mean()) / spread) if len(cell) else float("nan")
            for cell in cells
        ]
    return table


def judged(mine: list, of: np.ndarray, evidence: str) -> dict[str, Any]:
    """Accuracy by one kind of evidence; ``of`` is d' of each subject."""
    odds, flagged = study.cross_fitted(mine, evidence)
    truth = study.truths(mine)
    bands = {}
    for low, high in BANDS:
        rows = (truth == 0) | ((of >= low) & (of < high))
        bands[f"{low:g}-{high:g}"] = study.accuracy(odds[rows], flagged[rows], truth[rows])
    return {
        "all": study.accuracy(odds, flagged, truth),
        "by_d_prime": bands,
        "groups_of_ten": study.group_accuracy(mine, evidence=evidence),
        "confusion": study.confusion(odds, flagged, truth),
        "recalibration": vars(study.recalibrated(np.array([r[evidence] for r in mine]), truth)),
    }


def summary(records: dict, trials: int) -> dict[str, Any]:
    """Accuracy of all subjects with that many trials, and by band of the measured d'."""
    mine = [records[key] for key in sorted(records) if key.startswith(f"[4, {trials},")]
    np.random.default_rng(5).shuffle(mine)
    d_prime = measured(mine)
    of = np.array(
        [
            d_prime[f"{r['element']} {'+' if r['dose'] > 0 else '-'}"][int(r["band"])]
            if r["element"]
            else np.inf
            for r in mine
        ]
    )
    separable = [r for r, d in zip(mine, of) if d >= BANDS[0][0]]
    of = of[of >= BANDS[0][0]]
    n_below = len(mine) - len(separable)
    mine = separable
    result = {evidence: judged(mine, of, evidence) for evidence in ("laplace", "sampled")}
    result["d_prime"] = d_prime
    result["patients_below_2"] = n_below
    result["coverage"] = study.coverage(mine)
    result["own_coverage"] = study.own_coverage(mine)
    names = mine[0]["effective"]
    result["effective_draws_median"] = {
        name: float(np.median([r["effective"][name] for r in mine])) for name in names
    }
    return rounded(result)


def rounded(value: Any) -> Any:
    """Three digits are enough, and NaN is null."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(one) for one in value]
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
