"""The constants of a trial: what `finite_trial` reads at every step and nothing changes.

Nothing is learnt before a trial ends, so W o + h is a table over sites, and K, V and the
thresholds of the output layer are one matrix (docs/theory.md eq. 4).  A unit that is always on
follows the states: the product that it takes part in adds thresholds, and counts steps.  A site
after the last stands for everything after the goal.
"""

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import Counts, log_ratio
from hebbayes.core.numerics import einsum
from hebbayes.theory.generative_model import GenerativeModel, expected_log

if TYPE_CHECKING:
    from hebbayes.environments.base import FiniteWorld

INDEX = jnp.uint32  # unsigned: the time loop holds no code for negative indices
_LANES = 16  # rows are padded to whole vectors


class TrialTables(NamedTuple):
    """Constants of a trial; ``width`` counts the states and the constant unit, padded.

    The joint ln weight of "all off", which F needs, is off_at_site + off_slope[0] . x_previous for
    states, off_bias + off_slope[1] . x_previous (its policy part) + off_habit for decisions.

    Attributes:
        n_states: Number of states.
        drive: (sites + 1, width), W o + h.
        synapses: (width + decisions, width), K above V and its normaliser.
        habit: psi1 - psi0, (decisions,).
        next_site: (sites + 1, moves).
        gain: Reward of each move, (sites + 1, moves).
        action: Move of each decision, (decisions + 1,).
        off_at_site: See above.
        off_slope: See above.
        off_habit: See above.
    """

    n_states: int
    drive: Array
    synapses: Array
    habit: Array
    next_site: Array
    gain: Array
    action: Array
    off_at_site: Array
    off_slope: Array
    off_habit: Array

    @property
    def is_on(self) -> int:
        """Number of the unit that is always on."""
        return self.n_states

    @property
    def n_sites(self) -> int:
        """Number of sites of the world."""
        return int(self.next_site.shape[0]) - 1

    @property
    def n_decisions(self) -> int:
        """Number of decisions."""
        return int(self.habit.shape[0])

    @property
    def width(self) -> int:
        """Length of a row of states."""
        return int(self.drive.shape[1])


def trial_tables(
    model: GenerativeModel, world: "FiniteWorld", action_of_decision: Array
) -> TrialTables:
    """Return the constants of a trial of a two-layer ``model`` in ``world``.

    Example:
        >>> from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> world = maze_world(random_maze(3, 5, key=jax.random.key(0)), view_size=1)
        >>> model = maze_agent_model(0.25, n_outcomes=1, depth=1)
        >>> tables = trial_tables(model, world, first_move_of_decision(depth=1))
        >>> tables.drive.shape, tables.synapses.shape
        ((4, 16), (20, 16))
    """
    assert model.transition is not None  # `finite_trial` has refused models of one layer
    assert model.policy is not None
    assert model.decision_prior is not None
    n_states, n_sites = model.n_states, world.n_sites
    W, W_off = _weights(model.likelihood)
    K, K_off = _weights(model.transition)
    V, V_off = _weights(model.policy)
    phi, psi = (
        expected_log(prior, log_ratio) for prior in (model.state_prior, model.decision_prior)
    )
    d = einsum("uij,si->usj", W, world.observations.astype(W.dtype))
    d = d + (W_off + K_off + phi)[:, None]
    width = -(-(n_states + 1) // _LANES) * _LANES
    drive = jnp.full((n_sites + 1, width), -jnp.inf, W.dtype).at[:, n_states].set(jnp.inf)
    synapses = jnp.zeros((width + model.n_decisions, width), W.dtype)
    synapses = synapses.at[:n_states, :n_states].set((K[ON] - K[OFF]).T)
    synapses = synapses.at[width:, :n_states].set((V[ON] - V[OFF]).T)
    slope = jnp.zeros((2, width), W.dtype).at[1, n_states].set(V_off[OFF].sum())
    next_site = jnp.where(world.is_goal[world.next_site], n_sites, world.next_site)
    return TrialTables(
        n_states=n_states,
        drive=drive.at[:n_sites, :n_states].set(d[ON] - d[OFF]),
        synapses=synapses.at[width:, n_states].set(V_off[ON] - V_off[OFF]),
        habit=psi[ON] - psi[OFF],
        next_site=jnp.pad(next_site, ((0, 1), (0, 0)), constant_values=n_sites).astype(INDEX),
        gain=jnp.pad(world.gain.astype(W.dtype), ((0, 1), (0, 0))),
        action=jnp.append(action_of_decision, 0).astype(INDEX),
        off_at_site=jnp.pad(d[OFF].sum(-1), (0, 1)),
        off_slope=slope.at[0, :n_states].set(K[OFF].sum(-1)).at[1, :n_states].set(V[OFF].sum(-1)),
        off_habit=psi[OFF].sum(),
    )


def _weights(counts: Counts) -> tuple[Array, Array]:
    """Return the weights (W1; W0) as (2, pre, post) and the sums of ln(1 - W^) over pre."""
    on, off = (Counts(counts.prior[value], counts.evidence[value]) for value in (ON, OFF))
    weights = log_ratio(on, off)
    return weights, -jax.nn.softplus(weights).sum(1)
