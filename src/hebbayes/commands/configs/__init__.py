"""One frozen record per command: its flags, TOML keys and Python argument.

Plain values only, so that `hebbayes --help` imports neither jax nor matplotlib.  ``run(config)`` of
the command checks the values.
"""

from hebbayes.commands.configs.behaviour import BehaviourConfig, MappingConfig
from hebbayes.commands.configs.chip import ChipConfig
from hebbayes.commands.configs.clinic import ClinicConfig
from hebbayes.commands.configs.derive import DeriveConfig
from hebbayes.commands.configs.design import DesignConfig
from hebbayes.commands.configs.recordings import (
    AnalyzeConfig,
    CheckConfig,
    PredictBehaviourConfig,
    ReadingConfig,
    SimulateCultureConfig,
)
from hebbayes.commands.configs.studies import BenchConfig, DemoConfig, ReproduceConfig
from hebbayes.commands.configs.worlds import (
    CertifyConfig,
    MazeConfig,
    MazeStudyConfig,
    PlayConfig,
    PredictMazeConfig,
    ReplayConfig,
    SourcesConfig,
)

__all__ = [
    "AnalyzeConfig",
    "BehaviourConfig",
    "BenchConfig",
    "CertifyConfig",
    "CheckConfig",
    "ChipConfig",
    "ClinicConfig",
    "DemoConfig",
    "DeriveConfig",
    "DesignConfig",
    "MappingConfig",
    "MazeConfig",
    "MazeStudyConfig",
    "PlayConfig",
    "PredictBehaviourConfig",
    "PredictMazeConfig",
    "ReadingConfig",
    "ReplayConfig",
    "ReproduceConfig",
    "SimulateCultureConfig",
    "SourcesConfig",
]
