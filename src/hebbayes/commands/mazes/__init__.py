"""The maze commands: one condition, the published study, prediction of unseen mazes."""
