"""Ground floor: array conventions, input checks, errors, numerics and the one scan helper."""
