"""Forecasts for the subjects of a table as JSON keys, arrays, tables, notes and figures."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.behaviour_report import with_behaviour_report
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.predict_behaviour.tables import TablePrediction
    from hebbayes.reverse_engineering.behaviour.prediction.subjects import SubjectForecast
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]

_MOST_ROWS = 40  # subjects in a table; all are in the JSON


def present_table(result: "TablePrediction") -> Outcome:
    """Return forecasts by session with their intervals, beside what subjects did.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> from hebbayes.commands.predict_behaviour.tables import predict_table
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> from hebbayes.data.behaviour import Behaviour
        >>> taken = np.random.default_rng(0).integers(0, 2, 60)
        >>> table = Behaviour(taken, np.ones((60, 1)), risk=1.0 - taken,
        ...                   session=np.repeat([0, 1], 30))
        >>> config = PredictBehaviourConfig(draws=30)
        >>> outcome = present_table(predict_table(config, table, DEFAULT_PROGRESS))
        >>> outcome.arrays["success"].shape, outcome.summary["kind"]
        ((3, 1, 3), 'behaviour')
    """
    inside = result.is_inside
    options = result.options
    summary: dict[str, Any] = {
        "kind": "behaviour",
        "states": result.states,
        "decision_rests_on": result.settings.read_as.rests_on,
        "new_stimuli": result.settings.read_as.has_new_stimuli,
        "reward_delay": result.settings.read_as.reward_delay,
        "log_evidence_of_trials": dict(result.settings.basis.log_evidence),
        "subjects": [_subject(one, result) for one in result.subjects],
        "failures": dict(result.failures),
        "held_out_sessions": len(inside),
        "held_out_inside": float(inside.mean()) if len(inside) else None,
        "task": "as recorded" if options.task is None else "as stated",
        "sessions_to_come": options.n_sessions,
        "seconds": result.seconds,
    }
    outcome = Outcome(
        summary=summary,
        arrays=_arrays(result),
        tables=[*_held_tables(result), _to_come_table(result)],
        notes=_notes(result),
        figures=_figures(result),
        next_command="",
    )
    seed = result.config.seed
    return with_behaviour_report(outcome, title="Forecast", seed=seed)


def _subject(one: "SubjectForecast", result: "TablePrediction") -> dict[str, Any]:
    comparison, held = one.comparison, one.held_out
    winner = comparison.winner
    summary: dict[str, Any] = {
        "subject": one.subject,
        "group": one.group,
        "trials": one.n_trials,
        "used": one.n_used,
        "verdict": comparison.verdict,
        "winner": None if winner is None else winner.model.name,
        "models": dict(one.to_come.shares),
        "success": _plain(one.to_come.success),
        "taken": _plain(one.to_come.taken),
        "held_out": None,
        "no_held_out": one.no_held_out,
    }
    if held is not None:
        summary["held_out"] = {
            "sessions": held.sessions,
            "session_names": result.session_names(one.subject, held.sessions),
            "trials": held.n_trials,
            "success": _plain(held.forecast.success),
            "observed": held.success,
            "inside": held.is_inside,
        }
    return summary


def _plain(estimate: "Estimate") -> dict[str, Floats]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _arrays(result: "TablePrediction") -> dict[str, NDArray[Any]]:
    to_come = [one.to_come.success for one in result.subjects]
    arrays: dict[str, NDArray[Any]] = {
        "success": np.stack(
            [np.stack([getattr(e, end) for e in to_come]) for end in ("value", "low", "high")]
        )
    }
    held = [(k, one.held_out) for k, one in enumerate(result.subjects) if one.held_out is not None]
    if held:
        expected = [one.forecast.success for _, one in held]
        arrays["held_out_success"] = np.stack(
            [
                np.concatenate([getattr(e, end) for e in expected])
                for end in ("value", "low", "high")
            ]
        )
        arrays["held_out_observed"] = np.concatenate([one.success for _, one in held])
        arrays["held_out_subject"] = np.concatenate([np.full(len(o.sessions), k) for k, o in held])
        arrays["held_out_session"] = np.concatenate([one.sessions for _, one in held])
    return arrays


def _held_tables(result: "TablePrediction") -> list[Table]:
    rows = []
    for one in result.subjects[:_MOST_ROWS]:
        if one.held_out is None:
            continue
        held = one.held_out
        for k, session in enumerate(result.session_names(one.subject, held.sessions)):
            expected = held.forecast.success[k]
            said = "yes" if held.is_inside[k] else "no"
            rows.append([one.subject, session, *expected.as_tuple(), held.success[k], said])
    header = ["subject", "session", "forecast", "low", "high", "observed", "inside"]
    title = f"{result.name}: success in the last sessions, forecast from those before"
    return [Table(title, header, rows)] if rows else []


def _to_come_table(result: "TablePrediction") -> Table:
    rows = []
    for one in result.subjects[:_MOST_ROWS]:
        winner = one.comparison.winner
        model = "cannot tell" if winner is None else winner.model.description
        first, last = one.to_come.success[0], one.to_come.success[-1]
        rows.append([one.subject, model, *first.as_tuple(), *last.as_tuple()])
    header = ["subject", "model", "first", "low", "high", "last", "low", "high"]
    task = "more of the recorded task" if result.options.task is None else "the stated task"
    title = f"{result.name}: success in {_counted(result.options.n_sessions, 'session')} of {task}"
    return Table(title, header, rows)


def _notes(result: "TablePrediction") -> list[str]:
    options, inside, n = result.options, result.is_inside, len(result.subjects)
    verdicts = [one.comparison.verdict for one in result.subjects]
    counted = ", ".join(f"{verdicts.count(v)} {v}" for v in sorted(set(verdicts)))
    notes = [
        f"{_counted(n, 'subject')}; verdicts on how they decide: {counted}. Each model gets "
        "draws in proportion to its evidence, so that where none wins all that are close forecast.",
        *result.settings.sentences,
        *result.settings.warnings,
    ]
    if len(inside):
        notes.append(
            f"{inside.sum()} of {_counted(len(inside), 'held-out session')} ({inside.mean():.0%}) "
            "lie inside their 95 % intervals. Their stimuli and the rule of their rewards, as far "
            "as outcomes show it, were given; choices were not, neither for fits nor for how "
            "trials are read."
        )
    notes += [f"Subject {one.subject}: {one.no_held_out}" for one in _without(result)[:3]]
    if options.task is None:
        notes.append(
            "Sessions to come have the stimuli of recorded trials, and "
            "the rewards of the last session in which a stimulus occurred."
        )
    notes.append(
        "Success is the mean of 1 - risk, the reward as a share. Intervals are for one subject: "
        "uncertainty of its parameters, of the model and of the rule of rewards, and the chance in "
        "choices and rewards. Of three subjects or more, parameters are drawn from one population."
    )
    if n > _MOST_ROWS:
        notes.append(f"The tables show {_MOST_ROWS} of {n} subjects; the JSON has all of them.")
    notes += [f"Subject {name} cannot be forecast: {why}" for name, why in result.failures.items()]
    return notes


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _without(result: "TablePrediction") -> list["SubjectForecast"]:
    return [one for one in result.subjects if one.no_held_out]


def _figures(result: "TablePrediction") -> dict[str, Any]:
    figures: dict[str, Any] = {"sessions_to_come": partial(_draw_to_come, result)}
    if len(result.is_inside):
        figures["held_out"] = partial(_draw_held_out, result)
    return figures


def _draw_held_out(result: "TablePrediction") -> "Figure":
    from hebbayes.plotting.forecasts import held_out_figure

    arrays = _arrays(result)
    value, low, high = arrays["held_out_success"]
    return held_out_figure((value, low, high), arrays["held_out_observed"])


def _draw_to_come(result: "TablePrediction") -> "Figure":
    from hebbayes.plotting.forecasts import sessions_to_come_figure

    curves = {one.subject: one.to_come.success.as_tuple() for one in result.subjects}
    return sessions_to_come_figure(curves, result.options.reversals)
