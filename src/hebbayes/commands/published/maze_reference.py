"""The published maze study at E_r = 0.25, and how ours is held against it.

Means of docs/theory.md section 7; learning curves are read from ``maze/duration_E0.25.csv`` in the
folder that the environment variable HEBBAYES_REFERENCE_DATA names, if it is set.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.published.reproduction import number
from hebbayes.core.errors import FormatError
from hebbayes.reverse_engineering.statistics.summaries import is_consistent, mean_and_error

if TYPE_CHECKING:
    from hebbayes.commands.configs import ReproduceConfig

Values = NDArray[Any]

E_RIGHT = 0.25  # of the agent whose numbers are published
REFERENCE_DATA = "HEBBAYES_REFERENCE_DATA"
PUBLISHED_STEPS, PUBLISHED_TRIALS, PUBLISHED_MAZES = 20_000, 100, 20


@dataclass(frozen=True)
class Phase:
    """Ten trials of the published study: mean over `PUBLISHED_MAZES` of the true agent.

    Attributes:
        name: Name in tables.
        trials: Which trials.
        success: Share of mazes solved.
        duration: Mean duration, decisions.
    """

    name: str
    trials: slice
    success: float
    duration: float


FIRST = Phase("first ten trials", slice(0, 10), (0.36 + 0.55) / 2, (17_380 + 16_077) / 2)
LAST = Phase("last ten trials", slice(-10, None), (0.83 + 0.85) / 2, (10_561 + 8_141) / 2)


def published_durations() -> Values | None:
    """Return the published durations at E_r = 0.25, (100, 30), or None if they are absent.

    The first 20 columns are mazes of the true agent, the last ten predict the ten before them.
    Raises `FormatError` for a file that is something else.

    Example:
        >>> durations = published_durations()
        >>> durations is None or durations.shape == (100, 30)
        True
    """
    folder = os.environ.get(REFERENCE_DATA, "")
    path = Path(folder, "maze", "duration_E0.25.csv")
    if not folder or not path.is_file():
        return None
    try:
        durations = np.loadtxt(path, delimiter=",")
    except (OSError, ValueError) as error:
        raise FormatError(f"{path} is not a table of numbers: {error}.") from error
    if durations.shape != (PUBLISHED_TRIALS, 30):
        raise FormatError(f"{path} has shape {durations.shape}; wanted (100, 30).")
    return durations


def phase_values(durations: Values, longest: int, phase: Phase) -> dict[str, Values]:
    """Return the share of a phase's trials that were solved, and their mean duration, per maze.

    Example:
        >>> values = phase_values(np.full((20, 2), 50), 100, LAST)
        >>> {name: per_maze.tolist() for name, per_maze in values.items()}
        {'success, last ten trials': [1.0, 1.0], 'mean duration, last ten trials': [50.0, 50.0]}
    """
    ours = durations[phase.trials]
    return {
        f"success, {phase.name}": (ours < longest).mean(0),
        f"mean duration, {phase.name}": ours.mean(0),
    }


def beside_published(
    durations: Values, config: "ReproduceConfig", published: Values | None
) -> tuple[dict[str, Any], dict[str, bool]]:
    """Return success and duration of the first and last ten trials, and whether they agree.

    Only trials of the published length and number are compared.  The published standard error is
    that of the reference data, or else ours scaled to as many mazes.

    Example:
        >>> from hebbayes.commands.configs import ReproduceConfig
        >>> config = ReproduceConfig(trials=20, steps=100)
        >>> numbers, agreements = beside_published(np.full((20, 2), 50), config, None)
        >>> numbers["mean duration, last ten trials"]["ours"], agreements
        (50.0, {})
    """
    numbers: dict[str, Any] = {}
    agreements = {}
    for phase in (FIRST, LAST):
        is_comparable = config.steps == PUBLISHED_STEPS and (
            phase is FIRST or config.trials == PUBLISHED_TRIALS
        )
        ours = phase_values(durations, config.steps, phase)
        known = dict(zip(ours, (phase.success, phase.duration)))
        theirs = {}
        if published is not None:
            theirs = phase_values(published[:, :PUBLISHED_MAZES], PUBLISHED_STEPS, phase)
        for name, per_maze in ours.items():
            numbers[name] = number(per_maze)
            if is_comparable:
                numbers[name]["published"] = known[name]
                error = numbers[name]["standard_error"]
                their_error = error * (len(per_maze) / PUBLISHED_MAZES) ** 0.5
                if name in theirs:
                    their_error = float(mean_and_error(theirs[name])[1])
                agreements[f"{name}: within 3 standard errors of the published"] = is_consistent(
                    numbers[name]["ours"], known[name], error, their_error
                )
    return numbers, agreements


def published_note(config: "ReproduceConfig", published: Values | None, n_mazes: int) -> str:
    """Return what became of the published learning curves, each a mean over ``n_mazes``.

    Example:
        >>> from hebbayes.commands.configs import ReproduceConfig
        >>> published_note(ReproduceConfig(steps=100), None, 20)
        'Published curves are left out: their trials last up to 20,000 steps, these up to 100.'
    """
    if config.steps != PUBLISHED_STEPS:
        return (
            f"Published curves are left out: their trials last up to {PUBLISHED_STEPS:,} steps, "
            f"these up to {config.steps:,}."
        )
    if published is None:
        return (
            "Published curves are left out: set HEBBAYES_REFERENCE_DATA to the folder of "
            "reference data to draw them."
        )
    return f"Grey, dashed: the published mean over {n_mazes} mazes."
