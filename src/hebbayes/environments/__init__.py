"""Worlds to act in: pure JAX environments, each a frozen record of parameters."""
