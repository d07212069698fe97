"""Categorical factors: one-hot groups of softmax units and the POMDP that they invert."""
