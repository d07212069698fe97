"""Forecasts of what is not a response: decisions, synapses, free energy."""
