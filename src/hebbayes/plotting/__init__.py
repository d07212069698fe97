"""Figures: functions take arrays (and axes), return axes; no science, nothing is ever shown."""
