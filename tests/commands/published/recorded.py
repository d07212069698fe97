"""Small simulated cultures in files, and measures of cultures made by hand."""

from pathlib import Path

import numpy as np

from hebbayes.commands.published.culture_protocol import ProtocolMeasures
from hebbayes.data.formats.matlab.writing import to_mat
from hebbayes.data.recording import Cultures
from hebbayes.simulators import CultureDesign, simulate_culture

DESIGN = CultureDesign(
    n_units=12, n_stimuli=16, n_sessions=13, n_trials=64, mixed=0.1, prior_count=500.0, fano=0.5
)


def write_group(path: Path, n_cultures: int, first_seed: int = 0) -> Path:
    recordings = {k: simulate_culture(DESIGN, seed=first_seed + k).recording
                  for k in range(n_cultures)}  # fmt: skip
    to_mat(Cultures("small", recordings), path)
    return path


def measures(
    *, prior: float = 0.7, growth: float = 0.4, fall: float = 2.0, by_drift: float = 0.5,
    replay: float = 0.5, protocol_error: float = 0.05, spread: float = 0.0,
) -> ProtocolMeasures:  # fmt: skip
    """A culture as I23 describes it by default; ``spread`` sets it off from others."""
    sessions = np.linspace(0, 1, 21)
    late = np.minimum(1, 2 * sessions)  # the last ten are all alike
    activity = 0.5 + 0.5 * (growth + spread) * late[:, None] * [-1.0, 1.0]
    return ProtocolMeasures(
        prior=np.full(2, prior + spread),
        activity=np.repeat(activity[:, :, None], 2, axis=2),
        weights=np.ones((21, 2, 2)) * sessions[:, None, None],
        cost=40.0 - (fall + spread) * late,
        surrogate_cost=np.tile(40.0 - by_drift * late, (2, 1)),
        errors=np.array([protocol_error + 0.1 * spread, 0.11, 0.06, 0.05]),
        weight_errors=np.array([replay + spread, 0.1]),
    )
