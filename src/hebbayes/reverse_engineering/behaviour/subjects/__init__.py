"""Behaviour alone: every subject of a table, the population and its groups (docs/behaviour.md)."""
