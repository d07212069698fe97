"""Readers of tables of trials, one module per family of formats."""
