"""Clinic: which element of the circuit carries a wrong belief (docs/theory.md, impaired priors).

A subject is the canonical network with a value for each element.  `simulate` lets it do a task,
and diagnosis compares models in each of which one element may be far from healthy.
"""
