"""The design of a simulated culture: its sizes, its network, its read-out; and the embedded one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_at_least, check_between
from hebbayes.core.errors import ValueRangeError
from hebbayes.simulators.networks import Plasticity
from hebbayes.simulators.spikes import AffineReadout

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CultureDesign:
    """What is simulated.

    Attributes:
        n_sources: Hidden sources, one ensemble each.
        n_stimuli: Stimulus channels, in equal blocks with a source of their own.
        n_units: Units; unit u follows source u modulo the number of sources.
        n_silent: How many of the units, the last ones, never fire.
        n_dead: How many units before those are never observed.
        n_sessions: Sessions.
        n_trials: Trials per session; the mean if sessions are ragged.
        ragged: How far, as a fraction, the trials of a session may differ from that.
        mixed: Probability that a stimulus copies a source that is not its own.
        state_prior: The network's prior D1 that a source is on, one for all sources or one each.
        prior_count: Total prior count of a synapse (lambda), likewise: large is slow to learn.
        tilt: How much the naive network already prefers a source's own stimuli.
        plasticity: How synapses change while recorded.
        forgetting: Fraction of their evidence that synapses lose at every trial.
        learnt_trials: Trials that the network has learnt from before the first session.
        readout: Rates affine in x; None is threshold-linear, baseline (4 x - 1), the scale on which
            the published pipeline reads excitability.
        baseline: Spikes per trial and unit at x = 1/2 of the threshold-linear read-out.
        fano: Variance / mean of counts, as far as whole numbers can.
        noise: Responses are rates with this standard deviation instead of counts.
        gain_drift: Standard deviation per session of the random walk of each unit's log gain.
        missing: Probability that a response is not observed.
        is_repeated: Give the same block of stimuli in every session.
        is_shuffled: Give it in an order of its own.
    """

    n_sources: int = 2
    n_stimuli: int = 32
    n_units: int = 64
    n_silent: int = 0
    n_dead: int = 0
    n_sessions: int = 100
    n_trials: int = 256
    ragged: float = 0.0
    mixed: float = 0.25
    state_prior: float | tuple[float, ...] = 0.5
    prior_count: float | tuple[float, ...] = 3000.0
    tilt: float = 0.005
    plasticity: Plasticity = Plasticity.CANONICAL
    forgetting: float = 0.0
    learnt_trials: int = 0
    readout: AffineReadout | None = None
    baseline: float = 3.0
    fano: float = 1.0
    noise: float | None = None
    gain_drift: float = 0.0
    missing: float = 0.0
    is_repeated: bool = True
    is_shuffled: bool = False


EXAMPLE_NETWORK = CultureDesign(
    n_stimuli=16,
    n_units=32,
    n_sessions=20,
    n_trials=128,
    mixed=0.1,
    state_prior=(0.4, 0.6),
    prior_count=500.0,
    tilt=0.01,
    readout=AffineReadout(rest=0.5, evoked=5.0),
    fano=0.5,
)
"""The culture embedded for the causal protocol: units read the posterior on an affine scale, and
the network learns during training, so that phi and lambda can be identified."""

EXAMPLE = CultureDesign(mixed=0.1, state_prior=(0.4, 0.6), prior_count=10_000.0, tilt=0.004)
"""The culture embedded for the published protocol: priors that differ, stimuli that say little in
early sessions, when the published estimate of priors holds, and little mixing, so that every seed
learns."""


def check_design(design: CultureDesign) -> None:
    """Raise `ValueRangeError` for a design that cannot be simulated.

    Example:
        >>> check_design(CultureDesign(n_units=0))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: n_units must be at least 1; got 0.
    """
    for name in ("n_sources", "n_stimuli", "n_units", "n_sessions", "n_trials"):
        check_at_least(name, getattr(design, name), 1)
    check_at_least("n_stimuli", design.n_stimuli, design.n_sources)
    check_between("n_silent", design.n_silent, 0, design.n_units)
    check_between("n_dead", design.n_dead, 0, design.n_units - design.n_silent)
    check_between("ragged", design.ragged, 0.0, 1.0)
    check_between("mixed", design.mixed, 0.0, 0.0 if design.n_sources == 1 else 1.0)
    check_between("forgetting", design.forgetting, 0.0, 1.0)
    check_between("tilt", design.tilt, 0.0, 0.2)
    check_between("missing", design.missing, 0.0, 0.99)
    for name in ("learnt_trials", "gain_drift", "noise"):
        check_at_least(name, getattr(design, name) or 0, 0.0)
    for name in ("baseline", "prior_count", "fano"):
        if not (np.array(getattr(design, name)) > 0).all():
            raise ValueRangeError(f"{name} must be above 0; got {getattr(design, name)}.")
    check_between("state_prior", design.state_prior, 0.0, 1.0)
    if design.is_shuffled and not design.is_repeated:
        raise ValueRangeError(
            "is_shuffled needs is_repeated: fresh stimuli have no order to change; leave one out."
        )
    if design.readout is not None:
        for name in ("rest", "spread"):
            check_at_least(f"readout.{name}", getattr(design.readout, name), 0.0)
        if not design.readout.evoked > 0:
            raise ValueRangeError(f"readout.evoked must be above 0; got {design.readout.evoked}.")


def one_per_source(design: CultureDesign, name: str) -> Floats:
    """Return the values of ``name``, (sources,); one value stands for all sources.

    Example:
        >>> one_per_source(CultureDesign(), "state_prior").tolist()
        [0.5, 0.5]
    """
    values = np.atleast_1d(np.asarray(getattr(design, name), float))
    if values.size not in (1, design.n_sources):
        raise ValueRangeError(
            f"{name} has {values.size} values; give one, or one for each of the "
            f"{design.n_sources} sources."
        )
    return np.broadcast_to(values, (design.n_sources,))
