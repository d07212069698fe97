"""Plasticity: the rules that a cost demands, and verdicts on given rules."""
