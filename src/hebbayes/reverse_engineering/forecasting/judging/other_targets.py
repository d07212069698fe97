"""Other targets of forecasts: effective synapses, free energy, decisions, success.

Each target has its own nulls and forecasts with the theory, scored and judged like raw responses
(docs/forecasting.md).  Losses are relative to the first null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.forecasting.judging.verdict import (
    LEAST,
    Verdict,
    judge,
    named_roles,
    relative_losses,
)
from hebbayes.reverse_engineering.forecasting.other.decisions import (
    DECISION_NULLS,
    DECISION_THEORY,
    LEAST_OF_DECISIONS,
    score_decisions,
)
from hebbayes.reverse_engineering.forecasting.other.network_targets import (
    FREE_ENERGY_NULLS,
    FREE_ENERGY_THEORY,
    SYNAPSE_NULLS,
    SYNAPSE_THEORY,
    score_network,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.behaviour.choices import RestsOn
    from hebbayes.reverse_engineering.forecasting.scoring import Scores
    from hebbayes.reverse_engineering.forecasting.sessions import Split
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

FEWEST_TO_JUDGE = 3


@dataclass(frozen=True)
class Parts:
    """Forecasters of one target.

    Attributes:
        nulls: Names of the nulls, the reference first.
        theory: Names of the forecasts with the theory.
        least: Margin of a claim, as a share of the null's loss.
    """

    nulls: tuple[str, ...]
    theory: tuple[str, ...]
    least: float = LEAST


_DECISIONS = Parts(tuple(DECISION_NULLS), tuple(DECISION_THEORY), LEAST_OF_DECISIONS)
TARGETS: Mapping[str, Parts] = {
    "synapses": Parts(SYNAPSE_NULLS, SYNAPSE_THEORY),
    "free_energy": Parts(FREE_ENERGY_NULLS, FREE_ENERGY_THEORY),
    "decisions": _DECISIONS,
    "success": _DECISIONS,
}


@dataclass(frozen=True, eq=False)
class TargetForecasts:
    """One target over recordings.

    Attributes:
        reference: Null that losses are relative to.
        losses: Relative loss of each forecaster.
        verdict: What the theory adds; None for fewer than three recordings.
        n_recordings: Number of recordings that have the target.
    """

    reference: str
    losses: Mapping[str, "Estimate[float]"]
    verdict: Verdict | None
    n_recordings: int


@dataclass(frozen=True, eq=False)
class TargetScores:
    """Targets of one recording.

    Attributes:
        scores: Target to its scores.
        left_out: Reason for each target that is left out.
        winner: Rule of learning that won training and forecasts decisions; empty without them.
    """

    scores: Mapping[str, "Scores"]
    left_out: Mapping[str, str]
    winner: str = ""


def score_targets(
    recording: "Recording",
    split: "Split",
    activity: NDArray[np.float64] | None,
    *,
    reward_delay: int = 0,
    rests_on: "RestsOn" = "previous",
) -> TargetScores:
    """Return the scores of every target, and the reason for each that is left out.

    Decisions need ``activity`` (trials, states), read without looking past training; they are
    learnt from ``reward_delay`` trials later.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=6, n_sessions=6, n_trials=64)
        >>> culture = simulate_culture(design).recording
        >>> targets = score_targets(culture, split_sessions(culture, 4), None)
        >>> list(targets.scores), targets.left_out
        (['synapses', 'free_energy'], {})
    """
    scores_by_target: dict[str, Scores] = {}
    left_out: dict[str, str] = {}
    winner = ""
    try:
        if recording.is_signed:
            raise ValueRangeError(
                "the published protocol, whose ensembles these targets are of, is defined for "
                "spike counts; responses are signals of any sign."
            )
        scores_by_target |= score_network(split)
    except HebbayesError as error:
        left_out["synapses"] = left_out["free_energy"] = str(error)
    if recording.decisions is not None and activity is not None:
        try:
            scored = score_decisions(
                recording,
                activity,
                len(split.training),
                reward_delay=reward_delay,
                rests_on=rests_on,
            )
            scores_by_target |= scored.scores
            winner = scored.winner
        except HebbayesError as error:
            left_out["decisions"] = str(error)
    return TargetScores(scores_by_target, left_out, winner)


def gather_targets(scored: Sequence[Mapping[str, "Scores"]]) -> dict[str, TargetForecasts]:
    """Return every target over the recordings that have it.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.scoring import Scores
        >>> rows = np.ones((6, 2))
        >>> one = Scores(("replay", "unchanged", "trend", "own_expectation",
        ...               "own_expectation_full"), (False,) * 5, (rows @ rows.T + np.eye(6))[None],
        ...              np.ones(1))
        >>> gather_targets([{"synapses": one}] * 3)["synapses"].n_recordings
        3
    """
    scores_by_target = {}
    for name, parts in TARGETS.items():
        scores = [one[name] for one in scored if name in one]
        if not scores:
            continue
        verdict = None
        if len(scores) >= FEWEST_TO_JUDGE:
            roles = named_roles(scores[0], parts.nulls, parts.theory)
            verdict = judge(scores, roles, least=parts.least)
        reference = parts.nulls[0]
        losses = relative_losses(scores, reference)
        scores_by_target[name] = TargetForecasts(reference, losses, verdict, len(scores))
    return scores_by_target
