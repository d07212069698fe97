"""Agents compiled by Numba, step for step what their JAX counterparts do."""
