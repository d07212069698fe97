"""A recorded run, recomputed and compared."""

from hebbayes.commands.replay.present import present
from hebbayes.commands.replay.run import ReplayResult, run

__all__ = ["ReplayResult", "present", "run"]
