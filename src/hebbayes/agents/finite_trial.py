"""One trial of a two-layer network in a `FiniteWorld`, about as fast as its synapses can be read.

The inference, decisions, learning and free energy of `rollout` with an `ActiveInferenceAgent`
(I22; docs/theory.md eqs. 1-3), rearranged: one product per step gives K x and V x; evidence is
summed chunk by chunk, since nothing is learnt before the trial ends; the free energy is that of a
minimum, -ln(exp d1 + exp d0).  A solved trial stops at the end of its chunk.  Counts of exactly 0
are left to `rollout`, but for decisions that are never taken.
"""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, PRNGKeyArray

from hebbayes.agents.modulators import ChunkedRisk
from hebbayes.agents.trial_chunk import (
    Chunk,
    RunningSums,
    accumulate_sums,
    by_decision,
    empty_sums,
    learned,
)
from hebbayes.agents.trial_tables import INDEX, TrialTables, trial_tables
from hebbayes.core.checks import check_at_least, check_shape, is_traced
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.core.numerics import matmul
from hebbayes.core.sampling import ODDS_GUARD
from hebbayes.core.scan import scan_time

if TYPE_CHECKING:
    from hebbayes.environments.base import FiniteWorld
    from hebbayes.theory.generative_model import GenerativeModel

PUBLISHED_RISK = ChunkedRisk()

_LARGEST_LOG_ODDS = 60.0  # exp stays finite in float32; the guard has levelled the odds at 14
_BLOCK = 16  # decisions per block of the two-level draw


class TrialSummary(eqx.Module):
    """Totals of a trial.

    Attributes:
        n_steps: Steps taken.
        is_solved: Whether the trial ended before its limit.
        free_energy: Nats, one sum per chunk of decisions; add them in float64.
        n_taken: How often each decision was taken.
    """

    n_steps: Int[Array, ""]
    is_solved: Bool[Array, ""]
    free_energy: Float[Array, " chunks"]
    n_taken: Int[Array, " decisions"]


class _Moment(NamedTuple):
    """State of a trial between two steps.

    Attributes:
        activity: (width,), x.
        site: Number of the site; one past the last after the end of the trial.
        at_site: (sites + 1, width), sum of x at each site.
        at_decision: (decisions + 1, width), sum of the x before each decision.
    """

    activity: Array
    site: Array
    at_site: Array
    at_decision: Array


_Carry: TypeAlias = tuple[Array, _Moment, RunningSums]


def finite_trial(
    model: "GenerativeModel",
    world: "FiniteWorld",
    action_of_decision: Int[Array, " decisions"],
    *,
    n_steps: int,
    key: PRNGKeyArray,
    uniforms: Float[Array, " time"] | None = None,
    modulator: ChunkedRisk = PUBLISHED_RISK,
    is_learning: bool = True,
    policy_floor: float = 1.0,
) -> tuple["GenerativeModel", TrialSummary]:
    """Return the model after one trial of at most ``n_steps`` decisions, and its summary.

    Computes in the model's dtype.  ``uniforms``, one number in [0, 1) per step, replaces the draws
    from ``key``.  Raises `ShapeError` if model, world and actions do not fit together,
    `ValueRangeError` for counts of 0 but in the prior of decisions.

    Example:
        >>> from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> world = maze_world(random_maze(5, 7, key=jax.random.key(0)), view_size=3)
        >>> model = maze_agent_model(0.25, n_outcomes=9, depth=2)
        >>> model, summary = finite_trial(model, world, first_move_of_decision(depth=2),
        ...                               n_steps=1000, key=jax.random.key(1))
        >>> bool(summary.is_solved), int(summary.n_taken.sum()) == int(summary.n_steps)
        (True, True)
    """
    _check_fit(model, world, action_of_decision)
    check_at_least("n_steps", n_steps, 1)
    if uniforms is not None:
        check_shape("uniforms", uniforms, (n_steps,))
    return _trial(
        model,
        world,
        action_of_decision,
        n_steps,
        is_learning,
        key=key,
        uniforms=uniforms,
        modulator=modulator,
        policy_floor=policy_floor,
    )


