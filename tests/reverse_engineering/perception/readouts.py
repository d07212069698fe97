"""Ensembles that read a simulated posterior on a curved scale, or forget."""

import numpy as np

from hebbayes.reverse_engineering.perception import Options, fit_perception
from hebbayes.simulators import AffineReadout, CultureDesign, simulate_culture

DESIGN = CultureDesign(
    n_stimuli=12,
    n_units=4,
    n_sessions=9,
    n_trials=120,
    mixed=0.2,
    state_prior=0.3,
    prior_count=400.0,
    tilt=0.01,
    readout=AffineReadout(),
    is_shuffled=True,
)
PHI = np.log(0.3 / 0.7)


def curved(power=1.0, seed=0, noise=0.3, **changes):
    """Return responses 0.5 + 5 x^p with normal noise, (trials, 1), and the culture behind them."""
    design = type(DESIGN)(**{**vars(DESIGN), **changes})
    culture = simulate_culture(design, seed=seed, expected_log=np.log)
    rng = np.random.default_rng((seed, 1))
    rate = 0.5 + 5 * culture.posterior[:, :1] ** power
    return rate + noise * rng.normal(size=rate.shape), culture


def perceived(responses, culture, **options):
    """Return the perception of these ensembles in all sessions."""
    recording = culture.recording
    given = Options(**options)
    return fit_perception(responses, recording.stimuli, recording.session_index, given)
