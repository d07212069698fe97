"""The picture of the README, from results of the command line.

hebbayes certify --out runs/certify
hebbayes sources --runs 3 --out runs/sources
hebbayes maze --e-right 0.25 --out runs/maze
python docs/images/picture.py runs docs/images/overview.png
"""

import json
import sys
from pathlib import Path

import jax
import numpy as np

from hebbayes.commands.published.maze_walk import walk
from hebbayes.plotting.maze import draw_durations, draw_maze
from hebbayes.plotting.saving import save_figure
from hebbayes.plotting.sources import draw_responses
from hebbayes.plotting.style import (
    SOURCE_OFF,
    SOURCE_ON,
    WIDE_MM,
    letter_panels,
    new_figure,
    style_axes,
)

LONGEST = 20_000
SEED = 0


def draw_rows(rows, ax):
    """Discrepancy of every row of a certificate against its tolerance."""
    for place, row in enumerate(reversed(rows)):
        colour = SOURCE_OFF if row["holds"] else SOURCE_ON
        ax.plot([1e-17, row["discrepancy"]], [place, place], color="0.85", lw=1, zorder=1)
        ax.plot(row["discrepancy"], place, "o", color=colour, ms=4, zorder=2)
    ax.axvline(rows[0]["tolerance"], color="0.3", ls="--", lw=1)
    ax.set(xscale="log", xlim=(1e-17, 1e-8), ylim=(-0.6, len(rows) - 0.4))
    ax.set_yticks(range(len(rows)), [row["name"].replace("_", " ") for row in reversed(rows)])
    style_axes(ax, x="network against Bayesian agent")


def main(runs, target):
    """Draw three results and two trials of one agent."""
    rows = json.loads((runs / "certify" / "result.json").read_text())["summary"]["rows"]
    separated = np.load(runs / "sources" / "results.npz")
    durations = np.load(runs / "maze" / "results.npz")["durations"]
    way = walk(0.25, shown=[0, 99], n_steps=LONGEST - 1, key=jax.random.key(SEED))
    figure = new_figure(WIDE_MM, 145)
    panels = figure.subplot_mosaic("abc;ddd;eee", height_ratios=[1.25, 1, 1])
    draw_rows(rows, panels["a"])
    draw_responses(separated["response_by_session"][:, :, 0], panels["b"], state=0)
    draw_durations(durations, panels["c"], longest=LONGEST)
    for name, trial in (("d", 0), ("e", 99)):
        n_steps = len(way.positions[trial]) - 1
        title = f"one network in trial {trial + 1}: {n_steps:,} steps"
        draw_maze(way.walls, way.positions[trial], panels[name], title=title)
    letter_panels([panels[name] for name in "abcde"])
    save_figure(figure, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
