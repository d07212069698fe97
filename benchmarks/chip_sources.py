"""Source separation on integer cores, 16 seeds: what window, spikes, log, sigmoid, rounding cost.

python benchmarks/chip_sources.py            # writes benchmarks/results/chip_sources.json
"""

import json
import time
from pathlib import Path

from hebbayes.neuromorphic.inference.sources import score_sources
from hebbayes.neuromorphic.spec import DeviceSpec

RESULT = Path(__file__).parent / "results" / "chip_sources.json"
SEEDS, STEPS = range(16), 10_000
DESIGNS = {
    "10 bits": DeviceSpec(),
    "12 bits": DeviceSpec(counter_bits=12),
    "9 bits, 4 log bits": DeviceSpec(counter_bits=9, log_bits=4),
    "8 bits": DeviceSpec(counter_bits=8),
}


def measured(spec):
    """Return accuracy by stage, losses and counts of a design."""
    started = time.perf_counter()
    scored = score_sources(spec, STEPS, SEEDS)
    return {
        "accuracy": {name: round(float(v.mean()), 4) for name, v in scored.accuracy.items()},
        "worst_seed": {name: round(float(v.min()), 4) for name, v in scored.accuracy.items()},
        "losses": {name: round(loss, 4) for name, loss in scored.losses.items()},
        "agreement": round(float(scored.agreement.mean()), 4),
        "free_energy_gap": round(float(scored.free_energy_gap.mean()), 5),
        "events": scored.events,
        "seconds": round(time.perf_counter() - started, 1),
    }


def main():
    """Measure every design and write the result after each."""
    found = {"seeds": len(SEEDS), "steps": STEPS, "designs": {}}
    for name, spec in DESIGNS.items():
        found["designs"][name] = measured(spec)
        RESULT.write_text(json.dumps(found, indent=1) + "\n")
        print(name, found["designs"][name]["accuracy"], flush=True)


if __name__ == "__main__":
    main()
