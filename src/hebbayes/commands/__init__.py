"""Every command: a config in, a result out, and its presentation."""
