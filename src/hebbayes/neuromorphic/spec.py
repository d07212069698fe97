"""What a core is: sizes, widths of its numbers, forgetting, memory, clock; TOML or JSON.

A `DeviceSpec` refuses combinations that cannot be built, with the reason.  What can be built but is
likely to disappoint is a warning (`cautions`).
"""

import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from hebbayes.core.errors import FormatError, ValueRangeError

_RANGES = {
    "inputs": (1, 4096),
    "neurons": (0, 1024),
    "outputs": (0, 4096),
    "counter_bits": (2, 16),
    "evidence_bits": (2, 16),
    "log_bits": (1, 14),
    "sigmoid_bits": (1, 16),
    "draw_bits": (1, 16),
    "window": (0, 2**16 - 1),
    "prior": (1, 2**16 - 1),
    "fifo_depth": (0, 65536),
    "lanes": (1, 64),
    "node_nm": (3, 500),
}


@dataclass(frozen=True, kw_only=True)
class DeviceSpec:
    """One core.

    Attributes:
        inputs: Binary inputs o.
        neurons: Neurons of the inference layer; 0 where decisions read the inputs themselves.
        outputs: Decisions of the decision layer; 0 for a core that only infers.
        is_recurrent: Whether neurons read each other's last activity (K).
        counter_bits: Bits of each counter of the inference layer, Hebb and Home.
        evidence_bits: Bits of each signed evidence counter of the decision layer.
        log_bits: Fractional bits of log2.
        sigmoid_bits: Bits of the sigmoid's values, and of the draw compared with them.
        draw_bits: Random bits of each decision's Gumbel draw.
        mode: spike draws x from the posterior, hard takes the likelier value; rate, the posterior
            itself, needs fractional counters and cannot be built.
        forgetting: At a full Home counter: halve both banks, saturate (stop learning that bank), or
            halve at Home = window.
        window: Home at which counts are halved with forgetting = window; 0 otherwise.
        prior: Constant prior count of the decision layer, beside its evidence.
        fifo_depth: Pairs (x, decision) that wait for their risk.
        lanes: Synapses read per cycle, a power of two.
        learns_inputs: Whether W learns.
        learns_recurrent: Whether K learns.
        learns_outputs: Whether V learns.
        memory: Where counters lie.
        node_nm: Process node that costs are stated for, in nm.
        clock_mhz: Clock, in MHz.
    """

    inputs: int = 32
    neurons: int = 2
    outputs: int = 0
    is_recurrent: bool = False
    counter_bits: int = 10
    evidence_bits: int = 8
    log_bits: int = 6
    sigmoid_bits: int = 8
    draw_bits: int = 12
    mode: Literal["spike", "hard", "rate"] = "spike"
    forgetting: Literal["halve", "saturate", "window"] = "halve"
    window: int = 0
    prior: int = 3000
    fifo_depth: int = 200
    lanes: int = 1
    learns_inputs: bool = True
    learns_recurrent: bool = False
    learns_outputs: bool = False
    memory: Literal["sram", "bram", "spram", "registers"] = "sram"
    node_nm: int = 45
    clock_mhz: float = 12.0

    def __post_init__(self) -> None:
        """Refuse what cannot be built."""
        _check_kinds(self)
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueRangeError(
                    f"{name} must be from {low} to {high}; got {getattr(self, name)}."
                )
        if not 0 < self.clock_mhz <= 10_000:
            raise ValueRangeError(
                f"clock_mhz must be above 0, and at most 10000; got {self.clock_mhz}."
            )
        for is_impossible, reason in _impossible(self):
            if is_impossible:
                raise ValueRangeError(f"{reason}.")

    @property
    def lines(self) -> int:
        """Lines that each neuron reads: inputs and, if it is recurrent, neurons."""
        return self.inputs + self.neurons * self.is_recurrent

    @property
    def full_home(self) -> int:
        """Home count at which the inference layer forgets, or stops learning."""
        return self.window if self.forgetting == "window" else (1 << self.counter_bits) - 1

    @property
    def decision_inputs(self) -> int:
        """Width of x, which decisions read: the neurons, or the inputs where there are none."""
        return self.neurons or self.inputs


def _check_kinds(spec: DeviceSpec) -> None:
    for name, hint in get_type_hints(DeviceSpec).items():
        value = getattr(spec, name)
        if choices := get_args(hint):
            if value not in choices:
                raise ValueRangeError(f"{name} must be {', '.join(choices)}; got {value!r}.")
        elif hint is float:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ValueRangeError(f"{name} must be a number; got {value!r}.")
        elif type(value) is not hint:
            wanted = "true or false" if hint is bool else "a whole number"
            raise ValueRangeError(f"{name} must be {wanted}; got {value!r}.")


def _impossible(spec: DeviceSpec) -> list[tuple[bool, str]]:
    """Return conditions under which nothing can be built, and why."""
    return [*_impossible_layers(spec), *_impossible_numbers(spec)]


