"""Are the predictions of `design` right?  A comparison with independently simulated studies.

For every design, `hebbayes design` predicts power, false claims and coverage.  This script then
simulates studies of that design with other seeds and analyses them directly by forecasts, verdicts
and fits, without the code of the command.

    OMP_NUM_THREADS=1 python benchmarks/design.py --out benchmarks/results/design.json
"""

import argparse
import json
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from hebbayes import DesignConfig, design
from hebbayes.commands.design.plan import plan_from_config
from hebbayes.commands.design.pools import Pools
from hebbayes.commands.running.progress import DEFAULT_PROGRESS
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.data.files import write_text
from hebbayes.reverse_engineering.experimental_design.power import judge_studies
from hebbayes.reverse_engineering.experimental_design.precision import PARAMETERS, precision_of
from hebbayes.reverse_engineering.forecasting.catalogue import default_models
from hebbayes.reverse_engineering.forecasting.judging.verdict import judge
from hebbayes.reverse_engineering.forecasting.scoring import score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.perception import Options, fit_perception
from hebbayes.simulators import AffineReadout, CultureDesign, Plasticity, simulate_culture

COMMON = {
    "sources": 2,
    "mixed": 0.25,
    "d1": 0.3,
    "tilt": 0.01,
    "rest": 0.5,
    "evoked": 5.0,
    "spread": 0.3,
    "fano": 0.5,
    "gain_drift": 0.04,
}
DESIGNS = {
    "fast learners": {
        "cultures": 4,
        "units": 16,
        "stimuli": 16,
        "sessions": 20,
        "trials": 80,
        "train_sessions": 7,
        "prior_count": 2000.0,
        "stimulation": "repeated",
    },
    "few units": {
        "cultures": 5,
        "units": 12,
        "stimuli": 16,
        "sessions": 20,
        "trials": 64,
        "train_sessions": 8,
        "prior_count": 2000.0,
        "stimulation": "repeated",
    },
    "shuffled, slow learners": {
        "cultures": 4,
        "units": 16,
        "stimuli": 16,
        "sessions": 24,
        "trials": 64,
        "train_sessions": 8,
        "prior_count": 3000.0,
        "stimulation": "shuffled",
    },
}


def culture_design(flags: dict, plasticity: str) -> CultureDesign:
    return CultureDesign(
        n_sources=flags["sources"],
        n_stimuli=flags["stimuli"],
        n_units=flags["units"],
        n_sessions=flags["sessions"],
        n_trials=flags["trials"],
        mixed=flags["mixed"],
        state_prior=flags["d1"],
        prior_count=flags["prior_count"],
        tilt=flags["tilt"],
        readout=AffineReadout(flags["rest"], flags["evoked"], flags["spread"]),
        fano=flags["fano"],
        gain_drift=flags["gain_drift"],
        plasticity=Plasticity(plasticity),
        is_shuffled=flags["stimulation"] == "shuffled",
    )


def run_study(job: tuple[dict, str, int]) -> dict:
    """Return the verdict on one study, and the coverage of its perception fits."""
    flags, plasticity, seed = job
    models, scores, covered = default_models(), [], []
    for k in range(flags["cultures"]):
        number = 10_000_019 * (1 + seed) + k  # seeds that the command never uses
        culture = simulate_culture(
            culture_design(flags, plasticity), seed=number, expected_log=np.log
        )
        recording = culture.recording
        scores.append(score(split_sessions(recording, flags["train_sessions"]), models.all))
        if plasticity == "canonical":
            covered.append(coverage_of(culture, flags["train_sessions"]))
    verdict = judge(scores, models)
    return {"adds": bool(verdict.adds), "value": verdict.gain.value, "covered": covered}


