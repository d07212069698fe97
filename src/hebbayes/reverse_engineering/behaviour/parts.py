"""Parts of a description that need activity: the verdict, then what it allows to estimate.

psi, lambda / gain and V by counts are estimates under the theory, so they are given only if the
theory wins, with the stickiness of decisions that it finds.  W, K and V by regression assume no
rule of learning.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.choices import (
    Choices,
    checked_risk,
    choices_of,
    windows_of,
)
from hebbayes.reverse_engineering.behaviour.policy.output_layer import describe_output_layer
from hebbayes.reverse_engineering.behaviour.readout import readout_weights
from hebbayes.reverse_engineering.behaviour.recalibration import (
    Recalibrated,
    recalibrated,
    unit_noise,
)
from hebbayes.reverse_engineering.behaviour.recurrence import (
    effective_recurrence,
    fit_middle_layer,
)
from hebbayes.reverse_engineering.behaviour.rivals.models import AS_THEORY, CANNOT_TELL, MARGIN_NATS

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.behaviour.assumptions import Assumptions
    from hebbayes.reverse_engineering.behaviour.calibration import Calibration
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Comparison

Floats = NDArray[np.float64]
Part = TypeVar("Part")

_N_DRAWS = 100  # of the calibration, for W, K, h: standard errors within a fourteenth
_N_POLICY_DRAWS = 50  # for V, the ratio and psi: standard errors within a tenth

_LEAST_RANGE = 1e-3  # of risk, below which it says nothing of outcomes

_PARTS = ("rivals", "output_layer", "readout_weights", "middle_layer", "recurrence")


def activity_parts(
    recording: "Recording",
    source: "tuple[Floats | None, Calibration | None]",
    assumptions: "Assumptions",
    rng: np.random.Generator,
    left_out: dict[str, str],
) -> dict[str, Any]:
    """Return the parts of a description that need activity, and the counts of used trials.

    ``source`` is the best estimate of activity and its calibration, if any; reasons for parts that
    are None go to ``left_out``.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.assumptions import Assumptions
        >>> left_out = {"activity": "no units."}
        >>> rng = np.random.default_rng(0)
        >>> activity_parts(None, (None, None), Assumptions(), rng, left_out)["rivals"] is None
        True
    """
    x, calibration = source
    if x is None:
        reason = f"there is no activity: {left_out['activity']}"
        left_out.update(dict.fromkeys(_PARTS, reason))
        return {"n_used": 0, "n_without_risk": 0} | dict.fromkeys(_PARTS)
    unshrunk = x if calibration is None else calibration.unshrunk
    choices = choices_of(
        recording, x, assumptions.n_decisions, unshrunk, rests_on=assumptions.basis
    )
    risk = np.zeros(len(x)) if choices.risk is None else choices.risk
    return {
        "n_used": int(choices.is_used.sum()),
        "n_without_risk": int((choices.is_used & np.isnan(risk)).sum()),
    } | _fits(recording, choices, (x, calibration), assumptions, rng=rng, left_out=left_out)


def _fits(
    recording: "Recording",
    choices: Choices,
    source: "tuple[Floats, Calibration | None]",
    assumptions: "Assumptions",
    *,
    rng: np.random.Generator,
    left_out: dict[str, str],
) -> dict[str, Any]:
    x, calibration = source
    session = recording.session_index
    unshrunk = x if calibration is None else calibration.unshrunk
    windows = windows_of(session, assumptions.n_windows)
    readout = attempt(
        "readout_weights", left_out, lambda: readout_weights(_checked(choices), windows)
    )
    rivals = attempt("rivals", left_out, lambda: _compared(choices, assumptions))
    output = attempt(
        "output_layer",
        left_out,
        lambda: describe_output_layer(
            _as_theory(choices, rivals, left_out.get("rivals", "")),
            windows,
            readout,
            assumptions.reward_delay,
            assumptions.policy_floor,
            rng=rng,
            redrawn=_redrawn_choices(recording, calibration, assumptions, rng, rivals),
        ),
    )
    middle = attempt(
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
    recurrence = attempt(
        "recurrence",
        left_out,
        lambda: effective_recurrence(unshrunk, session, assumptions.recurrent_prior_count),
    )
    return dict(zip(_PARTS, (rivals, output, readout, middle, recurrence), strict=True))


def _redrawn(
    recording: "Recording",
    calibration: "Calibration | None",
    assumptions: "Assumptions",
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
    calibration: "Calibration | None",
    assumptions: "Assumptions",
    rng: np.random.Generator,
    rivals: "Comparison | None",
) -> Iterator[Choices]:
    """The decisions with resampled activities and their units' noise, which counts keep."""
    for one in _redrawn(recording, calibration, assumptions, rng, _N_POLICY_DRAWS):
        assert calibration is not None  # else there is none
        noise = unit_noise(calibration) * rng.normal(size=one.unshrunk.shape)
        drawn = choices_of(
            recording,
            one.activity,
            assumptions.n_decisions,
            one.unshrunk + noise,
            rests_on=assumptions.basis,
        )
        yield drawn if rivals is None else with_stickiness(drawn, rivals)


