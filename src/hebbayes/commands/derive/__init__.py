"""Symbolic reverse engineering: an equation, or a file of weights, read as a Bayesian agent."""

from hebbayes.commands.derive.present import present
from hebbayes.commands.derive.run import DeriveResult, run

__all__ = ["DeriveResult", "present", "run"]
