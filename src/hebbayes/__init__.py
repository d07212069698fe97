"""Canonical neural networks as Bayesian agents: network in, generative model out, and back.

Every command of the command line is a function here with the same name and config record:
``hebbayes.maze(hebbayes.MazeConfig(e_right=0.25))``.  Names are imported on first use, so that
``import hebbayes`` stays fast.
"""

# ruff: noqa: F401 - the imports below tell type checkers what `__getattr__` brings

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hebbayes.agents.active_inference import ActiveInferenceAgent
    from hebbayes.agents.rollout import rollout
    from hebbayes.commands.analyze import run as analyze
    from hebbayes.commands.bench import run as bench
    from hebbayes.commands.certify import run as certify
    from hebbayes.commands.check import run as check
    from hebbayes.commands.configs import (
        AnalyzeConfig,
        BenchConfig,
        CertifyConfig,
        CheckConfig,
        DemoConfig,
        DeriveConfig,
        DesignConfig,
        MazeConfig,
        MazeStudyConfig,
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
    from hebbayes.commands.predict_behaviour import run as predict_behaviour
    from hebbayes.commands.replay.run import run as replay
    from hebbayes.commands.reproduce import run as reproduce
    from hebbayes.commands.simulate_culture import run as simulate_culture
    from hebbayes.commands.sources import run as sources
    from hebbayes.core.errors import (
        FormatError,
        HebbayesError,
        MissingDependencyError,
        OutputError,
        ShapeError,
        ValueRangeError,
    )
    from hebbayes.data.reading import read_recording
    from hebbayes.data.recording import Recording
    from hebbayes.environments.dog import dog_world
    from hebbayes.environments.hidden_sources import hidden_sources
    from hebbayes.environments.maze import maze_world, random_maze
    from hebbayes.theory.certificate.certificate import certify_run
    from hebbayes.theory.cost import cost
    from hebbayes.theory.equivalence import model_of, network_of
    from hebbayes.theory.free_energy import free_energy
    from hebbayes.theory.generative_model import GenerativeModel
    from hebbayes.theory.inference import infer_trajectory
    from hebbayes.theory.learning import learn
    from hebbayes.theory.network import Network, run_network
    from hebbayes.theory.plasticity import adapt

_COMMANDS = (
    "analyze bench certify check demo derive design predict_behaviour "
    "replay reproduce simulate_culture sources"
)
_HOMES = {
    "agents.active_inference": "ActiveInferenceAgent",
    "agents.rollout": "rollout",
    "core.errors": (
        "FormatError HebbayesError MissingDependencyError OutputError ShapeError ValueRangeError"
    ),
    "data.reading": "read_recording",
    "data.recording": "Recording",
    "environments.dog": "dog_world",
    "environments.hidden_sources": "hidden_sources",
    "environments.maze": "maze_world random_maze",
    "commands.configs": (
        "AnalyzeConfig BenchConfig CertifyConfig CheckConfig DemoConfig DeriveConfig DesignConfig "
        "MazeConfig MazeStudyConfig PredictBehaviourConfig PredictMazeConfig ReplayConfig "
        "ReproduceConfig SimulateCultureConfig SourcesConfig"
    ),
    "theory.certificate.certificate": "certify_run",
    "theory.cost": "cost",
    "theory.equivalence": "model_of network_of",
    "theory.free_energy": "free_energy",
    "theory.generative_model": "GenerativeModel",
    "theory.inference": "infer_trajectory",
    "theory.learning": "learn",
    "theory.network": "Network run_network",
    "theory.plasticity": "adapt",
}
_MAZE_COMMANDS = "maze maze_study predict_maze"
_PLACES = (
    {name: (home, name) for home, names in _HOMES.items() for name in names.split()}
    | {name: (f"commands.{name}", "run") for name in _COMMANDS.split()}
    | {name: (f"commands.mazes.{name}", "run") for name in _MAZE_COMMANDS.split()}
)

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
