"""Imaging: signals of cells evoked by trials, from suite2p folders and NWB files."""
