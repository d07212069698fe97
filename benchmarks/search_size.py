"""How many training trials the search for ensembles without labels needs.

Simulated cultures with two hidden sources that have learnt before the recording; a search succeeds
if it finds two ensembles that correlate with the sources by 0.7 or more.  Run:
``python benchmarks/search_size.py > benchmarks/results/search_size.json`` (some minutes).
"""

import json
import sys

import numpy as np

from hebbayes.core.errors import HebbayesError
from hebbayes.reverse_engineering.ensembles.match import match_to_labels
from hebbayes.reverse_engineering.ensembles.readout import project
from hebbayes.reverse_engineering.ensembles.without_labels import find_ensembles_without_labels
from hebbayes.simulators import AffineReadout, CultureDesign, simulate_culture

TRIALS = (40, 80, 160, 320, 640)
CHANNELS = (4, 8, 16, 32)
UNITS = (4, 16, 64)
EVOKED = {"strong": 5.0, "weak": 1.0}
N_SEEDS = 10
LEAST_CORRELATION = 0.7


def succeeds(trials: int, channels: int, units: int, evoked: float, seed: int) -> bool:
    """Whether the search finds both sources of one simulated culture."""
    design = CultureDesign(
        n_stimuli=channels,
        n_units=units,
        n_sessions=1,
        n_trials=trials,
        mixed=0.1,
        prior_count=300.0,
        tilt=0.05,
        learnt_trials=2000,
        readout=AffineReadout(rest=0.5, evoked=evoked),
        is_repeated=False,
    )
    recording = simulate_culture(design, seed=seed, expected_log=np.log).recording
    try:
        found = find_ensembles_without_labels(recording, train_sessions=1, seed=seed)
    except HebbayesError:
        return False
    match = match_to_labels(project(found.projection, recording), recording.sources)
    return found.n_ensembles == 2 and bool((match.correlation > LEAST_CORRELATION).all())


def main() -> None:
    """Print the share of successful searches by signal, channels, units and trials."""
    rows = []
    for name, evoked in EVOKED.items():
        for channels in CHANNELS:
            for units in UNITS:
                for trials in TRIALS:
                    done = [succeeds(trials, channels, units, evoked, s) for s in range(N_SEEDS)]
                    rows.append([name, channels, units, trials, float(np.mean(done))])
                    print(*rows[-1], file=sys.stderr, flush=True)
                    if np.mean(done) == 1.0:
                        break
    print(json.dumps({"n_seeds": N_SEEDS, "rows": rows}))


if __name__ == "__main__":
    main()
