"""The output layer read from decisions: its likelihood, fit and uncertainty."""
