"""Test vectors of a decision core: the host's commands, and the results that the model gives.

A line of ``vectors.txt`` is a command, its data, whether to compare and the result wanted.  The C
and the Verilog tests play the same file.  Every counter is read back and compared.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.neuromorphic.decision.core import (
    HALVINGS,
    SATURATIONS,
    Core,
    learn,
    new_core,
    observe,
    step,
)
from hebbayes.neuromorphic.decision.layout import NOISE_RANGE, Layout

if TYPE_CHECKING:
    from hebbayes.neuromorphic.spec import DeviceSpec

Integers = NDArray[np.int64]

ADDRESS, PUSH, STORE, FETCH, POP, SET_HOME, GET_HOME = range(1, 8)
HABIT, SEED, NOW, NEXT, STEP, LEARN = range(8, 14)


class Host:
    """Drives a model and writes down what the host of the real core would send and see.

    Attributes:
        core: The integer model.
        lines: Lines of ``vectors.txt``.
        steps: Steps so far.
    """

    def __init__(self, spec: "DeviceSpec", habit: Integers, *, seed: int) -> None:
        """Start with no evidence; ``seed`` is not 0."""
        self._layout, self.lines, self.steps = Layout(spec), list[str](), 0
        self.core = core_of(spec, habit, seed=seed)
        for half in (seed & 0xFFFF, seed >> 16):
            self._send(SEED, half)
        self._send(ADDRESS, 0)
        for value in habit.tolist():
            self._send(HABIT, value & ((1 << (spec.log_bits + NOISE_RANGE)) - 1))

    def load(self, hebb: Integers, home: Integers) -> None:
        """Write evidence (inputs, decisions) and homes (decisions,)."""
        self.core.hebb[:], self.core.home[:] = hebb, home
        self._send(ADDRESS, 0)
        for value in home.tolist():
            self._send(SET_HOME, value & self._mask)
        for k in range(home.size):
            self._send(ADDRESS, k << self._layout.word_width)
            for word in self._words(self.core.hebb[:, k]):
                for count in word:
                    self._send(PUSH, count & self._mask)
                self._send(STORE, 0)

    def begin(self, observation: Integers) -> None:
        """Make an observation the current context."""
        observe(self.core, observation)
        self._send_context(NOW, observation)

    def step(self, observation: Integers) -> int:
        """Return the decision in the current context; the observation becomes the next one."""
        self._send_context(NEXT, observation)
        decision = step(self.core, observation)
        self._send(STEP, 0, decision)
        self.steps += 1
        return int(decision)

    def learn(self, risk: int) -> None:
        """Bring the risk of all decisions that wait."""
        learn(self.core, risk)
        self._send(LEARN, risk)

    def compare_counters(self) -> None:
        """Read every counter back."""
        self._send(ADDRESS, 0)
        for value in self.core.home.tolist():
            self._send(GET_HOME, 0, value & self._result_mask)
        for k in range(self.core.home.size):
            self._send(ADDRESS, k << self._layout.word_width)
            for word in self._words(self.core.hebb[:, k]):
                self._send(FETCH, 0)
                for count in word:
                    self._send(POP, 0, count & self._result_mask)

    def text(self) -> str:
        """Return the contents of ``vectors.txt``."""
        return "".join(self.lines)

    @property
    def _mask(self) -> int:
        return (1 << self._layout.spec.evidence_bits) - 1

    @property
    def _result_mask(self) -> int:
        return (1 << max(self._layout.spec.evidence_bits, self._layout.k_width)) - 1

    def _words(self, row: Integers) -> list[list[int]]:
        lanes = self._layout.spec.lanes
        padded = np.pad(row, (0, self._layout.words * lanes - row.size))
        words: list[list[int]] = padded.reshape(-1, lanes).tolist()
        return words

    def _send_context(self, command: int, observation: Integers) -> None:
        self._send(ADDRESS, 0)
        for word in self._words(observation):
            self._send(command, sum(bit << lane for lane, bit in enumerate(word)))

    def _send(self, command: int, data: int, wanted: int | None = None) -> None:
        compare = wanted is not None
        self.lines.append(f"{command:x} {data:x} {int(compare)} {wanted or 0:x}\n")


def core_of(spec: "DeviceSpec", habit: Integers, *, seed: int) -> Core:
    """Return the integer model of a spec's decision layer, without evidence.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> spec = DeviceSpec(inputs=3, neurons=0, outputs=4)
        >>> core_of(spec, np.zeros(4, np.int64), seed=1).hebb.shape
        (3, 4)
    """
    return new_core(
        habit,
        n_inputs=spec.decision_inputs,
        prior=spec.prior,
        evidence_bits=spec.evidence_bits,
        log_bits=spec.log_bits,
        draw_bits=spec.draw_bits,
        depth=spec.fifo_depth,
        seed=seed,
    )


def random_life(
    spec: "DeviceSpec", n_steps: int, *, seed: int, chunk: int | None = None, compare_every: int = 0
) -> Host:
    """Return a host that has made ``n_steps`` steps from random evidence, with random risks.

    Some rows start near the limits of their counters, so that halvings and saturations occur.
    Counters are compared every ``compare_every`` passes of learning, and at the end.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> host = random_life(DeviceSpec(inputs=3, neurons=0, outputs=4), 20, seed=1, chunk=5)
        >>> host.steps, int(host.core.home.size)
        (20, 4)
    """
    rng = np.random.default_rng(seed)
    layout, n_inputs = Layout(spec), spec.decision_inputs
    limit, chunk = layout.limit, chunk or max(spec.fifo_depth, 1)
    habit = -rng.integers(0, 2 << spec.log_bits, spec.outputs)
    host = Host(spec, habit, seed=int(rng.integers(1, 2**32)))
    home = rng.integers(-limit, limit, spec.outputs)
    hebb = rng.integers(-limit, limit, (n_inputs, spec.outputs))
    hebb[:, ::2] = np.clip(hebb[:, ::2] // 2 + home[::2] // 2, -limit, limit - 1)
    host.load(hebb, home)
    x = rng.integers(0, 2, n_inputs)
    host.begin(x)
    for t in range(1, n_steps + 1):
        x = np.where(rng.random(n_inputs) < 0.3, 1 - x, x)
        host.step(x)
        if t % chunk == 0 or t == n_steps:
            host.learn(int(rng.choice([0, 0, 65535, 36045, 29491, int(rng.integers(0, 65536))])))
            if compare_every and (t // chunk) % compare_every == 0:
                host.compare_counters()
    host.compare_counters()
    return host


def halvings_and_saturations(core: Core) -> tuple[int, int]:
    """Return how often a row was halved and how often a counter was held at its limit.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> host = random_life(DeviceSpec(inputs=3, neurons=0, outputs=4), 20, seed=1, chunk=5)
        >>> len(halvings_and_saturations(host.core))
        2
    """
    return int(core.tally[HALVINGS]), int(core.tally[SATURATIONS])
