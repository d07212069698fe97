"""Sizes of a decision core that follow from its spec: widths, words, addresses, templates' values.

Every width holds the largest value that can occur, computed here from the extremes of the counts,
so that no sum wraps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hebbayes.core.errors import ValueRangeError
from hebbayes.neuromorphic.arithmetic import log2_fixed, signed_bits

if TYPE_CHECKING:
    from hebbayes.neuromorphic.spec import DeviceSpec

MOST_LANES = 16
"""The host writes x through 16 wires."""

NOISE_RANGE = 5
"""Bits of noise and habit above the fraction: both lie in [-16, 16)."""


@dataclass(frozen=True)
class Layout:
    """Sizes of a decision core.

    Attributes:
        spec: What they follow from.
    """

    spec: "DeviceSpec"

    def __post_init__(self) -> None:
        """Refuse what this core cannot hold."""
        spec = self.spec
        if spec.outputs < 2:
            raise ValueRangeError("a decision core needs outputs of at least 2; set outputs.")
        if spec.prior < 1 << spec.evidence_bits:
            raise ValueRangeError(
                f"prior must be at least {1 << spec.evidence_bits}, or evidence of "
                f"{spec.evidence_bits} bits could make a count negative; got {spec.prior}."
            )
        if spec.lanes > MOST_LANES:
            raise ValueRangeError(
                f"a decision core has at most {MOST_LANES} lanes; got {spec.lanes}."
            )
        if spec.log_bits + NOISE_RANGE > 16:
            raise ValueRangeError(
                f"a decision core has at most 11 log_bits, or habits would not fit 16 bits; got "
                f"{spec.log_bits}."
            )
        if self.k_width + self.word_width > 16 or self.slot_width > 16:
            raise ValueRangeError(
                f"{spec.outputs} decisions of {self.words} words need more than 16 bits of "
                "address; choose more lanes or fewer inputs, outputs or fifo_depth."
            )

    @property
    def limit(self) -> int:
        """Evidence lies in [-limit, limit - 1]."""
        return 1 << (self.spec.evidence_bits - 1)

    @property
    def words(self) -> int:
        """Evidence words of a row."""
        return -(-self.spec.decision_inputs // self.spec.lanes)

    @property
    def word_width(self) -> int:
        """Bits of the number of a word in its row."""
        return max((self.words - 1).bit_length(), 1)

    @property
    def k_width(self) -> int:
        """Bits of the number of a decision."""
        return (self.spec.outputs - 1).bit_length()

    @property
    def slot_width(self) -> int:
        """Bits of a place in the queue, which holds the current and the next context too."""
        return (self.spec.fifo_depth + 1).bit_length()

    @property
    def gain_extremes(self) -> tuple[int, int]:
        """Least and largest L(P + d) - L(P + home / 2), bounds of each taken apart."""
        spec, limit = self.spec, self.limit
        cells = [spec.prior - 2 * limit + 1, spec.prior + 2 * limit - 1]
        rows = [2 * spec.prior - limit, 2 * spec.prior + limit - 1]
        low, high = (log2_fixed(count, spec.log_bits) for count in cells)
        row_low, row_high = (log2_fixed(c, spec.log_bits) - (1 << spec.log_bits) for c in rows)
        return low - row_high, high - row_low

    @property
    def gain_width(self) -> int:
        """Bits of one input's contribution to a drive."""
        low, high = self.gain_extremes
        return signed_bits(max(-low, high))

    @property
    def log_width(self) -> int:
        """Bits of a logarithm."""
        largest = 2 * self.spec.prior + self.limit - 1
        return max(log2_fixed(largest, self.spec.log_bits).bit_length(), self.gain_width)

    @property
    def drive_width(self) -> int:
        """Bits of drive, habit and noise added up."""
        low, high = self.gain_extremes
        total = self.spec.decision_inputs * max(-low, high)
        return signed_bits(total + (16 + 16 + 8 << self.spec.log_bits))

    @property
    def step_cycles(self) -> int:
        """Cycles of a step: words + 3 per decision, and 2."""
        return self.spec.outputs * (self.words + 3) + 2

    @property
    def learning_cycles(self) -> int:
        """Cycles of learning at most, when every pair is accepted."""
        return self.spec.fifo_depth * (2 * self.words + 4) + 2

    @property
    def memory_bits(self) -> dict[str, int]:
        """Bits of each memory, without the padding of addresses."""
        spec = self.spec
        n_inputs, slots = spec.decision_inputs, spec.fifo_depth + 2
        return {
            "evidence": spec.outputs * n_inputs * spec.evidence_bits,
            "home": spec.outputs * spec.evidence_bits,
            "habit": spec.outputs * (spec.log_bits + NOISE_RANGE),
            "noise": 1024 * (spec.log_bits + NOISE_RANGE),
            "contexts": slots * n_inputs,
            "decisions": slots * self.k_width,
        }


