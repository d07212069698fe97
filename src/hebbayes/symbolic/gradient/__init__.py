"""Whether the activity equation is a gradient, and of which cost."""
