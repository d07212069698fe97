"""Readers and the writer of NWB files."""
