"""Estimates with intervals, blocks, bootstrap, comparison of groups."""
