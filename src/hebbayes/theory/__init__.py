"""The mathematics: one network, read as a Bayesian agent and as neurons.  Pure JAX, no files."""
