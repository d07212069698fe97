"""Figures: functions that take arrays and axes, and return axes; no science, no windows."""
