"""The equation language: text in, a system of equations out."""
