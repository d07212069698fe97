"""Figures of the causal protocol: what was recorded, and one for each question of the report."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from hebbayes.commands.analyze.comparisons import free_energy_changes, published_log_odds
from hebbayes.core.arrays import OFF, ON
from hebbayes.data.decisions import count_decisions
from hebbayes.reverse_engineering.ensembles.candidates import SEARCH
from hebbayes.reverse_engineering.ensembles.population import ensemble_means
from hebbayes.reverse_engineering.ensembles.shown import SOURCES, shown_states
from hebbayes.reverse_engineering.forecasting.labels import model_label
from hebbayes.reverse_engineering.forecasting.loss_table import BOUND, THEORY, loss_rows
from hebbayes.reverse_engineering.statistics.descriptive import (
    blocks_of_trials,
    mean_by_state,
    share_estimate,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.analyze.culture import CausalCulture, UndescribedCulture
    from hebbayes.commands.analyze.run import CausalAnalysis
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.forecasting.loss_table import LossRow

MOST_CHOICES = 5
"""Choices drawn apart; rarer ones are left out of the figure."""


def causal_figures(result: "CausalAnalysis") -> "dict[str, Callable[[], Figure]]":
    """Return the figures of each culture, and those over all of them.

    Example:
        >>> from types import SimpleNamespace
        >>> recording = SimpleNamespace(decisions=None)
        >>> culture = SimpleNamespace(number=3, recording=recording, description=None)
        >>> result = SimpleNamespace(cultures=[], read=[culture], others=(), forecasts=None)
        >>> list(causal_figures(result))
        ['recording_3']
    """
    figures: dict[str, Callable[[], Figure]] = {}
    for c in result.cultures:
        figures[f"culture_{c.number}"] = partial(_draw_one, c, result)
    if len(result.cultures) > 1 or result.others:
        figures["conditions"] = partial(_draw_all, result)
    for read in result.read:
        figures[f"recording_{read.number}"] = partial(_draw_recording, read, result)
        decisions = read.recording.decisions
        if decisions is not None and (decisions >= 0).any():
            figures[f"choices_{read.number}"] = partial(_draw_choices, read, result)
    for c in (one for one in result.cultures if one.recording.n_sessions > 1):
        figures[f"free_energy_{c.number}"] = partial(_draw_free_energy, c, result)
    if result.cultures:
        figures["priors"] = partial(_draw_priors, result)
        if any(np.isfinite(_prior_counts(c, "value")).any() for c in result.cultures):
            figures["learning"] = partial(_draw_learning, result)
    if result.forecasts is not None:
        figures["losses"] = partial(_draw_losses, result)
    return figures


def loss_table_rows(result: "CausalAnalysis") -> "list[LossRow]":
    """Return the losses of all forecasts of raw responses, those with the theory among them.

    Example:
        >>> from types import SimpleNamespace
        >>> loss_table_rows(SimpleNamespace(forecasts=None))
        []
    """
    if result.forecasts is None:
        return []
    scored = {c.number: c.forecasts for c in result.cultures if c.forecasts}
    return loss_rows(result.forecasts, scored, seed=result.config.seed)


def culture_name(result: "CausalAnalysis", number: int) -> str:
    """Return how captions call a culture.

    Example:
        >>> from types import SimpleNamespace
        >>> culture_name(SimpleNamespace(condition="drug", read=[1, 2]), 1)
        'drug, culture 1'
    """
    return f"{result.condition}, culture {number}" if len(result.read) > 1 else result.condition


def state_labels(result: "CausalAnalysis") -> list[str]:
    """Return a label for every state of every culture.

    Example:
        >>> from types import SimpleNamespace
        >>> description = SimpleNamespace(population=SimpleNamespace(units=[[0], [1]]))
        >>> culture = SimpleNamespace(number=0, description=description)
        >>> state_labels(SimpleNamespace(cultures=[culture], read=[culture]))
        ['0', '1']
    """
    many = len(result.read) > 1
    return [
        f"{c.number}.{k}" if many else str(k)
        for c in result.cultures
        for k in range(len(c.description.population.units))
    ]


def _draw_recording(culture: "CausalCulture | UndescribedCulture", result: Any) -> "Figure":
    from hebbayes.plotting.responses import recording_figure

    recording = culture.recording
    block = blocks_of_trials(recording.session_index)
    responses = np.where(recording.valid, recording.responses, np.nan)
    per_unit = np.stack([_block_means(column, block) for column in responses.T], axis=1)
    values, is_on, whose = _values_and_states(culture)
    means = [mean_by_state(v, on, block).as_tuple() for v, on in zip(values.T, is_on.T)]
    return recording_figure(
        per_unit,
        means,
        x=_block_name(recording, block),
        unit="response/trial",
        states=whose,
        name=culture_name(result, culture.number),
    )


def _values_and_states(culture: "CausalCulture | UndescribedCulture") -> tuple[Any, Any, str]:
    """Return mean responses (trials, states), which states are on, and whose states these are."""
    recording, states = culture.recording, culture.states
    if states.population is not None:
        values = ensemble_means(states.population, recording)
        if states.values is not None and states.values.shape[1] == values.shape[1]:
            whose = "known sources" if states.origin == SOURCES else "stimuli"
            return values, states.values > 0.5, f"states are the {whose}"
        whose = "as the ensemble believes" if states.origin == SEARCH else "as its units show"
        return values, states.population.activity > 0.5, whose
    shown = shown_states(recording.stimuli)[:, :2]
    seen = np.where(recording.valid, recording.responses, np.nan)
    with np.errstate(invalid="ignore"):
        n = recording.valid.sum(1)
        mean = np.divide(np.nansum(seen, 1), n, out=np.full(len(n), np.nan), where=n > 0)
    return np.repeat(mean[:, None], shown.shape[1], 1), shown > 0.5, "states are the stimuli"


def _block_means(values: Any, block: Any) -> Any:
    known = np.isfinite(values)
    n = np.bincount(block[known], minlength=int(block.max()) + 1)
    total = np.bincount(block[known], values[known], minlength=len(n))
    return np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)


def _block_name(recording: "Recording", block: Any) -> str:
    n_sessions = recording.n_sessions
    if int(block.max()) + 1 == n_sessions and n_sessions >= 5:
        return "session"
    if n_sessions >= 5:
        return f"block of {int((block == 0).sum() / max(1, _size(recording)))} sessions"
    return f"block of about {round(len(block) / (int(block.max()) + 1))} trials"


def _size(recording: "Recording") -> int:
    return int((recording.session_index == 0).sum())


def _draw_choices(culture: "CausalCulture | UndescribedCulture", result: Any) -> "Figure":
    from hebbayes.plotting.responses import choices_figure

    recording = culture.recording
    assert recording.decisions is not None
    block = blocks_of_trials(recording.session_index)
    made = recording.decisions >= 0
    n_blocks = int(block.max()) + 1
    labels, counts = np.unique(recording.decisions[made], return_counts=True)
    labels = np.sort(labels[np.argsort(-counts)][:MOST_CHOICES])
    n_all = np.bincount(block[made], minlength=n_blocks)
    n_of = np.stack(
        [np.bincount(block[recording.decisions == k], minlength=n_blocks) for k in labels], 1
    )
    shares = share_estimate(n_of, np.repeat(n_all[:, None], len(labels), 1))
    success = None
    if recording.risk is not None and np.isfinite(recording.risk).any():
        known = np.isfinite(recording.risk)
        n = np.bincount(block[known], minlength=n_blocks)
        good = np.bincount(block[known], 1 - recording.risk[known], minlength=n_blocks)
        success = share_estimate(good, n).as_tuple()
    return choices_figure(
        shares.as_tuple(),
        _choice_names(recording, labels.tolist()),
        success,
        x=_block_name(recording, block),
        name=culture_name(result, culture.number),
    )


def _choice_names(recording: "Recording", codes: "list[int]") -> list[str]:
    """Return the names that choices have in the file, or numbers that say what they count."""
    counts = count_decisions(recording)
    assert counts is not None
    names = [counts.label(code) for code in codes]
    return [name if any(map(str.isalpha, name)) else f"choice {name}" for name in names]


def _draw_free_energy(culture: "CausalCulture", result: "CausalAnalysis") -> "Figure":
    from hebbayes.plotting.description import free_energy_figure

    description = culture.description
    return free_energy_figure(
        description.free_energy.total.as_tuple(),
        description.replayed.as_tuple(),
        description.gain_only.as_tuple(),
        train_sessions=culture.train_sessions,
        name=culture_name(result, culture.number),
    )


def _draw_priors(result: "CausalAnalysis") -> "Figure":
    from hebbayes.plotting.beliefs import priors_figure

    def joined(values: Callable[[Any], Any]) -> Any:
        return expit(np.concatenate([values(c.description) for c in result.cultures]))

    return priors_figure(
        (
            joined(lambda d: d.log_odds.value),
            joined(lambda d: d.log_odds.low),
            joined(lambda d: d.log_odds.high),
        ),
        joined(lambda d: d.assumed_log_odds.value),
        joined(lambda d: d.published_factors[ON] - d.published_factors[OFF]),
        state_labels(result),
        name=result.condition,
    )


def _draw_learning(result: "CausalAnalysis") -> "Figure":
    from hebbayes.plotting.beliefs import learning_figure

    def joined(end: str) -> Any:
        return np.concatenate([_prior_counts(c, end) for c in result.cultures])

    ends = (joined("value"), joined("low"), joined("high"))
    return learning_figure(ends, state_labels(result), name=result.condition)


def _prior_counts(culture: "CausalCulture", end: str) -> Any:
    perception = culture.description.perception
    if perception is None:
        return np.full(len(culture.description.population.units), np.nan)
    return getattr(perception.prior_count, end)


def _losses(result: "CausalAnalysis") -> tuple[dict[str, Any], str, list[str]]:
    """Return losses, their reference and the forecasts with the theory, in words."""
    rows = [row for row in loss_table_rows(result) if row.role != BOUND]
    reference = "" if result.forecasts is None else model_label(result.forecasts.reference)
    losses = {model_label(row.name): row.loss.as_tuple() for row in rows}
    return losses, reference, [model_label(row.name) for row in rows if row.role == THEORY]


def _draw_losses(result: "CausalAnalysis") -> "Figure":
    from hebbayes.plotting.audit import losses_figure

    assert result.forecasts is not None
    over = "cultures" if result.forecasts.n_cultures > 1 else "sessions"
    return losses_figure(*_losses(result), name=result.condition, over=over)


def _draw_all(result: "CausalAnalysis") -> "Figure":
    from hebbayes.plotting.description import conditions_figure

    all_of = (result, *result.others)
    losses, reference, theory = _losses(result)
    return conditions_figure(
        {one.condition: published_log_odds(one) for one in all_of},
        {one.condition: np.array(list(free_energy_changes(one).values())) for one in all_of},
        losses,
        reference,
        theory=theory,
        name=" and ".join(one.condition for one in all_of),
    )


def _draw_one(culture: "CausalCulture", result: "CausalAnalysis") -> "Figure":
    from hebbayes.plotting.description import description_figure
    from hebbayes.reverse_engineering.forecasting.scoring import losses

    description, scored = culture.description, culture.forecasts
    relative: dict[str, Any] = {}
    shown = _losses(result)
    if scored is not None and result.forecasts and len(result.read) > 1:
        table, reference = losses(scored.scores), result.forecasts.reference
        if reference in table:
            relative = {model_label(n): (v / table[reference],) * 3 for n, v in table.items()}
        shown = (relative, *shown[1:])
    return description_figure(
        free_energy=tuple(
            (one.value, one.low, one.high)
            for one in (description.free_energy.total, description.replayed, description.gain_only)
        ),  # type: ignore[arg-type]
        log_odds=(description.log_odds.value, description.log_odds.low, description.log_odds.high),
        published_log_odds=description.published_factors[ON] - description.published_factors[OFF],
        weights=description.weights,
        errors={model_label(name): values for name, values in culture.errors.items()},
        losses=shown,
        train_sessions=culture.train_sessions,
        name=culture_name(result, culture.number),
    )
