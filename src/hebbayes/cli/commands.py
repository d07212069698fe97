"""Every command: its config record, its module, and an example.

A command is a thin shell over ``run`` and ``present`` of ``hebbayes.commands.<module>``, which
is imported only when the command runs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hebbayes.commands import configs
from hebbayes.environments.registry import plug_in_names


@dataclass(frozen=True)
class Command:
    """One command of the command line.

    Attributes:
        name: Word on the command line.
        config: Frozen record that becomes its flags.
        example: Command line to start with.
        positional: Field, or fields in order, that may be given without their flags.
        is_study: Whether it writes a run folder without ``--out``.
        room: Folder of `hebbayes.commands` that the command shares with others.
    """

    name: str
    config: type
    example: str
    positional: str | tuple[str, ...] | None = None
    is_study: bool = False
    room: str = ""
    plug_ins: Callable[[], tuple[str, ...]] | None = None

    @property
    def positionals(self) -> tuple[str, ...]:
        """Fields that may be given without their flags, in order."""
        given = self.positional or ()
        return (given,) if isinstance(given, str) else given

    @property
    def function(self) -> str:
        """Name of its function in Python; a package of the same name takes the plain one."""
        name = self.name.replace("-", "_")
        return f"run_{name}" if name == "clinic" else name

    @property
    def module(self) -> str:
        """Full name of the command's module."""
        places = ("hebbayes.commands", self.room, self.name.replace("-", "_"))
        return ".".join(filter(None, places))


COMMANDS: tuple[Command, ...] = (
    Command("demo", configs.DemoConfig, "hebbayes demo --out runs/demo", is_study=True),
    Command(
        "certify",
        configs.CertifyConfig,
        "hebbayes certify --task maze --perturb thresholds",
        plug_ins=plug_in_names,
    ),
    Command("replay", configs.ReplayConfig, "hebbayes replay trace.npz", positional="trace"),
    Command(
        "maze",
        configs.MazeConfig,
        "hebbayes maze --e-right 0.25 --mazes 4 --trials 20",
        is_study=True,
        room="mazes",
    ),
    Command(
        "maze-study",
        configs.MazeStudyConfig,
        "hebbayes maze-study --out runs/published --resume",
        is_study=True,
        room="mazes",
    ),
    Command(
        "predict-maze",
        configs.PredictMazeConfig,
        "hebbayes predict-maze --e-right 0.15",
        is_study=True,
        room="mazes",
    ),
    Command("sources", configs.SourcesConfig, "hebbayes sources --d1 0.2 --runs 10"),
    Command(
        "play", configs.PlayConfig, "hebbayes play FrozenLake-v1 --steps 20000", positional="env_id"
    ),
    Command("check", configs.CheckConfig, "hebbayes check recording.nwb", positional="file"),
    Command(
        "analyze",
        configs.AnalyzeConfig,
        "hebbayes analyze recording.mat --protocol isomura2023 --out runs/recording",
        positional="file",
    ),
    Command(
        "behaviour",
        configs.BehaviourConfig,
        "hebbayes behaviour choices.csv --subject subjID --choice choice --outcome outcome",
        positional="file",
    ),
    Command(
        "predict-behaviour",
        configs.PredictBehaviourConfig,
        "hebbayes predict-behaviour animal.npz --reward-delay 2 --reversals 4,8 --gain-factor 0.5",
        positional="file",
    ),
    Command(
        "clinic",
        configs.ClinicConfig,
        "hebbayes clinic diagnose choices.csv --group group --controls HC",
        positional=("what", "file"),
    ),
    Command(
        "chip",
        configs.ChipConfig,
        "hebbayes chip build --out runs/chip",
        positional=("what", "file"),
    ),
    Command(
        "simulate-culture",
        configs.SimulateCultureConfig,
        "hebbayes simulate-culture culture.npz --sources 3 --units 40 --ragged 0.3",
        positional="file",
    ),
    Command(
        "design",
        configs.DesignConfig,
        "hebbayes design --cultures 8 --sessions 40 --trials 128 --units 32",
    ),
    Command(
        "reproduce",
        configs.ReproduceConfig,
        "hebbayes reproduce list",
        positional="name",
    ),
    Command(
        "derive",
        configs.DeriveConfig,
        "hebbayes derive network.txt --format latex",
        positional="equation",
    ),
    Command("bench", configs.BenchConfig, "hebbayes bench maze --peers", positional="what"),
)
