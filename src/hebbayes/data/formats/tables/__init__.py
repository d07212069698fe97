"""Recordings as tables: counts, spikes as ``unit,time``, one column per unit, and their trials."""
