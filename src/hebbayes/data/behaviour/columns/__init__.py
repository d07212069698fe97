"""What one column of a table becomes: labels, numbers, choices, outcomes, stimuli, an order."""
