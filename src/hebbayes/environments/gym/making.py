"""A Gymnasium world by its name, ready for an agent: encoder, actions, tables."""

import ast
import itertools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.core.errors import FormatError, MissingDependencyError, printable
from hebbayes.core.optional import require
from hebbayes.environments.gym.encoders import Encoder, encoder_for
from hebbayes.environments.gym.parts import is_picture
from hebbayes.environments.gym.tables import Transitions, transitions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ACTIONS = 4096
"""Largest number of combinations of a MultiDiscrete action."""

LONGEST_EPISODE = 1000
"""Steps after which an episode without a limit of its own is cut short when it is only measured."""

_PLUG_INS = {"MiniGrid": "minigrid", "BabyAI": "minigrid"}


@dataclass(frozen=True)
class GymWorld:
    """A Gymnasium world and how the agent meets it.

    Attributes:
        env: The world itself.
        encoder: Observation to units.
        actions: What each decision does.
        limit: Steps after which the world cuts an episode short; 0 never.
        transitions: Tables of a finite world.
        random_returns: Return of every random episode that was played to get to know it.
        random_steps: Steps of these episodes.
    """

    env: Any
    encoder: Encoder
    actions: tuple[Any, ...]
    limit: int
    transitions: Transitions | None
    random_returns: tuple[float, ...]
    random_steps: int


def make_env(env_id: str, options: str = "") -> Any:
    """Return a Gymnasium environment; ``options`` are its own, ``"name=value,name=value"``.

    Raises `FormatError` with a sentence if there is no such world, `MissingDependencyError` if
    Gymnasium or what the world needs is not installed.

    Example:
        >>> make_env("FrozenLake-v1", "is_slippery=False").spec.kwargs["is_slippery"]
        False
        >>> make_env("FrozenPond-v1")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: there is no world "FrozenPond-v1": ... lists the names.
    """
    gymnasium = require("gymnasium", "gym")
    plug_in = next((name for start, name in _PLUG_INS.items() if env_id.startswith(start)), None)
    if plug_in:
        require(plug_in, "gym")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions out of date, and of precision
            return gymnasium.make(env_id, disable_env_checker=True, **_options(options))
    except gymnasium.error.DependencyNotInstalled as error:
        raise MissingDependencyError(f"{env_id} needs more: {_first_line(error)}") from error
    except (gymnasium.error.Error, ModuleNotFoundError) as error:
        raise FormatError(
            f'there is no world "{printable(env_id)}": {_first_line(error)} `python -c "import '
            'gymnasium; gymnasium.pprint_registry()"` lists the names.'
        ) from error
    except (TypeError, ValueError, KeyError, AssertionError) as error:
        raise FormatError(
            f'{printable(env_id)} does not start with the options "{printable(options)}": '
            f"{_first_line(error)}"
        ) from error


def gym_world(
    env: Any,
    *,
    encoder: Encoder | None = None,
    seed: int = 0,
    n_random: int = 20,
) -> GymWorld:
    """Return ``env`` with an encoder, after ``n_random`` episodes of random actions.

    Example:
        >>> world = gym_world(make_env("FrozenLake-v1"), n_random=2)
        >>> str(world.encoder), world.actions, world.limit
        ('one-hot: 16 units in 1 group', (0, 1, 2, 3), 100)
    """
    actions = actions_of(env.action_space)
    space = env.observation_space
    if encoder is None and is_picture(space):
        encoder_for(space)  # refuses, before any time is spent
    returns, seen, n_steps = random_episodes(env, actions, n_random, seed=seed)
    encoder = encoder or encoder_for(space, seen)
    limit = (env.spec.max_episode_steps or 0) if env.spec is not None else 0
    return GymWorld(env, encoder, actions, limit, transitions_of(env, encoder), returns, n_steps)


def actions_of(space: Any) -> tuple[Any, ...]:
    """Return every action of a Discrete, MultiDiscrete or MultiBinary space, in order.

    Raises `FormatError` for continuous actions.

    Example:
        >>> from gymnasium.spaces import Discrete, MultiDiscrete
        >>> actions_of(Discrete(2, start=1)), len(actions_of(MultiDiscrete([2, 3])))
        ((1, 2), 6)
    """
    kind = type(space).__name__
    if kind == "Discrete":
        return tuple(range(int(space.start), int(space.start) + int(space.n)))
    if kind not in ("MultiDiscrete", "MultiBinary"):
        raise FormatError(
            f"actions are {space}; wanted Discrete or MultiDiscrete. The agent chooses among "
            "finitely many decisions: wrap the world so that each stands for one action."
        )
    sizes = np.full(space.shape, 2) if kind == "MultiBinary" else np.asarray(space.nvec)
    if np.prod(sizes.astype(float)) > MOST_ACTIONS:
        raise FormatError(
            f"actions are {space}, {np.prod(sizes.astype(float)):.0f} combinations; wanted at "
            f"most {MOST_ACTIONS}."
        )
    first = np.zeros_like(sizes) if kind == "MultiBinary" else np.asarray(space.start)
    return tuple(
        (np.array(values).reshape(sizes.shape) + first).astype(space.dtype)
        for values in itertools.product(*(range(n) for n in sizes.ravel()))
    )


def random_episodes(
    env: Any, actions: "Sequence[Any]", n_episodes: int, *, seed: int
) -> tuple[tuple[float, ...], list[Any], int]:
    """Return the returns, the observations and the number of steps of random episodes.

    Example:
        >>> returns, seen, n_steps = random_episodes(make_env("CartPole-v1"), (0, 1), 3, seed=0)
        >>> len(returns), len(seen) == n_steps + 3
        (3, True)
    """
    generator, seen = np.random.default_rng(seed), []

    def choose(observation: Any) -> Any:
        seen.append(observation)
        return actions[int(generator.integers(len(actions)))]

    returns, n_steps = [], 0
    for episode in range(n_episodes):
        total, length, last = run_episode(env, choose, seed=seed if episode == 0 else None)
        seen.append(last)
        returns.append(total)
        n_steps += length
    return tuple(returns), seen, n_steps


def run_episode(
    env: Any, choose: Callable[[Any], Any], *, seed: int | None = None
) -> tuple[float, int, Any]:
    """Return the return, the length and the last observation of one episode.

    Example:
        >>> run_episode(make_env("CliffWalking-v1"), lambda site: 0)[1]
        1000
    """
    observation, _ = env.reset(seed=seed)
    total, n_steps = 0.0, 0
    longest = LONGEST_EPISODE if env.spec is None or not env.spec.max_episode_steps else 10**9
    while n_steps < longest:
        observation, reward, is_terminal, is_cut, _ = env.step(choose(observation))
        total, n_steps = total + float(reward), n_steps + 1
        if is_terminal or is_cut:
            break
    return total, n_steps, observation


def _options(text: str) -> dict[str, Any]:
    options = {}
    for pair in filter(None, text.split(",")):
        name, is_given, value = pair.partition("=")
        if not is_given or not name.strip().isidentifier():
            raise FormatError(
                f'options of a world are "name=value,name=value"; got "{printable(pair)}".'
            )
        options[name.strip()] = _value(value.strip())
    return options


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _first_line(error: Exception) -> str:
    line = printable(str(error).strip().splitlines()[0] if str(error).strip() else repr(error))
    return line if line.endswith((".", "?", "!")) else f"{line}."
