"""A recorded run, recomputed and compared."""

from hebbayes.commands.replay.run import ReplayResult, present, run

__all__ = ["ReplayResult", "present", "run"]
