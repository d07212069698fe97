"""The agent of Gymnasium worlds: learning by playing, and what it has learnt."""
