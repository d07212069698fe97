"""The default agent in Gymnasium worlds: one setting, ten seeds, most probable decision.

    python benchmarks/worlds.py              # every world and the ablation that is not yet in the
    python benchmarks/worlds.py CartPole-v1  # results; or one world, again

Each world adds to `results/worlds.json` as soon as it is measured.  The return is the mean of 100
episodes in Gymnasium itself after training, by the most probable decision; the world's own seeds
differ from those of training.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from hebbayes.agents.kernels.state import LearnerSettings
from hebbayes.agents.playing.learner import world_agent
from hebbayes.agents.playing.training import evaluate, learn_world
from hebbayes.environments.gym.making import gym_world, make_env

RESULTS = Path(__file__).parent / "results" / "worlds.json"
N_SEEDS = 10


@dataclass(frozen=True)
class Case:
    """A world, how long it is learnt, and what is wanted of the mean return.

    Attributes:
        env_id: Name of the world.
        n_steps: Training steps.
        wanted: Least mean return.
        options: Options of the world.
        baseline: Of the agent; other than "state" is an ablation, which must stay below `wanted`.
        of_every_seed: Whether every seed must reach it.
    """

    env_id: str
    n_steps: int
    wanted: float
    options: str = ""
    baseline: str = "state"
    of_every_seed: bool = False

    @property
    def name(self) -> str:
        """One line that names the case."""
        parts = (self.env_id, self.options, "" if self.baseline == "state" else self.baseline)
        return " ".join(filter(None, parts))


CASES = (
    Case("FrozenLake-v1", 20_000, 0.99, "is_slippery=False"),
    Case("FrozenLake8x8-v1", 100_000, 0.99, "is_slippery=False"),
    Case("FrozenLake-v1", 100_000, 0.70),
    Case("FrozenLake8x8-v1", 200_000, 0.78),
    Case("CliffWalking-v1", 50_000, -17.5, of_every_seed=True),
    Case("Taxi-v4", 200_000, 7.5),
    Case("FrozenLake-v1", 100_000, 0.05, baseline="none"),
    Case("FrozenLake-v1", 100_000, 0.70, baseline="world"),
    Case("CartPole-v1", 200_000, 475.0),
    Case("Blackjack-v1", 200_000, -0.08),
    Case("MountainCar-v0", 300_000, -165.0),
    Case("MiniGrid-Empty-5x5-v0", 50_000, 0.94),
    Case("MiniGrid-Empty-8x8-v0", 100_000, 0.94),
    Case("Acrobot-v1", 300_000, -120.0),
)


def measured(case: Case, n_seeds: int = N_SEEDS) -> dict[str, object]:
    """Return what one case brought, one entry per seed."""
    returns, random_returns, started = [], [], time.process_time()
    for seed in range(n_seeds):
        world = gym_world(make_env(case.env_id, case.options), seed=seed)
        settings = LearnerSettings(baseline=case.baseline)
        agent = world_agent(world.encoder.group_sizes, len(world.actions), settings, seed=seed)
        learn_world(world, agent, n_steps=case.n_steps, seed=seed)
        returns.append(float(np.mean(evaluate(world, agent, 100, seed=10_000 + seed))))
        random_returns.append(float(np.mean(world.random_returns)))
        world.env.close()
    reached = min(returns) if case.of_every_seed else float(np.mean(returns))
    is_ablation = case.baseline != "state"
    return asdict(case) | {
        "encoder": str(world.encoder),
        "mean": round(float(np.mean(returns)), 4),
        "least": round(min(returns), 4),
        "returns": [round(value, 4) for value in returns],
        "random": round(float(np.mean(random_returns)), 4),
        "holds": bool(reached < case.wanted if is_ablation else reached >= case.wanted),
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def main(names: list[str]) -> None:
    """Measure the cases named, or all that are missing, and write each down."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for case in CASES:
        if case.env_id in names or (not names and case.name not in known):
            known[case.name] = measured(case)
            RESULTS.write_text(json.dumps(known, indent=1) + "\n")
            print(case.name, known[case.name]["mean"], known[case.name]["holds"], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
