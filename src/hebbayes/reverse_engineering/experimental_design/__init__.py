"""What an experiment can identify: simulated cultures, precision, power, and the change to make."""
