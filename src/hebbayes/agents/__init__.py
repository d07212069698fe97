"""Agents: active inference, baselines, the modulators that teach them, and the rollout."""
