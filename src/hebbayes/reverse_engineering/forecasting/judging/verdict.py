"""What the theory adds to the best null, on recordings that the choice did not use.

Across recordings: every one in turn is left out, the others choose null, term and size (with an
inner leave-one-out before a term is used at all), and the interval is over recordings.  Within
one: training sessions choose, and the interval is over the sessions scored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.forecasting.judging.power import smallest_detectable
from hebbayes.reverse_engineering.forecasting.judging.selection import Roles, choose, gain
from hebbayes.reverse_engineering.forecasting.scoring import Scores, combined_loss, losses
from hebbayes.reverse_engineering.statistics.bootstrap import resampled_gains
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate, mean_estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.contract import Models

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fold:
    """What the other recordings choose for one recording, and its effect there.

    Attributes:
        null: Name of the null, or name + term.
        term: Name of the theory's term, "" for none.
        g: Size of the term, 0 if not earned.
        null_loss: Squared error of the null.
        loss: Squared error with the theory.
        gain: Share of the null's loss removed.
        unrestricted_gain: The same if the term is used without being earned.
    """

    null: str
    term: str
    g: float
    null_loss: float
    loss: float
    gain: float
    unrestricted_gain: float


@dataclass(frozen=True)
class Verdict:
    """Theory adds ``value`` [``low``, ``high``], as a share of the best null's loss.

    Attributes:
        gain: Share of the null's loss removed, with its interval.
        adds: Whether the interval lies above ``least``.
        least: What terms may gain from slightly wrong nulls.
        smallest_detectable: Addition that a study like this one detects in 80 % of cases.
        settings_tried: Number of settings compared.
        over: What the interval is over, "recordings" or "sessions".
        folds: One per recording.
    """

    gain: Estimate[float]
    adds: bool
    least: float
    smallest_detectable: float
    settings_tried: int
    over: str
    folds: tuple[Fold, ...]


LEAST = 0.0002
"""An interval must lie above 0.02 % of the null's loss: without an effect, but with slightly wrong
nulls, intervals begin up to that far above 0 (docs/forecasting.md)."""


def judge(
    scores: Sequence[Scores],
    models: "Models | Roles",
    *,
    level: float = LEVEL,
    least: float = LEAST,
) -> Verdict:
    """Return the verdict over recordings, each judged by a choice that the others made.

    ``models`` assigns the roles.

    The interval is Student's over the gains of the recordings left out.  Raises `ShapeError`
    for fewer than three recordings.

    Example:
        >>> rows = np.stack([[1.0, 3.0], [1.0, 1.0], [0.0, 1.0]])
        >>> one = Scores(("null", "term"), (False, True), (rows @ rows.T / 2)[None], np.ones(1))
        >>> from hebbayes.reverse_engineering.forecasting.theory.canonical import CanonicalChange
        >>> from hebbayes.reverse_engineering.forecasting.nulls.static import Constant
        >>> from hebbayes.reverse_engineering.forecasting.contract import Models
        >>> models = Models({"null": Constant()}, {"term": CanonicalChange()})
        >>> verdict = judge([one] * 4, models)
        >>> verdict.gain.value, verdict.folds[0].term, verdict.folds[0].g
        (1.0, 'term', 2.0)
    """
    if len(scores) < 3:
        raise ShapeError(
            f"{len(scores)} recordings cannot judge each other; give at least 3, or use "
            "judge_within for one."
        )
    roles = models if isinstance(models, Roles) else roles_of(scores[0], models)
    grams = [one.gram for one in scores]
    folds = []
    for k, gram in enumerate(grams):
        others = [*grams[:k], *grams[k + 1 :]]
        folds.append(_fold(scores[k].names, gram, choose(others, roles), roles))
    everything = choose(grams, roles)
    units = np.eye(len(scores[0].names))
    terms = [units[i] for i in roles.theory_terms]
    terms += [units[i] - everything.null for i in roles.theory_forecasts]
    smallest = smallest_detectable(grams, everything.null, terms, least=least, level=level)
    added = mean_estimate(np.array([fold.gain for fold in folds]), level)
    return _verdict(added, least, smallest, roles, folds)


def judge_within(
    inner: Scores,
    outer: Scores,
    models: "Models",
    *,
    rng: np.random.Generator,
    least: float = LEAST,
) -> Verdict:
    """Return the verdict on one recording, the choice made in its training sessions.

    ``inner`` scores later training sessions from earlier ones, ``outer`` the sessions after
    training from all of training.  The interval resamples neighbouring pairs of sessions: it
    holds for this recording, not for others.  A term is earned if it gained in ``inner``.  It is
    added to the null with the lowest loss on the scored sessions, chosen in training or not:
    otherwise it would be credited for repairing a null that fails after training.

    Example:
        >>> rows = np.stack([[1.0, 3.0], [1.0, 1.0], [0.0, 1.0]])
        >>> one = Scores(("null", "term"), (False, True), np.stack([rows @ rows.T] * 4), np.ones(4))
        >>> from hebbayes.reverse_engineering.forecasting.theory.canonical import CanonicalChange
        >>> from hebbayes.reverse_engineering.forecasting.nulls.static import Constant
        >>> from hebbayes.reverse_engineering.forecasting.contract import Models
        >>> models = Models({"null": Constant()}, {"term": CanonicalChange()})
        >>> judge_within(one, one, models, rng=np.random.default_rng(0)).over
        'sessions'
    """
    roles = roles_of(outer, models)
    choice, units = choose([inner.gram], roles), np.eye(len(outer.names))
    nulls = [choice.null, *(units[i] for i in roles.nulls)]
    null = min(nulls, key=lambda one: combined_loss(outer.gram, one))
    with_term = np.array([combined_loss(p, null + choice.theory) for p in outer.products])
    alone = np.array([combined_loss(p, null) for p in outer.products])
    resampled = resampled_gains(with_term * outer.weights, alone * outer.weights, rng=rng)
    low, high = np.quantile(resampled, [0.025, 0.975]) if choice.is_earned else (0.0, 0.0)
    fold = _fold(outer.names, outer.gram, replace(choice, null=null), roles)
    terms = [units[i] for i in roles.theory_terms]
    smallest = smallest_detectable(list(outer.products), null, terms, least=least)
    added = Estimate(fold.gain, float(low), float(high))
    return _verdict(added, least, smallest, roles, [fold], over="sessions")


def roles_of(scores: Scores, models: "Models") -> Roles:
    """Return the roles of the scored forecasters.

    Raises `ValueRangeError` if a name is missing or has both roles, or if no null forecasts.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.nulls.static import Constant
        >>> scores = Scores(("a", "b"), (False, False), np.zeros((1, 3, 3)), np.ones(1))
        >>> from hebbayes.reverse_engineering.forecasting.contract import Models
        >>> roles_of(scores, Models({"a": Constant()}, {"b": Constant()}))
        Roles(nulls=(0,), null_terms=(), theory_terms=(), theory_forecasts=(1,))
    """
    return named_roles(scores, tuple(models.nulls), tuple(models.theory))


def named_roles(scores: Scores, null_names: Sequence[str], theory_names: Sequence[str]) -> Roles:
    """Return the same as `roles_of`, from names.

    Example:
        >>> named_roles(Scores(("a", "b"), (False, True), np.zeros((1, 3, 3)), np.ones(1)),
        ...             ["a"], ["b"])
        Roles(nulls=(0,), null_terms=(), theory_terms=(1,), theory_forecasts=())
    """
    if both := set(null_names) & set(theory_names):
        raise ValueRangeError(
            f"{sorted(both)[0]!r} names a null and a model with the theory; use different names."
        )
    everyone = [*null_names, *theory_names]
    for name in everyone:
        if name not in scores.names:
            raise ValueRangeError(f"{name!r} was not scored; score all of {everyone}.")

    def positions(names: Sequence[str], is_change: bool) -> tuple[int, ...]:
        at = [scores.names.index(name) for name in names]
        return tuple(i for i in at if scores.is_change[i] == is_change)

    nulls = positions(null_names, False)
    if not nulls:
        raise ValueRangeError("no null forecasts responses; give at least one that does.")
    return Roles(
        nulls,
        positions(null_names, True),
        positions(theory_names, True),
        positions(theory_names, False),
    )


def relative_losses(scores: Sequence[Scores], reference: str) -> dict[str, Estimate[float]]:
    """Return every forecaster's loss relative to ``reference`` within each recording.

    Mean over recordings with Student's 95 % interval; NaN bounds for a single recording.

    Example:
        >>> gram = np.array([[2.0, 1.0], [1.0, 1.0]])[None]
        >>> one = Scores(("a",), (False,), gram, np.ones(1))
        >>> relative_losses([one, one], "a")["a"].value
        1.0
    """
    tables = [losses(one) for one in scores]
    return {
        name: mean_estimate(np.array([table[name] / table[reference] for table in tables]))
        for name in tables[0]
    }


def _fold(names: tuple[str, ...], gram: Floats, choice: Any, roles: Roles) -> Fold:
    unrestricted = gain(gram, choice.null, choice.theory)
    null_loss = combined_loss(gram, choice.null)
    earned = unrestricted if choice.is_earned else 0.0
    return Fold(
        null=_null_name(names, choice.null, roles),
        term=names[choice.term] if choice.term >= 0 else "",
        g=choice.g if choice.is_earned else 0.0,
        null_loss=null_loss,
        loss=null_loss * (1 - earned),
        gain=earned,
        unrestricted_gain=unrestricted,
    )


def _null_name(names: tuple[str, ...], null: Floats, roles: Roles) -> str:
    return " + ".join(names[i] for i in (*roles.nulls, *roles.null_terms) if null[i] != 0)


def _verdict(
    gain: Estimate[float],
    least: float,
    smallest: float,
    roles: Roles,
    folds: Sequence[Fold],
    *,
    over: str = "recordings",
) -> Verdict:
    return Verdict(gain, gain.low > least, least, smallest, roles.n_settings, over, tuple(folds))
