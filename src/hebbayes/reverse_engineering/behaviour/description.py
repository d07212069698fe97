"""A behaving animal in the words of the theory: psi, V, K and how risk modulates learning.

Estimates each part that a recording with decisions identifies, with its interval, and gives the
reason for each part that it does not (`Behaviour.left_out`).  Only the ratio of the output
synapses' lambda to the modulator's gain is identifiable.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.calibration import Calibration, activity_of_units
from hebbayes.reverse_engineering.behaviour.choices import (
    Choices,
    check_activity,
    choices_of,
    known_decisions,
    windows_of,
)
from hebbayes.reverse_engineering.behaviour.decision_prior import (
    DecisionPrior,
    prior_of_frequencies,
)
from hebbayes.reverse_engineering.behaviour.policy.output_layer import (
    OutputLayer,
    describe_output_layer,
)
from hebbayes.reverse_engineering.behaviour.readout import readout_weights
from hebbayes.reverse_engineering.behaviour.recalibration import (
    Recalibrated,
    recalibrated,
    unit_noise,
)
from hebbayes.reverse_engineering.behaviour.recurrence import (
    EffectiveRecurrence,
    MiddleLayer,
    effective_recurrence,
    fit_middle_layer,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.behaviour.modulation import Modulation
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]
Part = TypeVar("Part")

_N_DRAWS = 100  # of the calibration, for W, K, h: standard errors within a fourteenth
_N_POLICY_DRAWS = 50  # for V, the ratio and psi: standard errors within a tenth

_ACTIVITY_PARTS = ("output_layer", "readout_weights", "middle_layer", "recurrence")

CANNOT_TELL_APART = ("prior count (lambda) of output synapses", "gain of the modulator")
"""Decisions depend on these two only through their ratio."""


@dataclass(frozen=True)
class Assumptions:
    """What must be known or assumed to describe behaviour.

    Attributes:
        n_decisions: How many decisions there are; None for as many as were taken.
        early_sessions: First sessions in which nothing has been learnt yet, for the frequency.
        reward_delay: Trials from a decision to learning from it.
        policy_floor: The smallest count of an output synapse, in units of the gain.
        recurrent_prior_count: Total prior count of a recurrent synapse, for its counts.
        n_windows: Runs of sessions in which V is reported; None for every session.
        block_length: Trials that the bootstraps keep together.
    """

    n_decisions: int | None = None
    early_sessions: int = 1
    reward_delay: int = 0
    policy_floor: float = 1.0
    recurrent_prior_count: float = 2.0
    n_windows: int | None = None
    block_length: int = 5


@dataclass(frozen=True, eq=False)
class Behaviour:
    """What decisions say about an animal; a part is None if ``left_out`` gives a reason.

    Attributes:
        assumptions: What was assumed.
        n_decisions: How many decisions there are.
        n_used: Trials with a decision and the activity before it.
        n_without_risk: Used trials that teach nothing because their risk is unknown.
        early_prior: Prior of decisions and psi from their frequency before learning.
        output_layer: V by counts, the ratio lambda / gain, psi given V, the verdict on modulation.
        readout_weights: V by regression, less its mean over decisions, (windows, decisions,
            states).
        middle_layer: W, K and h by regression.
        recurrence: K by counts.
        calibration: Activity read from units, or None if activity was given.
        left_out: Reason for each part that is None.
        n_trials: All trials.
    """

    assumptions: Assumptions
    n_decisions: int
    n_used: int
    n_without_risk: int
    early_prior: DecisionPrior | None
    output_layer: OutputLayer | None
    readout_weights: "Estimate | None"
    middle_layer: MiddleLayer | None
    recurrence: EffectiveRecurrence | None
    calibration: Calibration | None
    left_out: Mapping[str, str] = field(default_factory=dict)
    n_trials: int = 0

    @property
    def modulation(self) -> "Modulation | None":
        """The verdict on modulation by risk."""
        return None if self.output_layer is None else self.output_layer.modulation


def describe_behaviour(
    recording: "Recording",
    *,
    rng: np.random.Generator,
    activity: Floats | None = None,
    assumptions: Assumptions | None = None,
) -> Behaviour:
    """Return what the decisions of ``recording`` say about the animal's network.

    ``activity`` (trials, states) lies in [0, 1], NaN if not observed; without it, activity is
    calibrated from the units by the labels (sources).  Raises `ValueRangeError` if no decisions
    were recorded or activity is out of range, `ShapeError` if shapes differ.

    Example:
        >>> from hebbayes.simulators import AnimalDesign, simulate_animal
        >>> animal = simulate_animal(AnimalDesign(n_sessions=2, n_trials=60, reversals=()))
        >>> behaviour = describe_behaviour(animal.recording, rng=np.random.default_rng(0),
        ...                            activity=animal.activity)
        >>> bool(np.allclose(behaviour.middle_layer.recurrent.value, animal.recurrent_weights[0]))
        True
    """
    assumptions = assumptions or Assumptions()
    _check(assumptions)
    decision, n_decisions = known_decisions(recording, assumptions.n_decisions)
    left_out: dict[str, str] = {}
    early = recording.session_index < assumptions.early_sessions
    early_prior = _attempt(
        "early_prior",
        left_out,
        lambda: prior_of_frequencies(
            np.bincount(decision[early & (decision >= 0)], minlength=n_decisions)
        ),
    )
    calibration = None
    if activity is None:
        calibration = _attempt("activity", left_out, lambda: activity_of_units(recording))
        activity = None if calibration is None else calibration.activity
    else:
        check_activity(activity, recording.n_trials)
    parts = _activity_parts(recording, (activity, calibration), assumptions, rng, left_out)
    if early.all() and _has_learnt(parts["output_layer"]):
        early_prior = None
        left_out["early_prior"] = (
            f"all {recording.n_sessions} session(s) count as before learning (early_sessions is "
            f"{assumptions.early_sessions}), but the animal learns in them; psi given V allows for "
            "it."
        )
    return Behaviour(
        assumptions=assumptions,
        n_decisions=n_decisions,
        early_prior=early_prior,
        calibration=calibration,
        left_out=left_out,
        n_trials=recording.n_trials,
        **parts,
    )


def describe_from_units(
    recording: "Recording",
    ensemble_activity: Callable[[], Floats],
    reward_delay: int,
    *,
    rng: np.random.Generator,
) -> Behaviour:
    """Return what decisions say, with activity calibrated from the units by sources if possible.

    ``ensemble_activity`` returns the activity (trials, states) of unlabelled ensembles; it is
    called only if sources were not recorded or do not calibrate the units.  Intervals then leave
    out the uncertainty of its scale.

    Raises `HebbayesError` if no trial has a decision.

    Example:
        >>> from hebbayes.simulators import AnimalDesign, simulate_animal
        >>> animal = simulate_animal(AnimalDesign(n_sessions=2, n_trials=60, reversals=()))
        >>> rng = np.random.default_rng(0)
        >>> behaviour = describe_from_units(animal.recording, lambda: animal.activity, 2, rng=rng)
        >>> behaviour.calibration is None
        False
    """
    assumptions = Assumptions(reward_delay=reward_delay)
    if recording.sources is not None:
        behaviour = describe_behaviour(recording, rng=rng, assumptions=assumptions)
        if behaviour.calibration is not None:
            return behaviour
    return describe_behaviour(
        recording, rng=rng, activity=ensemble_activity(), assumptions=assumptions
    )


def _activity_parts(
    recording: "Recording",
    source: tuple[Floats | None, Calibration | None],
    assumptions: Assumptions,
    rng: np.random.Generator,
    left_out: dict[str, str],
) -> dict[str, Any]:
    """Parts that need activity; ``source`` is the best guess of it and its calibration, if any."""
    x, calibration = source
    if x is None:
        reason = f"there is no activity: {left_out['activity']}"
        left_out.update(dict.fromkeys(_ACTIVITY_PARTS, reason))
        return {"n_used": 0, "n_without_risk": 0} | dict.fromkeys(_ACTIVITY_PARTS)
    unshrunk = x if calibration is None else calibration.unshrunk
    choices = choices_of(recording, x, assumptions.n_decisions, unshrunk)
    risk = np.zeros(len(x)) if choices.risk is None else choices.risk
    return {
        "n_used": int(choices.is_used.sum()),
        "n_without_risk": int((choices.is_used & np.isnan(risk)).sum()),
    } | _fits(recording, choices, (x, calibration), assumptions, rng=rng, left_out=left_out)


def _fits(
    recording: "Recording",
    choices: Choices,
    source: tuple[Floats, Calibration | None],
    assumptions: Assumptions,
    *,
    rng: np.random.Generator,
    left_out: dict[str, str],
) -> dict[str, Any]:
    x, calibration = source
    session = recording.session_index
    unshrunk = x if calibration is None else calibration.unshrunk
    windows = windows_of(session, assumptions.n_windows)
    readout = _attempt(
        "readout_weights", left_out, lambda: readout_weights(_checked(choices), windows)
    )
    output = _attempt(
        "output_layer",
        left_out,
        lambda: describe_output_layer(
            _checked(choices),
            windows,
            readout,
            assumptions.reward_delay,
            assumptions.policy_floor,
            rng=rng,
            redrawn=_redrawn_choices(recording, calibration, assumptions, rng),
        ),
    )
    middle = _attempt(
        "middle_layer",
        left_out,
        lambda: fit_middle_layer(
            recording.stimuli,
            x,
            session,
            rng=rng,
            target=unshrunk,
            block_length=assumptions.block_length,
            uncertainty=_redrawn(recording, calibration, assumptions, rng, _N_DRAWS),
        ),
    )
    recurrence = _attempt(
        "recurrence",
        left_out,
        lambda: effective_recurrence(unshrunk, session, assumptions.recurrent_prior_count),
    )
    return dict(zip(_ACTIVITY_PARTS, (output, readout, middle, recurrence), strict=True))


def _redrawn(
    recording: "Recording",
    calibration: Calibration | None,
    assumptions: Assumptions,
    rng: np.random.Generator,
    n_draws: int,
) -> Iterator[Recalibrated]:
    """Resampled activities of the units; none if activity was given."""
    if calibration is not None:
        yield from recalibrated(
            calibration,
            recording.session_index,
            rng=rng,
            n_draws=n_draws,
            block_length=assumptions.block_length,
        )


def _redrawn_choices(
    recording: "Recording",
    calibration: Calibration | None,
    assumptions: Assumptions,
    rng: np.random.Generator,
) -> Iterator[Choices]:
    """The decisions with resampled activities and their units' noise, which counts keep."""
    for one in _redrawn(recording, calibration, assumptions, rng, _N_POLICY_DRAWS):
        assert calibration is not None  # else there is none
        noise = unit_noise(calibration) * rng.normal(size=one.unshrunk.shape)
        yield choices_of(recording, one.activity, assumptions.n_decisions, one.unshrunk + noise)


