"""Rivals of the theory as explanations of behaviour, and the verdict between them."""
