"""What integers cost the maze agent: paired with the agent in floating point, loss by loss.

    python benchmarks/chip_maze.py [NAME ...] [--mazes 20] [--trials 60] [--out FILE]

Every design runs in the same mazes (full size, E_right 0.25).  Early trials are the first ten,
late ones the last third.  Differences are from `float`, averaged over the trials of a maze and
paired by maze; their standard errors are over mazes.  Designs in the file are kept, so that the
study can be run in parts.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

E_RIGHT, N_STEPS, SEED = 0.25, 20_000, 0

REAL = {
    "hard states": (True, True),
    "learning per chunk": (True, False),
    "no off bank": (False, False),
    "tenths by acceptance": (False, False, 1.0),
    "window of 8 bits": (False, False, 1.0, 128.0),
    "window of 7 bits": (False, False, 1.0, 64.0),
    "window of 6 bits": (False, False, 1.0, 32.0),
    "units of 16": (False, False, 16.0, 2048.0),
}
INTEGER = {
    "8 bits": {},
    "7 bits": {"evidence_bits": 7},
    "6 bits": {"evidence_bits": 6},
    "8 log bits": {"log_bits": 8},
    "rows scaled by 4": {"unit_bits": 2},
    "rows scaled by 16": {"unit_bits": 4},
}


def keys(*numbers: int):
    """Return a random key that depends on all numbers."""
    import jax

    key = jax.random.key(SEED)
    for number in numbers:
        key = jax.random.fold_in(key, number)
    return key


def float_durations(world, maze: int, n_trials: int) -> np.ndarray:
    """Return the durations of the agent in float32 with all its layers."""
    import jax.numpy as jnp

    from hebbayes.agents.finite_trial import finite_trial
    from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model

    model, durations = maze_agent_model(E_RIGHT, dtype=jnp.float32), []
    for trial in range(n_trials):
        model, summary = finite_trial(
            model,
            world,
            first_move_of_decision(),
            n_steps=N_STEPS - 1,
            key=keys(1, maze, trial),
        )
        solved = bool(summary.is_solved)
        durations.append(int(summary.n_steps) + 1 if solved else N_STEPS)
    return np.array(durations)


def durations_of(name: str, maze: int, n_trials: int) -> np.ndarray:
    """Return the durations of one design in one maze."""
    import jax

    from hebbayes.agents.maze_agent import right_biased_prior
    from hebbayes.environments.maze import maze_world, random_maze
    from hebbayes.neuromorphic.decision import core, maze_agent, real_agent

    finite = jax.jit(lambda key: maze_world(random_maze(key=key)))(keys(0, maze))
    if name == "float":
        return float_durations(finite, maze, n_trials)
    world, prior = maze_agent.world_of(finite), np.asarray(right_biased_prior(E_RIGHT))
    if name in REAL:
        how = real_agent.Simplifications(*REAL[name])
        habit = np.log(prior) - np.log1p(-prior)
        return real_agent.run_real_trials(habit, world, how, (n_trials, N_STEPS), 1000 + maze)
    options = INTEGER[name]
    habit = maze_agent.habit_of(prior, options.get("log_bits", 11))
    chip = core.new_core(habit, n_inputs=world.observations.shape[1], seed=2000 + maze, **options)
    return maze_agent.run_trials(chip, world, n_trials, N_STEPS)


def compare(durations: dict[str, list]) -> dict[str, dict]:
    """Return success and duration of every design, early and late, and differences from float."""
    rows = {}
    for name, values in durations.items():
        table, rows[name] = np.array(values), {}
        for phase, chosen in phases(table.shape[1]).items():
            scores = {"success": table[:, chosen] < N_STEPS, "duration": table[:, chosen]}
            for what, score in scores.items():
                per_maze = score.mean(1)
                rows[name][f"{phase}_{what}"] = round(float(per_maze.mean()), 4)
                if name == "float" or "float" not in durations:
                    continue
                rival = np.array(durations["float"])[:, chosen]
                rival = (rival < N_STEPS if what == "success" else rival).mean(1)
                n = min(len(per_maze), len(rival))
                gap = per_maze[:n] - rival[:n]
                error = gap.std(ddof=1) / np.sqrt(n)
                rows[name][f"{phase}_{what}_difference"] = [
                    round(float(gap.mean()), 4),
                    round(float(error), 4),
                ]
    return rows


def phases(n_trials: int) -> dict[str, slice]:
    """Return the early and the late trials."""
    return {"early": slice(0, 10), "late": slice(n_trials - n_trials // 3, n_trials)}


def main() -> None:
    """Run the designs that are not in the file yet and print the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=["float", *REAL, *INTEGER])
    parser.add_argument("--mazes", type=int, default=20)
    parser.add_argument("--trials", type=int, default=60)
    default = Path(__file__).parent / "results" / "chip_maze.json"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args()
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    durations = known.get("durations", {})
    for name in options.names:
        done = durations.setdefault(name, [])
        for maze in range(len(done), options.mazes):
            start = time.process_time()
            done.append(durations_of(name, maze, options.trials).tolist())
            print(name, maze, f"{time.process_time() - start:.1f} s", flush=True)
            text = {"e_right": E_RIGHT, "steps": N_STEPS, "durations": durations}
            options.out.write_text(json.dumps(text))
    text = {"e_right": E_RIGHT, "steps": N_STEPS, "designs": compare(durations)}
    options.out.write_text(json.dumps(text | {"durations": durations}))
    print(json.dumps(text, indent=1))


if __name__ == "__main__":
    main()
