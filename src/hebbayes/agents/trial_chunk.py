"""The sums of a trial: what a chunk of decisions adds to free energy and evidence.

The risk of a chunk is known at its end, before anything is learnt from it, so that its free energy
and its evidence are summed at once (docs/theory.md eqs. 1 and 3; section 7).  Evidence reaches the
model when the trial is over.
"""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import jax.numpy as jnp
from jax import Array

from hebbayes.core.counts import Counts, add_evidence
from hebbayes.core.numerics import matmul
from hebbayes.theory.generative_model import GenerativeModel

if TYPE_CHECKING:
    from hebbayes.agents.modulators import AbstractModulator
    from hebbayes.agents.trial_tables import TrialTables
    from hebbayes.environments.base import FiniteWorld

_LARGEST_PRODUCT = 64  # so many factors between 1 and 2 stay finite in float32

FourTables: TypeAlias = tuple[Array, Array, Array, Array]
"""Both values of a row against both of a column: [ON, ON], [ON, OFF], [OFF, ON], [OFF, OFF]."""


class Chunk(NamedTuple):
    """What happened in a chunk, time-first.

    Attributes:
        number: Which chunk of the trial.
        first: x before the chunk, (width,).
        at_decision: Sum of the x before each decision, (decisions + 1, width).
        product: K x above V x, (time, width + decisions).
        site: Site at each step; one past the last after the trial.
        decision: Decision at each step; one past the last after the trial.
    """

    number: Array
    first: Array
    at_decision: Array
    product: Array
    site: Array
    decision: Array


class RunningSums(NamedTuple):
    """Sums over the chunks so far.

    Attributes:
        consecutive: Previous x times x, (width, width).
        policy: Evidence of c, [decision, state] values, each (decisions, width).
        n_taken: How often each decision was taken.
        free_energy: One per chunk, in nats.
    """

    consecutive: Array
    policy: FourTables
    n_taken: Array
    free_energy: Array


def empty_sums(model: GenerativeModel, tables: "TrialTables", n_chunks: int) -> RunningSums:
    """Return the sums of a trial that has not begun.

    Example:
        >>> import jax
        >>> from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
        >>> from hebbayes.agents.trial_tables import trial_tables
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> world = maze_world(random_maze(3, 5, key=jax.random.key(0)), view_size=1)
        >>> model = maze_agent_model(0.25, n_outcomes=1, depth=1)
        >>> tables = trial_tables(model, world, first_move_of_decision(depth=1))
        >>> empty_sums(model, tables, n_chunks=3).free_energy.tolist()
        [0.0, 0.0, 0.0]
    """
    assert model.policy is not None
    dtype, width = tables.drive.dtype, tables.width
    return RunningSums(
        consecutive=jnp.zeros((width, width), dtype),
        policy=by_decision(model.policy.evidence, width),
        n_taken=jnp.zeros(tables.n_decisions, int),
        free_energy=jnp.zeros(n_chunks, dtype),
    )


def accumulate_sums(
    sums: RunningSums,
    tables: "TrialTables",
    modulator: "AbstractModulator",
    chunk: Chunk,
    *,
    floors: FourTables | None,
) -> RunningSums:
    """Return the sums with a chunk added; evidence too, unless there are no ``floors`` for c.

    Example:
        >>> import jax
        >>> from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
        >>> from hebbayes.agents.modulators import ChunkedRisk
        >>> from hebbayes.agents.trial_tables import trial_tables
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> world = maze_world(random_maze(3, 5, key=jax.random.key(0)), view_size=1)
        >>> model = maze_agent_model(0.25, n_outcomes=1, depth=1)
        >>> tables = trial_tables(model, world, first_move_of_decision(depth=1))
        >>> taken = jnp.zeros((5, 16)).at[2].set(1)
        >>> step = (jnp.zeros((1, 20)), jnp.array([0]), jnp.array([2]))
        >>> chunk = Chunk(0, jnp.ones(16), taken, *step)
        >>> sums = empty_sums(model, tables, n_chunks=1)
        >>> accumulate_sums(sums, tables, ChunkedRisk(), chunk, floors=None).n_taken.tolist()
        [0, 0, 1, 0]
    """
    is_active = chunk.site < tables.n_sites
    units = _settle(tables, chunk)
    activity = units.rate[:, : tables.width]
    previous = jnp.concatenate([chunk.first[None], activity[:-1]])
    previous = jnp.where(is_active[:, None], previous, 0)
    gain = tables.gain[chunk.site, tables.action[chunk.decision]]
    risk = modulator.risk(gain, is_active)[0]
    energy = _free_energy(tables, chunk, units, previous.sum(0), risk)
    taken = chunk.at_decision[:-1]
    sums = sums._replace(
        n_taken=sums.n_taken + taken[:, tables.is_on].astype(sums.n_taken.dtype),
        free_energy=sums.free_energy.at[chunk.number].set(energy),
    )
    if floors is None:
        return sums
    return sums._replace(
        consecutive=sums.consecutive + matmul(previous.T, activity),
        policy=_learn_policy(sums.policy, taken, tables.is_on, risk, floors),
    )


class _Units(NamedTuple):
    """All units at every step of a chunk, states before decisions: (time, width + decisions).

    Attributes:
        log_odds: v.
        rate: sig(v).
        factor: 1 + exp(-|v|), from which ln(1 + exp v) follows.
    """

    log_odds: Array
    rate: Array
    factor: Array


