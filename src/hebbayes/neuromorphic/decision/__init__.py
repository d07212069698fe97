"""The decision layer of a learning core: counts of V, decisions drawn in one pass, delayed risk."""
