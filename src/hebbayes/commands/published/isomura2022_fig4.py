"""Figure 4 of I22: a network without a preferred direction learns to leave mazes.

The study of docs/theory.md section 7, in a size that the user chooses, beside the same network
without learning and beside the published ones.
"""

from functools import partial
from typing import TYPE_CHECKING

import jax
import numpy as np

from hebbayes.commands.configs import MazeConfig, ReproduceConfig
from hebbayes.commands.mazes import maze
from hebbayes.commands.published.maze_reference import (
    E_RIGHT,
    FIRST,
    LAST,
    PUBLISHED_MAZES,
    PUBLISHED_STEPS,
    Values,
    beside_published,
    published_durations,
    published_note,
)
from hebbayes.commands.published.maze_walk import Walk, walk
from hebbayes.commands.published.reproduction import Reproduction, parts_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress


def run(
    config: ReproduceConfig, *, progress: "Progress", checkpoint: "Checkpoint | None"
) -> Reproduction:
    """Return I22 Fig. 4: a network that prefers no direction learns to leave mazes."""
    learner, still = (
        _durations(config, is_learning, progress, part)
        for is_learning, part in zip((True, False), parts_of(checkpoint, ["learning", "still"]))
    )
    way = walk(
        E_RIGHT,
        shown=np.linspace(0, config.trials - 1, 5).astype(int).tolist(),
        n_steps=config.steps - 1,
        key=jax.random.key(config.seed),
    )
    published = published_durations() if config.steps == PUBLISHED_STEPS else None
    numbers, agreements = beside_published(learner, config, published)
    solved, first, last = learner < config.steps, FIRST.trials, LAST.trials
    return Reproduction(
        checks={
            "more mazes are solved in the last ten trials than in the first": bool(
                solved[last].mean() > solved[first].mean()
            ),
            "trials become shorter": bool(learner[last].mean() < learner[first].mean()),
            "without learning the last ten trials take longer": bool(
                still[last].mean() > learner[last].mean()
            ),
            **agreements,
        },
        numbers=numbers,
        arrays={
            "durations": learner,
            "durations_without_learning": still,
            "maze": way.walls,
            **{f"positions_{trial}": path for trial, path in way.positions.items()},
        },
        draw=partial(_draw, way, learner, still, config.steps, published),
        caption=f"{_caption(config, way)} {published_note(config, published, PUBLISHED_MAZES)}",
    )


def _durations(
    config: ReproduceConfig,
    is_learning: bool,
    progress: "Progress",
    checkpoint: "Checkpoint | None",
) -> Values:
    study = MazeConfig(
        e_right=E_RIGHT,
        mazes=config.mazes,
        trials=config.trials,
        steps=config.steps,
        workers=config.workers,
        learning=is_learning,
        seed=config.seed,
    )
    return maze.run(study, progress=progress, checkpoint=checkpoint).condition.durations


def _caption(config: ReproduceConfig, way: Walk) -> str:
    shown = sorted(way.positions)
    first, last = shown[0] + 1, shown[-1] + 1
    return (
        f"After I22 Fig. 4. Networks without a preferred direction (E_r = {E_RIGHT}), "
        f"{config.mazes} mazes, {config.trials} trials of at most {config.steps:,} steps. "
        f"a, b: one network's way in trials {first} and {last}, from the ring to the disc, late "
        f"steps darker. c-e: what it sees, its middle layer, and where its decisions lead (in "
        f"moves), at step {way.step:,} of trial {last}. f: its column, later trials darker. "
        "g, h: mean and standard error over mazes; circles: without learning."
    )


def _draw(
    way: Walk, learner: Values, still: Values, longest: int, published: Values | None
) -> "Figure":
    from hebbayes.plotting import maze as draw
    from hebbayes.plotting import style

    figure = style.new_figure(style.WIDE_MM, 222.0)
    panels = figure.subplot_mosaic(
        "aaaaaa;bbbbbb;ccddee;ffffff;ggghhh", height_ratios=[1.4, 1.4, 1.2, 1.0, 1.3]
    )
    shown = sorted(way.positions)
    for name, trial in zip("ab", (shown[0], shown[-1])):
        draw.draw_maze(way.walls, way.positions[trial], panels[name], title=f"trial {trial + 1}")
    view = round(len(way.observation) ** 0.5)
    draw.draw_view(way.observation, view, panels["c"], title="observation")
    draw.draw_view(way.activity, view, panels["d"], title="middle layer")
    draw.draw_decisions(way.output, panels["e"], title="decisions")
    for trial, grey in zip(shown, np.linspace(0.75, 0.0, len(shown))):
        column = way.positions[trial][:, 1]
        every = 1 + longest // 2000  # a drawing shows no more
        draw.draw_position(
            column, panels["f"], every=every, colour=str(grey), label=f"trial {trial + 1}"
        )
    curves = [(learner, style.UNBIASED, "learning"), (still, style.PESSIMIST, "not learning")]
    if published is not None:
        theirs = published[: len(learner), :PUBLISHED_MAZES]
        curves.append((theirs, style.PUBLISHED_STYLE, "published"))
    for values, look, label in curves:
        draw.draw_durations(values, panels["g"], longest=longest, style=look, label=label)
        draw.draw_success(values, longest, panels["h"], style=look, label=label)
    style.letter_panels([panels[name] for name in "abcdefgh"])
    return figure
