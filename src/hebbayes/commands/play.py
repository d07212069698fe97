"""The default agent learns a Gymnasium world, then acts by its most probable decision.

First a few random episodes, which also show the range of what is observed; then learning; then
episodes in Gymnasium in which nothing is learnt (docs/worlds.md).
"""

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.agents.playing.learner import world_agent
from hebbayes.agents.playing.training import evaluate, learn_world, warm_up
from hebbayes.commands.running.memory import check_memory
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.checks import check_at_least, check_seed
from hebbayes.environments.gym.making import gym_world, make_env
from hebbayes.plotting.maze import draw_returns
from hebbayes.plotting.style import add_caption

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.agents.playing.training import Training
    from hebbayes.commands.configs import PlayConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.environments.gym.making import GymWorld

DEFAULT_STEPS = 200_000
N_EVALUATED = 100
"""Episodes without learning."""

_RECENT = 100  # episodes in the mean that the progress line shows


@dataclass(frozen=True)
class PlayResult(CommandResult):
    """What the agent earned.

    Attributes:
        config: Options of the command.
        returns: (training episodes,), not discounted.
        final_returns: (evaluation episodes,), by the most probable decision.
        random_returns: (random episodes,), before learning.
        steps_total: Training steps.
        seconds: Wall time of learning.
        agent_seconds: The same without the world's own steps.
        seconds_compile: Wall time of compilation.
        encoder: How observations became units, in one line.
        n_decisions: Number of decisions.
        is_compiled: Whether the world ran inside the compiled loop.
    """

    config: "PlayConfig"
    returns: NDArray[Any]
    final_returns: NDArray[Any]
    random_returns: NDArray[Any]
    steps_total: int
    seconds: float
    agent_seconds: float
    seconds_compile: float
    encoder: str
    n_decisions: int
    is_compiled: bool


def run(
    config: "PlayConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> PlayResult:
    """Return what one agent earned in a world; nothing is saved on the way.

    Raises `FormatError` for a world that is not there, or that needs pictures or continuous
    actions, `MissingDependencyError` without Gymnasium, `ValueRangeError`.
    """
    del checkpoint  # a run takes seconds to minutes and is one stream of chance
    check_at_least("--episodes", config.episodes, 0)
    check_at_least("--steps", config.steps, 0)
    check_seed(config.seed)
    n_steps = config.steps or (10**12 if config.episodes else DEFAULT_STEPS)
    check_memory("--steps", config.steps, 32)
    env = make_env(config.env_id, config.options)
    world_seed = config.seed % 2**31  # Gymnasium's seeds
    try:
        world = gym_world(env, seed=world_seed)
        agent = world_agent(world.encoder.group_sizes, len(world.actions), seed=config.seed)
        started = time.perf_counter()
        warm_up(world)
        seconds_compile = time.perf_counter() - started
        has_steps = bool(config.steps) or not config.episodes
        progress.start(f"learning {config.env_id}", n_steps if has_steps else config.episodes)
        training = learn_world(
            world,
            agent,
            n_steps=n_steps,
            n_episodes=config.episodes,
            seed=world_seed,
            report=partial(_report, progress, has_steps, [0]),
        )
        final = evaluate(world, agent, N_EVALUATED, seed=world_seed + 1)
    finally:
        env.close()
    return _result(config, world, training, np.array(final), seconds_compile)


def _report(
    progress: Progress, has_steps: bool, seen: list[int], steps: int, returns: list[float]
) -> None:
    """Advance by steps, or by episodes where only their number is given."""
    ended = len(returns) - seen[0]
    seen[0] = len(returns)
    status = f"return {np.mean(returns[-_RECENT:]):.3g}" if returns else "no episode has ended"
    progress.advance(steps if has_steps else ended, status=status)


def _result(
    config: "PlayConfig",
    world: "GymWorld",
    training: "Training",
    final: NDArray[Any],
    seconds_compile: float,
) -> PlayResult:
    return PlayResult(
        config=config,
        returns=np.array(training.returns),
        final_returns=final,
        random_returns=np.array(world.random_returns),
        steps_total=training.n_steps,
        seconds=training.seconds,
        agent_seconds=training.agent_seconds,
        seconds_compile=seconds_compile,
        encoder=str(world.encoder),
        n_decisions=len(world.actions),
        is_compiled=training.is_compiled,
    )


def present(result: PlayResult) -> Outcome:
    """Return the returns beside those of random actions, as a table, a figure and JSON keys."""
    config = result.config
    rows = [
        ("random actions", *_spread(result.random_returns)),
        (f"last {_RECENT} training episodes", *_spread(result.returns[-_RECENT:])),
        ("most probable decision", *_spread(result.final_returns)),
    ]
    return Outcome(
        summary={
            "env_id": config.env_id,
            "returns": result.returns,
            "final_return": _mean(result.final_returns),
            "final_returns": result.final_returns,
            "random_returns": result.random_returns,
            "random_return": _mean(result.random_returns),
            "steps_total": result.steps_total,
            "seconds": result.seconds,
            "agent_seconds": result.agent_seconds,
            "seconds_compile": result.seconds_compile,
            "microseconds_per_step": 1e6 * result.agent_seconds / max(result.steps_total, 1),
            "encoder": result.encoder,
            "n_decisions": result.n_decisions,
            "is_compiled": result.is_compiled,
        },
        arrays={
            "returns": result.returns,
            "final_returns": result.final_returns,
            "random_returns": result.random_returns,
        },
        tables=[Table(config.env_id, ("episodes", "number", "return", "± 1 sd"), rows)],
        notes=_notes(result),
        figures={"returns": lambda: _figure(result)},
    )


def _spread(returns: NDArray[Any]) -> tuple[int, float, float]:
    deviation = float(returns.std(ddof=1)) if len(returns) > 1 else float("nan")
    return len(returns), _mean(returns), deviation


def _mean(returns: NDArray[Any]) -> float:
    return float(returns.mean()) if len(returns) else float("nan")


def _notes(result: PlayResult) -> list[str]:
    whose = "agent and world in one compiled loop" if result.is_compiled else "the agent's share"
    cost = 1e6 * result.agent_seconds / max(result.steps_total, 1)
    notes = [
        f"Observations: {result.encoder}; {result.n_decisions} decisions.",
        f"{result.steps_total:,} training steps in {result.seconds:.1f} s; {cost:.1f} µs per step "
        f"({whose}).",
    ]
    if not len(result.returns):
        notes.append("No training episode ended: give more --steps.")
    if result.final_returns.mean() <= result.random_returns.mean():
        notes.append("The agent is no better than random actions: it has not learnt this world.")
    return notes


def _figure(result: PlayResult) -> "Figure":
    ax = draw_returns(result.returns, _mean(result.random_returns), _mean(result.final_returns))
    figure = ax.get_figure(root=True)
    assert figure is not None
    add_caption(
        figure,
        "Return of every training episode; lines: means over evaluation episodes of the trained "
        "agent and of random decisions.",
    )
    return figure