def attempt(name: str, left_out: dict[str, str], part: Callable[[], Part]) -> Part | None:
    """Return the part, or None with the reason under ``name``.

    Example:
        >>> attempt("sum", {}, lambda: 1 + 1)
        2
    """
    try:
        return part()
    except ValueRangeError as refusal:
        left_out[name] = str(refusal)
        return None


def _compared(choices: Choices, assumptions: "Assumptions") -> "Comparison":
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals  # Numba

    risk = checked_risk(_checked(choices))
    known = risk[choices.is_used & np.isfinite(risk)]
    if np.ptp(known) < _LEAST_RANGE:
        raise ValueRangeError(
            f"risk is {known[0]:g} in every used trial, so learning from it cannot be told from "
            "learning without it; record risk that varies with the outcome."
        )
    return compare_rivals(choices, assumptions.reward_delay, assumptions.policy_floor)


def _as_theory(choices: Choices, rivals: "Comparison | None", reason: str) -> Choices:
    """The choices with the theory's stickiness; raises `ValueRangeError` unless the theory won."""
    checked_risk(_checked(choices))
    if rivals is None:
        raise ValueRangeError(f"rules of learning were not compared: {reason}")
    best = rivals.rivals[0].model
    if rivals.verdict == CANNOT_TELL:
        raise ValueRangeError(
            "psi, lambda / gain and V by counts are estimated only if the theory wins; the verdict "
            f"is {CANNOT_TELL!r}: record more trials, or give the true reward delay."
        )
    if rivals.verdict != AS_THEORY:
        raise ValueRangeError(
            "psi, lambda / gain and V by counts are estimated only if the theory wins; the best "
            f"model is {best.description!r}, whose estimates are given instead."
        )
    if rivals.rivals[0].log_evidence - rivals.rival("canonical").log_evidence > MARGIN_NATS:
        raise ValueRangeError(
            f"the best model is {best.description!r}; its estimates are given instead of psi, "
            "lambda / gain and V of an animal that does not forget and reads all states."
        )
    return with_stickiness(choices, rivals)


def with_stickiness(choices: Choices, rivals: "Comparison") -> Choices:
    """Return the choices with the stickiness of the canonical model as known log odds.

    Stickiness whose interval holds 0 is left out.

    Example:
        >>> from types import SimpleNamespace as Some
        >>> choices = Choices(np.array([1, 0]), np.ones((2, 1)), None, np.zeros(2, int), 2)
        >>> with_stickiness(choices, Some(stickiness=1.0)).offset.tolist()
        [[0.0, 0.0], [0.0, 1.0]]
    """
    if rivals.stickiness == 0:
        return choices
    repeated = np.roll(choices.one_hot, 1, axis=0)
    repeated[np.diff(choices.session_index, prepend=-1) != 0] = 0.0
    return replace(choices, offset=rivals.stickiness * repeated)


def _checked(choices: Choices) -> Choices:
    taken = np.unique(choices.decision[choices.is_used])
    if taken.size == 0:
        raise ValueRangeError("no trial has both a decision and the activity it rests on.")
    if taken.size == 1:
        raise ValueRangeError(
            f"decision {taken[0]} is the only one taken, so decisions do not identify V or "
            "learning; record trials in which others are taken."
        )
    return choices
