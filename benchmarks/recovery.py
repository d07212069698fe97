"""How well is perception recovered from simulated cultures of new sizes?

    python benchmarks/recovery.py [--cultures 200] [--workers 1] [--out FILE.json]

Cultures differ in numbers of sources, stimuli and units, priors, speed of learning, read-out,
noise, and length and order of sessions.  The fit sees only responses of ensembles, stimuli and
lengths of sessions; it estimates scale and synapses with the threshold.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from hebbayes.reverse_engineering.isomura2023.preference import ensemble_responses
from hebbayes.reverse_engineering.perception import (
    Options,
    every_trial,
    fit_perception,
    no_learning,
    pooled_prior_count,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.simulators import AffineReadout, CultureDesign, Plasticity, simulate_culture

HERE = Path(__file__).parent
N_TRIALS, N_SESSIONS = 256, 10
SLOPE_SESSIONS = (5, 10, 20, 40)


def foreign_design(seed: int, n_sessions: int = N_SESSIONS) -> CultureDesign:
    """Return a random design with 3 or 4 sources and 12 to 80 units."""
    rng = np.random.default_rng((seed, 77))
    n_sources = int(rng.integers(3, 5))
    log_odds = rng.choice([-1, 1], n_sources) * rng.uniform(0.5, 1.5, n_sources)
    noise = rng.integers(3)  # sub-Poisson counts as in real cultures, Poisson counts, rates
    return CultureDesign(
        n_sources=n_sources,
        n_stimuli=n_sources * int(rng.integers(4, 11)),
        n_units=int(rng.integers(12, 81)),
        n_silent=int(rng.integers(0, 3)),
        n_sessions=n_sessions,
        n_trials=N_TRIALS,
        ragged=0.3,
        mixed=float(rng.uniform(0.1, 0.3)),
        state_prior=tuple(float(d) for d in expit(log_odds)),
        prior_count=float(np.exp(rng.uniform(np.log(300), np.log(1500)))),
        tilt=0.01,
        readout=AffineReadout(float(rng.uniform(0.2, 1)), float(rng.uniform(3, 8)), 0.3),
        fano=float(rng.uniform(0.28, 0.76)) if noise == 0 else 1.0,
        noise=1.5 if noise == 2 else None,
        is_repeated=bool(rng.integers(2)),
        is_shuffled=False,
    )


def shuffled(design: CultureDesign) -> CultureDesign:
    """Return the design with repeated blocks in random order."""
    return replace(design, is_shuffled=design.is_repeated)


def recover(
    seed: int,
    change: Callable[[CultureDesign], CultureDesign] = shuffled,
    train: Sequence[int] = (N_SESSIONS,),
    has_gain_drift: bool = False,
    knows_tables: bool = False,
) -> list[dict[str, Any]]:
    """Return one row per ensemble and length of training of one culture.

    With ``knows_tables`` the synapses are given and do not learn: all trials are equally
    informative.
    """
    design = change(foreign_design(seed, max(train) + 1))
    culture = simulate_culture(design, seed=seed, expected_log=np.log)
    recording = culture.recording
    responses = ensemble_responses(recording.responses.astype(float), culture.members)
    rows = []
    for n_train in train:
        options = Options(
            train_sessions=n_train,
            curvature=0.0,  # the read-out is affine, and synapses last
            can_forget=False,
            has_gain_drift=has_gain_drift,
            naive=culture.naive if knows_tables else None,
            schedule=no_learning if knows_tables else every_trial,
        )
        use = recording.session_index <= n_train
        started = time.process_time()
        perception = fit_perception(
            responses[use], recording.stimuli[use], recording.session_index[use], options
        )
        seconds = time.process_time() - started
        trials = int((recording.session_index < n_train).sum())
        rows += [
            {"seed": seed, "trials": trials, "sessions": n_train, "seconds": seconds}
            | _row(culture, perception, k)
            for k in range(design.n_sources)
        ]
    return rows


def _row(culture: Any, perception: Any, k: int) -> dict[str, Any]:
    design, phi1 = culture.design, culture.threshold_factors[:, k]
    odds, rate = perception.log_odds[k], perception.learning_rate[k]
    weights = perception.weights[..., k]
    truth = culture.session_weights[: len(weights.value), :, k]
    n_sessions = len(truth)
    return {
        "phi": phi1[0] - phi1[1],
        "phi_value": odds.value,
        "phi_low": odds.low,  # a range where phi is undetermined
        "phi_high": odds.high,
        "phi1": phi1[0],
        "phi1_value": perception.threshold_factors.value[0, k],
        "published_phi1": perception.published_factors.value[0, k],
        "published_phi": np.diff(perception.published_factors.value[::-1, k])[0],
        "rate": 0.0 if design.plasticity is Plasticity.NONE else 1 / culture.prior_count[k],
        "rate_value": rate.value,
        "rate_low": rate.low,
        "rate_high": rate.high,
        "weights_covered": [
            float(np.mean((weights.low[s] <= truth[s]) & (truth[s] <= weights.high[s])))
            for s in (0, n_sessions // 2, n_sessions - 1)
        ],
        "lack_of_fit": perception.lack_of_fit[k],
        "undetermined": [list(group) for group in perception.undetermined[k]],
    }


def covered(rows: Sequence[dict[str, Any]], name: str) -> dict[str, float]:
    """Return how often intervals cover, with the standard error over cultures."""
    hits = np.array([r[f"{name}_low"] <= r[name] <= r[f"{name}_high"] for r in rows], float)
    return _mean_over_cultures(rows, hits)


def _mean_over_cultures(rows: Sequence[dict[str, Any]], values: Any) -> dict[str, float]:
    seeds = np.array([r["seed"] for r in rows])
    off = np.array([np.sum(values[seeds == s] - values.mean()) for s in np.unique(seeds)])
    return {"value": float(values.mean()), "error": float(np.sqrt(np.sum(off**2)) / len(values))}


def relative_errors(rows: Sequence[dict[str, Any]], name: str, estimate: str) -> Any:
    """Return |estimate / true - 1| of the rows with an estimate."""
    pairs = np.array([(r[name], r[estimate]) for r in rows], float)
    pairs = pairs[np.isfinite(pairs).all(1)]
    return np.abs(pairs[:, 1] / pairs[:, 0] - 1)


def pooled_speed(rows: Sequence[dict[str, Any]], size: int = 20) -> list[float]:
    """Return |estimated lambda / true - 1|, pooled over each ``size`` cultures."""
    seeds = np.unique([r["seed"] for r in rows])
    errors = []
    for start in range(0, len(seeds) - size + 1, size):
        group = [r for r in rows if r["seed"] in seeds[start : start + size]]
        true = np.array([r["rate"] for r in group])
        parts = (np.array([r[f"rate_{end}"] for r in group]) for end in ("value", "low", "high"))
        scaled = Estimate(*(part / true for part in parts))  # lambda in units of the true one
        errors.append(abs(float(pooled_prior_count(scaled).value) - 1))
    return errors


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of one set of cultures; errors of phi if it is known."""
    known = [r for r in rows if np.isfinite(r["phi_value"])]
    weights = [r for r in rows if np.isfinite(r["rate_value"])]
    figures: dict[str, Any] = {
        "cultures": len({r["seed"] for r in rows}),
        "ensembles": len(rows),
        "phi_undetermined": len(rows) - len(known),
        "phi_inside_interval_or_range": covered(rows, "phi"),
        "rate_covered": covered(weights, "rate"),
        "weights_covered": _mean_over_cultures(
            weights, np.array([np.mean(r["weights_covered"]) for r in weights])
        ),
        "weights_covered_first_middle_last": np.mean(
            [r["weights_covered"] for r in weights], axis=0
        ).tolist(),
        "learning_seen": float(np.mean([r["rate_low"] > 0 for r in rows])),
        "lack_of_fit_below_0.01": float(np.mean([r["lack_of_fit"] < 0.01 for r in rows])),
        "seconds_per_culture": float(np.median([r["seconds"] for r in rows])),
    }
    return figures | (_errors_of_phi(known) if known else {}) | _errors_of_speed(weights)


