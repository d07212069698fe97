"""Measurements of this package on this machine, beside other packages if they are installed."""

from hebbayes.commands.bench.present import BenchResult, Row, present
from hebbayes.commands.bench.run import run

__all__ = ["BenchResult", "Row", "present", "run"]
