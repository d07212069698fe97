"""A canonical network as a self-learning core: designed, built, verified, priced."""

from hebbayes.commands.chip.present import present
from hebbayes.commands.chip.run import ChipResult, run

__all__ = ["ChipResult", "present", "run"]
