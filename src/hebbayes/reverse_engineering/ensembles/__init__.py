"""Ensembles of a population without labels: projections that minimise a joint free energy."""
