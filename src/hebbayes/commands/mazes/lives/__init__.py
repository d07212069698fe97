"""Many agents, each living through a sequence of trials, in worker processes."""
