"""The causal protocol on one culture: its states, their description, forecasts and behaviour.

A culture in which no states are found keeps everything else: what a decoder reads, what was
recorded, and what its decisions say of the stimuli.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.core.errors import HebbayesError
from hebbayes.reverse_engineering.behaviour import describe_from_units
from hebbayes.reverse_engineering.behaviour.decision_basis import PREVIOUS
from hebbayes.reverse_engineering.description import CausalDescription, describe_causally
from hebbayes.reverse_engineering.ensembles.candidates import States, decision_states, find_states
from hebbayes.reverse_engineering.ensembles.match import Match, match_to_labels
from hebbayes.reverse_engineering.ensembles.population import (
    population_by_labels,
    population_without_labels,
)
from hebbayes.reverse_engineering.ensembles.readout import check_training
from hebbayes.reverse_engineering.forecasting.culture import CultureForecasts, score_culture
from hebbayes.reverse_engineering.perception import every_session, every_trial, no_learning
from hebbayes.reverse_engineering.statistics.readouts import skill, squared_errors

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.behaviour import BehaviourDescription
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]

SCHEDULES = {"online": every_trial, "per-session": every_session, "static": no_learning}

FEWEST_FITTED = 80
"""Trials below which more than half of the sessions are fitted, if these are too few for the
default of --train-sessions."""


@dataclass(frozen=True, eq=False)
class CausalCulture:
    """One culture that shows states.

    Attributes:
        number: Its number in the file.
        recording: What was recorded.
        train_sessions: Sessions that were fitted.
        states: Where its states come from.
        description: Its ensembles, and the network and free energy read from them.
        match: Ensembles beside known sources, for scoring only; None without labels.
        errors: Model to squared error of activity in each scored session.
        skill: Model to 1 - error / error of ``constant``.
        forecasts: Forecasts of raw responses, or None.
        no_forecast: Why there is no forecast.
        behaviour: What decisions say, or None.
        no_behaviour: Why decisions say nothing; empty if none were recorded.
    """

    number: int
    recording: "Recording"
    train_sessions: int
    states: States
    description: CausalDescription
    match: Match | None
    errors: Mapping[str, Floats]
    skill: Mapping[str, "Estimate[float]"]
    forecasts: CultureForecasts | None
    no_forecast: str
    behaviour: "BehaviourDescription | None"
    no_behaviour: str = ""


@dataclass(frozen=True, eq=False)
class UndescribedCulture:
    """One culture without states that could be read.

    Attributes:
        number: Its number in the file.
        recording: What was recorded.
        train_sessions: Sessions that were searched.
        states: Why there are none, and what decoders read.
        why: Why it cannot be described.
        behaviour: What decisions say, with the given or shown states as beliefs; or None.
        no_behaviour: Why decisions say nothing; empty if none were recorded.
    """

    number: int
    recording: "Recording"
    train_sessions: int
    states: States
    why: str
    behaviour: "BehaviourDescription | None"
    no_behaviour: str = ""


def analyze_culture(
    config: "AnalyzeConfig", number: int, recording: "Recording"
) -> CausalCulture | UndescribedCulture:
    """Return the causal analysis of one culture.

    Raises `ShapeError` for more training sessions than it has.

    Example:
        >>> from hebbayes.commands.analyze.request import read_request
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> config = AnalyzeConfig(ensembles="labels")
        >>> recording = read_request(config).held.recordings[0]
        >>> analyze_culture(config, 0, recording).match.correlation.round(1).tolist()
        [0.9, 0.9]
    """
    n_train = training_sessions(config, recording)
    check_training(recording, n_train)
    rng = np.random.default_rng((config.seed, number))
    states = find_states(
        recording, _finder(config, n_train), train_sessions=n_train, seed=config.seed
    )
    description, why = _description(config, recording, states, n_train)
    if description is None:
        behaviour, no_behaviour = _behaviour(config, recording, states, None, n_train, rng=rng)
        return UndescribedCulture(number, recording, n_train, states, why, behaviour, no_behaviour)
    match = None
    if recording.sources is not None:
        match = match_to_labels(description.population.activity, recording.sources)
    errors = _errors(recording, description, n_train)
    skills = _skills(errors, rng)
    behaviour, no_behaviour = _behaviour(config, recording, states, description, n_train, rng=rng)
    forecasts, no_forecast = _forecasts(config, recording, description, n_train, behaviour)
    return CausalCulture(
        number,
        recording,
        n_train,
        states,
        description,
        match,
        errors,
        skills,
        forecasts,
        no_forecast,
        behaviour,
        no_behaviour,
    )


def training_sessions(config: "AnalyzeConfig", recording: "Recording") -> int:
    """Return how many sessions to fit: the flag, or part of a recording too short for its default.

    That part is the first half of the sessions, or more if they hold fewer than `FEWEST_FITTED`
    trials.

    Example:
        >>> from types import SimpleNamespace
        >>> config = SimpleNamespace(train_sessions=10)
        >>> def recording(n_sessions, n_trials):
        ...     index = np.repeat(np.arange(n_sessions), n_trials)
        ...     return SimpleNamespace(n_sessions=n_sessions, session_index=index)
        >>> [training_sessions(config, recording(n, 50)) for n in (1, 5, 10, 30)]
        [1, 3, 10, 10]
        >>> training_sessions(config, recording(4, 30))
        3
    """
    n_train, n_sessions = config.train_sessions, recording.n_sessions
    if n_train != AnalyzeConfig.train_sessions or n_sessions >= n_train:
        return n_train
    trials = np.cumsum(np.bincount(recording.session_index))
    enough = 1 + int(np.searchsorted(trials, FEWEST_FITTED))
    return min(max((n_sessions + 1) // 2, enough), n_sessions)


def _description(
    config: "AnalyzeConfig", recording: "Recording", states: States, n_train: int
) -> tuple[CausalDescription | None, str]:
    """Return the description, or None and the sentence that says why there is none."""
    population = states.population
    if population is None:
        return None, states.why
    try:
        description = describe_causally(
            recording,
            lambda _: population,
            train_sessions=n_train,
            schedule=SCHEDULES[config.plasticity],
            seed=config.seed,
        )
        return description, ""
    except HebbayesError as error:
        return None, str(error)


def _errors(
    recording: "Recording", description: CausalDescription, n_train: int
) -> Mapping[str, Floats]:
    if recording.n_sessions <= n_train:
        return {}
    return squared_errors(
        description.activity,
        description.predicted_activity,
        recording.stimuli,
        recording.session_index,
        n_train,
    )


def _forecasts(
    config: "AnalyzeConfig",
    recording: "Recording",
    description: CausalDescription,
    n_train: int,
    behaviour: "BehaviourDescription | None",
) -> tuple[CultureForecasts | None, str]:
    """Return forecasts, or None and the sentence that says why there are none."""
    if recording.n_sessions <= n_train:
        return None, (
            f"all {recording.n_sessions} sessions were fitted, so that none is left; record more, "
            "split them with --session-trials, or pass a smaller --train-sessions."
        )
    try:
        forecasts = score_culture(
            recording,
            n_train,
            activity=description.activity,
            reward_delay=config.reward_delay,
            rests_on=PREVIOUS if behaviour is None else behaviour.rests_on,
        )
        return forecasts, ""
    except HebbayesError as error:
        return None, str(error)


def _behaviour(
    config: "AnalyzeConfig",
    recording: "Recording",
    states: States,
    description: CausalDescription | None,
    n_train: int,
    *,
    rng: np.random.Generator,
) -> tuple["BehaviourDescription | None", str]:
    """Return what decisions say, or a sentence that says why they say nothing."""
    if recording.decisions is None:
        return None, ""
    found = None if description is None else description.activity
    try:
        behaviour = describe_from_units(
            recording,
            lambda: decision_states(recording, states, found).values,
            config.reward_delay,
            rng=rng,
            rests_on=config.decision_rests_on,
            basis_sessions=n_train,
        )
        return behaviour, ""
    except HebbayesError as error:
        return None, str(error)


def _finder(config: "AnalyzeConfig", n_train: int) -> Callable:
    if config.ensembles == "labels":
        return partial(population_by_labels, train_sessions=n_train)
    return partial(
        population_without_labels,
        train_sessions=n_train,
        n_ensembles=config.n_ensembles or None,
        seed=config.seed,
    )


def _skills(errors: Mapping[str, Floats], rng: np.random.Generator) -> dict[str, "Estimate[float]"]:
    return {
        model: skill(values, errors["constant"], rng=rng)
        for model, values in errors.items()
        if model != "constant" and errors["constant"].all()
    }
