"""Reads recordings and behaviour from files, and writes files atomically."""
