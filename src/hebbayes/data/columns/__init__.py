"""What the columns of a table mean: outcomes, choices, stimuli, onsets, sessions."""
