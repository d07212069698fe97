"""What an experiment can identify, simulated before it is done."""

from hebbayes.commands.design.present import present
from hebbayes.commands.design.run import DesignResult, run

__all__ = ["DesignResult", "present", "run"]
