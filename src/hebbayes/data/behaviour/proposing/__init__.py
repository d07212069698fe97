"""What the columns of a table mean, proposed from conventions, names and values."""
