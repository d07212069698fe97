"""Simulated cultures with known truth: sources, a canonical network, and the spikes it evokes.

Hidden sources give mixed stimuli; a network that starts naive infers the sources and learns after
every trial (docs/theory.md section 6); its posterior drives spike counts of units.  Rates are
threshold-linear in the posterior x, baseline (4 x - 1), the scale on which the published pipeline
reads excitability.  Counts are Poisson; those of real cultures vary less.  With much mixing,
a short repeated block or more than two sources, several ensembles may settle on one source, as in
any mean-field learner.
"""

from dataclasses import asdict, dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_at_least, check_between
from hebbayes.core.counts import Ratio, digamma_ratio, without_evidence
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.scan import scan_time
from hebbayes.data.recording import Recording
from hebbayes.environments.hidden_sources import (
    block_mixing,
    draw_mixtures,
    hidden_sources,
    own_source,
)
from hebbayes.theory.generative_model import GenerativeModel, expected_logs, prior_counts
from hebbayes.theory.inference import infer_states, undecided
from hebbayes.theory.learning import Experience, learn

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CultureDesign:
    """What is simulated.

    Attributes:
        n_sources: Hidden sources, one ensemble each.
        n_stimuli: Stimulus channels, in equal blocks with a source of their own.
        n_units: Units; unit u follows source u modulo the number of sources.
        n_silent: How many of the units, the last ones, never fire.
        n_sessions: Sessions.
        n_trials: Trials per session.
        mixed: Probability that a stimulus copies a source that is not its own.
        state_prior: The network's prior D1 that a source is on, one for all sources or one each.
        prior_count: Total prior count of a synapse (lambda): large is slow to learn.
        tilt: How much the naive network already prefers a source's own stimuli.
        baseline: Spikes per trial and unit at x = 1/2.
        gain_drift: Standard deviation per session of the random walk of each unit's log gain.
        is_repeated: Give the same block of stimuli in every session.
    """

    n_sources: int = 2
    n_stimuli: int = 32
    n_units: int = 64
    n_silent: int = 0
    n_sessions: int = 100
    n_trials: int = 256
    mixed: float = 0.25
    state_prior: float | tuple[float, ...] = 0.5
    prior_count: float = 3000.0
    tilt: float = 0.005
    baseline: float = 3.0
    gain_drift: float = 0.0
    is_repeated: bool = True


EXAMPLE = CultureDesign(mixed=0.1, state_prior=(0.4, 0.6), prior_count=10_000.0, tilt=0.004)
"""The embedded culture: priors that differ, and stimuli that say little in early sessions, which
is where the published estimate of priors holds; little mixing, so that every seed learns."""


@dataclass(frozen=True, eq=False)
class SimulatedCulture:
    """A recording and the truth behind it.

    posterior: (trials, sources), what the network believes.  threshold_factors: phi1, phi0,
    (2, sources).  weights: W1 - W0 after the last trial, (channels, sources).
    preferred_source: (units,), -1 for silent units.  gain: (sessions, units).
    """

    recording: Recording
    design: CultureDesign
    posterior: Floats
    threshold_factors: Floats
    weights: Floats
    preferred_source: NDArray[np.int64]
    gain: Floats


def simulate_culture(
    design: CultureDesign | None = None, *, seed: int = 0, ratio: Ratio = digamma_ratio
) -> SimulatedCulture:
    """Return a simulated culture; the same seed gives the same numbers.

    ``ratio`` is `digamma_ratio` (exact variational Bayes) or `log_ratio` (the network's own).
    Raises `ValueRangeError` for a design that cannot be simulated.

    Example:
        >>> design = CultureDesign(n_units=4, n_sessions=2, n_trials=8)
        >>> simulate_culture(design).recording.responses.shape
        (16, 4)
    """
    design = design or CultureDesign()
    prior = _checked_prior(design)
    sources, stimuli = _stimuli(design, jax.random.key(seed))
    believed, weights = _learn_online(_naive_counts(design), prior, stimuli.astype(float), ratio)
    posterior = np.asarray(believed, float)
    responses, preferred, gain = _spikes(design, posterior, np.random.default_rng(seed))
    recording = Recording(
        stimuli=stimuli.astype(float),
        responses=responses,
        session=np.repeat(np.arange(design.n_sessions), design.n_trials),
        sources=sources,
        provenance={"simulated": asdict(design), "seed": seed},
    )
    with np.errstate(divide="ignore"):
        factors = np.log(np.stack([prior, 1 - prior]))
    return SimulatedCulture(
        recording, design, posterior, factors, np.asarray(weights, float), preferred, gain
    )


