"""Simulated cultures with known truth: sources, a canonical network, and the spikes it evokes.

Hidden sources give mixed stimuli; a network that starts naive infers the sources and learns
(docs/theory.md section 6); its posterior x drives the spike counts of units.  With much mixing, a
short repeated block or more than two sources, several ensembles may settle on one source, as in
any mean-field learner.
"""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, logit

from hebbayes.core.arrays import ON
from hebbayes.data.recording import Recording
from hebbayes.simulators.culture_design import CultureDesign, check_design, one_per_source
from hebbayes.simulators.networks import ExpectedLog, NetworkTrials, Plasticity, simulate_network
from hebbayes.simulators.spikes import (
    Numbers,
    drifting_gain,
    noisy_rates,
    spike_counts,
)

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SimulatedCulture:
    """A recording and the truth behind it.

    Attributes:
        recording: What an experimenter has.
        design: What is simulated.
        posterior: (trials, sources), x.
        threshold_factors: (2, sources), phi1 and phi0.
        weights: (channels, sources), W1 - W0 after the last trial.
        preferred_source: (units,), -1 for silent units.
        gain: (sessions, units).
        prior_count: (sources,), lambda.
        naive: (2, channels, sources), P(stimulus on | source on, off) before the first session.
        session_weights: (sessions, channels, sources), W1 - W0 before each session.
        is_dead: (units,), units that are never observed.
        rest: (units,), of the affine read-out; NaN for the other.
        evoked: (units,), likewise.
    """

    recording: Recording
    design: CultureDesign
    posterior: Floats
    threshold_factors: Floats
    weights: Floats
    preferred_source: Indices
    gain: Floats
    prior_count: Floats
    naive: Floats
    session_weights: Floats
    is_dead: NDArray[np.bool_]
    rest: Floats
    evoked: Floats

    @property
    def members(self) -> tuple[Indices, ...]:
        """Positions of the units of each ensemble, dead ones left out."""
        alive = ~self.is_dead
        n = self.design.n_sources
        return tuple(np.flatnonzero((self.preferred_source == k) & alive) for k in range(n))


def simulate_culture(
    design: CultureDesign | None = None, *, seed: int = 0, expected_log: ExpectedLog = digamma
) -> SimulatedCulture:
    """Return a simulated culture; the same seed gives the same numbers.

    ``expected_log`` is `digamma` (exact variational Bayes) or `numpy.log` (the network's own).
    Raises `ValueRangeError` for a design that cannot be simulated.

    Example:
        >>> design = CultureDesign(n_units=4, n_sessions=2, n_trials=8)
        >>> simulate_culture(design).recording.responses.shape
        (16, 4)
    """
    design = design or CultureDesign()
    check_design(design)
    prior, prior_count = (one_per_source(design, name) for name in ("state_prior", "prior_count"))
    rng = np.random.default_rng(seed)
    sources, stimuli, session = _stimuli(design, rng)
    with np.errstate(divide="ignore"):
        log_odds, factors = logit(prior), np.log(np.stack([prior, 1 - prior]))
    counts = _naive_counts(design, prior_count)
    if design.learnt_trials:
        before = _mix(design, design.learnt_trials, rng)[1].astype(float)
        counts = simulate_network([before], counts, log_odds, expected_log=expected_log).counts
    starts = np.flatnonzero(np.diff(session, prepend=-1))[1:]
    seen = np.split(stimuli.astype(float), starts)
    trials = simulate_network(
        seen,
        counts,
        log_odds,
        Plasticity(design.plasticity),
        expected_log,
        forgetting=design.forgetting,
    )
    units = _units(design, rng)
    responses = _responses(design, units, trials.posterior[:, units.preferred], session, rng)
    valid = np.broadcast_to(~units.is_dead, responses.shape)
    if design.missing:
        valid = valid & (rng.random(responses.shape) >= design.missing)
    recording = Recording(
        stimuli=stimuli.astype(float),
        responses=np.where(units.is_dead, 0, responses),
        session=session,
        valid=valid,
        sources=sources,
        provenance={"simulated": asdict(design), "seed": seed},
    )
    return _with_truth(design, recording, trials, units, (factors, prior_count, counts))


