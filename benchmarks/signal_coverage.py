"""How often the interval of phi holds the truth in simulated dF/F recordings.

Signals are affine in the network's posterior with a slope and an offset per cell, plus Gaussian
noise; about a quarter of them are negative.  Each recording is read as `analyze` reads it.

    python benchmarks/signal_coverage.py --recordings 20 > benchmarks/results/signal_coverage.json
"""

import argparse
import json

import numpy as np

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.description import describe_causally
from hebbayes.reverse_engineering.ensembles.match import match_to_labels
from hebbayes.reverse_engineering.ensembles.population import population_without_labels
from hebbayes.simulators import EXAMPLE_NETWORK, simulate_culture


def fluorescence(seed: int) -> tuple[Recording, np.ndarray, np.ndarray]:
    """Return a recording of dF/F, the network's posterior, and phi1 - phi0 of each state."""
    culture = simulate_culture(EXAMPLE_NETWORK, seed=seed, expected_log=np.log)
    rng = np.random.default_rng((seed, 1))
    n_trials, n_units = culture.recording.responses.shape
    rest, evoked = rng.normal(0, 0.05, n_units), rng.uniform(0.2, 0.6, n_units)
    mean = rest + evoked * culture.posterior[:, culture.preferred_source]
    signal = mean + rng.normal(0, 0.15, (n_trials, n_units))
    recording = Recording(culture.recording.stimuli, signal, culture.recording.session)
    return recording, culture.posterior, np.subtract(*culture.threshold_factors)


def main() -> None:
    """Print coverage, mean width and bias of phi as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=20)
    rows = []
    for seed in range(parser.parse_args().recordings):
        recording, posterior, phi = fluorescence(seed)
        described = describe_causally(recording, find, train_sessions=10, seed=seed)
        match, estimate = match_to_labels(described.activity, posterior), described.log_odds
        for source, (k, sign) in enumerate(zip(match.ensemble, match.sign)):
            if k >= 0:
                ends = sorted(float(sign * end[k]) for end in (estimate.low, estimate.high))
                value = float(sign * estimate.value[k])
                rows.append([seed, source, float(phi[source]), value, *ends])
    known = [row for row in rows if row[3] == row[3]]
    inside = sum(low <= true <= high for _, _, true, _, low, high in known)
    print(
        json.dumps(
            {
                "columns": ["seed", "source", "true", "value", "low", "high"],
                "estimates": len(rows),
                "identified": len(known),
                "inside": inside,
                "mean_error": float(np.mean([row[3] - row[2] for row in known])),
                "rows": rows,
            }
        )
    )


def find(recording: Recording) -> object:
    """Return the ensembles of a recording, found without labels."""
    return population_without_labels(recording, train_sessions=10)


if __name__ == "__main__":
    main()
