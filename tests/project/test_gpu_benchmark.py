"""The GPU benchmark: its parts run without a GPU, and its tables say what its rows say."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
PAGE = ROOT / "docs" / "performance.md"


@pytest.fixture
def accelerator(monkeypatch):
    """The folder of the benchmark, importable as its script imports it."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "accelerator"]:
        del sys.modules[name]


def test_a_gap_is_relative_to_the_largest_entry_and_sees_nan(accelerator):
    from accelerator.agreement import gap

    assert gap([4.0, 2.0], [4.0, 3.0]) == 0.25
    assert np.isnan(gap([1.0, np.nan], [1.0, 1.0]))


def test_rows_are_saved_as_they_come_and_an_error_ends_one_part_only(accelerator, tmp_path):
    from accelerator.measuring import Report, attempt

    def fails() -> None:
        raise MemoryError("too large")

    report = Report(tmp_path / "report.json", minutes=1)
    attempt(report, "part", fails)
    report.add("next", {"value": 1})
    saved = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert saved["part"][0]["error"] == "MemoryError: too large"
    assert saved["next"][0]["value"] == 1


def test_the_slope_of_a_power_law_is_its_power(accelerator):
    from accelerator.dense import add_slope
    from accelerator.measuring import Report

    report = Report(None, minutes=1)
    for n in (512, 2048, 8192):
        row = {"where": "device", "what": "believe", "units": n, "synapses": 2 * n * n}
        report.add("dense", {**row, "us_per_step": 3 * (2 * n * n) ** 0.75})
    add_slope(report, "device", "believe")
    (row,) = report.rows["slopes"]
    assert row["slope"] == pytest.approx(0.75)
    assert row["slope_from_2048_units"] == pytest.approx(0.75)


def test_the_tables_show_rates_beside_all_cores_and_what_failed(accelerator):
    from accelerator.tables import tables

    machine = {"device": "some GPU", "has_gpu": True, "cores": 16, "jax": "0.11", "python": "3.12"}
    maze = [
        {"where": "device", "agents": 64, "what": "later trial", "steps_per_s": 3000.0},
        {"where": "cpu", "cores": 1, "steps_per_s": 100.0},
        {"where": "cpu", "cores": 16, "steps_per_s": 1500.0},
    ]
    text = tables({"machine": [machine], "maze": maze, "dense": [{"error": "no memory"}]})
    assert "some GPU beside 16 CPU cores" in text
    assert "| maze, 64 agents, later trial | the device | 3,000 | 2 x |" in text
    assert "| maze | the CPU, 1 core | 100 | 0.0667 x |" in text
    assert "- dense: no memory" in text


def test_tables_go_between_the_marks_of_the_page(accelerator, tmp_path):
    from accelerator.tables import BEGIN, END, put_between_marks

    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    put_between_marks(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert BEGIN in PAGE.read_text(encoding="utf-8")
    assert END in PAGE.read_text(encoding="utf-8")


def test_the_page_shows_the_tables_of_the_saved_report(accelerator):
    from accelerator.tables import BEGIN, END, tables

    saved = BENCHMARKS / "results" / "gpu.json"
    if not saved.exists():
        pytest.skip("benchmarks/results/gpu.json does not exist; no GPU has been measured")
    shown = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert shown.strip() == tables(json.loads(saved.read_text(encoding="utf-8")))


@pytest.mark.thorough
@pytest.mark.parametrize("part", ["agreement", "dense", "maze", "sources", "cores", "batched"])
def test_a_part_runs_without_a_gpu(part, tmp_path):
    out = tmp_path / "report.json"
    command = [sys.executable, str(BENCHMARKS / "gpu.py"), "--out", str(out), "--only", part]
    subprocess.run([*command, "--minutes", "20"], check=True)
    report = json.loads(out.read_text(encoding="utf-8"))
    assert "no GPU" in report["machine"][0]["note"]
    assert [row for rows in report.values() for row in rows if "error" in row] == []
    assert len(report) > 2
    for row in report.get("agreement", []):
        assert row["holds"], row
    for row in report.get("maze agreement", []):
        assert row["identical"] == row["trials"]