def _with_truth(
    design: CultureDesign,
    recording: Recording,
    trials: NetworkTrials,
    units: "_Units",
    network: tuple[Floats, Floats, Floats],
) -> SimulatedCulture:
    factors, prior_count, counts = network
    return SimulatedCulture(
        recording=recording,
        design=design,
        posterior=trials.posterior,
        threshold_factors=factors,
        weights=trials.weights[-1],
        preferred_source=units.preferred,
        gain=units.gain,
        prior_count=prior_count,
        naive=(counts / counts.sum(0))[ON],
        session_weights=trials.weights[:-1],
        is_dead=units.is_dead,
        rest=units.rest,
        evoked=units.evoked,
    )


def _own_source(design: CultureDesign) -> Indices:
    return np.arange(design.n_stimuli) * design.n_sources // design.n_stimuli


def _mix(design: CultureDesign, n: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return ``n`` trials of fair sources, and of stimuli that copy their own or another one."""
    sources = rng.integers(0, 2, (n, design.n_sources))
    shift = rng.integers(1, max(design.n_sources, 2), (n, design.n_stimuli))
    is_other = rng.random((n, design.n_stimuli)) < design.mixed
    copied = (_own_source(design) + np.where(is_other, shift, 0)) % design.n_sources
    return sources, np.take_along_axis(sources, copied, axis=1)


def _stimuli(design: CultureDesign, rng: np.random.Generator) -> tuple[Indices, Indices, Indices]:
    reach = design.ragged * rng.uniform(-1, 1, design.n_sessions) if design.ragged else 0.0
    lengths = np.maximum(np.rint(design.n_trials * (1 + reach)).astype(int), 1)
    lengths = np.broadcast_to(lengths, (design.n_sessions,))
    if design.is_repeated:
        block = _mix(design, int(lengths.max()), rng)
        order = [
            (rng.permutation(lengths.max()) if design.is_shuffled else np.arange(lengths.max()))[:n]
            for n in lengths
        ]
        sources, stimuli = (values[np.concatenate(order)] for values in block)
    else:
        sources, stimuli = _mix(design, int(lengths.sum()), rng)
    return sources, stimuli, np.repeat(np.arange(design.n_sessions), lengths)


def _naive_counts(design: CultureDesign, prior_count: Floats) -> Floats:
    lean = design.tilt * (1 + (_own_source(design)[:, None] == np.arange(design.n_sources)))
    given = np.stack([0.5 + lean, 0.5 - lean])  # P(stimulus on), source on and off
    return prior_count * np.stack([given, 1 - given])


@dataclass(frozen=True, eq=False)
class _Units:
    """All units.

    Attributes:
        preferred: (units,), source of each, -1 for silent ones.
        is_dead: (units,).
        gain: (sessions, units).
        rest: (units,).
        evoked: (units,).
    """

    preferred: Indices
    is_dead: NDArray[np.bool_]
    gain: Floats
    rest: Floats
    evoked: Floats


def _units(design: CultureDesign, rng: np.random.Generator) -> _Units:
    n = design.n_units
    preferred = np.arange(n) % design.n_sources
    preferred[n - design.n_silent :] = -1
    place = n - design.n_silent - np.arange(n)
    gain = drifting_gain(design.n_sessions, n, design.gain_drift, rng)
    rest = evoked = np.full(n, np.nan)
    if (readout := design.readout) is not None:
        factor = np.exp(readout.spread * rng.normal(size=(2, n)))
        rest, evoked = readout.rest * factor[0], readout.evoked * factor[1]
    is_dead = (place >= 1) & (place <= design.n_dead)
    return _Units(preferred, is_dead, np.where(preferred < 0, 0.0, gain), rest, evoked)


def _responses(
    design: CultureDesign,
    units: _Units,
    believed: Floats,
    session: Indices,
    rng: np.random.Generator,
) -> Numbers:
    """Return the responses of units whose sources are ``believed`` in, both (trials, units)."""
    if design.readout is None:
        rate = design.baseline * np.maximum(4 * believed - 1, 0)
    else:
        rate = units.rest + units.evoked * believed
    rate = units.gain[session] * rate
    if design.noise is None:
        return spike_counts(rate, design.fano, rng)
    return noisy_rates(rate, design.noise, rng)
