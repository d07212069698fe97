"""Tables, notes and files of a core."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.neuromorphic.costs import MEMORY_BIT, PEERS, costs_csv
from hebbayes.neuromorphic.spec import cautions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.chip.run import ChipResult
    from hebbayes.neuromorphic.search import Candidate


def present(result: "ChipResult") -> Outcome:
    """Return the core, its score beside floating point, what verified it, its costs and files."""
    from hebbayes.commands.chip.datasheet import datasheet_text

    files = dict(result.files)
    if result.chosen:
        files |= {"costs.csv": costs_csv(result.chosen.costs)}
        files |= {"datasheet.md": datasheet_text(result)}
    is_explored = len(result.candidates) > 1
    return Outcome(
        summary=_summary(result),
        tables=_tables(result),
        notes=_notes(result),
        figures={"candidates": partial(draw, result)} if is_explored else {},
        files=files,
        holds=_holds(result),
        next_command=_next(result),
    )


def _holds(result: "ChipResult") -> bool:
    """Whether every rung agreed and, for design, the target was reached."""
    is_reached = True
    if result.config.what == "design" and result.chosen:
        is_reached = result.chosen.accuracy >= result.config.target_accuracy
    return is_reached and all(rung.holds for rung in result.rungs)


def _next(result: "ChipResult") -> str:
    if result.config.what in ("design", "explore"):
        return "hebbayes chip build --out runs/chip"
    return "hebbayes chip verify runs/chip --rungs c,iverilog,verilator,netlist"


def _summary(result: "ChipResult") -> dict[str, Any]:
    summary: dict[str, Any] = {
        "spec": asdict(result.spec),
        "tools": result.tools,
        "mismatches": sum(rung.mismatches for rung in result.rungs),
        "steps_verified": min((rung.steps for rung in result.rungs if rung.steps), default=0),
        "rungs": {rung.name: asdict(rung) for rung in result.rungs},
        "halvings": result.events.get("halvings", 0),
        "saturations": result.events.get("clamped", 0) + result.events.get("refused", 0),
        "cautions": cautions(result.spec),
        "seconds": result.seconds,
    }
    if result.chosen:
        summary |= _scored(result.chosen)
        summary["candidates"] = [_row(one) for one in result.candidates]
    return summary


def _scored(one: "Candidate") -> dict[str, Any]:
    score, costs = one.score, one.costs
    return {
        "score": one.accuracy,
        "score_float": score.accuracy["float"].mean(),
        "score_worst_seed": score.accuracy["integer"].min(),
        "losses": score.losses,
        "agreement": score.agreement.mean(),
        "free_energy_gap": score.free_energy_gap.mean(),
        "weight_divergence": score.weight_divergence.mean(),
        "energy_pj_per_step": dict(zip(("low", "typical", "high"), costs.energy_pj)),
        "memory_share": costs.memory_share,
        "bits": costs.bits,
        "cycles_per_step": costs.cycles,
        "counts_per_step": costs.counts,
    }


def _row(one: "Candidate") -> dict[str, Any]:
    return {
        "counter_bits": one.spec.counter_bits,
        "log_bits": one.spec.log_bits,
        "score": one.accuracy,
        "energy_pj": one.costs.energy_pj[1],
        "bits": one.costs.bits,
        "cycles": one.costs.cycles,
    }


def _tables(result: "ChipResult") -> list[Table]:
    tables = []
    if result.chosen:
        tables.append(_score_table(result.chosen))
    if len(result.candidates) > 1:
        tables.append(_candidate_table(result))
    if result.rungs:
        tables.append(_ladder_table(result))
    if result.chosen:
        tables.append(_cost_table(result.chosen))
    return tables


def _score_table(one: "Candidate") -> Table:
    accuracy = one.score.accuracy
    names = list(accuracy)
    rows = []
    for before, name in zip([None, *names], names):
        loss = accuracy[before].mean() - accuracy[name].mean() if before else None
        shown = {"float": "float", "integer": "+ rounding = the core"}.get(name, f"+ {name}")
        rows.append((shown, accuracy[name].mean(), accuracy[name].min(), loss))
    return Table(
        f"Sources named correctly, second half, {len(accuracy['float'])} seeds",
        ("approximation", "accuracy", "worst seed", "loss"),
        rows,
    )


def _candidate_table(result: "ChipResult") -> Table:
    from hebbayes.neuromorphic.search import pareto_front

    front = pareto_front(result.candidates)
    rows = [
        (
            one.spec.counter_bits,
            one.spec.log_bits,
            one.accuracy,
            one.score.accuracy["integer"].min(),
            one.costs.energy_pj[1],
            one.costs.bits,
            ("chosen" if one is result.chosen else "") or ("front" if one in front else ""),
        )
        for one in result.candidates
    ]
    header = ("counter bits", "log bits", "accuracy", "worst seed", "pJ/step", "bits", "")
    return Table("Cores scored", header, rows)


def _ladder_table(result: "ChipResult") -> Table:
    rows = [
        (
            rung.name,
            rung.version,
            rung.steps,
            rung.mismatches,
            rung.detail or "every number agrees",
        )
        for rung in result.rungs
    ]
    return Table(
        "Compared with the integer model: every drive, spike, draw and counter",
        ("rung", "version", "steps", "mismatches", "detail"),
        rows,
    )


def _cost_table(one: "Candidate") -> Table:
    costs = one.costs
    low, typical, high = costs.energy_pj
    rows = [
        ("energy per step, pJ", f"{typical:.3g} ({low:.3g} to {high:.3g}), estimated"),
        ("share of memory", f"{costs.memory_share:.0%}"),
        ("cycles per step", f"{costs.cycles:.1f}"),
        ("steps per second", f"{costs.steps_per_second:.3g} at {one.spec.clock_mhz:g} MHz"),
        ("memory, bits", f"{costs.bits}"),
    ]
    return Table(f"Costs at {one.spec.node_nm} nm", ("what", "value"), rows)


def _notes(result: "ChipResult") -> list[str]:
    notes = list(cautions(result.spec))
    skipped = [rung.name for rung in result.rungs if not rung.steps and rung.holds]
    if skipped:
        notes.append(f"Skipped, because the tool is not installed: {', '.join(skipped)}.")
    if result.config.what == "design" and not _holds(result):
        notes.append(
            f"No core reaches --target-accuracy {result.config.target_accuracy:g}; the best one is "
            "shown."
        )
    if result.rungs:
        clamped, refused = (result.events.get(name, 0) for name in ("clamped", "refused"))
        notes.append(
            f"The verified run halved counts {result.events.get('halvings', 0)} times; {clamped} "
            f"drives lay beyond the sigmoid's table, {refused} events met a full counter."
        )
    if result.rungs and result.events["halvings"] < 2 and result.spec.forgetting != "saturate":
        notes.append("Fewer than two halvings: forgetting is hardly verified; pass more --steps.")
    if result.chosen:
        memory = MEMORY_BIT[result.spec.memory]
        notes.append(
            f"Energy is estimated: exact counts x energies at 45 nm (memory {memory.status}), "
            "before layout. It supports 'same order as', no ranking against silicon: "
            + "; ".join(f"{n} {e} pJ per operation ({s})" for n, _, e, _, s in PEERS)
            + "."
        )
    if len(result.candidates) > 1:
        notes.append(f"{len(result.candidates)} cores were scored on the same seeds.")
    return notes


def draw(result: "ChipResult") -> "Figure":
    """Return accuracy against energy of all cores, with the Pareto front.

    Example:
        >>> from hebbayes.commands.chip import run
        >>> from hebbayes.commands.configs import ChipConfig
        >>> len(draw(run(ChipConfig("explore", steps=20, runs=1))).axes)
        1
    """
    from hebbayes.neuromorphic.search import pareto_front
    from hebbayes.plotting.dots import draw_front
    from hebbayes.plotting.style import add_caption

    named = {_name(one): (one.costs.energy_pj[1], one.accuracy) for one in result.candidates}
    axes = draw_front(
        named,
        [_name(one) for one in pareto_front(result.candidates)],
        x="energy, pJ per step (estimated)",
        y="sources named correctly",
        reference=float(result.candidates[0].score.accuracy["float"].mean()),
    )
    figure = axes.get_figure(root=True)
    assert figure is not None
    add_caption(
        figure,
        "Cores that were scored on the same seeds, by bits of counters and of logarithms; the line "
        "joins those that no other core beats in energy and score. Dotted: floating point.",
    )
    return figure


def _name(one: "Candidate") -> str:
    return f"{one.spec.counter_bits}/{one.spec.log_bits} bits"
