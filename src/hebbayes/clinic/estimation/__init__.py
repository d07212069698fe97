"""Estimates of a subject's elements: layout, likelihood, climbing, population, models, sampling."""
