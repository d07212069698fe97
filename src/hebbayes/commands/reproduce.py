"""Published figures: our numbers beside the published ones, with every claim tested."""

import difflib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hebbayes.commands import published
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.configs import ReproduceConfig
    from hebbayes.commands.published.reproduction import Reproduction
    from hebbayes.commands.running.checkpoint import Checkpoint

FIGURES_FOLDER = "figures"  # of a run folder


PUBLISHED: Mapping[str, str] = {
    "isomura2020-fig2": "each state learns to respond to its own hidden source",
    "isomura2020-fig3": "a wrong prior D1 impairs the encoding of sources",
    "isomura2020-fig4": "priors estimated from early activity predict later synapses",
    "isomura2022-fig4": "a network learns to leave mazes",
    "isomura2022-fig5": "priors estimated from decisions predict learning in unseen mazes",
    "isomura2023-excitability": "hypo- and hyper-excitable networks: a prior too low, too high",
    "isomura2023-fig3": "cultures interpreted by the theory, compared with gain drift alone",
    "what-theory-adds": "forecasts of cultures by every null and every model of the theory",
}
"""What each figure shows; a module of `published` reproduces it."""


@dataclass(frozen=True)
class ReproduceResult(CommandResult):
    """One reproduced figure, or the list of all.

    Attributes:
        config: Options of the command.
        reproduction: The figure; None for the list.
        figure: Path of the drawing; None without a run folder.
        seconds: Wall time.
    """

    config: "ReproduceConfig"
    reproduction: "Reproduction | None"
    figure: str | None
    seconds: float


def run(
    config: "ReproduceConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> ReproduceResult:
    """Return the figure ``config.name``, computed anew.

    Raises `ValueRangeError` if the name is not in `PUBLISHED`.
    """
    if config.name == "list":
        return ReproduceResult(config, None, None, 0.0)
    if config.name not in PUBLISHED:
        raise ValueRangeError(_unknown(config.name))
    check_at_least("--runs", config.runs, 2)
    check_at_least("--mazes", config.mazes, 2)
    check_at_least("--trials", config.trials, 20)
    started = time.perf_counter()
    module = import_module(f"{published.__name__}.{config.name.replace('-', '_')}")
    reproduction = module.run(config, progress=progress, checkpoint=checkpoint)
    figure = None
    if checkpoint:
        figure = str(checkpoint.path.parent / FIGURES_FOLDER / f"{config.name}.svg")
    return ReproduceResult(config, reproduction, figure, time.perf_counter() - started)


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name.lower(), PUBLISHED, n=1, cutoff=0.4)
    remedy = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(PUBLISHED)}."
    return f"no published figure is called {name!r}; {remedy}"


def present(result: ReproduceResult) -> Outcome:
    """Return the figure, its claims and its numbers."""
    made = result.reproduction
    if made is None:
        return _listing()
    caption = made.caption
    return Outcome(
        summary={
            "figure": result.figure,
            "checks": dict(made.checks),
            "numbers": dict(made.numbers),
            "caption": caption,
            "seconds": result.seconds,
        },
        arrays=made.arrays,
        tables=[
            Table("Claims", ("claim", "holds"), list(made.checks.items())),
            _numbers_table(made.numbers),
            *made.tables,
        ],
        notes=[caption, *made.notes],
        figures={result.config.name: lambda: _captioned(made)},
        holds=all(made.checks.values()),
        next_command="hebbayes reproduce list",
    )


def _listing() -> Outcome:
    rows = list(PUBLISHED.items())
    return Outcome(
        summary={"figure": None, "checks": {}, "numbers": {}, "figures": dict(rows)},
        tables=[Table("Published figures", ("name", "shows"), rows)],
        next_command=f"hebbayes reproduce {rows[0][0]} --out runs/{rows[0][0]}",
    )


def _numbers_table(numbers: Mapping[str, Any]) -> Table:
    """Return our numbers with standard error, 95 % interval or both, beside the known ones."""
    columns = {
        "s.e.": ("standard_error",),
        "low": ("low",),
        "high": ("high",),
        "published or reference": ("published", "reference"),
    }
    present = {
        title: keys
        for title, keys in columns.items()
        if title not in ("low", "high") or any(keys[0] in entry for entry in numbers.values())
    }
    rows = [
        (
            name,
            entry["ours"],
            *(next((entry[k] for k in keys if k in entry), None) for keys in present.values()),
        )
        for name, entry in numbers.items()
    ]
    return Table("Numbers", ("number", "ours", *present), rows)


def _captioned(made: "Reproduction") -> "Figure":
    from hebbayes.plotting.style import add_caption

    figure = made.draw()
    add_caption(figure, made.caption)
    return figure
