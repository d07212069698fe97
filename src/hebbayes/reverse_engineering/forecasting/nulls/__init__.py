"""Forecasting models that know nothing of the theory."""