def _checked_prior(design: CultureDesign) -> Floats:
    for name in ("n_sources", "n_stimuli", "n_units", "n_sessions", "n_trials"):
        check_at_least(name, getattr(design, name), 1)
    check_between("n_silent", design.n_silent, 0, design.n_units)
    check_between("tilt", design.tilt, 0.0, 0.2)
    check_at_least("gain_drift", design.gain_drift, 0.0)
    for name in ("prior_count", "baseline"):
        if not 0 < (value := getattr(design, name)) < np.inf:
            raise ValueRangeError(f"{name} must be above 0; got {value}.")
    check_between("state_prior", design.state_prior, 0.0, 1.0)
    if np.size(design.state_prior) not in (1, design.n_sources):
        raise ValueRangeError(
            f"state_prior has {np.size(design.state_prior)} values; give one, or one for each of "
            f"the {design.n_sources} sources."
        )
    return np.broadcast_to(np.asarray(design.state_prior, float), (design.n_sources,))


def _stimuli(design: CultureDesign, key: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    world = hidden_sources(block_mixing(design.n_stimuli, design.n_sources, design.mixed))
    n_blocks = 1 if design.is_repeated else design.n_sessions
    drawn = eqx.filter_jit(draw_mixtures)(world, n_blocks * design.n_trials, key=key)
    repeats = (design.n_sessions // n_blocks, 1)
    sources, stimuli = (np.tile(values, repeats) for values in (drawn.sources, drawn.stimuli))
    return sources.astype(np.int64), stimuli.astype(np.int64)


def _naive_counts(design: CultureDesign) -> Floats:
    is_own = np.asarray(own_source(design.n_stimuli, design.n_sources))
    lean = design.tilt * (1 + is_own)
    given = np.stack([0.5 + lean, 0.5 - lean])  # P(stimulus on), source on and off
    return design.prior_count * np.stack([given, 1 - given])


@eqx.filter_jit
def _learn_online(
    naive_counts: Floats, prior: Floats, stimuli: Floats, ratio: Ratio
) -> tuple[Array, Array]:
    """Infer and learn at every trial; return how probable each source was, and the last W1 - W0."""
    naive = GenerativeModel(
        without_evidence(jnp.asarray(naive_counts)), prior_counts(jnp.asarray(prior))
    )
    nothing = undecided(naive.n_states, stimuli.dtype)  # there is no memory of the last trial

    def step(model: GenerativeModel, stimulus: Array) -> tuple[GenerativeModel, Array]:
        states = jnp.exp(infer_states(expected_logs(model, ratio), stimulus, nothing))
        return learn(model, Experience(stimulus[None], states[None], nothing[None])), states[ON]

    last, believed = scan_time(step, naive, stimuli)
    logs = expected_logs(last, ratio).likelihood
    weights = logs[ON] - logs[OFF]
    return believed, weights[ON] - weights[OFF]


def _spikes(
    design: CultureDesign, believed: Floats, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    preferred = np.arange(design.n_units) % design.n_sources
    preferred[design.n_units - design.n_silent :] = -1
    steps = rng.normal(scale=design.gain_drift, size=(design.n_sessions, design.n_units))
    gain = np.where(preferred < 0, 0.0, np.exp(np.cumsum(steps, axis=0) - steps[0]))
    rate = design.baseline * np.maximum(4 * believed - 1, 0)[:, preferred]
    return rng.poisson(np.repeat(gain, design.n_trials, axis=0) * rate), preferred, gain
