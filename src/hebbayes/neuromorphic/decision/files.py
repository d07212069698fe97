"""The files of a decision core: C, Verilog, tables, tests; written to a folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.neuromorphic.decision.draws import noise_table
from hebbayes.neuromorphic.decision.layout import NOISE_RANGE, template_values
from hebbayes.neuromorphic.templating import hex_lines, render

if TYPE_CHECKING:
    from hebbayes.neuromorphic.spec import DeviceSpec

_NUMBERS_PER_LINE = 8


def decision_files(spec: "DeviceSpec", prefix: str = "core") -> dict[str, str]:
    """Return the text of every file of the decision layer, by name.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> files = decision_files(DeviceSpec(inputs=3, neurons=0, outputs=4))
        >>> sorted(files)[:3]
        ['core_decision.c', 'core_decision.h', 'core_decision.v']
    """
    table = noise_table(spec.log_bits).tolist()
    rows = [
        "    " + ", ".join(map(str, table[start : start + _NUMBERS_PER_LINE]))
        for start in range(0, len(table), _NUMBERS_PER_LINE)
    ]
    values = {**template_values(spec, prefix), "noise_rows": ",\n".join(rows)}
    names = {
        "decision.v": f"{prefix}_decision.v",
        "decision_tb.v": f"{prefix}_decision_tb.v",
        "decision.h": f"{prefix}_decision.h",
        "decision.c": f"{prefix}_decision.c",
        "decision_main.c": f"{prefix}_decision_main.c",
        "lfsr.v": f"{prefix}_lfsr.v",
    }
    files = {to: render(template, values) for template, to in names.items()}
    files[f"{prefix}_noise.mem"] = hex_lines(table, spec.log_bits + NOISE_RANGE)
    return files


def write_files(files: dict[str, str], folder: Path) -> None:
    """Write files into a folder, which is made if it does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_files({"a.txt": "1"}, Path(folder))
        ...     (Path(folder) / "a.txt").read_text()
        '1'
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
