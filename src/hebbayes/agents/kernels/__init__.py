"""Agents compiled by Numba, step for step what their readable counterparts do."""