def _settle(tables: "TrialTables", chunk: Chunk) -> _Units:
    habit = jnp.broadcast_to(tables.habit, (chunk.site.size, tables.n_decisions))
    v = chunk.product + jnp.concatenate([tables.drive[chunk.site], habit], 1)  # eq. 4
    e = jnp.exp(-jnp.abs(v))
    return _Units(v, jnp.where(v < 0, e, 1) / (1 + e), 1 + e)


def _free_energy(
    tables: "TrialTables", chunk: Chunk, units: _Units, previous: Array, risk: Array
) -> Array:
    """Return the free energy of a chunk, the first sum of docs/theory.md eq. 1.

    With ln weights d1, d0 of "on" and "off" and v = d1 - d0, a unit at its minimum has
    s.(ln s - d) = -(d0 + ln(1 + exp v)).  Risk adds 2 risk (y g1 + (1 - y) g0) per decision; g is
    the policy's part of d.  ``previous`` sums the x before each step.
    """
    is_active = chunk.site < tables.n_sites
    weight = is_active.astype(previous.dtype)
    off = matmul(tables.off_slope, previous)
    softplus = matmul(weight, jnp.maximum(units.log_odds, 0)) + _sum_logs(units.factor, is_active)
    minimum = (
        matmul(weight, tables.off_at_site[chunk.site])
        + weight.sum() * tables.off_habit
        + off.sum()
        + softplus[: tables.n_states].sum()
        + softplus[tables.width :].sum()
    )
    decisions = slice(tables.width, None)  # their rate y, and g1 - g0
    expected = matmul(weight, units.rate[:, decisions] * chunk.product[:, decisions]).sum()
    return 2 * risk * (expected + off[1]) - minimum


def _sum_logs(factors: Array, is_active: Array) -> Array:
    """Return the sum over active rows of ln(factor), factors between 1 and 2, by few logarithms."""
    n_rows = factors.shape[0]
    n_factors = max(n for n in range(1, _LARGEST_PRODUCT + 1) if n_rows % n == 0)
    used = jnp.where(is_active[:, None], factors, 1)
    return jnp.log(used.reshape(-1, n_factors, factors.shape[1]).prod(1)).sum(0)


def _learn_policy(
    policy: FourTables, at_decision: Array, is_on: int, risk: Array, floors: FourTables
) -> FourTables:
    """Return the evidence of c after a chunk, floored entry by entry (eq. 3).

    ``at_decision`` sums the x before each decision; its column ``is_on`` counts the decisions.
    """
    seen = _four_tables(
        at_decision, at_decision[:, is_on, None], at_decision.sum(0), at_decision[:, is_on].sum()
    )
    on_on, on_off, off_on, off_off = (
        jnp.maximum(old + (1 - 2 * risk) * new, floor)
        for old, new, floor in zip(policy, seen, floors)
    )
    return on_on, on_off, off_on, off_off


def learned(
    model: GenerativeModel, world: "FiniteWorld", at_site: Array, sums: RunningSums
) -> GenerativeModel:
    """Return the model after a trial: a and b by eq. 3, c as its chunks left it.

    ``at_site`` sums x at each site.

    Example:
        >>> import jax
        >>> from hebbayes.agents.maze_agent import maze_agent_model
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> world = maze_world(random_maze(3, 5, key=jax.random.key(0)), view_size=1)
        >>> model = maze_agent_model(0.25, n_outcomes=1, depth=1)
        >>> policy = (jnp.zeros((4, 16)),) * 4
        >>> sums = RunningSums(jnp.ones((16, 16)), policy, jnp.zeros(4), jnp.zeros(1))
        >>> at_site = jnp.zeros((world.n_sites, 16)).at[0, :2].set(jnp.array([0.25, 1.0]))
        >>> learned(model, world, at_site, sums).likelihood.evidence[:, :, 0, 0].tolist()
        [[0.0, 0.0], [0.25, 0.75]]
    """
    assert model.transition is not None
    assert model.policy is not None
    n, seen, b = model.n_states, world.observations.astype(at_site.dtype), sums.consecutive
    n_seen, x = matmul(at_site[:, n], seen), at_site.sum(0)
    likelihood = _four_tables(matmul(seen.T, at_site[:, :n]), n_seen[:, None], x[:n], x[n])
    transition = _four_tables(b[:n, :n], b[:n, n, None], b[n, :n], b[n, n])
    policy = _as_table(sums.policy)[..., :n].transpose(1, 0, 3, 2)
    return GenerativeModel(
        likelihood=add_evidence(model.likelihood, _as_table(likelihood)),
        state_prior=model.state_prior,
        transition=add_evidence(model.transition, _as_table(transition)),
        policy=Counts(model.policy.prior, policy),
        decision_prior=model.decision_prior,
    )


def by_decision(table: Array, width: int) -> FourTables:
    """Return a table (state value, decision value, states, decisions) as rows of decisions.

    Example:
        >>> [rows.tolist() for rows in by_decision(jnp.arange(4.0).reshape(2, 2, 1, 1), 2)]
        [[[0.0, 0.0]], [[2.0, 0.0]], [[1.0, 0.0]], [[3.0, 0.0]]]
    """
    n_states, n_decisions = table.shape[2:]
    rows = table.transpose(1, 0, 3, 2).reshape(4, n_decisions, n_states)
    on_on, on_off, off_on, off_off = jnp.pad(rows, ((0, 0), (0, 0), (0, width - n_states)))
    return on_on, on_off, off_on, off_off


def _four_tables(both: Array, row: Array, column: Array, total: Array) -> FourTables:
    """Return how often a row and a column were on or off, from how often both, each and any."""
    return both, row - both, column - both, total - row - column + both


def _as_table(four: FourTables) -> Array:
    return jnp.stack(four).reshape(2, 2, *four[0].shape)
