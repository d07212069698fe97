"""The rows of a report as the tables of a page."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hebbayes.data.files import write_text

BEGIN, END = "<!-- gpu tables: begin -->", "<!-- gpu tables: end -->"
Rows = list[dict[str, Any]]


def put_between_marks(page: Path, text: str) -> None:
    """Replace what stands between the marks of ``page``."""
    before, mark, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    if not mark or END not in rest:
        raise SystemExit(f"{page} has no lines {BEGIN} and {END}; add them.")
    write_text(page, f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}")


def tables(report: dict[str, Any]) -> str:
    """Return all tables in Markdown."""
    parts = (
        _machine(report),
        _agreement(report),
        _certificates(report),
        _dense(report),
        _batches(report),
        _worlds(report),
        _faults(report),
    )
    return "\n\n".join(part for part in parts if part)


def _rows(report: dict[str, Any], section: str) -> Rows:
    return [row for row in report.get(section, []) if "error" not in row]


def _table(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    cells = [" | ".join(str(cell) for cell in line) for line in lines]
    if not cells:
        return ""
    rule = "|".join(["---"] * len(head))
    return "\n".join([f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {line} |" for line in cells)])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _machine(report: dict[str, Any]) -> str:
    machine, speed = report["machine"][0], _rows(report, "bandwidth")
    text = (
        f"Measured on {machine['device']} beside {machine['cores']} CPU cores, "
        f"JAX {machine['jax']}, Python {machine['python']}; products of float32 are full float32."
    )
    places = {"device": "the device", "cpu": "the CPU"}
    copies = [
        f"{_number(r['copied_bytes_per_s'] / 1e9)} GB/s on {places[r['where']]}" for r in speed
    ]
    text += f" Copying moves {' and '.join(copies)} (read plus written)." if copies else ""
    return text if machine["has_gpu"] else f"{text} There was no GPU: small sizes, the CPU twice."


def _agreement(report: dict[str, Any]) -> str:
    return _table(
        ("compared", "dtype", "logarithms", "largest difference", "in", "tolerance", "holds"),
        (
            (
                r["what"],
                r["dtype"],
                r["ratio"],
                f"{r['largest']:.1e}",
                max(r["gaps"], key=r["gaps"].get),
                f"{r['tolerance']:.1e}",
                "yes" if r["holds"] else "no",
            )
            for r in _rows(report, "agreement")
        ),
    )


def _certificates(report: dict[str, Any]) -> str:
    return _table(
        ("certificate", "dtype", "rows", "worst on the device", "on the CPU", "tolerance", "holds"),
        (
            (
                r["task"],
                r["dtype"],
                r["rows"],
                f"{r['worst_on_device']:.1e}",
                f"{r['worst_on_cpu']:.1e}",
                f"{r['tolerance']:.0e}",
                "yes" if r["holds_on_device"] else "no",
            )
            for r in _rows(report, "certificate")
        ),
    )


def _dense(report: dict[str, Any]) -> str:
    rows = _rows(report, "dense")
    kinds = list(dict.fromkeys((r["where"], r["what"]) for r in rows))
    found = {(r["where"], r["what"], r["units"]): r for r in rows}
    sizes = sorted({r["units"] for r in rows})

    def cell(where: str, what: str, n: int) -> str:
        row = found.get((where, what, n))
        return "" if row is None else f"{_number(row['us_per_step'])} ({row['of_bandwidth']:.0%})"

    times = _table(
        ("units", "synapses", *(f"{what}, {where}" for where, what in kinds)),
        ((n, f"{2 * n * n:,}", *(cell(*kind, n) for kind in kinds)) for n in sizes),
    )
    slopes = _table(
        ("slope of ln time against ln synapses", "on", "all sizes", "from 2,048 units"),
        (
            (
                r["what"],
                r["where"],
                _number(r.get("slope")),
                _number(r.get("slope_from_2048_units")),
            )
            for r in _rows(report, "slopes")
        ),
    )
    title = "Microseconds per step (share of the copied bandwidth):"
    return f"{title}\n\n{times}\n\n{slopes}" if times else ""


def _batches(report: dict[str, Any]) -> str:
    return _table(
        ("batch", "of", "units", "on", "function", "steps per second"),
        (
            (r["batch"], r["kind"], r["units"], r["where"], r["what"], _number(r["steps_per_s"]))
            for r in _rows(report, "batched")
        ),
    )


def _worlds(report: dict[str, Any]) -> str:
    rates = _table(
        ("world", "on", "steps per second", "beside all cores"),
        (
            (what, place, _number(rate), f"{rate / cores:.3g} x" if cores else "")
            for section in ("maze", "sources")
            for cores in [_all_cores(report, section)]
            for what, place, rate in _rates(section, _rows(report, section))
        ),
    )
    same = _table(
        ("maze trial", "dtype", "identical to the CPU", "free energy of those differs by"),
        (
            (
                r["trial"],
                r["dtype"],
                f"{r['identical']} of {r['trials']}",
                "" if r["free_energy_gap"] is None else f"{r['free_energy_gap']:.1e}",
            )
            for r in _rows(report, "maze agreement")
        ),
    )
    text = "\n\n".join(part for part in (rates, same) if part)
    for row in _rows(report, "sources agreement"):
        text += (
            f"\n\nSources, {row['seeds']} seeds on both: posteriors differ by "
            f"{row['posterior_gap']:.1e}, free energy by {row['free_energy_gap']:.1e}."
        )
    return text


def _all_cores(report: dict[str, Any], section: str) -> float | None:
    used = [r for r in _rows(report, section) if r["where"] == "cpu"]
    return max(used, key=lambda r: r["cores"])["steps_per_s"] if used else None


def _rates(section: str, rows: Rows) -> Iterable[tuple[str, str, float]]:
    for row in rows:
        if row["where"] == "cpu":
            n, place = row["cores"], "the CPU"
            yield section, f"{place}, {n} core{'s' * (n > 1)}", row["steps_per_s"]
        else:
            batch = (
                f"{row['agents']} agents, {row['what']}"
                if "agents" in row
                else f"{row['seeds']} seeds"
            )
            yield f"{section}, {batch}", "the device", row["steps_per_s"]


def _faults(report: dict[str, Any]) -> str:
    lines = [
        f"- {section}: {row['error']}"
        for section, rows in report.items()
        for row in rows
        if "error" in row
    ]
    return "Not measured:\n\n" + "\n".join(lines) if lines else ""
