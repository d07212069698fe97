"""What choices say of every subject, the population and its groups (docs/behaviour.md)."""

from hebbayes.commands.behaviour.present import present
from hebbayes.commands.behaviour.run import BehaviourResult, run

__all__ = ["BehaviourResult", "present", "run"]
