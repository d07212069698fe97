"""C and Verilog of an inference layer, from templates, and the vectors that check them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.core.arrays import OFF, ON
from hebbayes.neuromorphic.arithmetic import sigmoid_table, signed_bits
from hebbayes.neuromorphic.inference.counts import largest_offset, layout_of
from hebbayes.neuromorphic.inference.integer import constants_of, run_layer
from hebbayes.neuromorphic.templating import hex_lines, render

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hebbayes.neuromorphic.inference.counts import LayerCounts
    from hebbayes.neuromorphic.inference.integer import Run
    from hebbayes.neuromorphic.spec import DeviceSpec

PREFIX = "core"
"""Start of the names of modules and functions."""


@dataclass(frozen=True)
class Vectors:
    """Files that the testbenches read, and what must come out.

    Attributes:
        files: Name -> text.
        ran: What the integer model did.
        check_every: Steps between two comparisons of every counter.
        seed: State of the random register at the start.
    """

    files: dict[str, str]
    ran: "Run"
    check_every: int
    seed: int


def index_bits(count: int) -> int:
    """Return the bits of an index of ``count`` places, 1 at least.

    Example:
        >>> [index_bits(count) for count in (1, 2, 8, 9)]
        [1, 1, 3, 4]
    """
    return max(1, (count - 1).bit_length())


def drive_bits(spec: "DeviceSpec") -> int:
    """Return the width of the drive, which no counts can make overflow.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> drive_bits(DeviceSpec())
        17
    """
    largest_term = 2 * int(constants_of(spec).logs[-1])
    bound = layout_of(spec).slots * largest_term + largest_offset(spec)
    term = log_width(spec) + 3
    return max(signed_bits(bound), term + 1)


def log_width(spec: "DeviceSpec") -> int:
    """Return the bits of a logarithm.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> log_width(DeviceSpec())
        10
    """
    return index_bits(spec.counter_bits) + spec.log_bits


def layer_files(spec: "DeviceSpec") -> dict[str, str]:
    """Return the sources of the layer: name -> text.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> list(layer_files(DeviceSpec()))
        ['core_inference.v', 'core_lfsr.v', 'core_inference.h', 'core_inference.c']
    """
    values = _values(spec)
    return {
        f"{PREFIX}_inference.v": render("inference.v", values),
        f"{PREFIX}_lfsr.v": render("lfsr.v", values),
        f"{PREFIX}_inference.h": render("inference.h", values),
        f"{PREFIX}_inference.c": render("inference.c", values),
    }


def testbench_files(spec: "DeviceSpec", vectors: Vectors) -> dict[str, str]:
    """Return the self-checking testbenches of C and Verilog: name -> text.

    Example:
        >>> from hebbayes.neuromorphic.inference.sources import sources_start
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> spec = DeviceSpec(inputs=4)
        >>> made = layer_vectors(spec, sources_start(spec), np.zeros((3, 4)), check_every=2)
        >>> list(testbench_files(spec, made)), list(made.files)[:2]
        (['core_inference_tb.v', 'core_inference_main.c'], ['stimuli.mem', 'spikes.mem'])
    """
    steps, layout = len(vectors.ran.drive), layout_of(spec)
    values = _values(spec) | {
        "steps": steps,
        "check_every": vectors.check_every,
        "checks": len(_check_steps(steps, vectors.check_every)),
        "seed": f"{vectors.seed:08x}",
        "cycles": vectors.ran.events["cycles"],
        "watchdog": 4 * spec.neurons * (2 * layout.words_per_neuron + 8) + 16,
        "drive_mask": f"{(1 << drive_bits(spec)) - 1:x}",
        "counter_mask": (1 << spec.counter_bits) - 1,
        "log_width": log_width(spec),
        **_table_checks(spec),
    }
    return {
        f"{PREFIX}_inference_tb.v": render("inference_testbench.v", values),
        f"{PREFIX}_inference_main.c": render("inference_testbench.c", values),
    }


def layer_vectors(
    spec: "DeviceSpec", counts: "LayerCounts", observations: "Any", *, check_every: int = 1
) -> Vectors:
    """Return stimuli and every number that must come out, by the integer model.

    Example:
        >>> from hebbayes.neuromorphic.inference.sources import sources_start
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> spec = DeviceSpec(inputs=4)
        >>> layer_vectors(spec, sources_start(spec), [[1, 0, 0, 1]]).files["stimuli.mem"]
        '9\\n'
    """
    seen = np.asarray(observations, int)
    ran = run_layer(spec, counts, seen)
    images, held, first = [_image(spec, counts)], counts, 0
    for last in _check_steps(len(seen), check_every):
        held = run_layer(spec, held, seen[first:last]).counts
        images.append(_image(spec, held))
        first = last
    files = {
        "stimuli.mem": hex_lines(map(_packed, seen), spec.inputs),
        "spikes.mem": hex_lines(map(_packed, ran.activity), spec.neurons),
        "drives.mem": hex_lines(ran.drive.ravel(), drive_bits(spec)),
        "registers.mem": hex_lines(ran.register, 32),
        "counters.mem": hex_lines(np.concatenate(images), 2 * spec.counter_bits),
        "offsets.mem": hex_lines(counts.offset, drive_bits(spec)),
        "logs.mem": hex_lines(constants_of(spec).logs, log_width(spec)),
        "sigmoid.mem": hex_lines(sigmoid_table(spec.sigmoid_bits), spec.sigmoid_bits + 1),
    }
    return Vectors(files, ran, check_every, counts.register)


def _table_checks(spec: "DeviceSpec") -> dict[str, str]:
    """Return code that compares every entry of the tables; a netlist has no functions to call."""
    is_spiking, width = spec.mode == "spike", spec.sigmoid_bits + 1
    sigmoid = """
            $readmemh("sigmoid.mem", sigmoids);
            for (k = 0; k < 16; k = k + 1)
                if (core.sigmoid(k[3:0]) !== sigmoids[k]) mismatch("sigmoid", k);"""
    memory = f"    reg [{width}-1:0] sigmoids [0:15];\n" if is_spiking else ""
    verilog = f"""{memory}    task check_tables;
        begin
