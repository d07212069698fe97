"""Shows how a file is read: what each column became, what is dropped, and the next command."""

from hebbayes.commands.check.present import present
from hebbayes.commands.check.run import CheckResult, check_reading, read, run

__all__ = ["CheckResult", "check_reading", "present", "read", "run"]
