"""Compiled forward replays of the clinic's model."""
