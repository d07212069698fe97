"""Forecasts of decisions of simulated animals whose learning rule is known.

    python benchmarks/decisions.py [--animals 10] [--studies 9] [--units] [--out FILE]

A study has ten animals.  Animals that learn nothing get more studies, since every claim about them
is false.  Activity is known, so that only the forecast is tested; --units estimates it from the
recorded units by ensembles without labels of the training sessions.
"""

import argparse
import json
import math
import os
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from dataclasses import replace

import numpy as np

from hebbayes.data.files import write_text
from hebbayes.reverse_engineering.ensembles.population import population_without_labels
from hebbayes.reverse_engineering.forecasting.judging.other_targets import gather_targets
from hebbayes.reverse_engineering.forecasting.other.decisions import score_decisions
from hebbayes.simulators import AnimalDesign, SimulatedAnimal, simulate_animal

TRAINING = 8  # of 20 sessions; the reversal is after it
DESIGN = AnimalDesign(decision_prior=(0.6, 0.4))
KINDS = {
    "modulated": {},
    "unmodulated": {"risk_sensitivity": 0.0, "policy_prior_count": 50.0},
    "no learning": {"modulation_gain": 0.0},
}


def activity_of(animal: SimulatedAnimal, from_units: bool) -> np.ndarray:
    """Return activity (trials, states), known or estimated from units."""
    if not from_units:
        return animal.activity
    return population_without_labels(
        animal.recording, train_sessions=TRAINING, n_ensembles=animal.design.n_states
    ).activity


def study(kind: str, first_seed: int, n_animals: int, from_units: bool = False) -> dict:
    """Return losses and verdicts, decisions and success, over the animals of one study."""
    design, scores = replace(DESIGN, **KINDS[kind]), []
    for seed in range(first_seed, first_seed + n_animals):
        animal = simulate_animal(design, seed=seed)
        scores.append(
            score_decisions(
                animal.recording,
                activity_of(animal, from_units),
                TRAINING,
                reward_delay=design.reward_delay,
            ).scores
        )
    return {
        target: {
            "losses": {name: list(interval) for name, interval in score.losses.items()},
            "adds": score.verdict.adds,
            "value": [score.verdict.gain.value, score.verdict.gain.low, score.verdict.gain.high],
            "smallest_detectable": _finite(score.verdict.smallest_detectable),
        }
        for target, score in gather_targets(scores).items()
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--animals", type=int, default=10)
    parser.add_argument("--studies", type=int, default=9, help="of animals that learn nothing")
    parser.add_argument("--units", action="store_true", help="estimate activity from units")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    studies = {kind: study(kind, 0, options.animals, options.units) for kind in KINDS}
    false = {"decisions": 0, "success": 0}
    for k in range(1, options.studies):
        again = study("no learning", 900 + 100 * k, options.animals, options.units)
        for target in false:
            false[target] += again[target]["adds"]
    report = {
        "from units": options.units,
        "studies": studies,
        "further studies of no learning": options.studies - 1,
        "claims": false,
    }
    text = json.dumps(report, indent=1)
    if options.out:
        write_text(options.out, text + "\n")
    print(text)


if __name__ == "__main__":
    main()