def log_function(name: str, layout: Layout, low: int, high: int) -> str:
    """Return a Verilog function: log2 of counts from ``low`` to ``high``.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> print(log_function("log_of", Layout(DeviceSpec(neurons=0, outputs=4)), 4, 6))
            function [LOG_WIDTH-1:0] log_of(input [2:0] count);
                log_of = {4'd2, count[1:0], 4'd0};
            endfunction
    """
    width, bits = layout.log_width, layout.spec.log_bits
    lines = [f"    function [LOG_WIDTH-1:0] {name}(input [{high.bit_length() - 1}:0] count);"]
    for octave in range(high.bit_length() - 1, low.bit_length() - 2, -1):
        parts = [f"{width - bits}'d{octave}"]
        taken = min(octave, bits)
        if taken:
            parts.append(f"count[{octave - 1}:{octave - taken}]")
        if taken < bits:
            parts.append(f"{bits - taken}'d0")
        is_last = octave == low.bit_length() - 1
        first = octave == high.bit_length() - 1
        guard = "" if is_last else f"if (count[{octave}]) "
        lines.append(f"        {'' if first else 'else '}{guard}{name} = {{{', '.join(parts)}}};")
    return "\n".join([*lines, "    endfunction"])


def template_values(spec: "DeviceSpec", prefix: str = "core") -> Mapping[str, object]:
    """Return what the templates of the decision core are filled with.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> values = template_values(DeviceSpec(inputs=121, neurons=0, outputs=256, lanes=2))
        >>> values["words"], values["k_width"], values["slot_width"]
        (61, 8, 8)
    """
    layout = Layout(spec)
    limit, bits, prior = layout.limit, spec.evidence_bits, spec.prior
    high, row_high = prior + 2 * limit - 1, 2 * prior + limit - 1
    cell_width, row_width = high.bit_length(), row_high.bit_length()
    result_width = max(layout.k_width, bits)
    in_last = spec.decision_inputs - (layout.words - 1) * spec.lanes
    watchdog = 2 * max(layout.step_cycles, layout.learning_cycles)
    return {
        **{name: getattr(spec, name) for name in ("outputs", "lanes", "evidence_bits", "log_bits")},
        **{name: getattr(layout, name) for name in ("k_width", "word_width", "slot_width")},
        **{name: getattr(layout, name) for name in ("log_width", "gain_width", "drive_width")},
        "prefix": prefix,
        "guard": f"{prefix.upper()}_DECISION_H",
        "inputs": spec.decision_inputs,
        "prior": prior,
        "twice_prior": 2 * prior,
        "one": 1 << spec.log_bits,
        "limit": limit,
        "depth": spec.fifo_depth,
        "draw_bits": spec.draw_bits,
        "mantissa_bits": 7,
        "words": layout.words,
        "stride": 1 << layout.word_width,
        "last_word": layout.words - 1,
        "last_row": spec.outputs - 1,
        "watchdog": watchdog,
        "watchdog_width": watchdog.bit_length(),
        "result_top": result_width - 1,
        "result_mask": (1 << result_width) - 1,
        "habit_bits": spec.log_bits + NOISE_RANGE,
        "ram_style": "huge" if spec.memory == "spram" else "auto",
        "log_cell": log_function("log_of_cell", layout, prior - 2 * limit + 1, high),
        "log_row": log_function("log_of_row", layout, 2 * prior - limit, row_high),
        "cell_width": cell_width,
        "cell_top": cell_width - 1,
        "row_width": row_width,
        "row_top": row_width - 1,
        **_fragments(spec, layout, in_last=in_last, result_width=result_width),
    }


def _fragments(
    spec: "DeviceSpec", layout: Layout, *, in_last: int, result_width: int
) -> dict[str, str]:
    """Return expressions of Verilog that depend on sizes."""
    beyond = 16 - spec.draw_bits
    low = "" if beyond == 0 else f", {beyond}'d{(1 << beyond) >> 1}"
    is_full = in_last == spec.lanes
    pad_count = result_width - spec.evidence_bits
    pad_row = result_width - layout.k_width
    one_lane = spec.lanes == 1
    extend = f"{{{pad_count}{{@[BITS-1]}}}}, " if pad_count else ""
    return {
        "draw": f"{{random[{spec.draw_bits - 1}:0]{low}}}",
        "cell_d": _sign_extended("d", spec.evidence_bits + 1, layout, spec),
        "is_input": "1'b1" if is_full else f"word_read != LAST_WORD || lane < {in_last}",
        "push": "data[BITS-1:0]" if one_lane else "{data[BITS-1:0], buffer[LANES*BITS-1:BITS]}",
        "pop_buffer": "buffer" if one_lane else "{buffer[BITS-1:0], buffer[LANES*BITS-1:BITS]}",
        "pop_result": f"{{{extend.replace('@', 'buffer')}buffer[BITS-1:0]}}",
        "home_result": f"{{{extend.replace('@', 'home')}home}}",
        "row_result": f"{{{pad_row}'d0, best_row}}" if pad_row else "best_row",
    }


def _sign_extended(name: str, width: int, layout: Layout, spec: "DeviceSpec") -> str:
    cell_width = (spec.prior + 2 * layout.limit - 1).bit_length()
    more = cell_width - width
    return f"{{{{{more}{{{name}[BITS]}}}}, {name}}}" if more else name
