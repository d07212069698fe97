"""Tools are looked for, run without a shell, stopped at their limit."""

import shutil
import time

import pytest

from hebbayes.core.errors import MissingDependencyError
from hebbayes.neuromorphic import tools


def test_every_tool_has_a_version_or_is_absent():
    found = tools.find_tools()
    assert set(found) == set(tools.TOOLS)
    for name, version in found.items():
        assert (version == "absent") == (shutil.which(name) is None)


def test_a_tool_that_is_absent_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(tools.shutil, "which", lambda name: None)
    tools.version_of.cache_clear()
    with pytest.raises(MissingDependencyError, match="apt-get install fpga-icestorm"):
        tools.need_tool("icepack", "pack a bitstream")
    tools.version_of.cache_clear()


def test_a_tool_past_its_limit_is_stopped_with_what_it_started(tmp_path):
    started = time.monotonic()
    finished = tools.run_tool(["sh", "-c", "echo before; sleep 60 & wait"], tmp_path, limit_s=0.5)
    assert finished.status == 124
    assert finished.output.startswith("before")
    assert time.monotonic() - started < 20


def test_words_are_not_read_by_a_shell(tmp_path):
    assert tools.run_tool(["echo", "$HOME; ls"], tmp_path).output == "$HOME; ls\n"
