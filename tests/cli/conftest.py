"""A quick experiment behind the command `sources`, to test the shell and not the science."""

import sys
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pytest
from matplotlib.figure import Figure

from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.core.errors import ValueRangeError


@dataclass
class Counting:
    """Draws ``config.runs`` random numbers; can be interrupted or fail after ``stops_after``."""

    stops_after: int | None = None
    error: type[BaseException] = KeyboardInterrupt
    computed: int = 0
    holds: bool = True

    def run(self, config, *, progress, checkpoint):
        if config.runs < 1:
            raise ValueRangeError(f"--runs must be at least 1; got {config.runs}.")
        saved = checkpoint.load() if checkpoint else None
        values = list(saved["values"]) if saved else []
        progress.start("runs", config.runs)
        for number in range(len(values), config.runs):
            if number == self.stops_after:
                raise self.error("stopped")
            values.append(np.random.default_rng([config.seed, number]).random())
            self.computed += 1
            progress.advance()
            if checkpoint:
                checkpoint.save({"values": np.array(values)})
        return np.array(values)

    def present(self, values):
        def draw():
            figure = Figure()
            figure.add_subplot().plot(values, marker="o", label="<b>")
            return figure

        return Outcome(
            summary={"mean": values.mean(), "nothing": np.nan, "values": values},
            arrays={"values": values},
            tables=[Table("Values", ["run", "value"], list(enumerate(values)))],
            notes=["Less is <more> & fine."],
            figures={"values": draw},
            holds=self.holds,
            next_command="hebbayes maze --e-right 0.25",
        )


@pytest.fixture
def counting(monkeypatch):
    experiment = Counting()
    module = ModuleType("hebbayes.commands.sources")
    module.run = lambda config, **keywords: experiment.run(config, **keywords)
    module.present = experiment.present
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return experiment
