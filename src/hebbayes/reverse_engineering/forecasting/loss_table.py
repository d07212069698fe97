"""Losses of all forecasters side by side, the theory's among them, each with its interval.

Over several recordings the interval is Student's over recordings; within one it resamples
neighbouring pairs of sessions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.reverse_engineering.forecasting.scoring import combined_loss, losses
from hebbayes.reverse_engineering.statistics.bootstrap import resampled_gains
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.culture import CultureForecasts, Forecasts
    from hebbayes.reverse_engineering.forecasting.judging.verdict import Verdict
    from hebbayes.reverse_engineering.forecasting.scoring import Scores

NULL, THEORY, BOUND = "null", "theory", "bound"
"""Roles of a row: without the theory, with it, or a bound that no forecast can use."""

BEST_NULL, WITH_THEORY = "best null", "best null and theory"


@dataclass(frozen=True)
class LossRow:
    """One forecaster's loss.

    Attributes:
        name: Forecaster.
        role: null, theory or bound.
        loss: Squared error relative to the reference.
    """

    name: str
    role: str
    loss: Estimate[float]


def loss_rows(
    forecasts: "Forecasts", scored: Mapping[int, "CultureForecasts"], *, seed: int
) -> list[LossRow]:
    """Return the losses of all forecasters, and what the theory makes of the best null.

    ``scored`` are the recordings behind ``forecasts``.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.culture import gather, score_culture
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=6, n_sessions=6, n_trials=64)
        >>> scored = {0: score_culture(simulate_culture(design).recording, 4)}
        >>> rows = loss_rows(gather(scored, seed=0), scored, seed=0)
        >>> rows[0].name, rows[0].loss.value, rows[-1].role
        ('saturated', 1.0, 'theory')
    """
    alike = {k: one for k, one in scored.items() if one.is_repeated == forecasts.is_repeated}
    reference = forecasts.reference
    theory = next(iter(alike.values())).models.theory
    rows: list[LossRow] = []
    for name, loss in forecasts.losses.items():
        shown = loss
        if len(alike) == 1 and name in (only := next(iter(alike.values()))).scores.names:
            shown = _within(only.scores, name, reference, np.random.default_rng((seed, len(rows))))
        role = BOUND if name in ("split_half", "floor") else THEORY if name in theory else NULL
        rows.append(LossRow(name, role, shown))
    return rows + _verdict_rows(forecasts, alike)


def _within(
    scores: "Scores", name: str, reference: str, rng: np.random.Generator
) -> Estimate[float]:
    """Return one forecaster's loss in one recording, with its interval over sessions."""
    place = np.eye(len(scores.names))
    per_session = [
        np.array([combined_loss(p, place[scores.names.index(one)]) for p in scores.products])
        for one in (name, reference)
    ]
    value = losses(scores)[name] / losses(scores)[reference]
    own, other = (values * scores.weights for values in per_session)
    low, high = 1 - np.quantile(resampled_gains(own, other, rng=rng), [0.975, 0.025])
    return Estimate(value, float(low), float(high))


def _verdict_rows(forecasts: "Forecasts", alike: Mapping[int, "CultureForecasts"]) -> list[LossRow]:
    """Return the best null and the same with the theory's term, as the verdict chose them."""
    scales = [losses(one.scores)[forecasts.reference] for one in alike.values()]
    if forecasts.verdict is not None:
        return _rows(forecasts.verdict, scales)
    if len(alike) == 1 and forecasts.within:
        verdict = next(iter(forecasts.within.values()))
        null, with_theory = _rows(verdict, scales)
        gain, alone = verdict.gain, null.loss.value
        spread = Estimate(with_theory.loss.value, alone * (1 - gain.high), alone * (1 - gain.low))
        return [null, LossRow(WITH_THEORY, THEORY, spread)]
    return []


def _rows(verdict: "Verdict", scales: Sequence[float]) -> list[LossRow]:
    folds = list(zip(verdict.folds, scales))
    return [
        LossRow(name, role, mean_estimate(np.array([getattr(f, part) / s for f, s in folds])))
        for name, role, part in ((BEST_NULL, NULL, "null_loss"), (WITH_THEORY, THEORY, "loss"))
    ]
