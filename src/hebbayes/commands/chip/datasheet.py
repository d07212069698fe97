"""The datasheet of a core: what it computes, its blocks, its timing, its interface, its costs."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from hebbayes.neuromorphic.costs import PEERS
from hebbayes.neuromorphic.inference.counts import layout_of
from hebbayes.neuromorphic.inference.emission import drive_bits
from hebbayes.neuromorphic.templating import render

if TYPE_CHECKING:
    from hebbayes.commands.chip.run import ChipResult


def datasheet_text(result: "ChipResult") -> str:
    """Return two pages of Markdown.

    Example:
        >>> from hebbayes.commands.chip import run
        >>> from hebbayes.commands.configs import ChipConfig
        >>> made = run(ChipConfig("build", steps=20, runs=1, rungs=""))
        >>> datasheet_text(made).splitlines()[0]
        '# Learning core: 32 inputs, 2 neurons'
    """
    spec, one = result.spec, result.chosen
    assert one is not None
    layout, costs = layout_of(spec), one.costs
    low, typical, high = costs.energy_pj
    accuracy = one.score.accuracy
    ladder = [f"| {r.name} | {r.version} | {r.steps} | {r.mismatches} |" for r in result.rungs]
    losses = [f"| {name} | {loss:+.4f} |" for name, loss in one.score.losses.items()]
    peers = [
        f"| {name} | {node} | {energy} | {'' if area is None else area} | {status} |"
        for name, node, energy, area, status in PEERS
    ]
    operation = typical / max(1, spec.neurons * spec.lines)
    return render(
        "datasheet.md",
        asdict(spec)
        | {
            "full_home": spec.full_home,
            "drive_bits": drive_bits(spec),
            "words": layout.words_per_neuron,
            "depth": spec.neurons * layout.words_per_neuron,
            "word_bits": 2 * spec.counter_bits * spec.lanes,
            "recurrent": ", recurrent" if spec.is_recurrent else "",
            "bits": costs.bits,
            "cycles": f"{costs.cycles:.1f}",
            "rate": f"{costs.steps_per_second:.3g}",
            "clock": f"{spec.clock_mhz:g}",
            "node": spec.node_nm,
            "energy": f"{typical:.3g} pJ ({low:.3g} to {high:.3g})",
            "operation": f"{operation:.2g}",
            "memory_share": f"{costs.memory_share:.0%}",
            "accuracy": f"{accuracy['integer'].mean():.3f}",
            "accuracy_float": f"{accuracy['float'].mean():.3f}",
            "ladder": "\n".join(ladder) or "| not run | | | |",
            "losses": "\n".join(losses),
            "peers": "\n".join(peers),
        },
    )
