"""Forecasts of recorded responses: honest nulls, models with the theory, and what it adds."""
