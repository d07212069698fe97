"""Figures of the clinic: arrays in, figures out."""
