"""Canonical neural networks as Bayesian agents: network in, generative model out, and back.

Build a model (`generative_model`, `flat_model`), see it as a network (`network_of`) and back
(`model_of`); infer (`believe`), fire (`activity`), learn (`learn`).  Let the model act in a world
(`ActiveInferenceAgent`) or the network itself (`NetworkAgent`), by `rollout` or `practise`, and
certify that both are one system (`certify_agent`).  Read recordings (`read_recording`), derive a
model from an equation (`derive`).  Every command of the command line is a function with a config
record: ``hebbayes.maze(hebbayes.MazeConfig(e_right=0.25))``.

Names are imported on first use, so that ``import hebbayes`` stays fast.
"""

# ruff: noqa: F401 - the imports below tell type checkers what `__getattr__` brings

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hebbayes.agents.active_inference import ActiveInferenceAgent, learn_from
    from hebbayes.agents.base import AbstractAgent
    from hebbayes.agents.baselines import RandomAgent
    from hebbayes.agents.certification import certify_agent
    from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
    from hebbayes.agents.modulators import AbstractModulator, ChunkedRisk, RewardRisk
    from hebbayes.agents.network_agent import NetworkAgent, adapt_to, network_agent
    from hebbayes.agents.practice import practise
    from hebbayes.agents.rollout import Trajectory, rollout
    from hebbayes.commands.analyze import run as analyze
    from hebbayes.commands.behaviour import run as behaviour
    from hebbayes.commands.bench import run as bench
    from hebbayes.commands.certify import run as certify
    from hebbayes.commands.check import run as check
    from hebbayes.commands.chip import run as chip
    from hebbayes.commands.clinic import run as run_clinic
    from hebbayes.commands.configs import (
        AnalyzeConfig,
        BehaviourConfig,
        BenchConfig,
        CertifyConfig,
        CheckConfig,
        ChipConfig,
        ClinicConfig,
        DemoConfig,
        DeriveConfig,
        DesignConfig,
        MazeConfig,
        MazeStudyConfig,
        PlayConfig,
        PredictBehaviourConfig,
        PredictMazeConfig,
        ReplayConfig,
        ReproduceConfig,
        SimulateCultureConfig,
        SourcesConfig,
    )
    from hebbayes.commands.demo import run as demo
    from hebbayes.commands.derive import run as derive
    from hebbayes.commands.design import run as design
    from hebbayes.commands.mazes.maze import run as maze
    from hebbayes.commands.mazes.maze_study import run as maze_study
    from hebbayes.commands.mazes.predict_maze import run as predict_maze
    from hebbayes.commands.play import run as play
    from hebbayes.commands.predict_behaviour import run as predict_behaviour
    from hebbayes.commands.replay import run as replay
    from hebbayes.commands.reproduce import run as reproduce
    from hebbayes.commands.simulate_culture import run as simulate_culture
    from hebbayes.commands.sources import run as sources
    from hebbayes.core.counts import digamma_ratio, log_ratio
    from hebbayes.core.errors import (
        FormatError,
        HebbayesError,
        MissingDependencyError,
        OutputError,
        ShapeError,
        ValueRangeError,
    )
    from hebbayes.data.behaviour.container import Behaviour
    from hebbayes.data.behaviour.reading import read_behaviour
    from hebbayes.data.reading import read_recording
    from hebbayes.data.recording import Recording
    from hebbayes.environments.base import AbstractEnvironment, FiniteEnvironment, FiniteWorld
    from hebbayes.environments.dog import dog_model, dog_world
    from hebbayes.environments.hidden_sources import (
        block_mixing,
        draw_mixtures,
        hidden_sources,
        naive_model,
    )
    from hebbayes.environments.maze import Maze, maze_world, random_maze
    from hebbayes.plotting.certificate import plot_certificate
    from hebbayes.theory.certificate.certificate import Certificate, certify_run
    from hebbayes.theory.certificate.runs import Events, bayesian_run, neural_run
    from hebbayes.theory.equivalence import model_of, network_of
    from hebbayes.theory.generative_model import GenerativeModel, flat_model
    from hebbayes.theory.model_building import generative_model
    from hebbayes.theory.network import Network
    from hebbayes.theory.verbs import activity, adapt, believe, cost, free_energy, learn

_HOMES = {
    "agents.active_inference": "ActiveInferenceAgent learn_from",
    "agents.baselines": "RandomAgent",
    "agents.base": "AbstractAgent",
    "agents.certification": "certify_agent",
    "agents.maze_agent": "maze_agent_model first_move_of_decision",
    "agents.modulators": "AbstractModulator ChunkedRisk RewardRisk",
    "agents.network_agent": "NetworkAgent adapt_to network_agent",
    "agents.practice": "practise",
    "agents.rollout": "Trajectory rollout",
    "core.counts": "digamma_ratio log_ratio",
    "core.errors": (
        "FormatError HebbayesError MissingDependencyError OutputError ShapeError ValueRangeError "
    ),
    "data.behaviour.container": "Behaviour",
    "data.behaviour.reading": "read_behaviour",
    "data.reading": "read_recording",
    "data.recording": "Recording",
    "environments.base": "AbstractEnvironment FiniteEnvironment FiniteWorld",
    "environments.dog": "dog_model dog_world",
    "environments.hidden_sources": "block_mixing draw_mixtures hidden_sources naive_model",
    "environments.maze": "Maze maze_world random_maze",
    "plotting.certificate": "plot_certificate",
    "commands.configs": (
        "AnalyzeConfig BehaviourConfig BenchConfig CertifyConfig CheckConfig ChipConfig "
        "ClinicConfig DemoConfig DeriveConfig DesignConfig MazeConfig MazeStudyConfig "
        "PlayConfig PredictBehaviourConfig PredictMazeConfig ReplayConfig ReproduceConfig "
        "SimulateCultureConfig SourcesConfig "
    ),
    "theory.certificate.certificate": "Certificate certify_run",
    "theory.certificate.runs": "Events bayesian_run neural_run",
    "theory.equivalence": "model_of network_of",
    "theory.generative_model": "GenerativeModel flat_model",
    "theory.model_building": "generative_model",
    "theory.network": "Network",
    "theory.verbs": "activity adapt believe cost free_energy learn",
}
"""Module -> the public names that it defines."""

_COMMANDS = {
    "analyze": "commands.analyze",
    "behaviour": "commands.behaviour",
    "bench": "commands.bench",
    "certify": "commands.certify",
    "check": "commands.check",
    "chip": "commands.chip",
    "run_clinic": "commands.clinic",
    "demo": "commands.demo",
    "derive": "commands.derive",
    "design": "commands.design",
    "play": "commands.play",
    "predict_behaviour": "commands.predict_behaviour",
    "replay": "commands.replay",
    "reproduce": "commands.reproduce",
    "simulate_culture": "commands.simulate_culture",
    "sources": "commands.sources",
    "maze": "commands.mazes.maze",
    "maze_study": "commands.mazes.maze_study",
    "predict_maze": "commands.mazes.predict_maze",
}
"""Command -> the module that holds its ``run``."""

_PLACES = {name: (home, name) for home, names in _HOMES.items() for name in names.split()} | {
    name: (home, "run") for name, home in _COMMANDS.items()
}

__all__ = sorted(["__version__", *_PLACES])


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("hebbayes")
    elif name in _PLACES:
        module, attribute = _PLACES[name]
        value = getattr(import_module(f"hebbayes.{module}"), attribute)
    else:
        raise AttributeError(f"module 'hebbayes' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return __all__
