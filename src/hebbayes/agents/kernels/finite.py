"""A whole run in a world of finitely many sites, compiled: no call leaves the loop."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hebbayes.agents.kernels.steps import compiled, decide, draw_place, look_ahead, receive

if TYPE_CHECKING:
    from hebbayes.agents.kernels.state import Floats, Ints, Learner, Rates
    from hebbayes.environments.gym.tables import Transitions


class Progression(NamedTuple):
    """Where a run stands, changed in place, so that a run can go on in pieces.

    Attributes:
        place: (3,), the site, the steps made in this episode, and the episodes that ended in the
            last piece; a site of -1 starts an episode.
        running: (1,), return of this episode so far, not discounted.
        returns: (room,), returns of the episodes that ended in the last piece; a full room ends it.
        limit: Steps after which an episode is cut short; 0 never.
    """

    place: "Ints"
    running: "Floats"
    returns: "Floats"
    limit: int


def at_the_start(room: int, limit: int = 0) -> Progression:
    """Return the progression of a run that has not begun.

    Example:
        >>> at_the_start(room=5).place.tolist()
        [-1, 0, 0]
    """
    return Progression(np.array([-1, 0, 0]), np.zeros(1), np.zeros(room), limit)


@compiled
def run_finite(
    learner: "Learner",
    rates: "Rates",
    world: "Transitions",
    progression: Progression,
    uniforms: "Floats",
) -> int:
    """Take one step per row of ``uniforms`` (steps, 3), and return the number of steps taken.

    A row holds the numbers that draw the decision, its outcome and the next episode's first site.
    Once the room for returns is full, the run stops.

    Example:
        >>> from hebbayes.agents.kernels.state import LearnerSettings, new_learner, rates_of
        >>> from hebbayes.environments.gym.tables import Transitions
        >>> one, rewards = np.ones((2, 2, 1)), np.eye(2)[:, :, None]
        >>> world = Transitions(one, 0 * one.astype(int), rewards, one > 0,
        ...                     np.array([0.5, 1.0]), np.array([[0], [1]]))
        >>> learner, progression = new_learner((2,), 2), at_the_start(room=401)
        >>> uniforms = np.random.default_rng(0).random((400, 3))
        >>> run_finite(learner, rates_of(LearnerSettings()), world, progression, uniforms)
        400
        >>> returns = progression.returns[:progression.place[2]]
        >>> bool(returns[-100:].mean() > returns[:100].mean())
        True
    """
    place, running, returns = progression.place, progression.running, progression.returns
    limit = progression.limit
    place[2] = 0
    for t in range(uniforms.shape[0]):
        if place[0] < 0:
            place[0], place[1] = draw_place(world.start, uniforms[t, 2]), 0
        decision = decide(learner, world.units[place[0]], uniforms[t, 0])
        m = draw_place(world.cumulated[place[0], decision], uniforms[t, 1])
        outcome = place[0], decision, m
        reward, is_terminal = world.reward[outcome], world.is_terminal[outcome]
        place[0], place[1] = world.next_site[outcome], place[1] + 1
        is_over = is_terminal or (limit > 0 and place[1] >= limit)
        look_ahead(learner, world.units[place[0]])
        receive(learner, rates, reward, is_terminal, is_over)
        running[0] += reward
        if is_over:
            returns[place[2]], running[0], place[0] = running[0], 0.0, -1
            place[2] += 1
            if place[2] == returns.size:
                return t + 1
    return uniforms.shape[0]
