"""Formulas on SymPy: functions, calculus, inversion, text."""