def coverage_of(culture, n_training: int) -> dict[str, list]:
    """Return which intervals contain the truth; None if an interval is missing."""
    o, session = culture.recording.stimuli, culture.recording.session_index
    means = np.stack([culture.recording.responses[:, u].mean(1) for u in culture.members], 1)
    with np.errstate(invalid="ignore"):
        perception = fit_perception(
            means, o, session, Options(n_training, curvature=0.0, can_forget=False)
        )
    phi = culture.threshold_factors[0] - culture.threshold_factors[1]
    w, truth = perception.weights, culture.session_weights
    is_covered = (w.low <= truth) & (truth <= w.high)
    identified = np.isfinite(w.value)
    return {
        "phi": holds(perception.log_odds.low, perception.log_odds.high, phi),
        "ln_prior_count": holds(
            perception.prior_count.low, perception.prior_count.high, culture.prior_count
        ),
        "weights": [float(is_covered[identified].mean()) if identified.any() else None],
    }


def holds(low, high, truth) -> list:
    return [
        None if np.isnan(a) or np.isnan(b) else bool(a <= t <= b)
        for a, b, t in zip(low, high, truth)
    ]


SCENARIOS = {"canonical": "canonical", "hebbian": "hebbian", "gain_drift": "none"}


def simulated(pool, flags: dict, studies: int, scenarios: list[str]) -> dict:
    """Return shares over independently simulated studies."""
    shares = {}
    for name in scenarios:
        plasticity = SCENARIOS[name]
        jobs = [(flags, plasticity, s) for s in range(studies)]
        results = list(pool.map(run_study, jobs, chunksize=4))
        shares[name] = float(np.mean([one["adds"] for one in results]))
        if name == "canonical":
            cultures = [culture for one in results for culture in one["covered"]]
            for key in cultures[0]:
                each = [[v for v in c[key] if v is not None] for c in cultures]
                shares[f"coverage_{key}"] = float(np.mean([np.mean(v) for v in each if v]))
    return shares


def predicted(flags: dict, options) -> dict:
    """Return the predictions of the command with standard errors.

    Without false claims, one pool of the command gives the same numbers in a third of the time.
    """
    config = DesignConfig(
        **flags,
        studies=options.predicting,
        suggest=False,
        workers=options.workers,
        seed=options.seed,
    )
    if options.scenarios == list(SCENARIOS):
        result = design(config)
        claims, precision = result.claims, result.precision
    else:
        plan = plan_from_config(config, {})
        with open_workers(config.workers) as workers:
            pool = Pools(config.seed, workers, DEFAULT_PROGRESS).take(
                "canonical", plan, config.studies * plan.cultures
            )
        claims = {"canonical": judge_studies(pool, plan, seed=config.seed)}
        precision = {name: precision_of(pool, name) for name in PARAMETERS}
    shares = {k: [c.share.value, c.share.error] for k, c in claims.items()}
    for key, one in precision.items():
        shares[f"coverage_{key}"] = [one.coverage.value, one.coverage.error]
    return shares


def compared(name: str, pool, options) -> dict:
    flags, started = {**COMMON, **DESIGNS[name]}, time.perf_counter()
    prediction = predicted(flags, options)
    seconds = time.perf_counter() - started
    measured = simulated(pool, flags, options.studies, options.scenarios)
    off = {key: prediction[key][0] - measured[key] for key in measured}
    return {
        "flags": flags,
        "predicted": prediction,
        "simulated": measured,
        "off": off,
        "seconds_predicting": seconds,
        "seconds": time.perf_counter() - started,
    }


def main() -> None:
    """Compare all designs, print a line for each, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--predicting", type=int, default=200, help="studies behind a prediction")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenarios", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS))
    parser.add_argument("--designs", nargs="+", default=list(DESIGNS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = {}
    with ProcessPoolExecutor(options.workers) as pool:
        for name in options.designs:
            rows[name] = compared(name, pool, options)
            largest = max(map(abs, rows[name]["off"].values()))
            print(f"{name}: off by {largest:.3f} at most", json.dumps(rows[name]), flush=True)
            if options.out:
                record = {
                    "studies": options.studies,
                    "predicting": options.predicting,
                    "designs": rows,
                    "python": platform.python_version(),
                    "cores": os.cpu_count(),
                }
                write_text(options.out, json.dumps(record, indent=1) + "\n")
    print("done", file=sys.stderr)


if __name__ == "__main__":
    main()
