"""An audit of cultures: scores of every forecast, what they say, and how they are saved."""
