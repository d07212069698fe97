"""A behaving animal: which rule of learning explains its decisions, and psi, V and K if it is ours.

Estimates each part that a recording with decisions identifies, with its interval, and gives the
reason for each part that it does not (`BehaviourDescription.left_out`).  Only the ratio of the
output synapses' lambda to the modulator's gain is identifiable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.decisions import count_decisions
from hebbayes.reverse_engineering.behaviour.assumptions import Assumptions
from hebbayes.reverse_engineering.behaviour.calibration import activity_of_units
from hebbayes.reverse_engineering.behaviour.choices import (
    check_activity,
    choices_of,
    known_decisions,
    trials_kept,
)
from hebbayes.reverse_engineering.behaviour.decision_basis import (
    PREVIOUS,
    SAME,
    DecisionBasis,
    decide_basis,
)
from hebbayes.reverse_engineering.behaviour.decision_prior import prior_of_frequencies
from hebbayes.reverse_engineering.behaviour.parts import activity_parts, attempt
from hebbayes.reverse_engineering.behaviour.rivals.models import (
    AS_THEORY,
    CANNOT_TELL,
    OTHERWISE,
)

if TYPE_CHECKING:
    from hebbayes.data.decisions import DecisionCounts
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.behaviour.calibration import Calibration
    from hebbayes.reverse_engineering.behaviour.choices import RestsOn
    from hebbayes.reverse_engineering.behaviour.decision_prior import DecisionPrior
    from hebbayes.reverse_engineering.behaviour.modulation import Modulation
    from hebbayes.reverse_engineering.behaviour.policy.output_layer import OutputLayer
    from hebbayes.reverse_engineering.behaviour.recurrence import (
        EffectiveRecurrence,
        MiddleLayer,
    )
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Comparison
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]

CANNOT_TELL_APART = ("prior count (lambda) of output synapses", "gain of the modulator")
"""Decisions depend on these two only through their ratio."""


@dataclass(frozen=True, eq=False)
class BehaviourDescription:
    """What decisions say about an animal; a part is None if ``left_out`` gives a reason.

    Attributes:
        assumptions: What was assumed.
        n_decisions: How many decisions there are.
        n_used: Trials with a decision and the activity it rests on.
        n_without_risk: Used trials that teach nothing because their risk is unknown.
        early_prior: Prior of decisions and psi from their frequency before learning.
        output_layer: V by counts, the ratio lambda / gain, psi given V; only if the theory wins.
        readout_weights: V by regression, less its mean over decisions, (windows, decisions,
            states).
        middle_layer: W, K and h by regression.
        recurrence: K by counts.
        calibration: Activity read from units, or None if activity was given.
        left_out: Reason for each part that is None.
        n_trials: All trials.
        rivals: How well each rule of learning explains the decisions, and the verdict.
        counts: How decisions are coded and how often each was taken.
        basis: The trial whose activity decisions rest on, and how both scored.
    """

    assumptions: Assumptions
    n_decisions: int
    n_used: int
    n_without_risk: int
    early_prior: "DecisionPrior | None"
    output_layer: "OutputLayer | None"
    readout_weights: "Estimate | None"
    middle_layer: "MiddleLayer | None"
    recurrence: "EffectiveRecurrence | None"
    calibration: "Calibration | None"
    left_out: Mapping[str, str] = field(default_factory=dict)
    n_trials: int = 0
    rivals: "Comparison | None" = None
    counts: "DecisionCounts | None" = None
    basis: DecisionBasis | None = None

    @property
    def rests_on(self) -> "RestsOn":
        """The trial whose activity decisions rest on."""
        return PREVIOUS if self.basis is None else self.basis.chosen

    @property
    def modulation(self) -> "Modulation | None":
        """Likelihoods with and without modulation by risk."""
        return None if self.output_layer is None else self.output_layer.modulation


def describe_behaviour(
    recording: "Recording",
    *,
    rng: np.random.Generator,
    activity: Floats | None = None,
    assumptions: Assumptions | None = None,
) -> BehaviourDescription:
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
    early_prior = attempt(
        "early_prior",
        left_out,
        lambda: prior_of_frequencies(
            np.bincount(decision[early & (decision >= 0)], minlength=n_decisions)
        ),
    )
    calibration = None
    if activity is None:
        calibration = attempt("activity", left_out, lambda: activity_of_units(recording))
        activity = None if calibration is None else calibration.activity
    else:
        check_activity(activity, recording.n_trials)
    basis = _basis(recording, activity, assumptions)
    assumptions = replace(assumptions, rests_on=basis.chosen)
    parts = activity_parts(recording, (activity, calibration), assumptions, rng, left_out)
    if early_prior is not None and (reason := _no_early_prior(recording, early, parts["rivals"])):
        early_prior, left_out["early_prior"] = None, reason
    return BehaviourDescription(
        assumptions=assumptions,
        n_decisions=n_decisions,
        early_prior=early_prior,
        calibration=calibration,
        left_out=left_out,
        n_trials=recording.n_trials,
        counts=count_decisions(recording),
        basis=basis,
        **parts,
    )


def _basis(
    recording: "Recording", activity: Floats | None, assumptions: Assumptions
) -> DecisionBasis:
    """The trial that decisions rest on; both are scored, unless the caller names one."""
    is_scored = assumptions.scores_basis or assumptions.rests_on == "auto"
    if activity is None or not is_scored:
        return DecisionBasis(assumptions.basis, assumptions.rests_on != "auto")
    first = recording.session_index < (assumptions.basis_sessions or recording.n_sessions)
    known, n = activity, assumptions.n_decisions
    both: tuple[RestsOn, RestsOn] = (SAME, PREVIOUS)
    choices = {
        str(basis): [trials_kept(choices_of(recording, known, n, rests_on=basis), first)]
        for basis in both
    }
    return decide_basis(
        assumptions.rests_on,
        choices,
        default=PREVIOUS,
        reward_delay=assumptions.reward_delay,
        floor=assumptions.policy_floor,
    )


def describe_from_units(
    recording: "Recording",
    ensemble_activity: Callable[[], Floats],
    reward_delay: int,
    *,
    rng: np.random.Generator,
    rests_on: Literal["auto", "same", "previous"] = "auto",
    basis_sessions: int | None = None,
) -> BehaviourDescription:
    """Return what decisions say, with activity calibrated from the units by sources if possible.

    ``ensemble_activity`` returns the activity (trials, states) of unlabelled ensembles; it is
    called only if sources were not recorded or do not calibrate the units.  Intervals then leave
    out the uncertainty of its scale.  ``rests_on`` and ``basis_sessions`` are those of
    `Assumptions`; both trials are scored, whichever is used.

    Raises `HebbayesError` if no trial has a decision.

    Example:
        >>> from hebbayes.simulators import AnimalDesign, simulate_animal
        >>> animal = simulate_animal(AnimalDesign(n_sessions=2, n_trials=60, reversals=()))
        >>> rng = np.random.default_rng(0)
        >>> behaviour = describe_from_units(animal.recording, lambda: animal.activity, 2, rng=rng)
        >>> behaviour.calibration is None
        False
    """
    assumptions = Assumptions(
        reward_delay=reward_delay,
        rests_on=rests_on,
        basis_sessions=basis_sessions,
        scores_basis=True,
    )
    if recording.sources is not None:
        behaviour = describe_behaviour(recording, rng=rng, assumptions=assumptions)
        if behaviour.calibration is not None:
            return behaviour
    return describe_behaviour(
        recording, rng=rng, activity=ensemble_activity(), assumptions=assumptions
    )


def _no_early_prior(
    recording: "Recording", early: NDArray[np.bool_], rivals: "Comparison | None"
) -> str:
    """Why frequencies of early decisions say nothing of E, or an empty string if they do."""
    if rivals is not None and rivals.verdict in (OTHERWISE, CANNOT_TELL):
        return f"E and psi need a verdict for the theory; it is {rivals.verdict!r}."
    if early.all() and rivals is not None and rivals.verdict == AS_THEORY:
        return (
            f"all {recording.n_sessions} session(s) count as before learning (early_sessions), but "
            "the animal learns in them; psi given V allows for it."
        )
    return ""


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
