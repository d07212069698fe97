"""Diagnosis: odds over elements and classes, estimates, checks, and groups."""
