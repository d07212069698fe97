"""Forecasting models that follow from the theory."""
