"""Measurements of this package on the machine at hand, beside other packages where installed."""

from hebbayes.experiments.bench.launch import run
from hebbayes.experiments.bench.rows import Result, Row, present

__all__ = ["Result", "Row", "present", "run"]
