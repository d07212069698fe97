"""The transition tables of a finite Gymnasium world, the ``P`` of its toy-text worlds."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hebbayes.environments.gym.encoders import Encoder


class Transitions(NamedTuple):
    """What every action does at every site, by outcome.

    Attributes:
        cumulated: (sites, actions, outcomes), cumulated probabilities.
        next_site: (sites, actions, outcomes), where each outcome leads.
        reward: (sites, actions, outcomes), what it brings.
        is_terminal: (sites, actions, outcomes), whether it ends the episode.
        start: (sites,), cumulated probabilities of the first site.
        units: (sites, groups), the units that fire at each site.
    """

    cumulated: NDArray[np.float64]
    next_site: NDArray[np.int64]
    reward: NDArray[np.float64]
    is_terminal: NDArray[np.bool_]
    start: NDArray[np.float64]
    units: NDArray[np.int64]


def transitions_of(env: Any, encoder: "Encoder") -> Transitions | None:
    """Return the tables of a world, or None if it has none.

    A world has them if its core holds ``P[site][action] = [(probability, next, reward, over)]``
    and ``initial_state_distrib``, and shows the number of its site.

    Example:
        >>> import gymnasium
        >>> from hebbayes.environments.gym.encoders import encoder_for
        >>> env = gymnasium.make("FrozenLake-v1")
        >>> transitions_of(env, encoder_for(env.observation_space)).cumulated.shape
        (16, 4, 3)
    """
    core = env.unwrapped
    table, start = getattr(core, "P", None), getattr(core, "initial_state_distrib", None)
    spaces = (env.observation_space, env.action_space)
    if table is None or start is None or any(type(s).__name__ != "Discrete" for s in spaces):
        return None
    if getattr(core, "fickle_passenger", False) or not _has_its_own_numbers(env):
        return None  # Taxi's passenger changes their mind beyond the table
    n_sites, n_actions = int(spaces[0].n), int(spaces[1].n)
    width = max(len(row) for actions in table.values() for row in actions.values())
    shape = (n_sites, n_actions, width)
    chance, reward = np.zeros(shape), np.zeros(shape)
    next_site, is_terminal = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    for site in range(n_sites):
        for action in range(n_actions):
            for m, (p, following, gain, is_over) in enumerate(table[site][action]):
                chance[site, action, m] = p
                next_site[site, action, m] = following
                reward[site, action, m] = gain
                is_terminal[site, action, m] = is_over
    cumulated = chance.cumsum(-1) / chance.sum(-1, keepdims=True)
    units = np.array([encoder.units(site) for site in range(n_sites)])
    first = np.asarray(start, float)
    return Transitions(
        cumulated, next_site, reward, is_terminal, first.cumsum() / first.sum(), units
    )


def _has_its_own_numbers(env: Any) -> bool:
    """Whether no wrapper changes what is seen, done or earned."""
    import gymnasium

    while isinstance(env, gymnasium.Wrapper):
        if isinstance(
            env, (gymnasium.ObservationWrapper, gymnasium.ActionWrapper, gymnasium.RewardWrapper)
        ):
            return False
        env = env.env
    return True
