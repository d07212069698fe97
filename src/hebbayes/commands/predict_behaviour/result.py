"""What predictions for a recorded animal and for a table of subjects have in common."""

from hebbayes.commands.running.result import CommandResult


class PredictBehaviourResult(CommandResult):
    """What an animal, or every subject of a table, will do."""
