"""Measurements of this package on this machine, beside other packages if they are installed."""

from hebbayes.commands.bench.present import Result, Row, present
from hebbayes.commands.bench.run import run

__all__ = ["Result", "Row", "present", "run"]
