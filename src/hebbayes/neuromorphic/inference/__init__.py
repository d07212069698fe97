"""The inference layer on integers: x from inputs (W) and from the last activity (K)."""
