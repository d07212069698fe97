"""What decides whether a model adds to the nulls: ceilings, selection, power, verdict."""
