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
    """

    place: "Ints"
    running: "Floats"


def at_the_start() -> Progression:
    """Return the progression of a run that has not begun.

    Example:
        >>> at_the_start().place.tolist()
        [-1, 0, 0]
    """
    return Progression(np.array([-1, 0, 0]), np.zeros(1))


@compiled
def run_finite(
    learner: "Learner",
    rates: "Rates",
    world: "Transitions",
    progression: Progression,
    uniforms: "Floats",
    limit: int,
    returns: "Floats",
) -> int:
    """Take one step per row of ``uniforms`` (steps, 3), and return the number of steps taken.

    A row holds the numbers that draw the decision, its outcome and the next episode's first site.
    ``limit`` cuts episodes short; 0 never does.  The returns of the episodes that end are written
    to the first entries of ``returns``; once it is full, the run stops.

    Example:
        >>> from hebbayes.agents.kernels.state import LearnerSettings, new_learner, rates_of
        >>> one = np.ones((1, 2, 1))
        >>> world = Transitions(one, 0 * one.astype(int), np.array([[[0.0], [1.0]]]), one > 0,
        ...                     np.ones(1), np.zeros((1, 1), int))
        >>> learner, returns = new_learner((1,), 2), np.zeros(400)
        >>> uniforms = np.random.default_rng(0).random((400, 3))
        >>> run_finite(learner, rates_of(LearnerSettings()), world, at_the_start(), uniforms, 0,
        ...            returns)
        400
        >>> bool(returns[-100:].mean() > returns[:100].mean())
        True
    """
    place, running = progression.place, progression.running
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
