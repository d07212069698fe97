"""A run killed without warning, again and again, ends with the bytes of an undisturbed one."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [
    sys.executable,
    "-c",
    "from hebbayes.cli.main import main; main()",
    "sources",
    "--runs",
    "30",
    "--sessions",
    "30",
    "--steps",
    "100",
    "--json",
    "--resume",
    "--out",
]


def saved_at(folder: Path) -> int:
    file = folder / "checkpoint.npz"
    return file.stat().st_mtime_ns if file.exists() else 0


def kill_during_work(folder: Path, delay_s: float) -> None:
    """Start the command, let it save something new, kill it ``delay_s`` later."""
    before = saved_at(folder)
    process = subprocess.Popen([*COMMAND, str(folder)], stdout=subprocess.DEVNULL)
    while saved_at(folder) == before and process.poll() is None:
        time.sleep(0.002)
    time.sleep(delay_s)
    process.kill()
    process.wait()


@pytest.mark.slow
def test_kills_leave_no_mark_on_the_result(tmp_path) -> None:
    delays = random.Random(0)
    for _ in range(10):
        kill_during_work(tmp_path / "killed", delays.uniform(0, 0.05))
    for name in ("killed", "whole"):
        subprocess.run([*COMMAND, str(tmp_path / name)], check=True, stdout=subprocess.DEVNULL)
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    assert (killed / "results.npz").read_bytes() == (whole / "results.npz").read_bytes()
    assert sorted(os.listdir(killed)) == sorted(os.listdir(whole))
    assert "resumed" in (killed / "provenance.json").read_text()
