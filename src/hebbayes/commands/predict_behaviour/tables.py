"""Forecasts for every subject of a table: sessions held out, and sessions or a task to come."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.behaviour.run import settings_of
from hebbayes.commands.configs import BehaviourConfig
from hebbayes.commands.predict_behaviour.flags import reversals_of
from hebbayes.commands.predict_behaviour.result import PredictBehaviourResult
from hebbayes.commands.predict_behaviour.source import check_table
from hebbayes.commands.predict_behaviour.task_flags import task_of_table
from hebbayes.commands.running.saved_replies import SavedReplies
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.behaviour.rescaling import risk_by_outcomes_of
from hebbayes.reverse_engineering.behaviour.prediction.known import (
    held_out_trials,
    trials_of_table,
)
from hebbayes.reverse_engineering.behaviour.prediction.subjects import (
    ForecastOptions,
    SubjectForecast,
    forecast_subjects,
)
from hebbayes.reverse_engineering.behaviour.subjects.screening import screen_subjects
from hebbayes.reverse_engineering.behaviour.subjects.states import states_of

if TYPE_CHECKING:
    from hebbayes.commands.configs import PredictBehaviourConfig
    from hebbayes.commands.running.progress import Progress
    from hebbayes.data.behaviour.container import Behaviour
    from hebbayes.reverse_engineering.behaviour.subjects.settings import Settings

SESSIONS, DRAWS = 3, 400
"""To come, and drawn subjects for each, unless stated."""

_FEW_TRIALS = 5000  # too few for starting processes to pay


@dataclass(frozen=True, eq=False)
class TablePrediction(PredictBehaviourResult):
    """Forecasts for the subjects of a table.

    Attributes:
        config: Options of the command.
        name: The file, for titles.
        behaviour: The table.
        states: Where the states come from that choices rest on.
        settings: How trials are read, and why.
        options: What was forecast.
        subjects: Every subject that could be forecast.
        failures: Every other subject, and why.
        seconds: Wall time.
    """

    config: "PredictBehaviourConfig"
    name: str
    behaviour: "Behaviour"
    states: str
    settings: "Settings"
    options: ForecastOptions
    subjects: tuple[SubjectForecast, ...]
    failures: Mapping[str, str]
    seconds: float

    def session_names(self, subject: str, sessions: NDArray[np.int64]) -> list[str]:
        """Return the names that sessions of a subject, counted from 0, have in the file."""
        behaviour = self.behaviour
        k = [str(one) for one in behaviour.subject_ids].index(subject)
        own = behaviour.subject == k
        index, first = np.unique(behaviour.session_index[own], return_index=True)
        labels = behaviour.session[own][first][np.searchsorted(index, sessions)]
        names = behaviour.provenance.get("session_names") or ()
        return [str(names[one]) if len(names) else str(one) for one in labels.tolist()]

    @property
    def is_inside(self) -> NDArray[np.bool_]:
        """Whether each session that was held out lies inside its interval, (sessions,)."""
        held = [one.held_out.is_inside for one in self.subjects if one.held_out is not None]
        return np.concatenate(held) if held else np.zeros(0, bool)


def predict_table(
    config: "PredictBehaviourConfig",
    behaviour: "Behaviour",
    progress: "Progress",
) -> TablePrediction:
    """Return the forecasts for every subject of a table.

    Raises `ValueRangeError` if a flag does not fit a table, or no subject can be forecast.

    Example:
        >>> from hebbayes.commands.configs import PredictBehaviourConfig
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> from hebbayes.data.behaviour import Behaviour
        >>> rng = np.random.default_rng(0)
        >>> x = rng.integers(0, 2, (90, 1)).astype(float)
        >>> taken = np.where(rng.random(90) < 0.8, x[:, 0], 1 - x[:, 0]).astype(int)
        >>> table = Behaviour(taken, x, risk=(taken != x[:, 0]).astype(float),
        ...                   session=np.repeat(np.arange(3), 30))
        >>> config = PredictBehaviourConfig(draws=30)
        >>> result = predict_table(config, table, DEFAULT_PROGRESS)
        >>> result.is_inside.tolist(), result.settings.read_as.rests_on
        ([True], 'same')
    """
    check_table(config)
    started = time.perf_counter()
    behaviour, aside = screen_subjects(behaviour)
    is_known = ~held_out_trials(behaviour, config.hold_out)
    behaviour, warnings = risk_by_outcomes_of(behaviour, is_known)
    source, states = states_of(behaviour)
    options = _options(config, behaviour, states)
    n_workers = 1 if behaviour.n_trials < _FEW_TRIALS else 0
    with open_workers(n_workers) as workers:
        settings = settings_of(
            _as_behaviour(config),
            trials_of_table(behaviour, is_known),
            states[is_known],
            SavedReplies(workers, progress),
        )
        progress.start("subjects", behaviour.n_subjects)
        found = list(
            _counted(
                forecast_subjects(
                    behaviour,
                    states,
                    settings.read_as,
                    options,
                    seed=config.seed,
                    share=workers.map,
                ),
                progress,
            )
        )
    subjects = tuple(one for _, one in found if isinstance(one, SubjectForecast))
    failures = {name: one for name, one in found if isinstance(one, str)}
    failures |= {str(one.name): one.reason for one in aside}
    if not subjects:
        first = next(iter(failures))
        raise ValueRangeError(f"no subject can be forecast; subject {first}: {failures[first]}")
    settings = replace(settings, warnings=(*settings.warnings, *warnings))
    name = "table" if config.file is None else config.file.name
    answer = (config, name, behaviour, source, settings, options, subjects, failures)
    return TablePrediction(*answer, time.perf_counter() - started)


def _as_behaviour(config: "PredictBehaviourConfig") -> BehaviourConfig:
    """The options of the command `behaviour` that settle how trials are read."""
    return BehaviourConfig(
        decision_rests_on=config.decision_rests_on,
        new_stimuli=config.new_stimuli,
        reward_delay="auto" if config.reward_delay is None else str(config.reward_delay),
    )


def _counted(
    found: Iterable[tuple[str, SubjectForecast | str]], progress: "Progress"
) -> Iterator[tuple[str, SubjectForecast | str]]:
    for one in found:
        yield one
        progress.advance()


def _options(
    config: "PredictBehaviourConfig",
    behaviour: "Behaviour",
    states: NDArray[np.float64],
) -> ForecastOptions:
    task = task_of_table(config, behaviour, states, SESSIONS)
    n_sessions = SESSIONS if config.task_sessions is None else config.task_sessions
    return ForecastOptions(
        n_held=config.hold_out,
        n_sessions=n_sessions if task is None else task.n_sessions,
        n_trials=config.task_trials,
        reversals=reversals_of(config, n_sessions, ()) if task is None else task.reversals,
        task=task,
        n_draws=DRAWS if config.draws is None else config.draws,
    )
