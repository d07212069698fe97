"""Files in, containers out; and files written so that nothing is ever half-written."""