`ifndef NETLIST
            for (k = 0; k < (1 << {spec.counter_bits}); k = k + 1)
                if (core.log2_fixed(k[{spec.counter_bits}-1:0]) !== logs[k]) mismatch("log2", k);{
        sigmoid if is_spiking else ""
    }
`endif
        end
    endtask
"""
    c = """    FILE *entries = open_vectors("sigmoid.mem");
    for (int k = 0; k < 16; k++)
        compare("sigmoid", -1, k, sigmoid[k], next_number(entries));"""
    return {"table_checks": verilog, "sigmoid_check_c": c if is_spiking else ""}


def _check_steps(steps: int, every: int) -> list[int]:
    """Return the steps after which every counter is compared: each ``every``, and the last."""
    regular = list(range(every, steps + 1, every))
    return regular if regular and regular[-1] == steps else [*regular, steps]


def _packed(bits: "Iterable[int]") -> int:
    return sum(int(bit) << place for place, bit in enumerate(bits))


def _image(spec: "DeviceSpec", counts: "LayerCounts") -> "Any":
    """Return pairs {off, on} of every slot, then of every home."""
    pairs = [(table[OFF] << spec.counter_bits) | table[ON] for table in (counts.hebb, counts.home)]
    return np.concatenate([pair.ravel() for pair in pairs])


def _values(spec: "DeviceSpec") -> dict[str, object]:
    """Return what the templates' places hold."""
    layout = layout_of(spec)
    depth, homes = spec.neurons * layout.words_per_neuron, spec.neurons * layout.groups
    return {
        "prefix": PREFIX,
        "PREFIX": PREFIX.upper(),
        "guard": f"{PREFIX.upper()}_INFERENCE_H",
        "inputs": spec.inputs,
        "neurons": spec.neurons,
        "lanes": spec.lanes,
        "groups": layout.groups,
        "slots": layout.slots,
        "words": layout.words_per_neuron,
        "depth": depth,
        "homes": homes,
        "recurrent_slot": layout.words[0] * spec.lanes,
        "recurrent_words": ", recurrent" if spec.is_recurrent else "",
        "counter_bits": spec.counter_bits,
        "log_bits": spec.log_bits,
        "sigmoid_bits": spec.sigmoid_bits,
        "full_home": spec.full_home,
        "place_bits": index_bits(spec.counter_bits),
        "drive_bits": drive_bits(spec),
        **_verilog_widths(spec, depth, homes),
        **_verilog_choices(spec),
        **_c_choices(spec),
    }


def _verilog_widths(spec: "DeviceSpec", depth: int, homes: int) -> dict[str, object]:
    layout = layout_of(spec)
    word, address = index_bits(layout.words_per_neuron), index_bits(depth)
    neuron, home = index_bits(spec.neurons), index_bits(homes)
    pair, drive = 2 * spec.counter_bits, drive_bits(spec)
    host = max(spec.lanes * pair, 32, drive)
    return {
        "word_bits": word,
        "address_bits": address,
        "neuron_bits": neuron,
        "home_bits": home,
        "host_bits": host,
        "host_address_bits": max(address, neuron, home),
        "last_word": f"{word}'d{layout.words_per_neuron - 1}",
        "last_neuron": f"{neuron}'d{spec.neurons - 1}",
        "words_sized": f"{address}'d{layout.words_per_neuron % (1 << address)}",
        "groups_sized": f"{home}'d{layout.groups % (1 << home)}",
        "next_word_padded": _padded("next_word", word, address),
        "word_padded": _padded("word", word, address),
        "word_read_padded": _padded("word_read", spec.lanes * pair, host),
        "home_read_padded": _padded("home_read", pair, host),
        "random_padded": _padded("random_state", 32, host),
    }


