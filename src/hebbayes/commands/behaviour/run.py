"""From a table of choices to every subject's beliefs, learning and verdict (docs/behaviour.md).

Settings that the user leaves open are scored first; then every model is fitted to every subject,
then as a population to all of them; processes share the work.  Without a file a simulated group is
described and compared with its truth.  A checkpoint keeps what processes returned.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.commands.running.saved_replies import SavedReplies
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.behaviour import mapping_of, read_behaviour

if TYPE_CHECKING:
    from hebbayes.commands.configs import BehaviourConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.data.behaviour import Behaviour
    from hebbayes.reverse_engineering.behaviour.subjects.delays import DelayPosterior
    from hebbayes.reverse_engineering.behaviour.subjects.description import (
        PopulationDescription,
        SubjectDescription,
    )
    from hebbayes.reverse_engineering.behaviour.subjects.fits import ModelFit
    from hebbayes.reverse_engineering.behaviour.subjects.screening import SetAside
    from hebbayes.reverse_engineering.behaviour.subjects.settings import Settings
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials
    from hebbayes.reverse_engineering.statistics.groups import Comparison
    from hebbayes.simulators import SimulatedGroup

Floats = NDArray[np.float64]

_FEW_TRIALS = 5000  # too few for starting processes to pay


@dataclass(frozen=True, eq=False)
class BehaviourResult(CommandResult):
    """What the choices of a table say.

    Attributes:
        config: Options of the command.
        name: The table, for titles.
        behaviour: The choices of the subjects that are described.
        set_aside: Every other subject.
        states: Where states come from: stimuli, inferred, activity or none.
        settings: How trials are read, and the scores behind it.
        trials: Trials of every subject as models read them.
        subjects: What choices say of every subject.
        population: What they say together.
        groups: Comparison of groups by element; empty without groups.
        truth: The embedded group itself; None for a file.
        seconds: Wall time.
    """

    config: "BehaviourConfig"
    name: str
    behaviour: "Behaviour"
    set_aside: "tuple[SetAside, ...]"
    states: str
    settings: "Settings"
    trials: "Sequence[SubjectTrials]"
    subjects: "Sequence[SubjectDescription]"
    population: "PopulationDescription"
    groups: "Mapping[str, Comparison]"
    truth: "SimulatedGroup | None"
    seconds: float

    @property
    def choice_labels(self) -> list[str]:
        """Names of the choices that were ever made."""
        return [str(self.behaviour.choice_ids[k]) for k in self.trials[0].trials.taken]

    @property
    def state_names(self) -> list[str]:
        """Names of states, then that of no state at all, at `NO_STATE`."""
        n = self.trials[0].trials.x.shape[1]
        names = [str(name) for name in self.behaviour.channel_ids]
        if self.states == "none":
            names = ["every trial"]
        elif len(names) != n:  # states of another source
            names = [f"state {k}" for k in range(n)]
        return [*names, "none on"]


def run(
    config: "BehaviourConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> BehaviourResult:
    """Return what choices say of every subject; fits that a checkpoint holds are not repeated.

    Subjects of too few trials or of one choice are set aside.  Raises `HebbayesError` if the table
    cannot be read, a value is out of range, or no subject is left.
    """
    from hebbayes.reverse_engineering.behaviour.subjects import description, groups
    from hebbayes.reverse_engineering.behaviour.subjects.screening import screen_subjects
    from hebbayes.reverse_engineering.behaviour.subjects.states import states_of
    from hebbayes.reverse_engineering.behaviour.subjects.trials import subjects_of

    _check(config)
    started = time.perf_counter()
    name, behaviour, truth = _read(config)
    behaviour, aside = screen_subjects(behaviour)
    source, states = states_of(behaviour, config.states)
    n_workers = 1 if behaviour.n_trials < _FEW_TRIALS else config.workers
    with open_workers(n_workers) as workers:
        replies = SavedReplies(workers, progress, checkpoint, kinds=_kinds_of_replies())
        settings = settings_of(config, behaviour, states, replies)
        trials = subjects_of(behaviour, states, settings.read_as)
        fits, population = _fitted(behaviour, trials, replies)
        delays = _delays(config, trials, population, replies)
    subjects = description.describe_subjects(behaviour, trials, fits, population, delays)
    labels = [str(behaviour.choice_ids[k]) for k in trials[0].trials.taken]
    compared = groups.describe_groups(subjects, population, trials[0], labels, seed=config.seed)
    return BehaviourResult(
        config=config,
        name=name,
        behaviour=behaviour,
        set_aside=aside,
        states=source,
        settings=settings,
        trials=trials,
        subjects=subjects,
        population=population,
        groups=compared,
        truth=truth,
        seconds=time.perf_counter() - started,
    )


def _fitted(
    behaviour: "Behaviour",
    trials: "Sequence[SubjectTrials]",
    replies: SavedReplies,
) -> "tuple[list[Mapping[str, ModelFit]], PopulationDescription]":
    """Every model of every subject, then of all subjects together."""
    from hebbayes.reverse_engineering.behaviour.subjects import description, tasks

    models = description.models_for(behaviour)
    alone = [tasks.SubjectTask(one, models) for one in trials]
    fits = replies.map("subjects", tasks.run_subject, alone)
    base, together = description.population_tasks(trials, fits)
    fitted = replies.map("models of all subjects", tasks.run_population, together)
    n_choices = trials[0].trials.n_decisions
    return fits, description.describe_population(base, list(zip(together, fitted)), n_choices, fits)


def _delays(
    config: "BehaviourConfig",
    trials: "Sequence[SubjectTrials]",
    population: "PopulationDescription",
    replies: SavedReplies,
) -> "list[DelayPosterior]":
    """The delay of every subject, if the user leaves it open."""
    from hebbayes.reverse_engineering.behaviour.subjects import description, tasks
    from hebbayes.reverse_engineering.behaviour.subjects.settings import DELAYS

    tried = DELAYS if config.reward_delay == "auto" else ()
    return replies.map(
        "delays", tasks.run_delay, description.delay_tasks(trials, population, tried)
    )


def _kinds_of_replies() -> tuple[type, ...]:
    from hebbayes.reverse_engineering.behaviour.rivals.evidence import LaplaceFit
    from hebbayes.reverse_engineering.behaviour.subjects import fits, population, tasks
    from hebbayes.reverse_engineering.behaviour.subjects.delays import DelayPosterior
    from hebbayes.reverse_engineering.behaviour.subjects.extras import ExtraFit

    return (
        *(fits.ModelFit, fits.FormFit, LaplaceFit, tasks.Fitted, ExtraFit, DelayPosterior),
        *(population.Normal, population.Expansion),
    )


def _check(config: "BehaviourConfig") -> None:
    if config.reward_delay != "auto" and not (
        config.reward_delay.isascii()
        and config.reward_delay.isdigit()
        and int(config.reward_delay[:8]) <= 1_000_000
    ):
        raise ValueRangeError(
            "--reward-delay must be auto or a whole number of trials from 0 to 1000000; got "
            f"{config.reward_delay}."
        )


def _read(config: "BehaviourConfig") -> "tuple[str, Behaviour, SimulatedGroup | None]":
    if config.file is None:
        from hebbayes.simulators import simulate_group

        group = simulate_group(seed=config.seed)
        return "simulated group", group.behaviour, group
    behaviour = read_behaviour(config.file, mapping_of(config))
    made = np.unique(behaviour.choice[behaviour.choice >= 0])
    if made.size < 2:
        raise ValueRangeError(
            f"{config.file.name} has {made.size} different choices; describing behaviour needs at "
            "least two. Check --choice and --missed."
        )
    return config.file.name, behaviour, None


def settings_of(
    config: "BehaviourConfig",
    behaviour: "Behaviour",
    states: Floats,
    replies: SavedReplies,
) -> "Settings":
    """Return how trials are read: what the user left open is scored on some of the subjects.

    Example:
        >>> from hebbayes.commands.configs import BehaviourConfig
        >>> from hebbayes.data.behaviour import Behaviour
        >>> table = Behaviour([0, 1] * 20, np.ones((40, 1)), risk=[0.0, 1.0] * 20)
        >>> config = BehaviourConfig(reward_delay="2")
        >>> with open_workers(1) as workers:
        ...     replies = SavedReplies(workers, DEFAULT_PROGRESS)
        ...     found = settings_of(config, table, table.stimuli, replies)
        >>> found.read_as.reward_delay
        2
    """
    from hebbayes.reverse_engineering.behaviour.subjects import settings
    from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs

    bounds = np.searchsorted(behaviour.subject, np.arange(behaviour.n_subjects + 1))
    count = min(behaviour.n_subjects, settings.MOST_SCORED)
    some = np.unique(np.linspace(0, behaviour.n_subjects - 1, count).round().astype(int))

    def scores(ways: tuple[ReadAs, ...], what: str) -> tuple[list[float], int]:
        tasks = [
            settings.Scoring(behaviour.of_subject(k), states[bounds[k] : bounds[k + 1]], ways)
            for k in some.tolist()
        ]
        scored = replies.map(what, settings.score_ways, tasks)
        return settings.best_of([one for one, _ in scored]), sum(n for _, n in scored)

    ways = settings.first_ways(
        config.decision_rests_on, config.new_stimuli, int(behaviour.session_index.max()) + 1
    )
    first, n_scored = scores(ways, "how trials are read")
    read_as, basis = settings.choose_first(ways, first, n_scored, config.decision_rests_on)
    delays = settings.DELAYS[1:] if config.reward_delay == "auto" else (int(config.reward_delay),)
    later: tuple[ReadAs, ...] = ()
    second: list[float] = []
    if config.reward_delay == "auto":
        later = tuple(ReadAs(read_as.rests_on, read_as.has_new_stimuli, delay) for delay in delays)
        second, _ = scores(later, "delay of learning")
    return settings.settled(
        dict(zip((*ways, *later), (*first, *second))),
        read_as,
        basis,
        n_scored,
        asked=(config.new_stimuli, config.reward_delay),
    )