@partial(jax.jit, static_argnames=("n_steps", "is_learning"))
def _trial(
    model: "GenerativeModel",
    world: "FiniteWorld",
    action_of_decision: Array,
    n_steps: int,
    is_learning: bool,
    *,
    key: PRNGKeyArray,
    uniforms: Array | None,
    modulator: ChunkedRisk,
    policy_floor: float,
) -> tuple["GenerativeModel", TrialSummary]:
    assert model.policy is not None  # _check_fit has refused it
    tables = trial_tables(model, world, action_of_decision)
    n_chunks = -(-n_steps // modulator.chunk_length)
    floors = by_decision(policy_floor - model.policy.prior, tables.width) if is_learning else None
    draws = partial(_draws, key, uniforms, n_steps, modulator.chunk_length)

    def is_going(carry: _Carry) -> Array:
        chunk, moment, _ = carry
        return (chunk < n_chunks) & (moment.site < tables.n_sites)

    def go(carry: _Carry) -> _Carry:
        chunk, start, sums = carry
        start = start._replace(at_decision=jnp.zeros_like(start.at_decision))
        end, record = scan_time(partial(_step, tables), start, draws(chunk), unroll=4)
        happened = Chunk(chunk, start.activity, end.at_decision, *record)
        return chunk + 1, end, accumulate_sums(sums, tables, modulator, happened, floors=floors)

    carry = (jnp.array(0), _start(world, tables), empty_sums(model, tables, n_chunks))
    _, end, sums = jax.lax.while_loop(is_going, go, carry)
    if is_learning:
        model = learned(model, world, end.at_site[:-1], sums)
    n_steps_made, is_solved = sums.n_taken.sum(), end.site == tables.n_sites
    return model, TrialSummary(n_steps_made, is_solved, sums.free_energy, sums.n_taken)


def _check_fit(model: "GenerativeModel", world: "FiniteWorld", action_of_decision: Array) -> None:
    if model.transition is None or model.policy is None:
        raise ShapeError("this model has one layer; a trial needs transition and policy.")
    check_shape("action_of_decision", action_of_decision, (model.n_decisions,))
    if world.n_outcomes != model.n_outcomes:
        raise ShapeError(
            f"world has {world.n_outcomes} outcomes; this model expects {model.n_outcomes}."
        )
    for name in ("likelihood", "state_prior", "transition", "policy"):
        prior = getattr(model, name).prior
        if not is_traced(prior) and not bool((prior > 0).all()):
            raise ValueRangeError(f"{name} holds a count of 0; run this model by `rollout`.")


def _start(world: "FiniteWorld", tables: TrialTables) -> _Moment:
    dtype, width = tables.drive.dtype, tables.width
    site = jnp.where(world.is_goal[world.start], tables.n_sites, world.start)
    return _Moment(
        activity=jnp.zeros(width, dtype).at[: tables.n_states].set(0.5).at[tables.is_on].set(1),
        site=site.astype(INDEX),
        at_site=jnp.zeros((tables.n_sites + 1, width), dtype),
        at_decision=jnp.zeros((tables.n_decisions + 1, width), dtype),
    )


def _draws(
    key: PRNGKeyArray, uniforms: Array | None, n_steps: int, length: int, chunk: Array
) -> Array:
    """Return the uniform numbers of a chunk; -1 once the trial is as long as it may be."""
    time = chunk * length + jnp.arange(length)
    if uniforms is None:
        draws = jax.random.uniform(jax.random.fold_in(key, chunk), (length,), jnp.float32)
    else:
        draws = uniforms[jnp.minimum(time, n_steps - 1)]
    return jnp.where(time < n_steps, draws, -1)


def _step(
    tables: TrialTables, now: _Moment, uniform: Array
) -> tuple[_Moment, tuple[Array, Array, Array]]:
    is_late = uniform < 0
    site = jnp.where(is_late, INDEX(tables.n_sites), now.site)
    product = matmul(tables.synapses, now.activity)
    activity = jax.nn.sigmoid(_row(tables.drive, site) + product[: tables.width])  # eq. 4
    decision = _draw(_odds(product[tables.width :] + tables.habit), uniform)
    decision = jnp.where(site == tables.n_sites, INDEX(tables.n_decisions), decision)
    action = _entry(tables.action, decision)
    following = _Moment(
        activity,
        jnp.where(is_late, now.site, _entry(tables.next_site, site, action)),
        _add_to_row(now.at_site, site, activity),
        _add_to_row(now.at_decision, decision, now.activity),
    )
    return following, (product, site, decision)


def _odds(log_odds: Array) -> Array:
    """Return y / (1 - y + 1e-6) for y = sig(log_odds)."""
    e = jnp.exp(jnp.minimum(log_odds, _LARGEST_LOG_ODDS))
    return e / (1 + ODDS_GUARD + ODDS_GUARD * e)


def _draw(weights: Array, uniform: Array) -> Array:
    """Return the index that `draw_index` returns, by cumulative sums of blocks, then of one."""
    blocks = jnp.pad(weights, (0, -weights.size % _BLOCK)).reshape(-1, _BLOCK)
    of_blocks = _cumulate(blocks.sum(1))
    target = uniform * of_blocks[-1]
    block = jnp.sum(of_blocks <= target).astype(INDEX)
    block = jnp.minimum(block, INDEX(blocks.shape[0] - 1))  # out of range only after the end
    before = jnp.where(block > 0, _entry(of_blocks, jnp.maximum(block, 1) - 1), 0)
    within = _cumulate(_row(blocks, block))
    # rounding must not carry the target past the block's last decision of positive weight
    target = jnp.minimum(target - before, within[-1] * (1 - 2 * jnp.finfo(weights.dtype).eps))
    return block * _BLOCK + jnp.sum(within <= target).astype(INDEX)


def _cumulate(values: Array) -> Array:
    return matmul(jnp.tril(jnp.ones((values.size, values.size), values.dtype)), values)


def _entry(array: Array, *index: Array) -> Array:
    return array.at[index].get(mode="promise_in_bounds")


def _row(matrix: Array, index: Array) -> Array:
    return jax.lax.dynamic_slice(matrix, (index, INDEX(0)), (1, matrix.shape[1]))[0]


def _add_to_row(matrix: Array, index: Array, row: Array) -> Array:
    # slice, add, update without a reshape between them: XLA then works in place
    corner = (index, INDEX(0))
    old = jax.lax.dynamic_slice(matrix, corner, (1, matrix.shape[1]))
    return jax.lax.dynamic_update_slice(matrix, old + row[None], corner)
