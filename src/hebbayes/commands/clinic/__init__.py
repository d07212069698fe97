"""The clinic: diagnosis of elements that carry a wrong belief, and its recovery on simulations."""

from hebbayes.commands.clinic.present import present
from hebbayes.commands.clinic.run import ClinicResult, run

__all__ = ["ClinicResult", "present", "run"]
