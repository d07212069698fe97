"""Learning a Gymnasium world by playing it, and playing by the most probable decision.

A world with transition tables is learnt inside one compiled loop, any other step by step.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from hebbayes.agents.kernels.finite import at_the_start, run_finite
from hebbayes.agents.playing.learner import WorldAgent, world_agent
from hebbayes.environments.gym.making import GymWorld, run_episode

if TYPE_CHECKING:
    from hebbayes.environments.gym.tables import Transitions

Report: TypeAlias = Callable[[int, list[float]], None]
"""Steps done since the last report, returns of the episodes so far -> nothing."""

PIECE = 10_000
"""Steps between two reports."""


@dataclass(frozen=True)
class Training:
    """What learning a world brought.

    Attributes:
        returns: Return of every training episode that ended, not discounted.
        n_steps: Steps taken.
        seconds: Wall time of it all.
        agent_seconds: Wall time without the world's own steps; in a compiled loop all of it.
        is_compiled: Whether a compiled loop ran the world too.
    """

    returns: list[float]
    n_steps: int
    seconds: float
    agent_seconds: float
    is_compiled: bool


def learn_world(
    world: GymWorld,
    agent: WorldAgent,
    *,
    n_steps: int,
    n_episodes: int = 0,
    seed: int = 0,
    report: Report | None = None,
) -> Training:
    """Let ``agent`` learn ``world``, in place, for ``n_steps`` or until ``n_episodes`` have ended.

    Example:
        >>> from hebbayes.agents.playing.learner import world_agent
        >>> from hebbayes.environments.gym.making import gym_world, make_env
        >>> world = gym_world(make_env("FrozenLake-v1", "is_slippery=False"), n_random=1)
        >>> agent = world_agent(world.encoder.group_sizes, len(world.actions))
        >>> learn_world(world, agent, n_steps=5000).n_steps, evaluate(world, agent, 2)
        (5000, [1.0, 1.0])
    """
    if world.transitions is not None:
        return _learn_tables(world.transitions, world.limit, agent, (n_steps, n_episodes), report)
    return _learn_by_steps(world, agent, (n_steps, n_episodes), seed, report)


def evaluate(world: GymWorld, agent: WorldAgent, n_episodes: int, *, seed: int = 0) -> list[float]:
    """Return the returns of ``n_episodes`` in Gymnasium, each step by the most probable decision.

    Example:
        >>> from hebbayes.agents.playing.learner import world_agent
        >>> from hebbayes.environments.gym.making import gym_world, make_env
        >>> world = gym_world(make_env("CliffWalking-v1"), n_random=1)
        >>> evaluate(world, world_agent((48,), 4), 1)  # knows nothing: walks up for ever
        [-1000.0]
    """
    units, actions = world.encoder.units, world.actions

    def choose(observation: object) -> object:
        return actions[agent.most_probable(units(observation))]

    return [
        run_episode(world.env, choose, seed=seed if episode == 0 else None)[0]
        for episode in range(n_episodes)
    ]


def warm_up(world: GymWorld) -> None:
    """Compile, or load, what learning and playing ``world`` call.

    Example:
        >>> from hebbayes.environments.gym.making import gym_world, make_env
        >>> warm_up(gym_world(make_env("FrozenLake-v1"), n_random=1))
    """
    groups, n_decisions = world.encoder.group_sizes, len(world.actions)
    agent = world_agent(groups, n_decisions)
    units = np.zeros(len(groups), np.int64)
    if world.transitions is not None:
        _learn_tables(world.transitions, world.limit, agent, (1, 0), None)
    else:
        agent.decide(units)
        agent.receive(0.0, units, is_over=True)
    agent.most_probable(units)


def _learn_tables(
    world: "Transitions",
    limit: int,
    agent: WorldAgent,
    most: tuple[int, int],
    report: Report | None,
) -> Training:
    n_steps, n_episodes = most
    returns: list[float] = []
    progression, done, started = at_the_start(0, limit), 0, time.perf_counter()
    while done < n_steps and not 0 < n_episodes <= len(returns):
        piece = min(PIECE, n_steps - done)
        room = np.zeros(min(piece, n_episodes - len(returns)) if n_episodes else piece + 1)
        uniforms = agent.generator.random((piece, 3))
        progression = progression._replace(returns=room)
        made = run_finite(agent.learner, agent.rates, world, progression, uniforms)
        done += made
        returns += room[: progression.place[2]].tolist()
        if report is not None:
            report(made, returns)
    seconds = time.perf_counter() - started
    return Training(returns, done, seconds, seconds, is_compiled=True)


def _learn_by_steps(
    world: GymWorld,
    agent: WorldAgent,
    most: tuple[int, int],
    seed: int,
    report: Report | None,
) -> Training:
    n_steps, n_episodes = most
    units_of, actions, step, clock = (
        world.encoder.units,
        world.actions,
        world.env.step,
        time.perf_counter,
    )
    returns: list[float] = []
    total, in_world, reported, started = 0.0, 0.0, 0, clock()
    units = units_of(world.env.reset(seed=seed)[0])
    for done in range(1, n_steps + 1):
        action = actions[agent.decide(units)]
        before = clock()
        observation, reward, is_terminal, is_cut, _ = step(action)
        in_world += clock() - before
        units, is_over = units_of(observation), bool(is_terminal or is_cut)
        agent.receive(float(reward), units, bool(is_terminal), is_over)
        total += float(reward)
        if is_over:
            returns.append(total)
            total = 0.0
            units = units_of(world.env.reset()[0])
        is_last = done == n_steps or 0 < n_episodes <= len(returns)
        if report is not None and (is_last or done - reported == PIECE):
            report(done - reported, returns)
            reported = done
        if is_last:
            break
    seconds = clock() - started
    return Training(returns, done, seconds, seconds - in_world, is_compiled=False)