def _attempt(name: str, left_out: dict[str, str], part: Callable[[], Part]) -> Part | None:
    """Return the part, or None with the reason under ``name``."""
    try:
        return part()
    except ValueRangeError as refusal:
        left_out[name] = str(refusal)
        return None


def _has_learnt(layer: OutputLayer | None) -> bool:
    return layer is not None and layer.modulation.verdict in ("modulated", "unmodulated")


def _checked(choices: Choices) -> Choices:
    taken = np.unique(choices.decision[choices.is_used])
    if taken.size == 0:
        raise ValueRangeError("no trial has both a decision and the activity of the trial before.")
    if taken.size == 1:
        raise ValueRangeError(
            f"decision {taken[0]} is the only one taken, so decisions do not identify V or "
            "learning; record trials in which others are taken."
        )
    return choices


def _check(assumptions: Assumptions) -> None:
    for name in ("early_sessions", "block_length"):
        check_at_least(name, getattr(assumptions, name), 1)
    check_at_least("reward_delay", assumptions.reward_delay, 0)
    for name in ("policy_floor", "recurrent_prior_count"):
        if not 0 < getattr(assumptions, name) < np.inf:
            raise ValueRangeError(f"{name} must be above 0; got {getattr(assumptions, name)}.")
    for name in ("n_decisions", "n_windows"):
        if getattr(assumptions, name) is not None:
            check_at_least(name, getattr(assumptions, name), 1)
