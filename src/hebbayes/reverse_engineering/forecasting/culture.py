"""Forecasts of raw responses after training, beside honest nulls (docs/forecasting.md).

Every culture is scored with the same models; what the theory adds is judged over cultures, each by
a choice that the others make, if there are three or more; otherwise within a culture, by its own
training sessions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import HebbayesError
from hebbayes.reverse_engineering.forecasting.catalogue import default_models
from hebbayes.reverse_engineering.forecasting.judging.ceilings import own_mean_loss, split_half_loss
from hebbayes.reverse_engineering.forecasting.judging.other_targets import (
    FEWEST_TO_JUDGE,
    TargetForecasts,
    gather_targets,
    score_targets,
)
from hebbayes.reverse_engineering.forecasting.judging.verdict import (
    Verdict,
    judge,
    judge_within,
)
from hebbayes.reverse_engineering.forecasting.scoring import Scores, losses, score
from hebbayes.reverse_engineering.forecasting.sessions import is_repeated, split_sessions
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.behaviour.choices import RestsOn
    from hebbayes.reverse_engineering.forecasting.contract import Models


@dataclass(frozen=True, eq=False)
class CultureForecasts:
    """Scores of one culture.

    Attributes:
        scores: Scores after training.
        inner: Scores within training; None if training is too short.
        is_repeated: Whether stimuli repeat.
        floor: Loss of the block's own mean.
        split_half: Loss of one half of a block forecast from the other.
        targets: Scores of other targets.
        left_out: Reason for each target that is left out.
        winner: Rule of learning that won training and forecasts decisions; empty without them.
    """

    scores: Scores
    inner: Scores | None
    is_repeated: bool
    floor: float
    split_half: float
    targets: Mapping[str, Scores] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    winner: str = ""

    @property
    def models(self) -> "Models":
        """The models that were scored."""
        has_latent = "latent_network" in self.scores.names
        return default_models(self.is_repeated, has_latent=has_latent, is_signed=self.is_signed)

    @property
    def is_signed(self) -> bool:
        """Whether responses are signals of any sign."""
        return "kalman_level" in self.scores.names


@dataclass(frozen=True, eq=False)
class Forecasts:
    """Forecasts of all cultures.

    Attributes:
        reference: Model that losses are relative to.
        losses: Squared error of each model relative to the reference within a culture, mean over
            cultures.
        verdict: What the theory adds over cultures; None for fewer than three.
        within: The same for each culture that allows it.
        n_cultures: Number of cultures.
        is_repeated: Whether stimuli repeat.
        targets: Forecasts of other targets.
    """

    reference: str
    losses: Mapping[str, Estimate[float]]
    verdict: Verdict | None
    within: Mapping[int, Verdict]
    n_cultures: int
    is_repeated: bool
    targets: Mapping[str, TargetForecasts] = field(default_factory=dict)


def score_culture(
    recording: "Recording",
    n_training: int,
    *,
    activity: NDArray[np.float64] | None = None,
    reward_delay: int = 0,
    rests_on: "RestsOn" = "previous",
    has_latent: bool = False,
) -> CultureForecasts:
    """Return the open-loop scores of all default models on the sessions after training.

    ``activity`` (trials, states), read without looking past training, adds forecasts of decisions,
    which rest on the activity of the trial ``rests_on`` and are learnt from ``reward_delay`` trials
    later; ``has_latent`` adds the network fitted by
    gradient, which is slow.  Raises `HebbayesError` if there is nothing to forecast.

    Example:
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=6, n_sessions=6, n_trials=64)
        >>> forecasts = score_culture(simulate_culture(design).recording, 4)
        >>> forecasts.is_repeated, forecasts.scores.names[0]
        (True, 'saturated')
    """
    split = split_sessions(recording, n_training)
    repeated = is_repeated(split.training)
    models = default_models(repeated, has_latent=has_latent, is_signed=recording.is_signed).all
    inner = None
    if n_training >= 2:
        try:
            training = recording.select(sessions=np.unique(recording.session)[:n_training])
            inner = score(split_sessions(training, max(n_training // 2, 1)), models)
        except HebbayesError:
            inner = None  # no unit, or no pattern, in half of the training sessions
    targets = score_targets(
        recording, split, activity, reward_delay=reward_delay, rests_on=rests_on
    )
    return CultureForecasts(
        score(split, models),
        inner,
        repeated,
        own_mean_loss(split) if repeated else float("nan"),
        split_half_loss(split) if repeated else float("nan"),
        targets.scores,
        targets.left_out,
        targets.winner,
    )


def gather(scored: Mapping[int, CultureForecasts], *, seed: int) -> Forecasts:
    """Return losses and verdicts over cultures; if stimuli repeat in some only, over those.

    Cultures with signals of any sign and cultures with counts are not pooled: the kind of the first
    one is kept.

    Example:
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=6, n_sessions=6, n_trials=64)
        >>> one = score_culture(simulate_culture(design).recording, 4)
        >>> gather({0: one}, seed=0).losses["saturated"].value
        1.0
    """
    repeated = any(one.is_repeated for one in scored.values())
    alike = {k: one for k, one in scored.items() if one.is_repeated == repeated}
    signed = next(iter(alike.values())).is_signed
    alike = {k: one for k, one in alike.items() if one.is_signed == signed}
    models = next(iter(alike.values())).models
    reference = next(iter(models.nulls))
    tables = [losses(one.scores) for one in alike.values()]
    relative = {
        name: mean_estimate(np.array([table[name] / table[reference] for table in tables]))
        for name in tables[0]
    }
    if repeated:
        for name in ("split_half", "floor"):
            shares = [getattr(o, name) / t[reference] for o, t in zip(alike.values(), tables)]
            relative[name] = mean_estimate(np.array(shares))
    verdict = None
    if len(alike) >= FEWEST_TO_JUDGE:
        verdict = judge([one.scores for one in alike.values()], models)
    within = {
        k: judge_within(one.inner, one.scores, models, rng=np.random.default_rng((seed, k)))
        for k, one in alike.items()
        if one.inner is not None
    }
    targets = gather_targets([one.targets for one in scored.values()])
    return Forecasts(reference, relative, verdict, within, len(alike), repeated, targets)
