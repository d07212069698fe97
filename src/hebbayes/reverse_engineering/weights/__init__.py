"""Trained networks read as beliefs."""
