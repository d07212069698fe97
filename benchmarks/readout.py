"""Coverage of phi if units read x on a curved scale, and of lambda if synapses forget.

    python benchmarks/readout.py [--ensembles 160] [--out FILE.json]

Each ensemble is one of two in a simulated culture with priors, speed of learning and mixing of its
own: 12 stimuli, 10 sessions of 120 trials, 12 units.  Beside the intervals stand those of an affine
read-out, and lambda of a fit in which synapses last.
"""

import argparse
import json
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from hebbayes.reverse_engineering.perception import Options, Perception, fit_perception
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.simulators import AffineReadout, CultureDesign, SimulatedCulture, simulate_culture

HERE = Path(__file__).parent
N_UNITS, REST, EVOKED, DEVIATION = 12, 0.5, 5.0, 1.7
READOUTS: dict[str, Callable] = {
    "x^0.8": lambda x: x**0.8,
    "x": lambda x: x,
    "x^1.2": lambda x: x**1.2,
    "x^1.5": lambda x: x**1.5,
    "threshold-linear, max(0, 4x - 1) / 3": lambda x: np.maximum(4 * x - 1, 0) / 3,
    "saturating, 2x / (1 + x)": lambda x: 2 * x / (1 + x),
}
NOISES = ("poisson", "gaussian")
MEMORIES = (300, 450)


def culture_of(seed: int, forgetting: float = 0.0) -> SimulatedCulture:
    """Return a culture with a prior, a speed of learning and a mixing of its own."""
    rng = np.random.default_rng((seed, 15))
    log_odds = float(rng.choice([-1, 1]) * rng.uniform(0.5, 1.5))
    design = CultureDesign(
        n_stimuli=12,
        n_units=2,
        n_sessions=10,
        n_trials=120,
        mixed=float(rng.uniform(0.1, 0.3)),
        state_prior=float(expit(log_odds)),
        prior_count=float(np.exp(rng.uniform(np.log(300), np.log(1500)))),
        tilt=0.01,
        forgetting=forgetting,
        readout=AffineReadout(),
        is_shuffled=True,
    )
    return simulate_culture(design, seed=seed, expected_log=np.log)


def responses_of(culture: SimulatedCulture, readout: Callable, noise: str, seed: int) -> Any:
    """Return the mean response of one ensemble, (trials, 1)."""
    rng = np.random.default_rng((seed, 16))
    rate = REST + EVOKED * readout(culture.posterior[:, :1]) * np.ones(N_UNITS)
    if noise == "poisson":
        return rng.poisson(rate).mean(1, keepdims=True)
    return (rate + DEVIATION * rng.normal(size=rate.shape)).mean(1, keepdims=True)


def row_of(culture: SimulatedCulture, responses: Any) -> dict[str, float]:
    """Return the estimates of one ensemble, and those that an affine read-out gives."""
    fit = fit_perception(responses, culture.recording.stimuli, culture.recording.session_index)
    phi = float(culture.threshold_factors[0, 0] - culture.threshold_factors[1, 0])
    return {
        "slope": float(fit.log_odds_slope[0]),
        "forgets": float(np.isfinite(fit.memory[0])),
        **of_phi("", fit.log_odds, phi),
        **of_phi("affine_", fit.affine_log_odds, phi),
        **of_lambda("", fit, float(culture.prior_count[0])),
    }


def forgetting_row_of(culture: SimulatedCulture, responses: Any) -> dict[str, float]:
    """Return the same, and lambda by a fit that excludes forgetting."""
    o, session = culture.recording.stimuli, culture.recording.session_index
    lasting = fit_perception(responses, o, session, Options(curvature=0.0, can_forget=False))
    return row_of(culture, responses) | of_lambda(
        "lasting_", lasting, float(culture.prior_count[0])
    )


def of_phi(name: str, estimate: Estimate, phi: float) -> dict[str, float]:
    """Return coverage, half width and error of phi."""
    value, low, high = (float(end[0]) for end in estimate.as_tuple())
    return {
        f"{name}phi_covers": float(low <= phi <= high),
        f"{name}phi_half_width": (high - low) / 2,
        f"{name}phi_error": value - phi,
    }


def of_lambda(name: str, fit: Perception, prior_count: float) -> dict[str, float]:
    """Return coverage and ratio to the truth of lambda."""
    low, high = float(fit.prior_count.low[0]), float(fit.prior_count.high[0])
    return {
        f"{name}lambda_covers": float(low <= prior_count <= high),
        f"{name}lambda_ratio": float(fit.prior_count.value[0]) / prior_count,
    }


def summary_of(rows: list[dict[str, float]]) -> dict[str, Any]:
    """Return shares and medians over ensembles."""
    summary: dict[str, Any] = {"ensembles": len(rows)}
    for key in rows[0]:
        values = np.array([row[key] for row in rows])
        values = values[np.isfinite(values)]
        is_share = key.endswith("covers") or key == "forgets"
        summary[key] = round(float(values.mean() if is_share else np.median(values)), 4)
    return summary


def main() -> None:
    """Run the study and write its results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ensembles", type=int, default=160)
    parser.add_argument("--first-seed", type=int, default=5000)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "readout.json")
    flags = parser.parse_args()
    started = time.perf_counter()
    rows: dict[str, list[dict[str, float]]] = {}
    for seed in range(flags.first_seed, flags.first_seed + flags.ensembles):
        culture = culture_of(seed)
        for noise, (name, readout) in product(NOISES, READOUTS.items()):
            responses = responses_of(culture, readout, noise, seed)
            rows.setdefault(f"{name}, {noise}", []).append(row_of(culture, responses))
        for memory in MEMORIES:
            culture = culture_of(seed, 1 / memory)
            responses = responses_of(culture, READOUTS["x"], "poisson", seed)
            row = forgetting_row_of(culture, responses)
            rows.setdefault(f"x, poisson, memory of {memory} trials", []).append(row)
        print(seed, round(time.perf_counter() - started), flush=True)
    results: dict[str, Any] = {name: summary_of(ours) for name, ours in rows.items()}
    results["seconds"] = round(time.perf_counter() - started, 1)
    flags.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
