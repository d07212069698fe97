"""Figures of behaviour: arrays in, axes or figures out."""