def _errors_of_phi(known: Sequence[dict[str, Any]]) -> dict[str, Any]:
    published = np.array([r["published_phi1"] - r["phi1"] for r in known])
    names = {"phi": "phi_value", "phi1": "phi1_value"}
    names_published = {"phi": "published_phi", "phi1": "published_phi1"}
    is_low = np.array([r["phi"] < 0 for r in known])
    return {
        "phi_covered": covered(known, "phi"),
        **{
            f"{name}_median_relative_error": float(np.median(relative_errors(known, name, value)))
            for name, value in names.items()
        },
        **{
            f"published_{name}_median_relative_error": float(
                np.median(relative_errors(known, name, value))
            )
            for name, value in names_published.items()
        },
        **{
            f"published_phi1_bias_{side}_prior": float(published[chosen].mean())
            for side, chosen in (("low", is_low), ("high", ~is_low))
            if chosen.any()
        },
    }


def _errors_of_speed(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    learning = [r for r in rows if r["rate_value"] > 0 and r["rate"] > 0]
    if not learning:
        return {}
    return {
        "prior_count_median_relative_error": float(
            np.median(relative_errors(learning, "rate_value", "rate"))
        ),
        "prior_count_pooled_error_by_20_cultures": pooled_speed(learning),
    }


def falling(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return median errors by trials and the exponent of their decrease, if always known."""
    sessions = sorted({r["sessions"] for r in rows})
    keys = [(r["seed"], r["phi"]) for r in rows if np.isfinite(r["phi_value"])]
    always = {key for key in keys if keys.count(key) == len(sessions)}
    kept = [r for r in rows if (r["seed"], r["phi"]) in always]
    by_length = [[r for r in kept if r["sessions"] == n] for n in sessions]
    trials = [float(np.mean([r["trials"] for r in part])) for part in by_length]
    errors = [float(np.median(relative_errors(part, "phi", "phi_value"))) for part in by_length]
    widths = [np.median([r["phi_high"] - r["phi_low"] for r in part]) for part in by_length]
    rng, seeds = np.random.default_rng(0), np.unique([r["seed"] for r in kept])
    fits = []
    for _ in range(200):
        drawn = rng.choice(seeds, len(seeds))
        parts = [[r for s in drawn for r in part if r["seed"] == s] for part in by_length]
        medians = [np.median(relative_errors(part, "phi", "phi_value")) for part in parts]
        fits.append(np.polyfit(np.log(trials), np.log(medians), 1)[0])
    return {
        "trials": trials,
        "median_relative_error": errors,
        "exponent": float(np.polyfit(np.log(trials), np.log(errors), 1)[0]),
        "exponent_error": float(np.std(fits)),
        "exponent_of_interval_width": float(np.polyfit(np.log(trials), np.log(widths), 1)[0]),
        "phi_covered": [covered(part, "phi")["value"] for part in by_length],
        "ensembles": len(by_length[0]),
    }


def drifting(design: CultureDesign) -> CultureDesign:
    """Return the design with gains that drift by 5 % per session."""
    return replace(shuffled(design), gain_drift=0.05)


def unlearning(plasticity: Plasticity, design: CultureDesign) -> CultureDesign:
    """Return the design with other plasticity; fixed synapses are learnt before."""
    learnt = 2560 if plasticity is Plasticity.NONE else 0
    return replace(shuffled(design), plasticity=plasticity, learnt_trials=learnt)


def main() -> None:
    """Run all sets and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cultures", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "recovery.json")
    options = parser.parse_args()
    few = max(options.cultures // 5, 2)
    sets: dict[str, tuple[int, Callable[[int], list[dict[str, Any]]]]] = {
        "foreign": (options.cultures, recover),
        "gain_drift": (few, partial(recover, change=drifting, has_gain_drift=True)),
        "fixed_synapses": (few, partial(recover, change=partial(unlearning, Plasticity.NONE))),
        "plain_hebb": (few, partial(recover, change=partial(unlearning, Plasticity.HEBBIAN))),
    }
    results: dict[str, Any] = {}
    with ProcessPoolExecutor(options.workers) as pool:
        for name, (n, work) in sets.items():
            rows = [row for part in pool.map(work, range(n)) for row in part]
            results[name] = summary(rows)
            print(name, json.dumps(results[name], indent=1), flush=True)
        fixed = partial(unlearning, Plasticity.NONE)
        for name, work in {
            "falling": partial(recover, train=SLOPE_SESSIONS),
            "falling_known_synapses": partial(
                recover, change=fixed, train=SLOPE_SESSIONS, knows_tables=True
            ),
        }.items():
            seeds = range(1000, 1000 + max(options.cultures // 2, 2))
            rows = [row for part in pool.map(work, seeds) for row in part]
            results[name] = falling(rows)
            print(name, json.dumps(results[name], indent=1), flush=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
