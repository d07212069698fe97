"""How well ensembles are estimated without labels: simulated cultures and public recordings.

    python benchmarks/label_free.py [--cultures 72] [--data FOLDER] [--out FILE]

FOLDER holds the public culture files (bicuculline.mat, mixing0.mat); without it they are skipped.
Labels serve only for scoring.  Half of the simulated cultures respond to their sources directly,
half to the posterior of a network that learns; sessions are ragged and shuffled.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("JAX_ENABLE_X64", "1")

import numpy as np

from hebbayes.core.errors import HebbayesError
from hebbayes.data.files import write_atomic
from hebbayes.data.formats.matlab.reading import read_mat
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.ensembles.by_labels import (
    find_ensembles_by_labels,
    labelled_projection,
)
from hebbayes.reverse_engineering.ensembles.controls import (
    caution_sentences,
    controls_without_labels,
)
from hebbayes.reverse_engineering.ensembles.match import cross_correlation, match_to_labels
from hebbayes.reverse_engineering.ensembles.readout import project
from hebbayes.reverse_engineering.ensembles.without_labels import find_ensembles_without_labels
from hebbayes.reverse_engineering.isomura2023.preference import Criteria
from hebbayes.simulators import CultureDesign, simulate_culture

SESSIONS = 10
LENIENT = Criteria(rate=0.1, session_rate=0.0, preference=0.1)
"""Criteria that favour labels by admitting faint units."""


def direct_culture(seed):
    """Return a culture whose units respond to their source, with rates, gains and drifts."""
    rng = np.random.default_rng((seed, 7))
    n_sources = 2 + seed % 3
    n_units, n_channels = int(rng.integers(12, 81)), int(rng.integers(6, 13)) * n_sources
    mixed = rng.choice([0.0, 0.1, 0.25])
    lengths = rng.integers(120, 320, SESSIONS)
    n_blocks = rng.choice([1, SESSIONS])
    blocks = [_stimuli(rng, (lengths.max(), n_sources, n_channels), mixed) for _ in range(n_blocks)]
    chosen = [
        [part[order] for part in blocks[k % n_blocks]]
        for k, length in enumerate(lengths)
        for order in [rng.permutation(lengths.max())[:length]]
    ]
    sources, stimuli = (np.concatenate(parts) for parts in zip(*chosen))
    session = np.repeat(np.arange(SESSIONS), lengths)
    strength = rng.choice([0.8, 1.5, 2.5])
    gain, base = strength * rng.uniform(0.6, 1.5, n_units), rng.uniform(0.3, 2, n_units)
    drift = np.exp(np.cumsum(rng.normal(0, 0.03, (SESSIONS, n_units)), axis=0))
    rate = drift[session] * (base + gain * sources[:, np.arange(n_units) % n_sources])
    about = {
        "kind": "direct",
        "mixed": float(mixed),
        "repeated": bool(n_blocks == 1),
        "spikes_per_source": float(strength),
    }
    return Recording(stimuli, rng.poisson(rate), session, sources=sources), about


def _stimuli(rng, shape, mixed):
    n_trials, n_sources, n_channels = shape
    sources = rng.integers(0, 2, (n_trials, n_sources))
    own = np.arange(n_channels) * n_sources // n_channels
    other = (own + rng.integers(1, n_sources, (n_trials, n_channels))) % n_sources
    copied = np.where(rng.random((n_trials, n_channels)) < mixed, other, own)
    return sources, np.take_along_axis(sources, copied, axis=1)


def network_culture(seed):
    """Return a culture whose units respond to the posterior of a network that learns."""
    rng = np.random.default_rng((seed, 8))
    n_sources = 2 + seed % 3
    design = CultureDesign(
        n_sources=n_sources,
        n_units=int(rng.integers(12, 81)),
        n_stimuli=int(rng.integers(6, 13)) * n_sources,
        n_sessions=SESSIONS,
        n_trials=256,
        mixed=float(rng.choice([0.0, 0.1, 0.2] if n_sources == 2 else [0.0, 0.05, 0.1])),
        tilt=0.08,
        prior_count=100.0,
        gain_drift=0.03,
        is_repeated=bool(rng.integers(2)),
        n_silent=int(rng.integers(3)),
    )
    made = simulate_culture(design, seed=seed).recording
    lengths = rng.integers(120, 257, SESSIONS)
    rows = np.concatenate(
        [256 * k + rng.permutation(256)[:length] for k, length in enumerate(lengths)]
    )
    recording = Recording(
        made.stimuli[rows], made.responses[rows], made.session[rows], sources=made.sources[rows]
    )
    about = {"kind": "network", "mixed": design.mixed, "repeated": design.is_repeated}
    return recording, about


def scored(recording, seed):
    """Return the result of one simulated culture."""
    started = time.process_time()
    n_sources = recording.sources.shape[1]
    row = {"sources": n_sources, "units": recording.n_units, "channels": recording.n_channels}
    try:
        ensembles = find_ensembles_without_labels(recording, train_sessions=SESSIONS, seed=seed)
    except HebbayesError as error:
        return {**row, "chosen": 0, "refused": str(error)}
    row["chosen"], row["seconds"] = ensembles.n_ensembles, time.process_time() - started
    free = match_to_labels(project(ensembles.projection, recording), recording.sources).correlation
    row["label_free"] = free.round(4).tolist()
    try:
        groups = find_ensembles_by_labels(recording, train_sessions=SESSIONS, criteria=LENIENT)
        by_labels = labelled_projection(recording, groups.members, train_sessions=SESSIONS)
    except HebbayesError as error:
        return {**row, "labels_refused": str(error)}
    across = cross_correlation(project(by_labels, recording), recording.sources)
    labelled = np.abs(np.diag(across))
    row["by_labels"] = labelled.round(4).tolist()
    return {**row, "ratio": (free / labelled).round(4).tolist()}


def simulated(n_cultures):
    rows = []
    for seed in range(n_cultures):
        recording, about = (direct_culture if seed // 3 % 2 else network_culture)(seed)
        rows.append({"seed": seed, **about, **scored(recording, seed)})
        print(rows[-1], flush=True)
    labelled = [row for row in rows if "labels_refused" not in row]  # labels find every source
    right = [row for row in labelled if row["chosen"] == row["sources"]]
    smallest = [min(row.get("ratio", [0.0])) for row in labelled]
    return {
        "cultures": len(rows),
        "labels_refused": len(rows) - len(labelled),
        "number_right": len(right),
        "number_right_share": len(right) / len(labelled),
        "every_source_at_least_0.9_of_labels": sum(ratio >= 0.9 for ratio in smallest),
        "smallest_ratio_where_number_is_right": min(min(row["ratio"]) for row in right),
        "slowest_seconds": max(row.get("seconds", 0.0) for row in rows),
        "rows": rows,
    }


def recorded(folder):
    """Return |corr| with the sources for every public culture, and related measures."""
    rows = []
    for condition in ("mixing0", "bicuculline"):
        for culture, recording in read_mat(folder / f"{condition}.mat").recordings.items():
            rows.append({"condition": condition, "culture": culture, **one_recorded(recording)})
            print(rows[-1], flush=True)
    return rows


def one_recorded(recording):
    index, sources = recording.session_index, recording.sources
    train, late = index < SESSIONS, index >= 95
    started = time.process_time()
    chosen = find_ensembles_without_labels(recording, train_sessions=SESSIONS)
    seconds = time.process_time() - started
    two = find_ensembles_without_labels(recording, train_sessions=SESSIONS, n_ensembles=2)
    started = time.process_time()
    controls = controls_without_labels(recording, two)
    seconds_controls = time.process_time() - started
    activity = project(two.projection, recording)[train]
    match = match_to_labels(activity, sources[train])
    agreement = (sources[train, :1] == sources[train, 1:]).astype(float)
    five = find_ensembles_without_labels(recording, train_sessions=5, n_ensembles=2)
    later = match_to_labels(project(five.projection, recording)[late], sources[late])
    own = match_to_labels(project(chosen.projection, recording)[train], sources[train])
    return {
        "chosen": chosen.n_ensembles,
        "correlation_chosen": own.correlation.round(3).tolist(),
        "correlation": match.correlation.round(3).tolist(),
        "mean": float(match.correlation.mean().round(3)),
        "in_order": match.ensemble.tolist() == [0, 1] and match.sign.tolist() == [1, 1],
        "with_agreement_of_sources": cross_correlation(activity, agreement)[:, 0].round(3).tolist(),
        "interaction": round(two.interaction, 3),
        "sessions_1_5_read_in_96_100": later.correlation.round(3).tolist(),
        "seconds_choice": round(seconds, 2),
        "seconds_controls": round(seconds_controls, 2),
        "cautions": caution_sentences(two, controls),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cultures", type=int, default=72)
    parser.add_argument("--data", type=Path)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "results/label_free.json"
    )
    options = parser.parse_args()
    result = {"simulated": simulated(options.cultures)}
    if options.data:
        result["recorded"] = recorded(options.data)
    text = json.dumps(result, indent=1).encode()
    write_atomic(options.out, lambda stream: stream.write(text))


if __name__ == "__main__":
    main()
