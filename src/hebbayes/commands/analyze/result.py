"""What both protocols of an analysis return."""

from hebbayes.commands.running.result import CommandResult


class AnalyzeResult(CommandResult):
    """The cultures of a file as one of the two protocols reads them."""