def _impossible_layers(spec: DeviceSpec) -> list[tuple[bool, str]]:
    return [
        (
            spec.neurons == 0 and spec.outputs == 0,
            "a core needs neurons or outputs; set neurons to the number of hidden states",
        ),
        (
            spec.is_recurrent and spec.neurons == 0,
            "is_recurrent needs neurons: without them there is no last activity to read",
        ),
        (
            spec.learns_recurrent and not spec.is_recurrent,
            "learns_recurrent needs recurrent synapses; set is_recurrent = true",
        ),
        (
            spec.learns_outputs and spec.outputs == 0,
            "learns_outputs needs a decision layer; set outputs to the number of decisions",
        ),
        (
            spec.learns_outputs and spec.fifo_depth == 0,
            "learns_outputs needs fifo_depth of at least 1: decisions wait there for their risk",
        ),
        (spec.outputs == 1, "outputs must be at least 2: one decision leaves nothing to choose"),
        (
            spec.mode == "rate",
            "mode = rate cannot be built: graded activity needs fractional counters and writes to "
            "both banks of every synapse; choose spike, whose counts have the same mean",
        ),
    ]


def _impossible_numbers(spec: DeviceSpec) -> list[tuple[bool, str]]:
    full, widest = (1 << spec.counter_bits) - 1, max(spec.inputs, spec.neurons)
    largest_evidence = 1 << (spec.evidence_bits - 1)
    return [
        (
            spec.lanes & (spec.lanes - 1) != 0,
            f"lanes must be a power of two, for addresses; got {spec.lanes}",
        ),
        (
            spec.lanes >= 2 * widest,
            f"{spec.lanes} lanes are more than {widest} synapses can fill; choose at most "
            f"{1 << (widest - 1).bit_length()}",
        ),
        (
            (spec.forgetting == "window") != (spec.window > 0),
            "window and forgetting = window belong together; set both, or window = 0",
        ),
        (
            spec.forgetting == "window" and not 4 <= spec.window <= full,
            f"window must be from 4 to {full}, the most that {spec.counter_bits} counter bits "
            f"hold; got {spec.window}",
        ),
        (
            spec.outputs > 0 and spec.prior <= largest_evidence,
            f"prior must exceed {largest_evidence}, or evidence of {spec.evidence_bits} bits could "
            f"make a count negative; got {spec.prior}",
        ),
    ]


def cautions(spec: DeviceSpec) -> list[str]:
    """Return sentences on choices that can be built but are likely to cost accuracy.

    Example:
        >>> cautions(DeviceSpec(counter_bits=8))
        ['counter_bits = 8 forgets after 128 to 255 events of a neuron; below 9 bits this window,
        not the arithmetic, costs accuracy.']
    """
    found = []
    if spec.neurons and spec.forgetting != "saturate" and spec.full_home < 511:
        found.append(
            f"counter_bits = {spec.counter_bits} forgets after {(spec.full_home + 1) // 2} to "
            f"{spec.full_home} events of a neuron; below 9 bits this window, not the arithmetic, "
            "costs accuracy."
        )
    wanted = (spec.prior - 1).bit_length() - 1
    if spec.outputs and spec.log_bits < wanted:
        found.append(
            f"log_bits = {spec.log_bits} cannot show one count of evidence on a prior of "
            f"{spec.prior}; choose {wanted}."
        )
    if spec.outputs and spec.draw_bits < 12:
        found.append(
            f"draw_bits = {spec.draw_bits} biases the choice among many decisions; choose 12."
        )
    return found


def spec_from(values: Mapping[str, Any], source: str = "spec") -> DeviceSpec:
    """Return the spec that a mapping describes; what it leaves out takes its default.

    Raises `FormatError` for an unknown key, with a suggestion, and `ValueRangeError`.

    Example:
        >>> spec_from({"neuron": 3})
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: spec has the unknown key 'neuron'; did you mean 'neurons'?
    """
    known = [field.name for field in fields(DeviceSpec)]
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"it may have {', '.join(known)}."
            raise FormatError(f"{source} has the unknown key {str(key)!r}; {hint}")
    return DeviceSpec(**values)


def read_spec(path: Path) -> DeviceSpec:
    """Return the spec in a TOML file, or in a JSON file if its name ends in .json.

    Raises `FormatError` and `ValueRangeError`.

    Example:
        >>> read_spec(Path("absent.toml"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read absent.toml: No such file or directory.
    """
    is_json = path.suffix.lower() == ".json"
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if is_json else tomllib.loads(text)
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        kind = "JSON" if is_json else "TOML"
        raise FormatError(f"{path} is not {kind}: {error}.") from error
    if not isinstance(values, dict):
        raise FormatError(f"{path} must hold one object of keys and values; got a list or a value.")
    return spec_from(values, str(path))


def spec_text(spec: DeviceSpec, kind: Literal["toml", "json"] = "json") -> str:
    """Return the spec as JSON or TOML text, which `read_spec` reads back.

    Example:
        >>> print(spec_text(DeviceSpec(inputs=4), "toml").splitlines()[0])
        inputs = 4
    """
    values = asdict(spec)
    if kind == "json":
        return json.dumps(values, indent=2) + "\n"
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
