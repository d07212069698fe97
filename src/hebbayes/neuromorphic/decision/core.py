"""The integer decision core: one pass draws a decision, one pass per decision learns.

A decision k with evidence ``hebb[k, i]`` and ``home[k]`` beside a constant prior count P has the
drive (docs/theory.md eqs. 2-4, bank of the decision taken alone, logarithms to base 2)

    habit[k] + sum_i [L(P + d) - L(P + home / 2)],    d = x_i ? hebb : home - hebb

and the largest drive + Gumbel noise decides.  Risk arrives later: each pair (x, k) that waits is
accepted with probability |1 - 2 risk| and moves its row by the sign.  A row whose home overflows
is halved in the same pass, with one rounding draw for the row.  These functions are the contract
that the C and Verilog cores meet bit for bit; every operation and access is counted.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hebbayes.neuromorphic.arithmetic import log2_fixed
from hebbayes.neuromorphic.decision.draws import next_register, noise_of, noise_table, widened

Integers = NDArray[np.int64]

RISK_BITS = 16
"""Risk is an integer from 0 to 2^16 - 1; 2^15 changes nothing."""

COUNTED = (
    *("steps", "evidence_reads", "evidence_writes", "home_reads", "home_writes"),
    *("habit_reads", "noise_reads", "context_reads", "context_writes", "queue_reads"),
    *("queue_writes", "additions", "logarithms", "comparisons", "draws", "accepted"),
    *("halvings", "saturations", "dropped", "row_sums"),
)
"""What is counted, in the order of ``tally``."""

STEPS, EVIDENCE_READS, EVIDENCE_WRITES, HOME_READS, HOME_WRITES = range(5)
HABIT_READS, NOISE_READS, CONTEXT_READS, CONTEXT_WRITES, QUEUE_READS = range(5, 10)
QUEUE_WRITES, ADDITIONS, LOGARITHMS, COMPARISONS, DRAWS, ACCEPTED = range(10, 16)
HALVINGS, SATURATIONS, DROPPED, ROW_SUMS = range(16, 20)

REGISTER, IS_DESCENDING, WAITING, HEAD = range(4)


class Core(NamedTuple):
    """A core: its constants and its memories.

    Attributes:
        prior: P, the prior count of each entry.
        limit: Evidence lies in [-limit, limit - 1].
        log_bits: Fractional bits of logarithms.
        draw_bits: Random bits of a decision's noise.
        unit_bits: A stored count stands for 2^unit_bits counts.
        log_cell: L(P + d) for d from -2 limit to 2 limit - 1.
        habit: Drive of each decision before any evidence, (decisions,).
        noise: Table of Gumbel noise.
        home: Signed decisions taken, (decisions,).
        hebb: Signed coincidences of decision and input, (inputs, decisions).
        context: x that the next decision rests on, (inputs,).
        queue: Contexts of the decisions that wait for their risk, (depth, inputs).
        queue_decision: Those decisions, (depth,).
        scalars: Shift register, direction of the scan, decisions that wait, place of the next.
        tally: Counts of operations and accesses, in the order of `COUNTED`.
        drive: Sums of evidence that event-driven steps keep, (decisions,).
        is_stale: Whether such a sum must be computed afresh, (decisions,).
    """

    prior: int
    limit: int
    log_bits: int
    draw_bits: int
    unit_bits: int
    log_cell: Integers
    habit: Integers
    noise: Integers
    home: Integers
    hebb: Integers
    context: Integers
    queue: Integers
    queue_decision: Integers
    scalars: Integers
    tally: Integers
    drive: Integers
    is_stale: Integers


log2_of = njit(cache=True)(log2_fixed)


def new_core(
    habit: Integers,
    *,
    n_inputs: int,
    prior: int = 3000,
    evidence_bits: int = 8,
    log_bits: int = 11,
    draw_bits: int = 16,
    unit_bits: int = 0,
    depth: int = 200,
    seed: int = 1,
) -> Core:
    """Return a core without evidence; ``seed`` is the shift register's first content, not 0.

    Example:
        >>> new_core(np.zeros(256, np.int64), n_inputs=121).hebb.shape
        (121, 256)
    """
    limit = 1 << (evidence_bits - 1)
    counts = prior + (np.arange(-2 * limit, 2 * limit) << unit_bits)
    cells = [log2_of(max(count, 1), log_bits) for count in counts.tolist()]

    def zeros(*shape: int) -> Integers:
        return np.zeros(shape, np.int64)

    return Core(
        prior,
        limit,
        log_bits,
        draw_bits,
        unit_bits,
        log_cell=np.array(cells, np.int32),
        habit=np.asarray(habit, np.int64),
        noise=noise_table(log_bits),
        home=zeros(habit.size),
        hebb=np.zeros((n_inputs, habit.size), np.int32),
        context=zeros(n_inputs),
        queue=zeros(depth, n_inputs),
        queue_decision=zeros(depth),
        scalars=np.array([seed, 0, 0, 0]),
        tally=zeros(len(COUNTED)),
        drive=zeros(habit.size),
        is_stale=np.ones(habit.size, np.int64),
    )


@njit(cache=True)
def log_of_row(core: Core, home: int) -> int:
    """Return L(P + home / 2), the row's counts floored at 2.

    Example:
        >>> log_of_row(new_core(np.zeros(2, np.int64), n_inputs=1, prior=4, log_bits=2), 0)
        8
    """
    count = 2 * core.prior + (home << core.unit_bits)
    return log2_of(max(count, 2), core.log_bits) - (1 << core.log_bits)


@njit(cache=True)
def draw(core: Core) -> int:
    """Return the next 16 random bits.

    Example:
        >>> hex(draw(new_core(np.zeros(2, np.int64), n_inputs=1, seed=0x12345678)))
        '0xcddb'
    """
    core.scalars[REGISTER] = next_register(core.scalars[REGISTER])
    core.tally[DRAWS] += 1
    return core.scalars[REGISTER] & 0xFFFF


@njit(cache=True)
def sum_row(core: Core, k: int) -> int:
    """Return the evidence for decision k: the sum over inputs of L(P + d) - L(P + home / 2).

    Example:
        >>> core = new_core(np.zeros(2, np.int64), n_inputs=3)
        >>> core.home[1], core.hebb[0, 1] = 4, 4
        >>> observe(core, np.array([1, 0, 0]))
        >>> int(sum_row(core, 1))  # 4 + 4 + 4 - 3 x 2
        6
    """
    home, n_inputs = core.home[k], core.context.size
    normaliser = log_of_row(core, home)
    total = 0
    for i in range(n_inputs):
        hebb = core.hebb[i, k]
        total += (
            core.log_cell[(hebb if core.context[i] else home - hebb) + 2 * core.limit] - normaliser
        )
    core.tally[EVIDENCE_READS] += n_inputs
    core.tally[CONTEXT_READS] += n_inputs
    core.tally[LOGARITHMS] += n_inputs + 1
    core.tally[ADDITIONS] += 4 * n_inputs + 1
    core.tally[HOME_READS] += 1
    core.tally[ROW_SUMS] += 1
    return total


@njit(cache=True)
def decide(core: Core) -> int:
    """Return the decision of largest ``drive`` + habit + noise; ties go to the one seen first.

    Example:
        >>> decide(new_core(np.array([0, 20 * 2048, 0]), n_inputs=1))
        1
    """
    n_decisions = core.habit.size
    best, chosen, register = 0, -1, core.scalars[REGISTER]
    for turn in range(n_decisions):
        k = n_decisions - 1 - turn if core.scalars[IS_DESCENDING] else turn
        register = next_register(register)
        number = widened(register, core.draw_bits)
        reached = core.drive[k] + core.habit[k] + noise_of(number, core.noise, core.log_bits)
        if chosen < 0 or reached > best:
            best, chosen = reached, k
    core.scalars[REGISTER] = register
    core.scalars[IS_DESCENDING] ^= 1
    core.tally[STEPS] += 1
    core.tally[DRAWS] += n_decisions
    core.tally[HABIT_READS] += n_decisions
    core.tally[NOISE_READS] += n_decisions
    core.tally[ADDITIONS] += 2 * n_decisions
    core.tally[COMPARISONS] += n_decisions
    return chosen


@njit(cache=True)
def remember(core: Core, decision: int) -> None:
    """Store (context, decision) until its risk is known; a full queue drops its oldest pair.

    Example:
        >>> core = new_core(np.zeros(2, np.int64), n_inputs=1, depth=3)
        >>> for decision in (0, 1, 0, 1):
        ...     remember(core, decision)
        >>> int(core.scalars[WAITING]), int(core.tally[DROPPED])
        (3, 1)
    """
    depth = core.queue_decision.size
    head = core.scalars[HEAD]
    core.queue[head] = core.context
    core.queue_decision[head] = decision
    core.scalars[HEAD] = (head + 1) % depth
    if core.scalars[WAITING] == depth:
        core.tally[DROPPED] += 1
    else:
        core.scalars[WAITING] += 1
    core.tally[QUEUE_WRITES] += core.context.size + 1


@njit(cache=True)
def observe(core: Core, observation: Integers) -> None:
    """Make ``observation`` the context of the next decision; every row must be read anew.

    Example:
        >>> core = new_core(np.zeros(2, np.int64), n_inputs=3)
        >>> observe(core, np.array([1, 0, 1]))
        >>> core.context.tolist()
        [1, 0, 1]
    """
    core.is_stale[:] = 1
    _set_context(core, observation)


@njit(cache=True)
def _set_context(core: Core, observation: Integers) -> None:
    core.context[:] = observation
    core.tally[CONTEXT_WRITES] += observation.size


@njit(cache=True)
def step(core: Core, observation: Integers) -> int:
    """Return a decision taken in the current context, then take the observation as context.

    Every row is read.

    Example:
        >>> core = new_core(np.zeros(4, np.int64), n_inputs=2)
        >>> step(core, np.array([0, 1])) in range(4), int(core.tally[EVIDENCE_READS])
        (True, 8)
    """
    for k in range(core.habit.size):
        core.drive[k] = sum_row(core, k)
    decision = decide(core)
    remember(core, decision)
    observe(core, observation)
    return decision


@njit(cache=True)
def step_on_events(core: Core, observation: Integers) -> int:
    """Return what `step` returns; read the columns of changed inputs and rows learnt from.

    Example:
        >>> core = new_core(habit=np.zeros(4, np.int64), n_inputs=2, prior=30)
        >>> step_on_events(core, np.array([0, 1])) in range(4)
        True
    """
    for k in range(core.habit.size):
        if core.is_stale[k]:
            core.drive[k] = sum_row(core, k)
            core.is_stale[k] = 0
    decision = decide(core)
    remember(core, decision)
    for i in range(observation.size):
        if observation[i] != core.context[i]:
            _flip(core, i, observation[i])
    core.tally[COMPARISONS] += observation.size
    core.tally[CONTEXT_READS] += observation.size
    _set_context(core, observation)
    return decision


@njit(cache=True)
def _flip(core: Core, i: int, is_on: int) -> None:
    n_decisions, middle = core.habit.size, 2 * core.limit
    for k in range(n_decisions):
        if not core.is_stale[k]:
            hebb = core.hebb[i, k]
            rise = core.log_cell[hebb + middle] - core.log_cell[core.home[k] - hebb + middle]
            core.drive[k] += rise if is_on else -rise
    core.tally[EVIDENCE_READS] += n_decisions
    core.tally[HOME_READS] += n_decisions
    core.tally[LOGARITHMS] += 2 * n_decisions
    core.tally[ADDITIONS] += 5 * n_decisions


@njit(cache=True)
def learn(core: Core, risk: int) -> None:
    """Learn from all decisions that wait, oldest first, and empty the queue.

    ``risk`` is in units of 2^-16; a pair is accepted with probability
    |1 - 2 risk| / 2^unit_bits.

    Example:
        >>> core = new_core(habit=np.zeros(4, np.int64), n_inputs=2, prior=30)
        >>> for _ in range(9):
        ...     decision = step(core, np.array([1, 0]))
        >>> learn(core, risk=0)
        >>> int(core.home.sum()), core.hebb.sum(1).tolist()
        (9, [8, 0])
    """
    modulation = (1 << RISK_BITS) - 2 * risk
    sign = 1 if modulation > 0 else -1
    chance = abs(modulation) >> core.unit_bits
    depth = core.queue_decision.size
    waiting, head = core.scalars[WAITING], core.scalars[HEAD]
    for age in range(waiting, 0, -1):
        entry = (head - age) % depth
        if draw(core) < chance:
            _learn_row(core, core.queue_decision[entry], core.queue[entry], sign)
    core.scalars[WAITING] = 0
    core.scalars[HEAD] = 0
    core.tally[QUEUE_READS] += waiting
    core.tally[COMPARISONS] += waiting


@njit(cache=True)
def _learn_row(core: Core, k: int, context: Integers, sign: int) -> None:
    home, limit, n_inputs = core.home[k] + sign, core.limit, context.size
    is_halving = home < -limit or home >= limit
    rounding = (draw(core) & 1) if is_halving else 0
    core.home[k] = (home + rounding) >> 1 if is_halving else home
    for i in range(n_inputs):
        hebb = core.hebb[i, k] + (sign if context[i] else 0)
        if is_halving:
            hebb = (hebb + rounding) >> 1
        core.hebb[i, k] = min(max(hebb, -limit), limit - 1)
        core.tally[SATURATIONS] += hebb != core.hebb[i, k]
    core.is_stale[k] = 1
    core.tally[ACCEPTED] += 1
    core.tally[HALVINGS] += is_halving
    core.tally[HOME_READS] += 1
    core.tally[HOME_WRITES] += 1
    core.tally[EVIDENCE_READS] += n_inputs
    core.tally[EVIDENCE_WRITES] += n_inputs
    core.tally[QUEUE_READS] += n_inputs
    core.tally[ADDITIONS] += n_inputs + 1