def _padded(name: str, bits: int, wanted: int) -> str:
    """Return Verilog for a signal with zeros in front."""
    return name if bits == wanted else f"{{{{{wanted - bits}{{1'b0}}}}, {name}}}"


def _verilog_choices(spec: "DeviceSpec") -> dict[str, object]:
    layout = layout_of(spec)
    word = index_bits(layout.words_per_neuron)
    padding = [size * spec.lanes for size in layout.words]
    parts = [("observation", padding[0] - spec.inputs)]
    if spec.is_recurrent:
        parts.insert(0, ("activity", padding[1] - spec.neurons))
    start = [text for name, empty in parts for text in [*_zeros(empty), name]]
    learning = "learning && !full_{}" if spec.forgetting == "saturate" else "learning"
    flags = (spec.learns_inputs, spec.learns_recurrent)
    is_spiking = spec.mode == "spike"
    return {
        "is_recurrent_word": f"word >= {word}'d{layout.words[0]}" if spec.is_recurrent else "1'b0",
        "recurrent_home": "    wire [PAIR-1:0] home_k = "
        + ("homes[first_home + 1'b1];" if spec.is_recurrent else "home_w;"),
        "recurrent_home_write": (
            "                homes[first_home + 1'b1] <= counted(home_k, learns[1], halving[1]);"
            if spec.is_recurrent
            else "                // no recurrent group"
        ),
        "after_gaps": "RECURRENT_GAP" if spec.is_recurrent else "DRIVE",
        "lines_at_start": f"{{{', '.join(start)}}}",
        "learns_w": learning.format("w") if flags[0] else "1'b0",
        "learns_k": learning.format("k") if flags[1] else "1'b0",
        "is_spiking": f"1'b{int(is_spiking)}",
        "sigmoid": _verilog_sigmoid(spec) if is_spiking else "",
        "sigmoid_width": f"    localparam S = {spec.sigmoid_bits};\n" if is_spiking else "",
        "firing": _FIRING[spec.mode],
    }


_FIRING = {
    "spike": """\
    wire is_negative = drive[D-1];
    wire [D-1:0] size = is_negative ? -drive : drive;
    wire [D-1:0] half_units = size >> (F - 1);
    wire [S:0] likely = sigmoid(|half_units[D-1:4] ? 4'd15 : half_units[3:0]);
    wire [S:0] threshold = is_negative ? {1'b1, {S{1'b0}}} - likely : likely;
    wire fires = {1'b0, random_state[S-1:0]} < threshold;""",
    "hard": "    wire fires = !drive[D-1];",
}


def _zeros(bits: int) -> list[str]:
    return [f"{bits}'b0"] if bits else []


def _verilog_sigmoid(spec: "DeviceSpec") -> str:
    width = spec.sigmoid_bits + 1
    cases = "\n".join(
        f"            4'd{index}: sigmoid = {width}'d{value};"
        for index, value in enumerate(sigmoid_table(spec.sigmoid_bits))
    )
    return (
        "    // sig(v ln 2) for |v| in steps of 1/2, in units of 2^-S\n"
        f"    function [S:0] sigmoid(input [3:0] index);\n        case (index)\n{cases}\n"
        "        endcase\n    endfunction\n\n"
    )


_C_SPIKE = """\
    int32_t size = drive < 0 ? -drive : drive;
    int32_t index = size >> (LOG_BITS - 1);
    uint32_t likely = sigmoid[index < 15 ? index : 15];
    uint32_t threshold = drive < 0 ? (1u << SIGMOID_BITS) - likely : likely;
    return (draw(core) & ((1u << SIGMOID_BITS) - 1)) < threshold;"""

_C_LINES = """\
    for (int j = 0; j < NEURONS; j++)
        lines[@{PREFIX}_RECURRENT_SLOT + j] = core->activity[j];"""

_C_TABLE = """\
/* sig(v ln 2) for |v| in steps of 1/2, in units of 2^-SIGMOID_BITS */
static const uint32_t sigmoid[16] = {@};

"""


def _c_choices(spec: "DeviceSpec") -> dict[str, object]:
    is_spiking = spec.mode == "spike"
    table = ", ".join(map(str, sigmoid_table(spec.sigmoid_bits)))
    return {
        "sigmoid_c": _C_TABLE.replace("@", table) if is_spiking else "",
        "fires_c": _C_SPIKE if is_spiking else "    (void)core;\n    return drive >= 0;",
        "recurrent_lines": _C_LINES.replace("@{PREFIX}", PREFIX.upper())
        if spec.is_recurrent
        else "    /* no recurrent lines */",
        "learns_inputs": int(spec.learns_inputs),
        "learns_recurrent": int(spec.learns_recurrent),
        "saturates": int(spec.forgetting == "saturate"),
    }
