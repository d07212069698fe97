"""Published figures, one module each: `run(config)` returns a `Reproduction`."""
